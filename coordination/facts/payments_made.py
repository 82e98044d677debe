"""The payments of invoices that live: what each takes of what was cleared, and what is still open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce

from ..domain.amounts import ZERO
from ..domain.instalments import Made, label
from ..models import Invoice, Payment, State
from ..tasks.sql import rows
from . import cleared_amounts
from .documents import payment_terms


def made_before(ids: Iterable[UUID]) -> dict[UUID, tuple[Decimal, Decimal]]:
    """Of invoices that have payments which live: (what is with the vendor or on its way, what is still to be
    paid)."""
    live = Payment.objects.live().filter(invoice__in=list(ids)).order_by()
    kept = dict(live.values_list("invoice").annotate(kept=Sum(F("amount") - Coalesce(F("returned"), ZERO))))
    left = open_amounts(kept)
    return {key: (amount, max(left.get(key, ZERO), ZERO)) for key, amount in kept.items()}


TAKEN = """
SELECT p.invoice_id, p.part, p.amount - coalesce(p.returned, 0) + p.discount + coalesce(
         (SELECT sum(u.amount) FROM coordination_credituse u WHERE u.payment_id = p.id), 0)
  FROM coordination_payment p
 WHERE p.invoice_id = ANY(%s) AND p.status IN ('proposed', 'approved', 'exported', 'paid') ORDER BY p.id
"""


def made(ids: Iterable[UUID]) -> dict[UUID, list[Made]]:
    """The payments of these invoices that live, and what each takes of what was cleared: with its discount
    and credits, without what came back."""
    out: dict[UUID, list[Made]] = defaultdict(list)
    for invoice, part, taken in rows(TAKEN, list(ids)):
        out[invoice].append(Made(part, taken))
    return out


def open_amounts(ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """What of each invoice was cleared and is in no living payment; invoices of which nothing was cleared are
    not there."""
    wanted = list(ids)
    paid = made(wanted)
    return {
        key: amount - sum((m.taken for m in paid[key]), Decimal(0))
        for key, (_, amount) in cleared_amounts.in_force(wanted).items()
    }


def counts(payments: Iterable[Payment]) -> dict[UUID, int]:
    """In how many parts the invoices of these payments are paid."""
    ids = {p.invoice_id for p in payments if p.part is not None}
    if not ids:
        return {}
    planned = {key: len(payment_terms(facts).get("instalments", ())) for key, _, facts in stated_terms(ids)}
    return {key: max([planned[key], *(m.part or 1 for m in found)]) for key, found in made(ids).items()}


def labels(payments: Sequence[Payment]) -> dict[UUID, str]:
    """The invoice's number of each payment, with the part it pays where there are several."""
    of = counts(payments)
    return {p.id: label(p.invoice.number, p.part, of.get(p.invoice_id, 1)) for p in payments}


def stated_terms(ids: Iterable[UUID]) -> QuerySet[Invoice, tuple[UUID, Decimal | None, dict[str, Any]]]:
    return Invoice.objects.filter(id__in=list(ids)).values_list("id", "facts__payable", "facts__payment")


def rests(row: Invoice, *, ended: bool) -> str:
    """Where a person's answer leaves an invoice that has payments: paid or scheduled as they are. Empty: no
    payment says so.

    `ended`: nothing more is to be paid. Otherwise it is paid only where nothing is left to pay.
    """
    live = set(Payment.objects.live().filter(invoice=row).values_list("status", flat=True))
    if not ended and ("proposed" in live or open_amounts([row.id]).get(row.id, 1) > 0):
        return ""
    if live & {"approved", "exported"}:
        return State.SCHEDULED
    return State.PAID if "paid" in live else ""
