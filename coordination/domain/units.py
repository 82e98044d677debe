"""Units of quantity: which codes mean one thing, how many of one another is, and when two figures are one
count in other packs. Factors are the standard's (`units.json`) or declared by people; nothing is ever
guessed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Final

from .facts import Conversion

ONE: Final = Decimal(1)
PLACES: Final = Decimal("1e-10")
"""Converted figures have as many decimals as quantities in the tables."""
_DATA: Final[dict[str, Any]] = json.loads(Path(__file__).with_name("units.json").read_text("utf-8"))
PIECES: Final = frozenset(_DATA["alike"]["one piece"])
"""Codes, and common spellings, that all count single pieces."""
_STANDARD: Final[dict[str, tuple[str, Decimal]]] = {
    unit: (base, Decimal(factor))
    for base, factors in _DATA["factors"].items()
    for unit, factor in {base: "1", **factors}.items()
} | dict.fromkeys(PIECES, ("C62", ONE))
"""Unit -> (base unit of its dimension, how many of that it is)."""
_HALF_CENT: Final = Decimal("0.005")


def _code(unit: str) -> str:
    return unit.strip().upper()


def same_unit(a: str, b: str) -> bool:
    """Do two stated unit codes count the same thing? What is not stated is the same only as what is not
    stated."""
    a, b = _code(a), _code(b)
    return a == b or (a in PIECES and b in PIECES)


def standard_factor(unit: str, wanted: str) -> Decimal | None:
    """How many `wanted` one `unit` is by the standard; None where it says nothing."""
    mine, theirs = _STANDARD.get(_code(unit)), _STANDARD.get(_code(wanted))
    if mine is None or theirs is None or mine[0] != theirs[0]:
        return None
    return mine[1] / theirs[1]


def unit_factor(
    conversions: tuple[Conversion, ...], items: Iterable[str], unit: str, wanted: str
) -> Decimal | None:
    """How many `wanted` one `unit` is: by the standard, else by a declared factor; None where neither says
    it.

    None as well where one of the two is not stated: whoever compares has to say what that means.
    """
    if same_unit(unit, wanted):
        return ONE
    if not unit.strip() or not wanted.strip():
        return None
    by_standard = standard_factor(unit, wanted)
    if by_standard is not None:
        return by_standard
    named = {i.strip().lower() for i in items if i}
    for conversion in sorted(
        conversions, key=lambda c: not c.item
    ):  # a factor of the item before a general one
        if conversion.item and conversion.item.strip().lower() not in named:
            continue
        if same_unit(conversion.unit, unit) and same_unit(conversion.per, wanted):
            return conversion.factor
        if same_unit(conversion.unit, wanted) and same_unit(conversion.per, unit) and conversion.factor:
            return ONE / conversion.factor
    return None


def times(quantity: Decimal, factor: Decimal) -> Decimal:
    """A quantity or a price in another unit, to ten decimals: a third of a dozen is four, not 3.99…9."""
    return quantity if factor == ONE else (quantity * factor).quantize(PLACES, ROUND_HALF_UP)


def per(price: Decimal, factor: Decimal) -> Decimal:
    """What one wanted unit costs where one unit of `factor` of them costs `price`."""
    return price if factor == ONE else (price / factor).quantize(PLACES, ROUND_HALF_UP)


def pack(asked: Decimal, agreed: Decimal, billed: Decimal, ordered: Decimal, left: Decimal) -> Decimal | None:
    """The factor between two counts of one thing: 312 at 1.19 are 26 at 14.28, in packs of 12. None where
    there is none.

    `asked` and `agreed` are prices of one unit as each side counts, `billed`, `ordered` and `left` (not yet
    billed) quantities. Billed in smaller units (factor over one): the price is the agreed one divided by a
    whole number, more is billed than ordered, and no more money than that. Billed in packs (under one): the
    price is a whole multiple, and the quantity is just all that was ordered or is left.
    """
    if asked <= 0 or agreed <= 0 or asked == agreed:
        return None
    smaller = asked < agreed
    count = ((agreed / asked) if smaller else (asked / agreed)).quantize(ONE, ROUND_HALF_UP)
    unit, pack_price = (asked, agreed) if smaller else (agreed, asked)
    if count < 2 or abs(unit * count - pack_price) > min(count * _HALF_CENT, pack_price / 100):
        return None
    if smaller:
        return count if billed > left and billed <= ordered * count else None
    return ONE / count if billed * count in {ordered, left} else None
