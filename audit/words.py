"""Words that reports, findings and pages share."""

from __future__ import annotations


def how_many(count: int, one: str, several: str = "") -> str:
    """A number with the word for so many things: 1 entry, 1,234 entries. `several`: `one` with an s."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"
