"""Fields of forms and addresses, each within bounds: whatever is typed is read, or refused in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from audit.errors import CountersignError

MOST_WORDS = 4_000
"""Characters of a comment, a reason, a note: what a person writes in their own words."""
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Moments that somebody may mean; beyond them calendars with offsets end."""
DIGITS_OF_AN_AMOUNT = 18
THOUSANDS = re.compile(r"[^,]*|[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
"""A comma parts thousands or nothing: 5,00 would be a hundred times too much."""


class TooLong(CountersignError):
    """This is too long; shorten it."""

    status = 400


def within(value: str, most: int, what: str) -> str:
    """Return the text if it has at most so many characters. Raises `TooLong`: nothing is cut off unsaid."""
    if len(value) > most:
        raise TooLong(f"{what} may have {most:,} characters; this has {len(value):,}. Shorten it.")
    return value


def whole(found: str, otherwise: int, *, digits: int = 8) -> int:
    """Return a text as a whole number of at most so many digits, `otherwise` where it is none."""
    return int(found) if 0 < len(found) <= digits and found.isascii() and found.isdigit() else otherwise


def moment(found: datetime) -> datetime | None:
    """Return the moment, in UTC, if it is one that somebody may mean: offsets may be too far for a database.
    Raises `ValueError` for a moment without a zone."""
    if found.tzinfo is None:
        raise ValueError(found)
    try:
        at = found.astimezone(UTC)
    except OverflowError:
        return None
    return at if EARLIEST <= at < LATEST else None


def amount(written: str) -> Decimal | None:
    """Return an amount as a person writes it, thousands with commas; None for what is none or has no
    measure."""
    plain = written.strip().replace("−", "-")
    if len(plain) > 100 or not THOUSANDS.fullmatch(plain):
        return None
    try:
        found = Decimal(plain.replace(",", ""))
    except InvalidOperation:
        return None
    if not found.is_finite():
        return None
    fits = found.adjusted() < DIGITS_OF_AN_AMOUNT and int(found.as_tuple().exponent) >= -DIGITS_OF_AN_AMOUNT
    return found if fits else None
