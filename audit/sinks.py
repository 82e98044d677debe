"""Where checkpoints go that nobody who runs the database can reach: files, folders, mail, a web address.

`COUNTERSIGN_CHECKPOINTS` names them, separated by commas: a folder, `mailto:someone@company.example`,
`https://...`. Each checkpoint is appended to a file in the data folder as well. Only what lies elsewhere
catches who rewrites everything.
"""

from __future__ import annotations

import logging
import os
import urllib.request
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.mail import send_mail
from django.db import DatabaseError, connection, transaction

from .verify import Checkpoint, Unreadable, parse_checkpoints

log = logging.getLogger("countersign.seals")
SECONDS = 10
TAIL = 1 << 16
"""Bytes from the end of the own file that are read: some hundred checkpoints."""


def file() -> Path:
    """The data folder's own file of checkpoints. Each database has one: its name and its server are in the
    name."""
    return Path(settings.COUNTERSIGN_DATA) / "checkpoints" / _name()


def _name() -> str:
    database = str(connection.settings_dict["NAME"])
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT system_identifier FROM pg_control_system()")
            return f"{database}-{cursor.fetchone()[0]}.txt"
    except DatabaseError:  # a server that does not tell
        return f"{database}.txt"


def kept() -> list[Checkpoint]:
    """The newest checkpoints of the data folder's own file; none where there is none that can be read."""
    try:
        with file().open("rb") as there:
            size = there.seek(0, os.SEEK_END)
            there.seek(max(0, size - TAIL))
            text = there.read().decode(errors="replace")
        if size > TAIL:  # begin with the first whole one
            text = text[text.index(f"\n\n{settings.COUNTERSIGN_LOG}\n") + 2 :]
        return parse_checkpoints(text)
    except FileNotFoundError:  # nothing was sealed from here yet
        return []
    except (OSError, ValueError, Unreadable) as error:
        log.error("The checkpoints in %s cannot be read, so nothing is compared with them: %s", file(), error)
        return []


def keep(note: str) -> None:
    """Append a checkpoint to the files. What cannot be written is said and stops nothing: the seal stands."""
    name = _name()
    for folder in [Path(settings.COUNTERSIGN_DATA) / "checkpoints", *map(Path, _sinks(""))]:
        try:
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            with (folder / name).open("a", encoding="utf-8") as out:
                out.write(f"{note}\n")
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            log.error("The checkpoint could not be kept in %s: %s", folder, error)


def send(note: str, title: str = "Checkpoint of the ledger") -> list[str]:
    """Send a checkpoint (or an alarm) by mail and to web addresses; what failed, in words. The caller tries
    again."""
    failed = []
    for scheme, way in WAYS.items():
        for address in _sinks(scheme):
            try:
                way(address, note, title)
            except (OSError, ValueError) as error:
                failed.append(f"{address}: {error}")
    return failed


def remote() -> bool:
    """Is there anything to send to?"""
    return any(_sinks(scheme) for scheme in WAYS)


def _sinks(scheme: str) -> list[str]:
    found: list[str] = list(settings.COUNTERSIGN_CHECKPOINTS)
    if scheme:
        return [sink for sink in found if sink.startswith(scheme)]
    return [sink for sink in found if not sink.startswith(tuple(WAYS))]


def _mail(address: str, note: str, title: str) -> None:
    send_mail(f"{settings.COUNTERSIGN_LOG}: {title}", note, None, [address.removeprefix("mailto:")])


def _post(address: str, note: str, _: str) -> None:
    request = urllib.request.Request(  # noqa: S310 - settings allow http and https alone
        address, note.encode(), {"Content-Type": "text/plain; charset=utf-8"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
        answer.read(1)


WAYS: dict[str, Callable[[str, str, str], None]] = {"mailto:": _mail, "http://": _post, "https://": _post}
