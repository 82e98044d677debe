"""By which door an answer came: a page, which carries what it showed, or a command, which shows nothing."""

from __future__ import annotations

import os

try:
    import pwd
except ImportError:  # pragma: no cover - a system without a list of its users
    pwd = None  # type: ignore[assignment]

PAGE = "page"
COMMAND = "command"


def operator() -> dict[str, str]:
    """The operating system's user who runs this process: name and uid, as an entry keeps them."""
    uid = os.getuid() if hasattr(os, "getuid") else -1
    return {"user": _name(uid), "uid": str(uid)}


def door(via: str) -> dict[str, object]:
    """What the entry of an act says of its door; of a command also who ran it."""
    return {"via": via} | ({"operator": operator()} if via == COMMAND else {})


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except (AttributeError, KeyError):
        return os.environ.get("USER", "")
