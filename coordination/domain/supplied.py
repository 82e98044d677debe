"""What people supply where a document says nothing that can be used: which fields, in which form, and how it
is laid over the document.

The document stays as it is, its bytes and its canonical facts. A supplied value stands above what it says in
that field, until a document that comes later states the field itself: that one wins
(`services.intake.stated_since`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, Literal

from ..translation.canonical import Invoice, InvoiceLine

Sort = Literal["text", "date", "amount", "number"]


@dataclass(frozen=True, slots=True)
class SuppliedValue:
    """One supplied value: the field by its canonical path, the value as text, and what stood there."""

    field: str
    value: str
    was: str = ""


@dataclass(frozen=True, slots=True)
class Fillable:
    """A field that people may fill in. `term` is its business term of EN 16931, `places` how many decimals an
    amount or a number may have."""

    sort: Sort
    term: str
    places: int = 0


HEADER: Final = {
    "number": Fillable("text", "BT-1"),
    "issue_date": Fillable("date", "BT-2"),
    "due_date": Fillable("date", "BT-9"),
    "currency": Fillable("text", "BT-5"),
    "net": Fillable("amount", "BT-109", 6),
    "tax": Fillable("amount", "BT-110", 6),
    "gross": Fillable("amount", "BT-112", 6),
    "payable": Fillable("amount", "BT-115", 6),
}
LINE: Final = {
    "quantity": Fillable("number", "BT-129", 10),
    "unit": Fillable("text", "BT-130"),
    "net": Fillable("amount", "BT-131", 6),
    "price": Fillable("amount", "BT-146", 10),
    "tax_rate": Fillable("number", "BT-152", 4),
    "order_line": Fillable("text", "BT-132"),
    "item": Fillable("text", "BT-155"),
}
ORDER: Final = "order_numbers"
"""`order_numbers/2` is the second order that the document names; where it names none, there is a first."""
VENDOR: Final = "vendor_id"
"""Our number of the vendor, where the document's own words lead to nobody."""
DUPLICATE_OF: Final = "duplicate_of"
APART_FROM: Final = "apart_from"
"""`duplicate_of/ID` and `apart_from/ID` say what this invoice is to another one, whose id stands there and
whose number is the value. No document has such fields."""
OF_PAIRS: Final = (DUPLICATE_OF, APART_FROM)
MONEY: Final = frozenset({"date", "amount", "number"})
"""What moves money or when it moves: above a person's limit a second one has to supply the same."""
DIGITS: Final = 18

# codes of ISO 4217 in use, without those of metals, funds and tests
CURRENCIES: Final = frozenset(json.loads((Path(__file__).parent / "currencies.json").read_text()))


class NotThat(ValueError):
    """A typed value is none of its field. The message completes "Issue date: ..."."""


def fillable(path: str) -> Fillable | None:
    """What may be supplied at a canonical path; None where nothing may."""
    head, _, rest = path.partition("/")
    position, _, last = rest.partition("/")
    if head == "lines":
        return LINE.get(last) if position.isdigit() else None
    if head == ORDER:
        return Fillable("text", "BT-13") if rest.isdigit() else None
    if path == VENDOR:
        return Fillable("text", "BG-4")
    return HEADER.get(path) if not rest else None


def value_of(path: str, text: str) -> str:
    """A typed value in the form in which it is kept: ISO days, plain decimals, codes in capitals. Raises
    `NotThat`."""
    found = fillable(path)
    if found is None:
        raise NotThat("nothing can be supplied here")
    plain = " ".join(text.split())
    if found.sort == "date":
        return _day(plain)
    if found.sort in ("amount", "number"):
        return decimal_of(plain, found.places)
    if path == "currency":
        if plain.upper() not in CURRENCIES:
            raise NotThat(f"{plain!r} is no currency; write its three letters, such as EUR")
        return plain.upper()
    return plain


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise NotThat(f"{text!r} is no day; write it as 2026-09-05") from None


def decimal_of(text: str, places: int) -> str:
    """A typed number as a plain decimal of at most so many places. A comma parts thousands, and nothing else:
    5,00 would be a hundred times too much. Raises `NotThat`."""
    whole, dot, rest = text.partition(".")
    groups = whole.split(",")
    parted = len(groups) == 1 or (0 < len(groups[0]) <= 3 and all(len(g) == 3 for g in groups[1:]))
    digits = "".join(groups)
    plain = digits + dot + rest
    shaped = (
        parted and digits.isascii() and digits.isdigit() and (not dot or (rest.isascii() and rest.isdigit()))
    )
    if not shaped:
        raise NotThat(f"{text!r} is no amount; write it as 1234.50")
    try:
        found = Decimal(plain)
    except InvalidOperation:
        raise NotThat(f"{text!r} is no amount; write it as 1234.50") from None
    exact = -int(found.normalize().as_tuple().exponent) if found else 0
    if found.adjusted() >= DIGITS or exact > places:
        raise NotThat(f"{text!r} is too long; it may have {places} decimals")
    return format(found.normalize(), "f") if found else "0"


def of_pair(field: str) -> bool:
    """Does the field say what an invoice is to another one?"""
    return field.partition("/")[0] in OF_PAIRS


def pair_words(field: str) -> str:
    """What a field of a pair says."""
    return "duplicate of" if field.startswith(DUPLICATE_OF) else "no duplicate of"


def sum_sort(path: str) -> bool:
    """Does the value move money, or when it moves?"""
    found = fillable(path)
    return found is not None and (found.sort in MONEY or path == "currency")


# --- laid over the document ---------------------------------------------------------------------------------

READ: Final[dict[str, Callable[[str], Any]]] = {
    "date": date.fromisoformat,
    "amount": Decimal,
    "number": Decimal,
    "text": str,
}


def laid_over(document: Invoice, supplied: Iterable[SuppliedValue]) -> Invoice:
    """The document with what people supplied above it. What could not be read there is no problem any
    more."""
    values = tuple(one for one in supplied if not of_pair(one.field))
    for one in values:
        document = _with(document, one)
    if not values:
        return document
    fields = {field for one in values for field in _settles(one.field)}
    left = tuple(p for p in document.unreadable if p.field not in fields)
    return replace(document, unreadable=left)


def as_stated(document: Invoice, orders: Mapping[str, str]) -> Invoice:
    """A document read from a row that follows what was supplied, with the orders that it names itself.
    `orders`: a number that was supplied -> what the document says there."""
    if not orders:
        return document
    stated = (orders.get(n, n) for n in document.order_numbers)
    return replace(document, order_numbers=tuple(dict.fromkeys(n for n in stated if n)))


def _settles(field: str) -> Sequence[str]:
    """The fields of which nothing is unreadable any more once this one is supplied."""
    parent, _, last = field.rpartition("/")
    return (field, f"{parent}/base_quantity") if last == "price" and parent else (field,)


def _with(document: Invoice, one: SuppliedValue) -> Invoice:
    head, _, rest = one.field.partition("/")
    if head == ORDER:
        return _of_order(document, one)
    if head == "lines":
        position, _, name = rest.partition("/")
        lines = tuple(
            _of_line(document, x, name, one) if str(x.position) == position else x for x in document.lines
        )
        return replace(document, lines=lines)
    if head == VENDOR:
        return replace(document, vendor_id=one.value)
    changes: dict[str, Any] = {one.field: READ[HEADER[one.field].sort](one.value)}
    return replace(document, **changes)


def _of_line(document: Invoice, line: InvoiceLine, name: str, one: SuppliedValue) -> InvoiceLine:
    changes: dict[str, Any] = {name: READ[LINE[name].sort](one.value)}
    unread = {p.field for p in document.unreadable}
    if name == "price" and f"lines/{line.position}/base_quantity" in unread:
        changes["base_quantity"] = Decimal(1)
    return replace(line, **changes)


def _of_order(document: Invoice, one: SuppliedValue) -> Invoice:
    """The order that is meant stands wherever the document names the other one; on the header where it names
    none."""
    if not one.was:
        return replace(document, order_numbers=tuple(dict.fromkeys((*document.order_numbers, one.value))))
    lines = tuple(
        replace(x, order_number=one.value) if x.order_number == one.was else x for x in document.lines
    )
    header = tuple(dict.fromkeys(one.value if n == one.was else n for n in document.order_numbers))
    return replace(document, order_numbers=header, lines=lines)


# --- what a document says itself ----------------------------------------------------------------------------


def stated_value(document: Invoice, field: str) -> str:
    """What a document says in a field, as it would be supplied; empty where it says nothing."""
    head, _, rest = field.partition("/")
    found: Any = None
    if of_pair(field):
        return ""
    if head == ORDER:
        named = dict.fromkeys((*document.order_numbers, *(x.order_number for x in document.lines)))
        orders = [n for n in named if n]
        found = orders[int(rest) - 1] if int(rest) <= len(orders) else None
    elif head == "lines":
        position, _, name = rest.partition("/")
        found = next((getattr(x, name) for x in document.lines if str(x.position) == position), None)
    else:
        found = getattr(document, field)
    if isinstance(found, Decimal):
        return format(found.normalize(), "f") if found else "0"
    return str(found) if found is not None else ""


def restored(document: Invoice, first: Invoice, fields: Iterable[str]) -> Invoice:
    """A document with these fields as another one has them: what it would have been, had it come first."""
    lines = {x.position: x for x in first.lines}
    for field in (one for one in fields if not of_pair(one)):
        head, _, rest = field.partition("/")
        if head == ORDER:
            document = replace(document, order_numbers=first.order_numbers)
            document = _lines_as(document, lines, "order_number")
        elif head == "lines":
            position, _, name = rest.partition("/")
            own = {n: x for n, x in lines.items() if str(n) == position}
            document = _lines_as(document, own, name)
        else:
            change: dict[str, Any] = {field: getattr(first, field)}
            document = replace(document, **change)
    return replace(document, unreadable=first.unreadable)


def _lines_as(document: Invoice, lines: Mapping[int, InvoiceLine], name: str) -> Invoice:
    """The document with one field of these lines as they have it."""
    return replace(
        document,
        lines=tuple(
            replace(x, **{name: getattr(lines[x.position], name)}) if x.position in lines else x
            for x in document.lines
        ),
    )
