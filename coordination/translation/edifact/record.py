"""What a reader remembers of one message: numbers with its decimal mark, dates in its formats, its
currency."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from .. import values
from ..record import Leaf, Record
from .segments import PlaceLeaf, Segment

_NUMBER: Final = re.compile(r"[+-]?[0-9]*[.,]?[0-9]*")

_FORMATS: Final = {
    "102": re.compile(r"[0-9]{8}"),
    "203": re.compile(r"[0-9]{12}"),
    "204": re.compile(r"[0-9]{14}"),
}
"""Formats of UNTDID 2379 that begin with year, month and day in full: CCYYMMDD, with HHMM, with HHMMSS."""


@dataclass(slots=True)
class MessageRecord(Record):
    """The record of one message; `marks` are the decimal marks it may use."""

    marks: str = ".,"

    def number(self, name: str, leaf: Leaf | None) -> Decimal | None:
        """A quantity, price factor or per cent."""
        return self.read(name, leaf, self._decimal)

    def amount(self, name: str, leaf: Leaf | None) -> Decimal | None:
        """An amount of money in the currency of the message; in another one it cannot be used."""
        stated = leaf.attribute("currencyID") if leaf is not None else ""
        if leaf is not None and stated and self.currency and stated.upper() != self.currency:
            self.problem(name, leaf, f"in {stated[:3]} where the document is in {self.currency}")
            return None
        return self.read(name, leaf, self._decimal)

    def day(self, name: str, segment: Segment | None) -> date | None:
        """The calendar day of a DTM segment."""
        if segment is None:
            return None
        form = segment.component(0, 2)
        return self.read(name, segment.leaf(0, 1), lambda text: _day(text, form))

    def _decimal(self, text: str) -> Decimal:
        """ISO 9735-1, 10.1: no thousands separators, one decimal mark."""
        mark = next((char for char in text if char in ".,"), "")
        if not _NUMBER.fullmatch(text) or (mark and mark not in self.marks):
            raise values.BadValueError("not a number with the decimal mark of this interchange")
        return values.decimal(text.replace(",", "."))


def _day(text: str, form: str) -> date:
    pattern = _FORMATS.get(form)
    if pattern is None:
        raise values.BadValueError(f"in the date format {form[:3] or '(none)'}, which is not read")
    if not pattern.fullmatch(text):
        raise values.BadValueError(f"not a date of the format {form}")
    return values.day(f"{text[:4]}-{text[4:6]}-{text[6:8]}")


def amount_leaf(segment: Segment | None) -> PlaceLeaf | None:
    """The amount of a MOA segment with its currency."""
    return None if segment is None else segment.leaf(0, 1, currencyID=segment.component(0, 2))
