"""The lock of intake, by itself, for those who write what intake writes."""

from typing import Final

INTAKE_LOCK: Final = 0x434F554E
"""Advisory lock: one intake writes at a time, so that two uploads of one vendor cannot both create it."""
