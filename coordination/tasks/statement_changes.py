"""Notes that something changed for a vendor. Whoever changes an invoice or a payment leaves one, in its
transaction.

A note names the vendor and not its statements, so that a statement which is just being taken in is not
missed: the note and the change it is about become visible together, and the reconciliation that takes it sees
both.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection


def changed(vendors: Iterable[UUID | None], cause: str) -> None:
    """Note that invoices or payments of these vendors changed; None is no vendor."""
    known = sorted({v for v in vendors if v is not None})
    if known:
        _note(list(known), cause)


def vendors_changed(cause: str) -> None:
    """Note that vendors are known now that were not: statements of nobody are looked at again."""
    _note([None], cause)


def _note(vendors: list[UUID] | list[None], cause: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO coordination_statementnote (vendor_id, cause, at) SELECT v, %s, now() FROM"
            " unnest(%s::uuid[]) v",
            [cause, vendors],
        )
