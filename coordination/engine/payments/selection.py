"""What a payment run looks at, as it stands in the tables: cleared claims, accepted credits, payments that live.

The same reading serves the page that shows the next run and the transaction that proposes it, which has locked the
rows first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan

from ...agents import BESIDE
from ...agents.amounts import ZERO
from ...agents.base import VendorFacts
from ...models import (
    LIVE,
    Agent,
    BankAccount,
    Clearance,
    CreditUse,
    Hold,
    Invoice,
    Payment,
    State,
    Task,
    Wake,
)
from ...translation.identity import normalised_number
from ...translation.sepa import account_problem
from .. import clearances, standing
from ..queries import rows
from ..terms import due_date
from . import bank_days, duplicates, plan
from .plan import Claim, Credit, Left, Plan

ACCOUNT_REFUSED = "P-03"
ACCOUNT_PART = "P-06"
ACCOUNT_RULES = frozenset({ACCOUNT_REFUSED, ACCOUNT_PART})
"""The rules of a hold whose payment, or a part of it, came back because of the vendor's account."""

NOT_CLEARED = "no amount was cleared: nobody could read what it asks for"

NO_ACCOUNT = "the vendor has no verified account"
NOT_SEPA = "not payable by SEPA transfer: that needs EUR and an IBAN"

CREDITS = """
SELECT i.id, i.vendor_id, i.number, i.currency, i.issue_date, i.preceding,
       abs(coalesce(f.payable, i.gross)) - coalesce(
         (SELECT sum(u.amount) FROM coordination_credituse u JOIN coordination_payment p ON p.id = u.payment_id
           WHERE u.credit_id = i.id AND p.status IN ('proposed', 'approved', 'exported', 'paid')), 0)
  FROM coordination_invoice i JOIN coordination_invoicefacts f ON f.invoice_id = i.id
 WHERE i.state = 'cleared' AND (i.lane = 'human' OR 'finance.payment' = ANY(i.answered)) AND i.vendor_id = ANY(%s)
   AND NOT EXISTS (SELECT 1 FROM coordination_wake w WHERE w.invoice_id = i.id)
   AND NOT EXISTS (SELECT 1 FROM coordination_task t WHERE t.invoice_id = i.id AND t.agent <> ALL(%s)
                     AND NOT (i.lane = 'human' AND t.opened_at <= i.state_since
                              AND EXISTS (SELECT 1 FROM coordination_agent a WHERE a.name = t.agent AND a.paused)))
   AND (i.type = 'credit_note' OR coalesce(f.payable, i.gross) < 0)
 ORDER BY i.id
"""
NAMED = """
SELECT i.vendor_id, i.number_key, i.id, i.state, EXISTS (SELECT 1 FROM coordination_payment p
       WHERE p.invoice_id = i.id AND p.status IN ('proposed', 'approved', 'exported', 'paid'))
  FROM coordination_invoice i WHERE i.type = 'invoice' AND i.vendor_id = ANY(%s) AND i.number_key = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Selection:
    """A plan with what it was made from."""

    plan: Plan
    vendors: dict[UUID, VendorFacts]
    suspects: tuple[duplicates.Suspect, ...]
    first: date
    found: Sequence[Invoice]
    why: dict[UUID, str]


def open_amounts(ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """What is still to be paid of these invoices: the amount that stands cleared, less all that live payments carry of it
    (with their discounts and credits, and without what came back). Those of which nothing was cleared are left out."""
    wanted = list(ids)
    left = {key: amount for key, (_, amount) in clearances.in_force(wanted).items()} if wanted else {}
    for key, taken in rows(TAKEN, wanted) if wanted else ():
        if key in left:
            left[key] -= taken
    return left


def made_before(ids: Iterable[UUID]) -> dict[UUID, tuple[Decimal, Decimal]]:
    """Of invoices that have payments which live: (what is with the vendor or on its way, what is still to be paid)."""
    live = Payment.objects.filter(invoice__in=list(ids), status__in=LIVE).order_by()
    kept = dict(live.values_list("invoice").annotate(kept=Sum(F("amount") - Coalesce(F("returned"), ZERO))))
    left = open_amounts(kept)
    return {key: (amount, max(left.get(key, ZERO), ZERO)) for key, amount in kept.items()}


TAKEN = """
SELECT p.invoice_id, sum(p.amount - coalesce(p.returned, 0) + p.discount + coalesce(
         (SELECT sum(u.amount) FROM coordination_credituse u WHERE u.payment_id = p.id), 0))
  FROM coordination_payment p
 WHERE p.invoice_id = ANY(%s) AND p.status IN ('proposed', 'approved', 'exported', 'paid') GROUP BY p.invoice_id
"""


def candidates() -> QuerySet[Invoice]:
    """Cleared invoices of which something is to be paid, and that nobody says were paid elsewhere: none of their payments
    is under way, and those that were made do not carry all that was cleared."""
    living = Payment.objects.filter(invoice=OuterRef("pk"), status__in=LIVE).order_by().values("invoice")
    carried = living.annotate(sum=Sum(F("amount") - Coalesce(F("returned"), ZERO) + F("discount"))).values(
        "sum"
    )
    uses = CreditUse.objects.filter(payment__invoice=OuterRef("pk"), payment__status__in=LIVE).order_by()
    credited = uses.values("payment__invoice").annotate(sum=Sum("amount")).values("sum")
    newest = Clearance.objects.filter(invoice=OuterRef("pk")).order_by("-at", "-id").values("amount")[:1]
    taken = Subquery(carried) + Coalesce(Subquery(credited), ZERO)
    return (
        Invoice.objects.filter(state=State.CLEARED, type="invoice", vendor__isnull=False)
        .filter(Q(lane="human") | Q(answered__contains=["finance.payment"]))
        .exclude(payments__status__in=[s for s in LIVE if s != "paid"])
        .filter(~Exists(living) | GreaterThan(Subquery(newest), taken))
        .exclude(paid_elsewhere__status__in=["proposed", "confirmed"])
    )


LOOKED_AT_AGAIN = "it is being looked at again"


def looked_at_again(ids: Sequence[UUID]) -> set[UUID]:
    """Those of these invoices whose agents may come to another answer: a change is noted, or an agent is open."""
    stopped = Agent.objects.filter(paused=True).values("name")
    # a person who released it while an agent was stopped has answered in its stead
    instead = Q(agent__in=stopped, invoice__lane="human", opened_at__lte=F("invoice__state_since"))
    opened = Task.objects.filter(invoice__in=ids).exclude(agent__in=BESIDE).exclude(instead)
    noted = Wake.objects.filter(invoice__in=ids)
    return {*opened.values_list("invoice_id", flat=True), *noted.values_list("invoice_id", flat=True)}


def select(found: Sequence[Invoice], now: datetime, until: date | None = None) -> Selection:
    """Work out the run for these candidates as of `now`."""
    first = bank_days.earliest(now)
    vendors = standing.vendors({r.vendor_id for r in found if r.vendor_id})
    payable = dict(Invoice.objects.filter(id__in=[r.id for r in found]).values_list("id", "facts__payable"))
    why = _reasons(found, vendors)
    claims = [_claim(r, payable[r.id], vendors, why.get(r.id, "")) for r in found if r.vendor_id]
    claims = _paid_again(claims)
    claims, accepted = [c for c in claims if c.asked >= 0], _credits(vendors, {r.id for r in found})
    accounts = {key: v.verified for key, v in vendors.items()}
    suspects: list[duplicates.Suspect] = []
    while True:
        made = plan.make(claims, accepted, first, until)
        found_now = duplicates.find(made.payments, accounts)
        if not found_now:
            return Selection(made, vendors, tuple(suspects), first, found, why)
        suspects += found_now
        twice = {s.planned.claim.id: s.why for s in found_now}
        claims = [replace(c, why_not=twice.get(c.id, c.why_not)) for c in claims]


def _claim(row: Invoice, payable: Decimal | None, vendors: dict[UUID, VendorFacts], why: str) -> Claim:
    assert row.vendor_id is not None  # noqa: S101 - chosen so
    vendor = vendors[row.vendor_id]
    asked = plan.whole_cents(payable if payable is not None else row.gross)
    due = due_date(row.due_date, row.issue_date, vendor.payment_terms)
    return Claim(
        row.id, row.vendor_id, row.number, row.currency, asked, row.issue_date, due, vendor.payment_terms, why
    )


def _paid_again(claims: Sequence[Claim]) -> list[Claim]:
    """Of what was paid before, only what is open, as a further part; the discount is in what was paid."""
    made = Payment.objects.filter(invoice__in=[c.id for c in claims], status__in=LIVE).order_by()
    parts = dict(made.values_list("invoice").annotate(last=Max(Coalesce(F("part"), 1))))
    left = open_amounts(parts)
    return [
        replace(c, asked=min(c.asked, left.get(c.id, ZERO)), terms="", part=parts[c.id] + 1)
        if c.id in parts
        else c
        for c in claims
    ]


def _reasons(found: Sequence[Invoice], vendors: dict[UUID, VendorFacts]) -> dict[UUID, str]:
    """Why an invoice cannot be paid now, whatever its amount."""
    held = held_among([r.id for r in found])
    refused = refused_accounts(vendors)
    again = looked_at_again([r.id for r in found])
    cleared = clearances.in_force([r.id for r in found])
    out: dict[UUID, str] = {}
    for row in found:
        vendor = vendors.get(row.vendor_id) if row.vendor_id else None
        why = "a hold is open" if row.id in held else unpayable(vendor, row.currency, refused)
        why = why or (LOOKED_AT_AGAIN if row.id in again else "")
        out[row.id] = (why if row.id in cleared else NOT_CLEARED) or ""
    return {k: why for k, why in out.items() if why}


def held_among(ids: Iterable[UUID]) -> set[UUID]:
    """Those of these invoices that have a hold."""
    live = Hold.objects.filter(invoice__in=list(ids)).exclude(status=Hold.Status.RELEASED)
    return set(live.values_list("invoice_id", flat=True))


def unpayable(vendor: VendorFacts | None, currency: str, refused: dict[UUID, str]) -> str:
    """What stands against paying this vendor at all, in words."""
    if vendor is None or vendor.status != "active":
        return "the vendor is not active"
    if not vendor.verified:
        return NO_ACCOUNT
    if vendor.proposed:
        return "a change of the vendor's account waits to be verified"
    if currency != "EUR" or account_problem(vendor.verified, ""):
        return NOT_SEPA
    return refused.get(UUID(vendor.id), "")


def bics(vendors: Iterable[UUID]) -> dict[UUID, str]:
    """The bank of each vendor's verified account, where it is known."""
    found = BankAccount.objects.filter(vendor__in=list(vendors), status=BankAccount.Status.VERIFIED)
    return dict(found.values_list("vendor_id", "bic"))


def refused_accounts(vendors: Iterable[UUID]) -> dict[UUID, str]:
    """Vendors whose account sent a payment back, while a person is still asked about it."""
    asked = Hold.objects.filter(code="payment_refused", invoice__vendor__in=list(vendors)).exclude(
        status=Hold.Status.RELEASED
    )
    found: dict[UUID, str] = {}
    for vendor, number, detail in asked.values_list("invoice__vendor_id", "invoice__number", "detail"):
        if detail.get("rule") in ACCOUNT_RULES and vendor is not None:
            found[UUID(str(vendor))] = f"its account sent the payment of {number} back; a person is asked"
    return found


# --- credits -------------------------------------------------------------------------------------------------------


def credit_ids(vendors: Iterable[UUID]) -> list[UUID]:
    """Accepted credits of these vendors with something left."""
    keys = list(vendors)
    return [r[0] for r in rows(CREDITS, keys, list(BESIDE)) if r[6] and r[6] > 0] if keys else []


def _credits(vendors: Iterable[UUID], claims: set[UUID]) -> list[Credit]:
    """Accepted credits with something left. One that names an invoice which is still being decided waits for it: if
    that invoice is never owed, neither is the credit."""
    keys = list(vendors)
    found: list[tuple[Any, ...]] = (
        [r for r in rows(CREDITS, keys, list(BESIDE)) if r[6] and r[6] > 0] if keys else []
    )
    named = _named(keys, found)
    out = []
    for key, vendor, number, currency, issued, preceding, left in found:
        about = [x for n in preceding for x in named[vendor, normalised_number(n)]]
        here = frozenset(i for i, _, _ in about if i in claims)
        if about and not here and not any(settled for _, _, settled in about):
            continue
        out.append(Credit(key, vendor, number, currency, plan.whole_cents(left), issued, here))
    return out


def _named(
    vendors: list[UUID], found: Sequence[tuple[Any, ...]]
) -> dict[tuple[UUID, str], list[tuple[UUID, str, bool]]]:
    """(vendor, number) -> (invoice, state, money is on its way) of the invoices that credits name."""
    keys = sorted({normalised_number(n) for r in found for n in r[5]})
    out: dict[tuple[UUID, str], list[tuple[UUID, str, bool]]] = defaultdict(list)
    for vendor, key, invoice, state, paid in rows(NAMED, vendors, keys) if keys else ():
        out[vendor, key].append((invoice, state, paid or state in {"scheduled", "paid"}))
    return out


def credit_left(ids: Iterable[UUID], *, without: UUID) -> dict[UUID, Decimal]:
    """What is left of credits, leaving out what one run takes; zero for one that is no longer accepted."""
    wanted = list(ids)
    found = Invoice.objects.filter(id__in=wanted, state=State.CLEARED).values_list(
        "id", "gross", "facts__payable"
    )
    left = {
        key: abs(plan.whole_cents(payable if payable is not None else gross)) for key, gross, payable in found
    }
    used = Payment.objects.filter(credits__credit__in=wanted, status__in=LIVE).exclude(batch=without)
    for key, amount in used.values_list("credits__credit", "credits__amount"):
        if key in left:
            left[key] -= amount
    return left


__all__ = ["Left", "Selection", "candidates", "select"]
