"""Our books about one vendor, as a statement of theirs is reconciled with: everything open, and whatever else
a line may be about (the same number, one that looks similar, the same amount)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from ...agents.statement_facts import OurDocument, OurPayment, Stated
from ...agents.statement_suggestions import similar_keys
from ...domain.hold_codes import CATALOGUE
from ...facts.payments_made import open_amounts
from ...models import Payment
from ...tasks.sql import rows
from ...translation.identity import normalised_number

AT_MOST = 20_000
"""Documents of one vendor that are looked at, the newest first."""

DOCUMENTS = """
SELECT i.id, i.number, f.number_key, i.type, i.issue_date, i.currency, coalesce(i.gross, f.payable, 0),
       coalesce(f.payable, i.gross, 0), i.state, i.preceding,
       ARRAY(SELECT DISTINCT h.code FROM coordination_hold h WHERE h.invoice_id = i.id
           AND h.status <> 'released')
  FROM coordination_invoice i JOIN coordination_invoicefacts f ON f.invoice_id = i.id
 WHERE i.vendor_id = %s AND (i.state NOT IN ('paid', 'rejected', 'void') OR f.number_key = ANY(%s)
       OR i.id = ANY(%s) OR abs(i.gross) = ANY(%s::numeric[]))
 ORDER BY i.issue_date DESC NULLS LAST, i.id LIMIT %s
"""
NUMBERS = """
SELECT i.id, f.number_key FROM coordination_invoice i JOIN coordination_invoicefacts f ON f.invoice_id = i.id
 WHERE i.vendor_id = %s AND length(f.number_key) BETWEEN %s AND %s ORDER BY i.issue_date DESC NULLS LAST, i.id
     LIMIT %s
"""
PAYMENTS = """
SELECT p.invoice_id, p.id, b.number, p.amount, p.discount, p.status, coalesce(
         (SELECT max(a.day) FROM coordination_bankanswer a
           WHERE a.payment_id = p.id AND a.result = 'applied' AND a.status = 'booked'), t.execute_on)
  FROM coordination_payment p JOIN coordination_paymentbatch b ON b.id = p.batch_id
  LEFT JOIN coordination_paymentterms t ON t.payment_id = p.id
 WHERE p.invoice_id = ANY(%s) AND p.status IN ('proposed', 'approved', 'exported', 'paid') ORDER BY p.id DESC
"""
CREDITS = """
SELECT u.credit_id, u.payment_id, u.amount, p.status, t.execute_on
  FROM coordination_credituse u JOIN coordination_payment p ON p.id = u.payment_id
  LEFT JOIN coordination_paymentterms t ON t.payment_id = p.id
 WHERE p.status IN ('proposed', 'approved', 'exported', 'paid') AND (u.credit_id = ANY(%s)
     OR u.payment_id = ANY(%s))
"""


def load_books(vendor: UUID, stated: Stated) -> list[OurDocument]:
    """What we have of this vendor that the statement may speak of."""
    named = [text for line in stated.lines for text in (line.reference, *line.others) if text]
    sums = sorted({abs(line.amount) for line in stated.lines if line.amount})
    found = rows(
        DOCUMENTS,
        vendor,
        sorted({normalised_number(n) for n in named}),
        _similar(vendor, {line.reference for line in stated.lines if line.reference}),
        sums,
        AT_MOST,
    )
    payments, used = _money([r[0] for r in found])
    back = _back([r[0] for r in found])
    return sorted(
        (_document(r, payments, used, back.get(r[0])) for r in found),
        key=lambda d: (str(d.issued or ""), d.id),
    )


def _similar(vendor: UUID, references: set[str]) -> list[UUID]:
    """Documents whose number looks like a reference that is nobody's number: settled ones, too, may be
    offered."""
    keys = {normalised_number(r) for r in references} - {""}
    if not keys:
        return []
    lengths = [len(k) for k in keys]
    known = rows(NUMBERS, vendor, min(lengths) - 2, max(lengths) + 2, AT_MOST)
    numbers = {key for _, key in known}
    found = similar_keys(keys - numbers, numbers)
    return [i for i, key in known if key in found]


Used = dict[UUID, tuple[Decimal, date | None]]


def _money(ids: list[UUID]) -> tuple[dict[UUID, OurPayment], Used]:
    """The living payment of each invoice, and what has been taken off each credit with money that has
    left."""
    paid = rows(PAYMENTS, ids)
    uses = rows(CREDITS, ids, [r[1] for r in paid])
    off: dict[UUID, list[tuple[str, Decimal]]] = defaultdict(list)
    used: Used = {}
    for credit, payment, amount, status, day in uses:
        off[payment].append((str(credit), amount))
        if status == "paid":
            before = used.get(credit, (Decimal(0), None))
            used[credit] = (before[0] + amount, max(filter(None, (before[1], day)), default=None))
    payments = {
        invoice: OurPayment(str(key), run, amount, discount, status, day, tuple(sorted(off[key])))
        for invoice, key, run, amount, discount, status, day in paid
    }
    return payments, used


def _back(ids: list[UUID]) -> dict[UUID, Decimal]:
    """What came back of what was paid, by invoice, where it is not on its way again."""
    returned = Payment.objects.filter(invoice__in=ids, status=Payment.Status.PAID, returned__isnull=False)
    left = open_amounts(returned.order_by().values_list("invoice_id", flat=True).distinct())
    return {key: amount for key, amount in left.items() if amount > 0}


def _document(
    row: tuple[Any, ...], payments: dict[UUID, OurPayment], used: Used, back: Decimal | None
) -> OurDocument:
    key, number, number_key, type_, issued, currency, gross, payable, state, names, holds = row
    sign = -1 if type_ == "credit_note" else 1
    taken, day = used.get(key, (Decimal(0), None))
    return OurDocument(
        id=str(key),
        number=number,
        key=number_key,
        issued=issued,
        currency=currency,
        amount=sign * gross,
        asked=sign * payable,
        state=state,
        held=tuple(sorted(CATALOGUE[c].words for c in holds if c in CATALOGUE)),
        payment=payments.get(key),
        used=taken,
        used_on=day,
        names=tuple(names),
        back=back,
    )
