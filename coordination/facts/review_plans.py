"""The plan of the quality review in force, and the part of it that is about the invoices of a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property, lru_cache
from uuid import UUID

import orjson
from django.db import connection

from ..domain.review_plan import Drawing, Plan
from ..models import Incident, ReviewPlan

BEFORE = """
SELECT i.id, (SELECT count(*) FROM (SELECT 1 FROM coordination_invoice o WHERE o.vendor_id = i.vendor_id
         AND (o.received_at, o.id) < (i.received_at, i.id) LIMIT %s) x)
  FROM coordination_invoice i WHERE i.id = ANY(%s)
"""


class Drawings:
    """What is in force for the invoices of one batch; read when the first of them is asked for."""

    def __init__(self, invoices: Sequence[UUID]) -> None:
        self._ids = list(invoices)

    def of(self, invoice: UUID, amount: Decimal | None) -> Drawing | None:
        """What the plan says of an invoice of this amount; None where no plan is in force."""
        if self._plan is None:
            return None
        return self._plan.concerning(amount, self._before.get(invoice, 0), self._incidents)

    @cached_property
    def _plan(self) -> Plan | None:
        return active()

    @cached_property
    def _before(self) -> Mapping[UUID, int]:
        """How many of its vendor came before each, up to what the plan asks; none of an unknown vendor."""
        assert self._plan is not None  # noqa: S101 - `of` has asked
        if not self._plan.first_of_vendor:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(BEFORE, [self._plan.first_of_vendor, self._ids])
            return dict(cursor.fetchall())

    @cached_property
    def _incidents(self) -> tuple[str, ...]:
        assert self._plan is not None  # noqa: S101 - `of` has asked
        if not self._plan.incidents:
            return ()
        found = Incident.objects.filter(status=Incident.Status.OPEN, level="critical")
        return tuple(found.order_by("agent_id").values_list("agent_id", flat=True))


def active() -> Plan | None:
    """The plan in force, if there is one."""
    found = ReviewPlan.objects.filter(status=ReviewPlan.Status.ACTIVE).values_list("number", "text").first()
    return None if found is None else plan_of(*found)


@lru_cache(maxsize=4)
def plan_of(number: int, text: str) -> Plan:
    """The plan of a stored text."""
    return Plan.from_json(number, orjson.loads(text))
