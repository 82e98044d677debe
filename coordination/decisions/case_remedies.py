"""Which remedies a question about an invoice carries, and what each asks for: frozen with its case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from reviews.remedies import Field

from ..agents import completeness
from ..domain.facts import Snapshot
from ..domain.proposal import HoldDetail
from ..domain.remedies import (
    ASSIGN_LINE,
    ASSIGN_ORDER,
    CAUSES,
    COMPLETE,
    DECLARE_FACTOR,
    IS_DUPLICATE,
    LINK_VENDOR,
    NO_DUPLICATE,
)
from ..domain.supplied import fillable
from ..models import Hold, Invoice
from ..translation.canonical import Invoice as Claim
from .case_orders import line_fields, order_fields
from .case_pairs import pair_fields
from .case_units import factor_fields
from .case_vendors import vendor_fields

MOST_FIELDS = 12
"""Where more is missing, the document is another one: the vendor sends it again."""
HINTS = {"date": "a day", "amount": "such as 1234.50", "number": "such as 12.5"}


def remedies(row: Invoice, snapshot: Snapshot, holds: Sequence[Hold]) -> list[dict[str, Any]]:
    """The remedies of a question with these live holds, each with its fields, as the case keeps them."""
    live = [h for h in holds if h.status != Hold.Status.RELEASED]
    found = []
    for name, causes in CAUSES.items():
        own = [h for h in live if h.code in causes]
        fields = ASKS[name](row, snapshot, own) if own else None
        if fields:
            found.append({"name": name, "fields": [one.as_json() for one in fields]})
    return found


# --- what is missing ----------------------------------------------------------------------------------------


def _missing(_: Invoice, snapshot: Snapshot, holds: Sequence[Hold]) -> list[Field]:
    """The fields that these holds find missing or of no use, each with the place in the document."""
    wanted: dict[str, Field] = {}
    for hold in holds:
        for one in _of_finding(snapshot.document, HoldDetail.from_json(hold.detail)):
            wanted.setdefault(one.name, one)
    return list(wanted.values())[:MOST_FIELDS]


def _of_finding(document: Claim, detail: HoldDetail) -> Iterator[Field]:
    here = f"invoice {document.number}"
    for of, place, raw in detail.evidence:
        if of != here:
            continue
        if fillable(place) is not None:
            yield _field(place, raw, "")
        else:
            yield from (_field(path, raw, place) for path in _unread(document, place, raw))


def _unread(document: Claim, place: str, raw: str) -> Iterable[str]:
    """The canonical fields whose value stands at this place and cannot be read. A price that a base quantity
    hides is what is asked for."""
    for problem in document.unreadable:
        where = problem.path or problem.field
        if problem.raw == raw and place.startswith(where):
            parent, _, last = problem.field.rpartition("/")
            path = f"{parent}/price" if last == "base_quantity" else problem.field
            if fillable(path) is not None:
                yield path


def _field(path: str, was: str, place: str) -> Field:
    found = fillable(path)
    assert found is not None  # noqa: S101 - asked for by whoever calls
    line = completeness.line_of(path)
    where = f"line {line}" if line is not None else "header"
    said = f"{where}, {found.term}" + (f", {place}" if place else "")
    hint = "three letters, such as EUR" if path == "currency" else HINTS.get(found.sort, "")
    return Field(path, completeness.place(path), found.sort, was=was, place=said, hint=hint)


Asks = Callable[[Invoice, Snapshot, Sequence[Hold]], list[Field]]

ASKS: dict[str, Asks] = {
    COMPLETE: _missing,
    ASSIGN_ORDER: order_fields,
    ASSIGN_LINE: lambda _, snapshot, holds: line_fields(snapshot, holds),
    LINK_VENDOR: lambda _, snapshot, __: vendor_fields(snapshot),
    DECLARE_FACTOR: lambda _, snapshot, holds: factor_fields(snapshot, holds),
    IS_DUPLICATE: lambda _, snapshot, holds: pair_fields(snapshot, holds),
    NO_DUPLICATE: lambda _, snapshot, holds: pair_fields(snapshot, holds),
}
"""Remedy -> what it asks for; nothing where it can do nothing about these holds."""
