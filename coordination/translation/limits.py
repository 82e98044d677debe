"""How long a value may be, for every text and number of every canonical shape: what no table could keep is
set aside here.

A document with one value beyond its limit is rejected as a whole and says which value, and in which row it
stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any, Final

from .canonical import Canonical, Origin, QuarantineCode, Rejected
from .xml import MAX_VALUE

KEY: Final = 255
"""Numbers, references and codes of others."""
NAME: Final = 1_000
TEXT: Final = MAX_VALUE
"""Free text: as long as any value may be."""

OF_FIELD: Final[dict[str, int]] = {
    "currency": 3,
    "unit": 10,
    "base_unit": 10,
    "per": 10,
    "category": 40,
    "tax_category": 40,
    "reason_code": 20,
    "endpoint": NAME,
    "payment_reference": NAME,
    "mandate": NAME,
    "debited": NAME,
    "card": NAME,
    "name": NAME,
    "street": NAME,
    "town": NAME,
    "legal_form": NAME,
    "description": TEXT,
    "note": TEXT,
    "text": TEXT,
    "payment_terms": TEXT,
    "reason": TEXT,
}
"""Longest values by the name of the field; other texts are keys."""

OF_SHAPE: Final[dict[tuple[str, str], int]] = {
    ("Vendor", "vendor_id"): 100,
    ("Vendor", "vat_id"): 40,
    ("Vendor", "iban"): 34,
    ("Vendor", "bic"): 11,
    ("Vendor", "payment_terms"): 60,
    ("CodedLine", "account"): 40,
    ("CodedLine", "cost_centre"): 40,
    ("CodedLine", "item"): TEXT,
    ("BankLine", "code"): 4,
    ("BankLine", "reason"): 35,
}
"""Longest values of one shape, where they differ from those of its field's name."""

UNLIMITED: Final = frozenset({"Origin", "Problem"})
"""Shapes that quote the source; the reader has cut or counted what they quote."""

CODES: Final[dict[tuple[str, str], tuple[re.Pattern[str], str]]] = {
    ("Vendor", "country"): (re.compile("[A-Z]{2}"), "a country code of two letters such as DE"),
    ("Vendor", "currency"): (re.compile("[A-Z]{3}"), "a currency code of three letters such as EUR"),
}
"""Values of the master list that have one form."""

LARGEST: Final[dict[str, Decimal]] = {
    "tax_rate": Decimal(10) ** 8,
    "rate": Decimal(10) ** 8,
    "per_eur": Decimal(10) ** 14,
}
ANY_LARGEST: Final = Decimal(10) ** 18
NOT_KEPT: Final = re.compile("[\x00\ud800-\udfff]")
"""Characters that no database keeps as text: NUL, and halves of characters."""

Fault = tuple[QuarantineCode, str]


def within(document: Canonical) -> Canonical | Rejected:
    """The document, or what it is rejected for."""
    for path, fault in _faults(document, ""):
        return _rejected(document, path, fault)
    return document


def row_of(document: Canonical) -> int | None:
    """The first row of a table that a document was read from; None where it is none of a table."""
    origins: dict[str, Origin] = getattr(document, "provenance", {})
    rows = (_row(origin) for origin in origins.values())
    return min((row for row in rows if row is not None), default=None)


def _faults(value: Any, path: str) -> Iterator[tuple[str, Fault]]:
    shape = type(value).__name__
    for one in fields(value):
        held = getattr(value, one.name)
        if isinstance(held, tuple):
            for n, part in enumerate(held, 1):
                yield from _held(part, shape, one.name, f"{path}{one.name}/{n}")
        else:
            yield from _held(held, shape, one.name, f"{path}{one.name}")


def _held(value: Any, shape: str, name: str, path: str) -> Iterator[tuple[str, Fault]]:
    if is_dataclass(value):
        yield from _faults(value, f"{path}/")
    elif isinstance(value, str):
        if fault := _text_fault(value, shape, name):
            yield path, fault
    elif isinstance(value, Decimal) and not (
        value.is_finite() and abs(value) < LARGEST.get(name, ANY_LARGEST)
    ):
        yield path, (QuarantineCode.TOO_LARGE, "is a larger number than can be kept")


def _text_fault(text: str, shape: str, name: str) -> Fault | None:
    if NOT_KEPT.search(text):
        return QuarantineCode.MALFORMED, "has a character that cannot be kept (NUL or half a character)"
    form = CODES.get((shape, name))
    if form and text and not form[0].fullmatch(text):
        return QuarantineCode.MALFORMED, f"“{text[:40]}” is not {form[1]}"
    most = OF_SHAPE.get((shape, name)) or OF_FIELD.get(name, KEY)
    if shape not in UNLIMITED and len(text) > most:
        return QuarantineCode.TOO_LARGE, f"is longer than {most:,} characters"
    return None


def _rejected(document: Canonical, path: str, fault: Fault) -> Rejected:
    origins: dict[str, Origin] = getattr(document, "provenance", {})
    origin = origins.get(path)
    row = _row(origin) if origin else row_of(document)
    column = origin.path.rpartition("@")[0] if origin and row else path
    which = str(getattr(document, "number", "") or getattr(document, "vendor_id", ""))
    what = f"{type(document).__name__.lower()} {NOT_KEPT.sub('?', which)[:60]}".strip()
    place = f" in row {row}" if origin and row else ""
    return Rejected(fault[0], f"{what}: {column}{place} {fault[1]}: correct it", row)


def _row(origin: Origin) -> int | None:
    found = re.search(r"@([0-9]+)$", origin.path)
    return int(found[1]) if found else None
