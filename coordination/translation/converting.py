"""One cell of a foreign table to one value of the canonical layout, by the formats of a map."""

from __future__ import annotations

from typing import Final

from .columns import FREE_TEXT, NUMBERS
from .foreign import Broken, Day, Number, Percent
from .formats import decimal_text, iso_day
from .values import OUTER_SPACE, BadValueError, decimal, spoilt

RATES: Final = frozenset({"tax_rate"})
NEVER_NEGATIVE: Final = frozenset(
    {("orders", "quantity"), ("receipts", "quantity"), ("receipts", "accepted")}
)
"""A return is no order and no receipt; on an invoice a negative quantity is a line taken back."""

WORDS: Final = ("type", "status", "unit")
"""Columns whose words a map translates."""


def is_day(column: str) -> bool:
    """Whether a canonical column holds a calendar day."""
    return column == "date" or column.endswith("_date")


def convert(cell: str, layout: str, column: str, decimals: str, dates: str) -> str:
    """The canonical text of a cell, empty for an empty one, or `BadValueError` with what is wrong with it."""
    if isinstance(cell, Broken):
        raise BadValueError(str(cell))
    if column not in FREE_TEXT and type(cell) is str and (reason := spoilt(cell.strip(OUTER_SPACE))):
        raise BadValueError(reason)
    if column in NUMBERS:
        text = _number(cell, column, decimals)
        if (layout, column) in NEVER_NEGATIVE and text and decimal(text) < 0:
            raise BadValueError("a negative quantity")
        return text
    if is_day(column):
        return _day(cell, dates)
    return f"{cell}%" if isinstance(cell, Percent) else cell.strip(OUTER_SPACE)


def _number(cell: str, column: str, decimals: str) -> str:
    if isinstance(cell, Number):
        decimal(cell)
        return str(cell)
    if isinstance(cell, Percent):
        if column not in RATES:
            raise BadValueError("a per cent value")
        return str(cell)
    if isinstance(cell, Day):
        raise BadValueError("a day where a number belongs")
    text = cell.strip(OUTER_SPACE)
    if column in RATES:
        text = text.removesuffix("%").rstrip(OUTER_SPACE)
    return decimal_text(text, decimals) if text else ""


def _day(cell: str, dates: str) -> str:
    if isinstance(cell, Day):
        return str(cell)
    if isinstance(cell, Number | Percent):
        raise BadValueError("a number where a day belongs")
    text = cell.strip(OUTER_SPACE)
    return iso_day(text, dates) if text else ""
