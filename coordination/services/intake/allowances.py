"""Which kinds of fact somebody may bring. A file with one of another kind is set aside whole, before any of
it is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from django.contrib.auth.models import AnonymousUser, User

from reviews.access import may
from reviews.grants import holders

from ... import rights
from ...translation import canonical as shapes
from ...translation.canonical import Canonical, QuarantineCode, Rejected, Unreadable

KINDS: Final[dict[str, str]] = {
    "invoices": "invoices, credit notes and statements of vendors",
    "orders": "orders and their changes",
    "receipts": "goods receipts and despatch advices",
    "masters": "vendors, unit factors and codings",
    "rates": "exchange rates",
    "bank": "messages of the bank",
}
"""Kinds of fact with the words for them; each is a right of its own."""

RIGHTS: Final[dict[str, rights.Right]] = {
    "invoices": rights.BRING_INVOICES,
    "orders": rights.BRING_ORDERS,
    "receipts": rights.BRING_RECEIPTS,
    "masters": rights.BRING_MASTERS,
    "rates": rights.BRING_RATES,
    "bank": rights.BRING_BANK,
}

OF_SHAPE: Final[dict[type, str]] = {
    shapes.Invoice: "invoices",
    shapes.Statement: "invoices",
    shapes.Answer: "invoices",
    shapes.Information: "invoices",
    shapes.Order: "orders",
    shapes.Receipt: "receipts",
    shapes.Vendor: "masters",
    shapes.Conversion: "masters",
    shapes.Codings: "masters",
    shapes.Rate: "rates",
    shapes.BankReport: "bank",
}


def allowed_kinds(user: User | AnonymousUser) -> frozenset[str]:
    """The kinds of fact that a person may bring."""
    return frozenset(kind for kind, right in RIGHTS.items() if may(user, right))


def words(kinds: Collection[str]) -> list[str]:
    """These kinds in words, in a fixed order."""
    return [text for kind, text in KINDS.items() if kind in kinds]


Placed = Iterable[tuple[int, Canonical | Rejected]]


def only(documents: Placed, source_format: str, allowed: Collection[str] | None) -> Placed:
    """The documents of a file; `Unreadable` (not_allowed) where one is of a kind that is not allowed."""
    if allowed is None:
        return documents
    # Tables hold one kind, found by their header, and may be large; an envelope or interchange may hold
    # several kinds.
    if source_format.startswith(("csv-", "xlsx-")):
        return _checked(documents, allowed)
    held = list(documents)
    list(_checked(held, allowed))
    return held


def _checked(documents: Placed, allowed: Collection[str]) -> Iterator[tuple[int, Canonical | Rejected]]:
    held: list[tuple[int, Canonical | Rejected]] = []
    known = False
    for place, document in documents:
        if not known and isinstance(document, Rejected):
            held.append((place, document))  # what is wrong with a table is told to those who may bring it
            continue
        known = True
        kind = OF_SHAPE.get(type(document))
        if kind is not None and kind not in allowed:
            what = "; ".join(words(allowed)) or "nothing"
            who = holders(RIGHTS[kind]).words
            error = f"you may not bring {KINDS[kind]} (you may bring: {what}): hand the file to {who}"
            raise Unreadable(QuarantineCode.NOT_ALLOWED, error)
        yield from held
        held = []
        yield place, document
    yield from held
