"""The names of the remedies of questions about invoices, as they are stored, and the causes they are for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .hold_codes import ROWS

COMPLETE: Final = "complete_field"
ASSIGN_ORDER: Final = "assign_order"
ASSIGN_LINE: Final = "assign_line"
LINK_VENDOR: Final = "link_vendor"
DECLARE_FACTOR: Final = "declare_factor"
IS_DUPLICATE: Final = "is_duplicate"
NO_DUPLICATE: Final = "is_no_duplicate"

OFFERED: Final = (
    COMPLETE,
    ASSIGN_ORDER,
    ASSIGN_LINE,
    LINK_VENDOR,
    DECLARE_FACTOR,
    IS_DUPLICATE,
    NO_DUPLICATE,
)
"""In the order in which they are offered."""
CAUSES: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(row.code for row in ROWS if name in row.remedies) for name in OFFERED
}
"""Remedy -> the codes of holds that it is for and covers, as the rows of the hold codes say."""
LIKE: Final[Mapping[str, str]] = {IS_DUPLICATE: "reject", NO_DUPLICATE: "approve"}
"""Remedy -> the verdict that it amounts to, where it stops an invoice or lets it go as that does."""


def meant(verdict: str, remedy: str) -> str:
    """What an answer amounts to: the verdict, of a remedy the one that it is like, else `edit`."""
    return LIKE.get(remedy, verdict)


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor that is asked for, of the item on a line: how many `per` one `unit` is."""

    line: int
    unit: str
    per: str

    @property
    def name(self) -> str:
        """The name of its field."""
        return f"factor/{self.line}/{self.unit}/{self.per}"

    @classmethod
    def of(cls, name: str) -> Factor:
        """The factor of a field's name."""
        _, line, unit, per = name.split("/")
        return cls(int(line), unit, per)
