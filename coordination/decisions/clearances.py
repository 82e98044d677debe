"""What was cleared for payment: written with the decision that clears, read by the payment that it bounds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from audit import trail
from audit.ids import new_id

from ..domain.amounts import asked
from ..facts.documents import contents
from ..models import Clearance, Invoice


def record(cleared: Iterable[tuple[Invoice, UUID]], at: datetime) -> None:
    """Keep what each of these invoices asks for as cleared by its decision. An amount that is not known
    clears nothing."""
    found = list(cleared)
    known = contents([row.id for row, _ in found]) if found else {}
    amounts = [asked(known[row.id].invoice.gross, known[row.id].invoice.payable) for row, _ in found]
    trail.insert_facts(
        [
            Clearance(
                id=new_id(),
                invoice_id=row.id,
                decision_id=decision,
                amount=amount,
                currency=row.currency,
                at=at,
            )
            for (row, decision), amount in zip(found, amounts, strict=True)
            if amount is not None
        ]
    )
