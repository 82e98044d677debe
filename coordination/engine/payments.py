"""Money out: cleared invoices become a run, a second person approves it, the bank's file is written from it.

Holds, vendor and account are checked again in the transaction that proposes and in the one that approves. At most one
live payment per invoice is the database's rule, not ours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils import timezone
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from audit import canonical, ledger, trail
from audit.errors import CountersignError
from audit.ids import new_id
from audit.trail import Stamp
from reviews import services as reviews
from reviews.errors import NotAllowed
from reviews.models import Escalation
from reviews.services import Question

from ..agents.identity import masked
from ..agents.support_status import SupportStatus
from ..models import BankAccount, Hold, Invoice, Payment, PaymentBatch, State
from ..translation.canonical import Address
from ..translation.identity import normalised_number
from ..translation.pain001 import PaymentFile, PostalAddress, Transfer, payment_file
from . import claim, documents, policies, standing, terms
from .announce import announce
from .rates import Rates

LOCK = 0x504159
PAY_STATUS = ("status",)
BATCH_STATUS = ("status", "approved_by", "approved_at", "file_sha256")


class PaymentError(CountersignError):
    """This payment run cannot be done."""

    exit_code = 1


class NoSuchBatch(PaymentError):
    """There is no payment run with this number."""

    status = 404
    exit_code = 2


class NotApproved(PaymentError):
    """The payment run is not approved; a second person has to approve it first."""

    status = 409
    exit_code = 4


class Changed(PaymentError):
    """The run is no longer what was proposed. Cancel it and propose again."""

    status = 409
    exit_code = 5


@dataclass(frozen=True, slots=True)
class Left:
    """A cleared invoice that is not in the run, and why."""

    invoice: str
    why: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """The runs proposed, one per currency, and what was left out."""

    batches: list[PaymentBatch]
    left: list[Left]


@transaction.atomic
def propose(actor: str) -> Proposed:
    """Put every payable cleared invoice into a run, one run per currency, and ask a second person."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    now = timezone.now()
    rows = list(
        Invoice.objects.select_for_update(of=("self",), no_key=True)
        .filter(state=State.CLEARED, type="invoice", vendor__isnull=False)
        .filter(Q(lane="human") | Q(answered__contains=["finance.payment"]))
        .exclude(payments__status__in=["proposed", "approved", "exported", "paid"])
        .order_by("id")
    )
    payable, left = _payable(rows, now.date())
    by_currency: dict[str, list[Payment]] = defaultdict(list)
    for payment in payable:
        by_currency[payment.currency].append(payment)
    batches = [_batch(currency, group, actor, now) for currency, group in sorted(by_currency.items())]
    announce([("payments", ""), ("inbox", "")])
    return Proposed(batches, left)


def _payable(rows: Sequence[Invoice], today: date) -> tuple[list[Payment], list[Left]]:
    """A payment for each invoice that may be paid now; the others with the reason."""
    contents = documents.contents([r.id for r in rows])
    vendors = standing.vendors({r.vendor_id for r in rows if r.vendor_id})
    accounts = {
        a.vendor_id: a for a in BankAccount.objects.filter(vendor__in=list(vendors), status="verified")
    }
    held = set(
        Hold.objects.filter(invoice__in=rows).exclude(status="released").values_list("invoice_id", flat=True)
    )
    given = _credits(rows)
    out, left = [], []
    for row in rows:
        invoice = contents[row.id].invoice
        account, vendor = accounts.get(row.vendor_id), vendors.get(row.vendor_id)  # type: ignore[arg-type]
        payable = invoice.payable if invoice.payable is not None else invoice.gross
        amount = (payable or Decimal(0)) - given.get(row.id, Decimal(0))
        why = _refusal(row, vendor.status if vendor else "", account, amount, row.id in held)
        if why or account is None:
            left.append(Left(row.number, why))
            continue
        offer = terms.discount(invoice, vendor)
        saved = (
            min(offer.amount, amount)
            if offer and offer.until >= today and not given.get(row.id)
            else Decimal(0)
        )
        out.append(
            Payment(
                id=new_id(), invoice=row, vendor_id=account.vendor_id, amount=amount - saved, discount=saved,
                currency=row.currency, account=account.number, bic=account.bic,
            )
        )  # fmt: skip
    return out, left


def _refusal(row: Invoice, vendor: str, account: BankAccount | None, amount: Decimal, held: bool) -> str:
    if held:
        return "a hold is open"
    if vendor != "active":
        return "the vendor is not active"
    if account is None:
        return "the vendor has no verified account"
    if row.currency != "EUR" or not iban_valid(account.number):
        return "not payable by SEPA transfer: that needs EUR and an IBAN"
    return "nothing is left to pay after credits" if amount <= 0 else ""


def _credits(rows: Sequence[Invoice]) -> dict[UUID, Decimal]:
    """Cleared credit notes that name one of these invoices, by invoice."""
    by_key = {(r.vendor_id, r.number_key): r.id for r in rows}
    out: dict[UUID, Decimal] = defaultdict(Decimal)
    notes = Invoice.objects.filter(
        type="credit_note", state=State.CLEARED, vendor__in={r.vendor_id for r in rows}
    )
    for vendor, preceding, gross in notes.values_list("vendor_id", "preceding", "gross"):
        for number in preceding[:1]:
            key = by_key.get((vendor, normalised_number(number)))
            if key is not None:
                out[key] += gross or Decimal(0)
    return out


def _batch(currency: str, payments: list[Payment], actor: str, now: datetime) -> PaymentBatch:
    number = (PaymentBatch.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    total = sum((p.amount for p in payments), Decimal(0))
    batch = PaymentBatch(
        id=new_id(), number=number, currency=currency, control_sum=total, count=len(payments), content_hash=content_hash(payments),
        execute_on=next_banking_day(now.date()), proposed_by=actor, proposed_at=now,
    )  # fmt: skip
    stamp = Stamp(actor, now, f"payment run {number}")
    changes = trail.insert([batch], stamp)
    for payment in payments:
        payment.batch = batch
    changes += trail.insert(payments, stamp)
    data = {
        "number": str(number),
        "currency": currency,
        "control_sum": f"{total:.2f}",
        "count": str(len(payments)),
        "content_sha256": batch.content_hash,
    }
    ledger.append([ledger.Event(f"payment_batch/{batch.id}", "payment.proposed", actor, now, data, changes)])
    reviews.ask([_question(batch, payments, now)], at=now)
    return batch


def content_hash(payments: Sequence[Payment]) -> str:
    """What an approval binds to: who gets how much, where."""
    rows = sorted([str(p.invoice_id), f"{p.amount:.2f}", p.currency, p.account] for p in payments)
    return canonical.sha256(canonical.dumps(rows))


def next_banking_day(day: date) -> date:
    """The next day that is not a Saturday or Sunday."""
    day += timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day


def _question(batch: PaymentBatch, payments: Sequence[Payment], now: datetime) -> Question:
    policy = policies.active()
    total = f"{batch.currency} {batch.control_sum:,.2f}"
    makers = (batch.proposed_by,) if batch.proposed_by.startswith("human:") else ()
    company = Rates.load(policy.company_currency).convert(batch.control_sum, batch.currency, now.date())
    return Question(
        subject=f"payment_batch/{batch.id}", kind="payment_run", text=f"Release payment run {batch.number}: {batch.count} payments, {total}?",
        reasons=[], case={
            "number": str(batch.number), "currency": batch.currency, "control_sum": f"{batch.control_sum:.2f}", "count": str(batch.count),
            "payments": [_shown(p) for p in payments], "proposed_by": reviews.display(batch.proposed_by), "execute_on": batch.execute_on.isoformat(),
            "consequences": [
                {"verdict": "approve", "text": f"Approving releases {total} for the bank on {batch.execute_on:%-d %b %Y}."},
                {"verdict": "reject", "text": "Rejecting cancels the run; its invoices stay cleared."},
            ],
        },
        policy=policy.name, queue="payments", due_at=now + timedelta(hours=policy.sla("payments")), clock="desk time",
        asked_by=batch.proposed_by, makers=makers, currency=batch.currency, amount=batch.control_sum, amount_company=company,
        options=("approve", "reject"), stands_on={"content": batch.content_hash},
    )  # fmt: skip


def _shown(payment: Payment) -> dict[str, str]:
    return {
        "invoice": payment.invoice.number, "vendor": payment.invoice.vendor.name if payment.invoice.vendor else "",
        "amount": f"{payment.amount:.2f}", "discount": f"{payment.discount:.2f}", "account": masked(payment.account),
    }  # fmt: skip


def approve(number: int, *, by: User) -> PaymentBatch:
    """A second person approves: the desk's answer to the run's question."""
    batch = find(number)
    question = Escalation.objects.filter(subject=f"payment_batch/{batch.id}").order_by("-opened_at").first()
    if question is None:
        raise NoSuchBatch
    reviews.resolve(question.id, "approve", by=by, reason="evidence_complete")
    return find(number)


def find(number: int) -> PaymentBatch:
    """The run with this number."""
    batch = PaymentBatch.objects.filter(number=number).first()
    if batch is None:
        raise NoSuchBatch
    return batch


def lock_batch(subject: str) -> None:
    """Lock a run and its invoices, in the order every writer takes them."""
    key = UUID(subject.partition("/")[2])
    list(
        Invoice.objects.select_for_update(of=("self",), no_key=True)
        .filter(payments__batch=key)
        .order_by("id")
        .values("id")
    )
    list(PaymentBatch.objects.select_for_update().filter(pk=key).values("id"))


def decided(batch_id: UUID, *, approved: bool, by: str, at: datetime) -> None:
    """Carry out the answer to a run's question; checks holds, account and content again before money is released."""
    batch = PaymentBatch.objects.get(pk=batch_id)
    payments = list(batch.payments.select_related("invoice", "vendor").order_by("id"))
    stamp = Stamp(by, at, f"payment run {batch.number} {'approved' if approved else 'cancelled'}")
    if approved:
        _check_again(batch, payments)
        batch.approved_by, batch.approved_at = by, at
    batch.status = PaymentBatch.Status.APPROVED if approved else PaymentBatch.Status.CANCELLED
    for payment in payments:
        payment.status = Payment.Status.APPROVED if approved else Payment.Status.CANCELLED
    changes = trail.update([batch], BATCH_STATUS, stamp) + trail.update(payments, PAY_STATUS, stamp)
    type_ = "payment.approved" if approved else "payment.cancelled"
    ledger.append(
        [
            ledger.Event(
                f"payment_batch/{batch.id}", type_, by, at, {"content_sha256": batch.content_hash}, changes
            )
        ]
    )
    if approved:
        move([p.invoice for p in payments], State.SCHEDULED, "payment.scheduled", by, at, str(batch.number))
    announce([("payments", ""), ("flow", "")])


def _check_again(batch: PaymentBatch, payments: Sequence[Payment]) -> None:
    accounts = dict(
        BankAccount.objects.filter(vendor__in=[p.vendor_id for p in payments], status="verified").values_list(
            "vendor_id", "number"
        )
    )
    held = set(
        Hold.objects.filter(invoice__in=[p.invoice_id for p in payments])
        .exclude(status="released")
        .values_list("invoice_id", flat=True)
    )
    for p in payments:
        moved = p.invoice.state != State.CLEARED or p.invoice_id in held or p.vendor.status != "active"
        if moved or accounts.get(p.vendor_id) != p.account:
            raise Changed(
                f"Invoice {p.invoice.number} changed since the run was proposed. Cancel the run and propose again."
            )
    if content_hash(payments) != batch.content_hash:
        raise Changed


def move(rows: Sequence[Invoice], state: str, type_: str, by: str, at: datetime, run: str) -> None:
    """Move locked invoices along with their payments, each with its entry."""
    for row in rows:
        row.state, row.state_since, row.version = state, at, row.version + 1
    changes = trail.update(
        list(rows), ("state", "state_since", "version"), Stamp(by, at, f"payment run {run}")
    )
    ledger.append(
        [
            ledger.Event(r.subject, type_, by, at, {"run": run}, [c])
            for r, c in zip(rows, changes, strict=True)
        ]
    )
    claim.open_tasks([(SupportStatus.name, r.id, type_) for r in rows])


@transaction.atomic
def export(number: int, *, by: str = "system:export") -> bytes:
    """The bank's file (pain.001.001.09) of an approved run; written once, the same bytes on every later call."""
    batch = find(number)
    lock_batch(f"payment_batch/{batch.id}")
    batch = find(number)
    if batch.status not in {
        PaymentBatch.Status.APPROVED,
        PaymentBatch.Status.EXPORTED,
        PaymentBatch.Status.EXECUTED,
    }:
        raise NotApproved
    payments = list(batch.payments.select_related("invoice", "vendor").order_by("id"))
    content = payment_file(as_file(batch, payments))
    if batch.status == PaymentBatch.Status.APPROVED:
        now = timezone.now()
        stamp = Stamp(by, now, f"payment run {number} exported")
        batch.status, batch.file_sha256 = PaymentBatch.Status.EXPORTED, canonical.sha256(content)
        for payment in payments:
            payment.status = Payment.Status.EXPORTED
        changes = trail.update([batch], BATCH_STATUS, stamp) + trail.update(payments, PAY_STATUS, stamp)
        data = {
            "file_sha256": batch.file_sha256,
            "control_sum": f"{batch.control_sum:.2f}",
            "count": str(batch.count),
        }
        ledger.append([ledger.Event(f"payment_batch/{batch.id}", "payment.exported", by, now, data, changes)])
        announce([("payments", "")])
    return content


def as_file(batch: PaymentBatch, payments: Sequence[Payment]) -> PaymentFile:
    """The run as the writer of bank files takes it. A creditor's address is the one its invoice prints."""
    company = settings.COUNTERSIGN_COMPANY
    contents = documents.contents([p.invoice_id for p in payments])
    return PaymentFile(
        batch_id=batch.id.hex, created_at=batch.proposed_at, execution_date=batch.execute_on, debtor=company["name"],
        iban=company["iban"], bic=company["bic"],
        address=PostalAddress(
            street=company["street"], postcode=company["postcode"], town=company["town"], country=company["country"]
        ),
        transfers=tuple(
            Transfer(
                payment_id=p.id.hex, creditor=p.vendor.name, iban=p.account, amount=p.amount, remittance=p.invoice.number,
                bic=p.bic, currency=p.currency, address=_address(contents[p.invoice_id].invoice.seller.address),
            )
            for p in payments
        ),
    )  # fmt: skip


def _address(printed: Address) -> PostalAddress:
    return PostalAddress(
        street=printed.street, postcode=printed.postcode, town=printed.town, country=printed.country
    )


@transaction.atomic
def confirm(number: int, *, by: User) -> PaymentBatch:
    """A person confirms from the bank's statement that the run was executed: its invoices are paid."""
    batch = find(number)
    lock_batch(f"payment_batch/{batch.id}")
    batch = find(number)
    if batch.status != PaymentBatch.Status.EXPORTED:
        raise NotApproved("Only an exported run can be confirmed.")
    if not by.groups.filter(name="manager").exists():
        raise NotAllowed("Payment runs are confirmed by managers.")
    at, actor = timezone.now(), reviews.person(by)
    payments = list(batch.payments.select_related("invoice").order_by("id"))
    stamp = Stamp(actor, at, f"payment run {number} executed")
    batch.status = PaymentBatch.Status.EXECUTED
    for payment in payments:
        payment.status = Payment.Status.PAID
    changes = trail.update([batch], BATCH_STATUS, stamp) + trail.update(payments, PAY_STATUS, stamp)
    ledger.append(
        [
            ledger.Event(
                f"payment_batch/{batch.id}", "payment.confirmed", actor, at, {"number": str(number)}, changes
            )
        ]
    )
    move([p.invoice for p in payments], State.PAID, "payment.executed", actor, at, str(number))
    announce([("payments", ""), ("flow", "")])
    return batch


def iban_valid(number: str) -> bool:
    """Is this an IBAN a SEPA file may carry?"""
    try:
        IBAN(number)
    except SchwiftyException:
        return False
    return True
