"""What a payment run looks at, as it stands in the tables: cleared claims, accepted credits, payments that
live.

The same reading serves the page that shows the next run and the transaction that proposes it, which has
locked the rows first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from ...agents import ADVISORY, nature
from ...decisions import superseding
from ...domain import payment_rules
from ...domain.facts import VendorFacts
from ...domain.instalments import Made, Open, still_open
from ...domain.payment_terms import due_date
from ...facts import cleared_amounts, documents, drilled, preceding_invoices, queries
from ...facts.documents import payment_terms
from ...facts.payments_made import made, stated_terms
from ...models import STATED, Agent, Hold, Invalidation, Invoice, Payment, State, Task
from ...tasks.sql import rows
from ...translation.identity import normalised_number
from . import abroad, bank_days, paid_twice, plan
from .plan import Credit, Payable, Plan

NOT_CLEARED = "no amount was cleared: nobody could read what it asks for"

NO_ACCOUNT = (
    "the vendor has no verified account: bring one with the vendor list, or state how it was paid elsewhere"
)

CREDITS = """
SELECT i.id, i.vendor_id, i.number, i.currency, i.issue_date, i.preceding,
       abs(coalesce(f.payable, i.gross)) - coalesce(
         (SELECT sum(u.amount) FROM coordination_credituse u JOIN coordination_payment p
             ON p.id = u.payment_id
           WHERE u.credit_id = i.id AND p.status IN ('proposed', 'approved', 'exported', 'paid')), 0)
  FROM coordination_invoice i JOIN coordination_invoicefacts f ON f.invoice_id = i.id
 WHERE i.state = 'cleared' AND (i.lane = 'human' OR 'finance.payment' = ANY(i.answered))
     AND i.vendor_id = ANY(%s)
   AND (i.type = 'credit_note' OR coalesce(f.payable, i.gross) < 0)
 ORDER BY i.id
"""
NAMED = """
SELECT i.vendor_id, f.number_key, i.id, i.state, EXISTS (SELECT 1 FROM coordination_payment p
       WHERE p.invoice_id = i.id AND p.status IN ('proposed', 'approved', 'exported', 'paid'))
  FROM coordination_invoicefacts f JOIN coordination_invoice i ON i.id = f.invoice_id
 WHERE i.type = 'invoice' AND i.vendor_id = ANY(%s) AND f.number_key = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Selection:
    """A plan with what it was made from."""

    plan: Plan
    vendors: dict[UUID, VendorFacts]
    suspects: tuple[paid_twice.Suspect, ...]
    first: date
    found: Sequence[Invoice]
    why: dict[UUID, str]
    abroad: dict[UUID, str]
    """Invoices that SEPA does not carry, each with what a payment abroad still needs; empty where it can be
    made."""


def candidates() -> QuerySet[Invoice]:
    """Cleared invoices that no living payment pays, those of which a part or what came back may still be
    open, and none that somebody says was paid elsewhere. `select` looks at how much is open."""
    live = Payment.objects.live().filter(invoice=OuterRef("pk"))
    begun = live.filter(Q(part__isnull=False) | Q(returned__isnull=False))
    untouched = Q(state=State.CLEARED) & ~Q(Exists(live))
    return (
        Invoice.objects.filter(type="invoice", vendor__isnull=False)
        .filter(Q(lane="human") | Q(answered__contains=["finance.payment"]))
        .filter(untouched | Q(Exists(begun), state__in=[State.CLEARED, State.SCHEDULED]))
        .exclude(paid_elsewhere__status__in=STATED)
    )


DRILLED = "a drill changed what an agent proposed; end the drill, then it is looked at again"

LOOKED_AT_AGAIN = "it is being looked at again"


def looked_at_again(ids: Sequence[UUID]) -> set[UUID]:
    """Those of these invoices whose agents may come to another answer: a change is noted, or an agent is
    open."""
    stopped = Agent.objects.filter(paused=True).values("name")
    # a person who released it while an agent was stopped has answered in its stead
    instead = Q(agent__in=stopped, invoice__lane="human", opened_at__lte=F("invoice__state_since"))
    opened = Task.objects.filter(invoice__in=ids).exclude(agent__in=ADVISORY).exclude(instead)
    noted = Invalidation.objects.filter(invoice__in=ids)
    return {*opened.values_list("invoice_id", flat=True), *noted.values_list("invoice_id", flat=True)}


def select(found: Sequence[Invoice], now: datetime, until: date | None = None) -> Selection:
    """Work out the run for these candidates as of `now`."""
    first = bank_days.earliest(now)
    paid = made(r.id for r in found)
    cleared = cleared_amounts.in_force([r.id for r in found])
    found = [r for r in found if not _whole(paid[r.id], cleared.get(r.id))]
    vendors = queries.vendors({r.vendor_id for r in found if r.vendor_id})
    why = _reasons(found, vendors, cleared)
    stated = {key: (payable, terms) for key, payable, terms in stated_terms(r.id for r in found)}
    opened = {r.id: _opened(r, stated[r.id], cleared.get(r.id), paid[r.id]) for r in found}
    elsewhere = _abroad(found, {r.id: _to_carry(stated[r.id][0], opened[r.id]) for r in found}, vendors)
    why = {key: text for key, text in elsewhere.items() if text} | why
    claims = [
        claim
        for r in found
        if r.vendor_id
        for claim in _claims(
            r, stated[r.id], opened[r.id], paid[r.id], vendors[r.vendor_id], why.get(r.id, ""), now
        )
    ]
    claims, accepted = [c for c in claims if c.asked >= 0], credits_of(vendors, {r.id for r in found})
    accounts = {key: v.verified for key, v in vendors.items()}
    suspects: list[paid_twice.Suspect] = []
    while True:
        worked_out = plan.make(claims, accepted, first, until)
        found_now = paid_twice.find(worked_out.payments, accounts)
        if not found_now:
            return Selection(worked_out, vendors, tuple(suspects), first, found, why, elsewhere)
        suspects += found_now
        twice = {s.planned.claim.id: s.why for s in found_now}
        claims = [replace(c, why_not=twice.get(c.id, c.why_not)) for c in claims]


def _whole(paid: Sequence[Made], cleared: tuple[str, Decimal] | None) -> bool:
    """Do living payments take all that was cleared?"""
    return bool(paid) and cleared is not None and sum((m.taken for m in paid), Decimal(0)) >= cleared[1]


def _abroad(
    found: Sequence[Invoice], amounts: dict[UUID, list[Decimal]], vendors: dict[UUID, VendorFacts]
) -> dict[UUID, str]:
    """Of these invoices those that SEPA does not carry to the vendor's account, with what is missing for a
    payment abroad of each that would be made."""
    needed, out = [], {}
    for row in found:
        vendor = vendors.get(row.vendor_id) if row.vendor_id else None
        if vendor is None or not vendor.verified:
            continue
        if abroad.scheme(row.currency, vendor.verified) != abroad.Scheme.SEPA:
            out[row.id] = ""
            needed += [abroad.Needed(row, vendor, amount) for amount in amounts[row.id] if amount > 0]
    return out | abroad.lacking(needed)


def _to_carry(payable: Decimal | None, opened: Sequence[Open]) -> list[Decimal]:
    """The amounts to be paid; what a document asks for where that is finer than cents, which no bank
    carries."""
    if payable is not None and payable != plan.whole_cents(payable):
        return [payable]
    return [o.amount for o in opened]


def _opened(
    row: Invoice, facts: Sequence[Any], cleared: tuple[str, Decimal] | None, paid: Sequence[Made]
) -> list[Open]:
    """What is to be paid of an invoice: all of it, or each of its parts that is open."""
    payable, payment = facts
    asked = cleared[1] if cleared else plan.whole_cents(payable if payable is not None else row.gross)
    instalments = payment_terms(payment).get("instalments", ())
    return still_open(asked, instalments, paid, row.currency) or [Open(None, asked)]


def _claims(
    row: Invoice,
    facts: Sequence[Any],
    opened: Sequence[Open],
    paid: Sequence[Made],
    vendor: VendorFacts,
    why: str,
    now: datetime,
) -> list[Payable]:
    """Each payment that would be made of an invoice."""
    assert row.vendor_id is not None  # noqa: S101 - chosen so
    terms = payment_terms(facts[1])
    due = due_date(row.due_date, row.issue_date, vendor.payment_terms)
    whole = Payable(
        row.id,
        row.vendor_id,
        row.number,
        row.currency,
        opened[0].amount,
        row.issue_date,
        due,
        vendor.payment_terms,
        why,
        bank_days.earliest(now, row.currency),
        discounts=terms.get("discounts", ()),
    )
    count = max(
        [len(terms.get("instalments", ())), *(o.part or 1 for o in opened), *(m.part or 1 for m in paid)]
    )
    return [
        replace(whole, asked=o.amount, due=o.due or due, part=o.part, count=count) if o.part else whole
        for o in opened
    ]


def _reasons(
    found: Sequence[Invoice], vendors: dict[UUID, VendorFacts], cleared: Container[UUID]
) -> dict[UUID, str]:
    """Why an invoice cannot be paid now, whatever its amount."""
    held = held_among([r.id for r in found])
    refused = refused_accounts(vendors)
    again = looked_at_again([r.id for r in found])
    changed = drilled.among([r.id for r in found])
    contents = documents.contents([r.id for r in found])
    waits = preceding_invoices.undecided([r.id for r in found]) | superseding.unpaid_for(
        [r.id for r in found]
    )
    waits = _named_again(found) | waits
    out: dict[UUID, str] = {}
    for row in found:
        vendor = vendors.get(row.vendor_id) if row.vendor_id else None
        why = "a hold is open" if row.id in held else nature.left_out(contents[row.id].invoice, vendor)
        why = why or (DRILLED if row.id in changed else "") or unpayable(vendor, refused)
        why = why or (LOOKED_AT_AGAIN if row.id in again else "") or waits.get(row.id, "")
        out[row.id] = (why if row.id in cleared else NOT_CLEARED) or ""
    return {k: why for k, why in out.items() if why}


def _named_again(found: Sequence[Invoice]) -> dict[UUID, str]:
    """Of these invoices those that a credit names which was accepted and is being looked at again."""
    notes = _with_something_left(sorted({r.vendor_id for r in found if r.vendor_id}), settled=False)
    again = looked_at_again([n[0] for n in notes])
    naming_ = {
        (vendor, normalised_number(name)): number
        for key, vendor, number, _, _, preceding, _ in notes
        if key in again
        for name in preceding
    }
    return {
        r.id: f"credit {number} names it and is being looked at again"
        for r in found
        if r.vendor_id and (number := naming_.get((r.vendor_id, normalised_number(r.number))))
    }


def held_among(ids: Iterable[UUID]) -> set[UUID]:
    """Those of these invoices that have a hold."""
    live = Hold.objects.live().filter(invoice__in=list(ids))
    return set(live.values_list("invoice_id", flat=True))


def unpayable(vendor: VendorFacts | None, refused: dict[UUID, str]) -> str:
    """What stands against paying this vendor at all, in words."""
    if vendor is None or vendor.status != "active":
        return "the vendor is not active"
    if not vendor.verified:
        return NO_ACCOUNT
    if vendor.proposed:
        return "a change of the vendor's account waits to be verified"
    return refused.get(UUID(vendor.id), "")


def refused_accounts(vendors: Iterable[UUID]) -> dict[UUID, str]:
    """Vendors whose account sent a payment back, while a person is still asked about it."""
    asked = Hold.objects.live().filter(code="payment_refused", invoice__vendor__in=list(vendors))
    found: dict[UUID, str] = {}
    for vendor, number, detail in asked.values_list("invoice__vendor_id", "invoice__number", "detail"):
        if detail.get("rule") in payment_rules.ACCOUNT_IN_DOUBT and vendor is not None:
            found[UUID(str(vendor))] = f"its account sent the payment of {number} back; a person is asked"
    return found


# --- credits ------------------------------------------------------------------------------------------------


def credit_ids(vendors: Iterable[UUID]) -> list[UUID]:
    """Accepted credits of these vendors with something left."""
    return [r[0] for r in _with_something_left(list(vendors), settled=True)]


def _with_something_left(vendors: list[UUID], *, settled: bool) -> list[tuple[Any, ...]]:
    """Accepted credits, as rows of `CREDITS`. `settled`: without those that are being looked at again."""
    found = [r for r in rows(CREDITS, vendors) if r[6] and r[6] > 0] if vendors else []
    again = looked_at_again([r[0] for r in found]) if settled else set()
    return [r for r in found if r[0] not in again]


def credits_of(vendors: Iterable[UUID], claims: set[UUID], *, settled: bool = True) -> list[Credit]:
    """Accepted credits with something left. One that names an invoice which is still being decided waits for
    it: if that invoice is never owed, neither is the credit. `settled`: without those that are being looked
    at again.
    """
    keys = list(vendors)
    found = _with_something_left(keys, settled=settled)
    named = _named_by_credits(keys, found)
    out = []
    for key, vendor, number, currency, issued, preceding, left in found:
        about = [x for n in preceding for x in named[vendor, normalised_number(n)]]
        here = frozenset(i for i, _, _ in about if i in claims)
        if about and not here and not any(paid for _, _, paid in about):
            continue
        out.append(Credit(key, vendor, number, currency, plan.whole_cents(left), issued, here))
    return out


def _named_by_credits(
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
    used = Payment.objects.live().filter(credits__credit__in=wanted).exclude(batch=without)
    for key, amount in used.values_list("credits__credit", "credits__amount"):
        if key in left:
            left[key] -= amount
    return left


__all__ = ["Selection", "candidates", "select"]
