"""The table of measured confidence in force, and whose invoices count as those of a new vendor."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from uuid import UUID

import orjson
from django.db import connection

from ..domain.calibration import Row, concerning
from ..domain.confidence import Calibrated
from ..models import CalibrationTable

NEW_VENDOR = 5
"""A vendor is new with its first invoices, so many."""
OF_NEW_VENDOR = f"""
i.vendor_id IS NULL
   OR (SELECT v.created_at FROM coordination_vendor v WHERE v.id = i.vendor_id)
          > (SELECT min(created_at) FROM coordination_vendor) + interval '1 day'
  AND {NEW_VENDOR} > (SELECT count(*) FROM (SELECT 1 FROM coordination_invoice o
       WHERE o.vendor_id = i.vendor_id AND o.received_at < i.received_at LIMIT {NEW_VENDOR}) x)
"""  # noqa: S608 - made of constants
"""Whether invoice `i` is of a new vendor: read from what never changes, so that it is the same whenever it is
asked. Those that a company brings along on its first day are new to this installation, not to the company."""


class Measured:
    """What is in force for the invoices of one batch; read when the first of them is asked for."""

    def __init__(self, invoices: Sequence[UUID]) -> None:
        self._ids = invoices

    def of(self, invoice: UUID, source_format: str) -> tuple[Calibrated, ...]:
        """What was measured of answers on invoices like this one."""
        if not self._table:
            return ()
        return concerning(self._table, source_format, "new" if invoice in self._new else "known")

    @cached_property
    def _table(self) -> tuple[Row, ...]:
        return active()

    @cached_property
    def _new(self) -> frozenset[UUID]:
        return of_new_vendors(self._ids)


def active() -> tuple[Row, ...]:
    """The rows in force; none where no table is."""
    found = CalibrationTable.objects.filter(status=CalibrationTable.Status.ACTIVE).values_list(
        "text", flat=True
    )
    text = found.first()
    return () if text is None else rows_of(text)


@lru_cache(maxsize=4)
def rows_of(text: str) -> tuple[Row, ...]:
    """The rows of a stored table."""
    return tuple(map(Row.from_json, orjson.loads(text)))


def of_new_vendors(invoices: Sequence[UUID]) -> frozenset[UUID]:
    """Those of these invoices that are of a new vendor."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT i.id FROM coordination_invoice i WHERE i.id = ANY(%s) AND ({OF_NEW_VENDOR})",  # noqa: S608
            [list(invoices)],
        )
        return frozenset(key for (key,) in cursor.fetchall())
