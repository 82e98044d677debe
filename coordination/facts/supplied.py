"""What people supplied to invoices, as it is in force: the newest of each field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from ..agents.completeness import place
from ..domain.supplied import APART_FROM, SuppliedValue, of_pair, pair_words
from ..models import SuppliedFact
from ..tasks.sql import rows

IN_FORCE = """
SELECT DISTINCT ON (invoice_id, field) invoice_id, field, value, was FROM coordination_suppliedfact
 WHERE invoice_id = ANY(%s) ORDER BY invoice_id, field, number DESC
"""


def field_words(field: str) -> str:
    """What a supplied field is called, with its place."""
    return pair_words(field) if of_pair(field) else place(field)


def values(ids: Sequence[UUID]) -> dict[UUID, tuple[SuppliedValue, ...]]:
    """By invoice what stands above its document, in the order of the fields; invoices of which nothing was
    supplied are left out."""
    found: dict[UUID, list[SuppliedValue]] = defaultdict(list)
    for invoice, field, value, was in rows(IN_FORCE, list(ids)) if ids else ():
        found[invoice].append(SuppliedValue(field, value, was))
    return {invoice: tuple(values) for invoice, values in found.items()}


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


def count(invoice: UUID) -> dict[str, int]:
    """Field -> number of the row in force."""
    return {row.field: row.number for row in in_force(invoice)}
