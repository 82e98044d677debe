"""Translation: every format in, one canonical shape out (`canonical.py`), and payment files out
(`pain001.py`).

Pure: bytes in, frozen dataclasses out; no database, no network, no clock.
"""

from .canonical import QuarantineCode, Rejected, Translation, Unreadable
from .registry import stream, translate

__all__ = ["QuarantineCode", "Rejected", "Translation", "Unreadable", "stream", "translate"]
