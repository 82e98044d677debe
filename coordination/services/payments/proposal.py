"""A run is proposed: cleared invoices become payments, and a second person is asked to release them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max

from audit import canonical, clock, ledger, trail
from audit.ids import new_id
from audit.subjects import Subject
from audit.trail import Stamp
from reviews import services as reviews
from reviews.services import Question

from ...agents import actor as running
from ...agents.finance_payment import FinancePayment
from ...agents.identity import masked
from ...domain.instalments import label
from ...domain.question_clock import SLA
from ...facts import business_hours, makers, payments_made, policies
from ...facts.exchange_rates import Rates
from ...models import BankAccount, CreditUse, Invoice, Payment, PaymentBatch, PaymentTerms
from ...tasks.announce import announce
from ...translation.sepa import carries
from . import abroad, invoice_moves, selection
from .plan import Excluded, Planned

LOCK = 0x504159
SHOWN_AT_MOST = 500
"""Payments named in the question; the run's page has them all."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """The runs proposed, one per currency and way of paying (SEPA, cross-border), and what was left out."""

    batches: list[PaymentBatch]
    left: list[Excluded]


@dataclass(frozen=True, slots=True)
class Prepared:
    """One payment with its terms and the credits taken off it, ready to be written."""

    payment: Payment
    terms: PaymentTerms
    uses: list[CreditUse]


def agent() -> str:
    """Who proposes a run that no person did."""
    return running(FinancePayment.name)


@transaction.atomic
def propose(actor: str, *, until: date | None = None, now: datetime | None = None) -> Proposed:
    """Put every payable cleared invoice into a run, one per currency and way of paying, and ask a second
    person.

    `until`: only what is to be paid by then. What looks like a payment already made is held for a person.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    at = now or clock.now()
    chosen = selection.select(_locked(), at, until)
    for suspect in chosen.suspects:
        row = Invoice.objects.get(pk=suspect.planned.claim.id)
        invoice_moves.back(
            row, suspect.finding, "payment.suspected", actor, at, {"sentence": suspect.finding.sentence}
        )
    groups: dict[tuple[str, str], list[Prepared]] = defaultdict(list)
    for prepared in _prepared(chosen):
        payment = prepared.payment
        groups[payment.currency, abroad.scheme(payment.currency, payment.account)].append(prepared)
    batches = [_batch(*key, group, actor, at) for key, group in sorted(groups.items())]
    announce([("payments", ""), ("inbox", "")], work=bool(chosen.suspects))
    return Proposed(batches, list(chosen.plan.left))


def _locked() -> list[Invoice]:
    """Candidates and the credits of their vendors, locked in the order every writer takes; the candidates
    that are still such then."""
    found = list(selection.candidates().values_list("id", "vendor_id"))
    ids = [key for key, _ in found] + selection.credit_ids({v for _, v in found if v})
    list(Invoice.objects.locked().filter(id__in=ids).values_list("id"))
    return list(selection.candidates().filter(id__in=ids).order_by("id"))


def _prepared(chosen: selection.Selection) -> list[Prepared]:
    accounts = {
        a.vendor_id: a for a in BankAccount.objects.filter(vendor__in=list(chosen.vendors), status="verified")
    }
    banks = abroad.bics({p.claim.vendor for p in chosen.plan.payments if p.claim.id in chosen.abroad})
    return [
        _payment(p, accounts[p.claim.vendor], banks[p.claim.vendor] if p.claim.id in chosen.abroad else "")
        for p in chosen.plan.payments
    ]


def _payment(planned: Planned, account: BankAccount, bank: str) -> Prepared:
    claim = planned.claim
    payment = Payment(
        id=new_id(),
        invoice_id=claim.id,
        vendor_id=claim.vendor,
        amount=planned.amount,
        discount=planned.discount,
        currency=claim.currency,
        account=account.number,
        bic=account.bic or bank,
        part=claim.part,
    )
    terms = PaymentTerms(
        payment=payment,
        execute_on=planned.execute_on,
        basis=planned.basis,
        due_on=claim.due,
        discount_until=planned.discount_until,
    )
    uses = [
        CreditUse(id=new_id(), payment=payment, credit_id=credit, amount=amount)
        for credit, amount in planned.credits.items()
    ]
    return Prepared(payment, terms, uses)


def _batch(currency: str, scheme: str, group: Sequence[Prepared], actor: str, now: datetime) -> PaymentBatch:
    number = (PaymentBatch.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    payments = [p.payment for p in group]
    total = sum((p.amount for p in payments), Decimal(0))
    batch = PaymentBatch(
        id=new_id(),
        number=number,
        currency=currency,
        control_sum=total,
        count=len(payments),
        content_hash=content_hash(payments),
        execute_on=min(p.terms.execute_on for p in group),
        proposed_by=actor,
        proposed_at=now,
        scheme=scheme,
    )
    stamp = Stamp(actor, now, f"payment run {number}")
    changes = trail.insert([batch], stamp)
    for payment in payments:
        payment.batch = batch
    changes += trail.insert(payments, stamp)
    changes += trail.insert([p.terms for p in group], stamp)
    uses = [use for p in group for use in p.uses]
    trail.insert_facts(uses)
    data = {
        "number": str(number),
        "currency": currency,
        "control_sum": f"{total:.2f}",
        "count": str(len(payments)),
        "content_sha256": batch.content_hash,
        "discount": f"{sum((p.discount for p in payments), Decimal(0)):.2f}",
        "credits": [[str(u.payment_id), str(u.credit_id), f"{u.amount:.2f}"] for u in uses],
    }
    ledger.append(
        [ledger.Event(Subject.of("payment_batch", batch.id), "payment.proposed", actor, now, data, changes)]
    )
    reviews.ask([question(batch, group, now)], at=now)
    return batch


def content_hash(payments: Sequence[Payment]) -> str:
    """What an approval binds to: who gets how much, where. Outside SEPA the bank is part of where."""
    rows = sorted(
        [str(p.invoice_id), f"{p.amount:.2f}", p.currency, p.account]
        + ([] if carries(p.currency, p.account) else [p.bic])
        for p in payments
    )
    return canonical.sha256(canonical.dumps(rows))


def question(batch: PaymentBatch, group: Sequence[Prepared], now: datetime) -> Question:
    """What people are asked about a run of these payments."""
    policy = policies.active()
    total = f"{batch.currency} {batch.control_sum:,.2f}"
    made = makers.in_run(batch.proposed_by, _concerned(group))
    company = Rates.load(policy.company_currency).convert(batch.control_sum, batch.currency, now.date())
    last = max(p.terms.execute_on for p in group)
    when = f"on {batch.execute_on:%-d %b %Y}" + (f" to {last:%-d %b %Y}" if last > batch.execute_on else "")
    return Question(
        subject=Subject.of("payment_batch", batch.id),
        kind="payment_run",
        text=(
            f"Release payment run {batch.number}: {batch.count}"
            f" {'cross-border ' if batch.scheme else ''}payment{'' if batch.count == 1 else 's'}, {total}?"
        ),
        reasons=[],
        case={
            "number": str(batch.number),
            "currency": batch.currency,
            "control_sum": f"{batch.control_sum:.2f}",
            "count": str(batch.count),
            "content_sha256": batch.content_hash,
            "payments": _shown(group[:SHOWN_AT_MOST]),
            "proposed_by": reviews.display(batch.proposed_by),
            "execute_on": batch.execute_on.isoformat(),
            "execute_until": last.isoformat(),
            "consequences": [
                {"verdict": "approve", "text": f"Approving releases {total} for the bank {when}."},
                {"verdict": "reject", "text": "Rejecting cancels the run; its invoices stay cleared."},
            ],
        },
        policy=policy.name,
        queue="payments",
        due_at=business_hours.until(now, policy.sla("payments")),
        clock=SLA,
        asked_by=batch.proposed_by,
        makers=tuple(sorted(made)),
        quorum=quorum(batch),
        currency=batch.currency,
        amount=batch.control_sum,
        amount_company=company,
        options=("approve", "reject"),
        stands_on={"content": batch.content_hash},
    )


def quorum(batch: PaymentBatch) -> int:
    """Signatures that a run takes: one beside the person who proposed it, two where no person did."""
    return 1 if batch.proposed_by.startswith("human:") else 2


def _concerned(group: Sequence[Prepared]) -> list[UUID]:
    return [key for p in group for key in (p.payment.invoice_id, *(u.credit_id for u in p.uses))]


def _shown(group: Sequence[Prepared]) -> list[dict[str, Any]]:
    ids = [p.payment.invoice_id for p in group] + [u.credit_id for p in group for u in p.uses]
    known: dict[UUID, tuple[str, str]] = {
        key: (number, vendor or "")
        for key, number, vendor in Invoice.objects.filter(id__in=ids).values_list(
            "id", "number", "vendor__name"
        )
    }
    counts = payments_made.counts(p.payment for p in group)
    return [
        {
            "invoice": label(
                known[p.payment.invoice_id][0], p.payment.part, counts.get(p.payment.invoice_id, 1)
            ),
            "vendor": known[p.payment.invoice_id][1],
            "amount": f"{p.payment.amount:.2f}",
            "discount": f"{p.payment.discount:.2f}",
            "account": masked(p.payment.account),
            "execute_on": p.terms.execute_on.isoformat(),
            "basis": p.terms.basis,
            "credits": [[known[u.credit_id][0], f"{u.amount:.2f}"] for u in p.uses],
        }
        for p in group
    ]
