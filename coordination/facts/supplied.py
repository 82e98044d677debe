"""What people supplied to invoices, as it is in force: the newest of each field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from ..agents.completeness import place
from ..domain.supplied import APART_FROM, ORDER, SuppliedValue, of_pair, pair_words
from ..models import SuppliedFact
from ..tasks.sql import rows

EVERY = """
SELECT invoice_id, field, value, was FROM coordination_suppliedfact
 WHERE invoice_id = ANY(%s) ORDER BY invoice_id, field, number
"""


@dataclass(frozen=True, slots=True)
class Above:
    """What stands above one document: the value in force of each field, and every value that an order had
    there."""

    values: tuple[SuppliedValue, ...]
    orders: Mapping[str, str]
    """Order number that was supplied at some time -> what the document says there."""


def field_words(field: str) -> str:
    """What a supplied field is called, with its place."""
    return pair_words(field) if of_pair(field) else place(field)


def above(ids: Sequence[UUID]) -> dict[UUID, Above]:
    """By invoice what stands above its document, in the order of the fields; invoices of which nothing was
    supplied are left out."""
    newest: dict[UUID, dict[str, SuppliedValue]] = defaultdict(dict)
    orders: dict[UUID, dict[str, str]] = defaultdict(dict)
    for invoice, field, value, was in rows(EVERY, list(ids)) if ids else ():
        newest[invoice][field] = SuppliedValue(field, value, was)
        if field.startswith(f"{ORDER}/"):
            orders[invoice][value] = was
    return {key: Above(tuple(found.values()), orders[key]) for key, found in newest.items()}


def values(ids: Sequence[UUID]) -> dict[UUID, tuple[SuppliedValue, ...]]:
    """The values in force alone."""
    return {key: found.values for key, found in above(ids).items()}


APART = """
SELECT invoice_id, substr(field, %(at)s) FROM coordination_suppliedfact
 WHERE invoice_id = ANY(%(ids)s) AND starts_with(field, %(head)s)
UNION
SELECT substr(field, %(at)s)::uuid, invoice_id::text FROM coordination_suppliedfact
 WHERE field = ANY(%(fields)s)
"""


def apart(ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """By invoice the ids of those that people said to be other claims, whichever of the two was asked
    about."""
    head = f"{APART_FROM}/"
    fields = [f"{head}{key}" for key in ids]
    found: dict[UUID, set[str]] = defaultdict(set)
    for one, other in rows(APART, ids=list(ids), head=head, at=len(head) + 1, fields=fields) if ids else ():
        found[one].add(other)
    return {key: tuple(sorted(others)) for key, others in found.items()}


def in_force(invoice: UUID) -> list[SuppliedFact]:
    """The rows in force of one invoice, in the order of the fields, with who supplied them and when."""
    found = SuppliedFact.objects.filter(invoice=invoice).order_by("field", "-number").distinct("field")
    return list(found.select_related("document"))
