"""Translation: every format in, one canonical shape out (`canonical.py`), and payment files out
(`pain001.py`).

Pure: bytes in, frozen dataclasses out; no database, no network, no clock.
"""

from typing import TYPE_CHECKING, Any

from .canonical import QuarantineCode, Rejected, Translation, Unreadable

if TYPE_CHECKING:
    from .registry import stream, translate

__all__ = ["QuarantineCode", "Rejected", "Translation", "Unreadable", "stream", "translate"]


def __getattr__(name: str) -> Any:
    """Readers of every format come with the first file that is read: most commands read none."""
    if name in ("stream", "translate"):
        from . import registry

        return getattr(registry, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
