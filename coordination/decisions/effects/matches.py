"""Allocations of invoice lines to order lines, and deliveries: a new set replaces the one in force."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from audit import trail
from audit.ids import new_id

from ...domain.facts import Allocated
from ...models import Allocation, Delivery, Invoice
from ..steps import Step
from .base import Effect


class MatchEffect(Effect):
    """`Invoice.matching` numbers the set of allocations in force; older sets stay as they were."""

    def prepare(self, step: Step) -> None:
        """When the proposal allocates otherwise than the allocations in force, a new set replaces them."""
        if step.proposal.allocations is None:
            return
        present = {(a.position, a.order_line, a.quantity, a.amount) for a in step.snapshot.allocations}
        proposed = {(a.position, a.order_line, a.quantity, a.amount) for a in step.proposal.allocations}
        step.rematched = proposed != present
        step.row.matching += step.rematched

    def add(self, steps: Sequence[Step]) -> None:
        """The new sets, and what of the lines was delivered."""
        allocations, deliveries = [], []
        for step in steps:
            if step.rematched:
                allocations += [_allocation(step.row, a) for a in step.proposal.allocations or ()]
            deliveries += [
                Delivery(
                    id=new_id(),
                    invoice_id=step.row.id,
                    facts_version=step.facts_version,
                    position=d.position,
                    receipt_line_id=UUID(d.receipt_line),
                    quantity=d.quantity,
                )
                for d in step.proposal.deliveries or ()
            ]
        trail.insert_facts(allocations)
        trail.insert_facts(deliveries)


def _allocation(row: Invoice, pair: Allocated) -> Allocation:
    return Allocation(
        id=new_id(),
        invoice_id=row.id,
        matching=row.matching,
        position=pair.position,
        order_line_id=UUID(pair.order_line),
        quantity=pair.quantity,
        amount=pair.amount,
        found_by=pair.by,
    )
