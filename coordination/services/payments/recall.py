"""After the file exists only the bank can stop a payment: what we ask it, and what is remembered of having
asked.

One manager asks, for it moves no money. The payment stays as the bank's answers make it: called back is what
came back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from audit import canonical, clock, ledger, trail
from audit.ids import new_id
from audit.ledger import Event
from audit.subjects import Subject
from reviews import channel
from reviews.access import may_now
from reviews.errors import NotAllowed, Refused
from reviews.services import person

from ... import rights
from ...domain.amounts import ZERO
from ...facts.numbered import meant
from ...models import Content, Payment, PaymentBatch, PaymentRecall
from ...tasks.announce import announce
from ...translation import recall as message
from ...translation.pain001 import group_id, message_id
from ...translation.recall import REASONS, Format, Recall, Wanted
from .approval import find, live, lock_batch
from .errors import Changed, NotApproved

RECALLABLE = (Payment.Status.EXPORTED, Payment.Status.PAID)
ONLY_THE_BANK = (
    "Only the bank can stop what it has: give it this request and call it at once. A payment that has left"
    " comes back only if the payee's bank, and for CUST, AM09 and AC03 the payee, agrees. Until the bank"
    " answers, nothing here changes."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to the bank: its bytes, the payments it is about, and whether it was made before."""

    content: bytes
    batch: PaymentBatch
    recalls: Sequence[PaymentRecall]
    before: bool


@transaction.atomic
def ask(
    number: int,
    *,
    by: User,
    reason: str,
    invoice: str = "",
    vendor: str = "",
    kind: str = "camt.056",
    via: str = channel.COMMAND,
) -> Asked:
    """Ask the bank to call back a run, or one invoice's payments of it. Asking for the same again gives the
    same bytes.

    Raises `NotAllowed`, `Refused` (no such reason or message), `NotApproved` for a run without a file,
    `Changed` where nothing of it can be called back.
    """
    lock_batch(Subject.of("payment_batch", find(number).id))
    batch = find(number)
    if not may_now(by, rights.RUN_PAYMENTS):
        raise NotAllowed("Payments are called back by managers.")
    if reason not in REASONS:
        raise Refused(f"Choose a reason code: {', '.join(REASONS)}.")
    form = message.find_format(kind)
    if form is None:
        raise Refused(f"Choose the message that the bank takes: {', '.join(message.FORMATS)}.")
    if not batch.file_sha256:
        raise NotApproved(f"The bank has no file of payment run {number}: stop it instead.")
    wanted = _wanted(batch, invoice, vendor)
    known = {
        r.payment_id: r
        for r in PaymentRecall.objects.filter(payment__in=wanted).select_related("payment__invoice")
    }
    new = [p for p in wanted if p.id not in known]
    if not new:
        return _again(batch, list(known.values()), form)
    return _write(batch, new, by, reason, form, via)


def _wanted(batch: PaymentBatch, invoice: str, vendor: str) -> list[Payment]:
    found = [p for p in live(batch) if p.status in RECALLABLE and vendor in ("", p.vendor.vendor_id)]
    if invoice:
        found = meant(found, invoice, lambda p: p.invoice.number)
    if not found:
        what = f"payment of {invoice}" if invoice else "payment"
        raise Changed(f"Payment run {batch.number} has no {what} that the bank could call back.")
    if invoice and len({p.vendor_id for p in found}) > 1:
        raise Refused(f"Several vendors bill under {invoice}: name one with --vendor.")
    return found


def _again(batch: PaymentBatch, recalls: list[PaymentRecall], kind: Format) -> Asked:
    """All of them were asked for before: the same message, if it was one."""
    if len({r.message_id for r in recalls}) > 1:
        raise Refused("These payments were called back in several requests: name one invoice.")
    whole = list(
        PaymentRecall.objects.filter(message_id=recalls[0].message_id)
        .select_related("payment__invoice")
        .order_by("id")
    )
    content = bytes(Content.objects.get(pk=recalls[0].file_sha256).data)
    if not content.count(message.FORMATS[kind].encode()):
        content = message.render(_recall(batch, [r.payment for r in whole], whole[0]), kind)
    return Asked(content, batch, whole, before=True)


def _write(
    batch: PaymentBatch, payments: list[Payment], by: User, reason: str, kind: Format, via: str
) -> Asked:
    at, actor = clock.now(), person(by)
    key = new_id()
    rows = [
        PaymentRecall(
            id=new_id(), payment=p, reason=reason, message_id=f"CR-{key.hex}", asked_by=actor, asked_at=at
        )
        for p in payments
    ]
    content = message.render(_recall(batch, payments, rows[0]), kind)
    digest = canonical.sha256(content)
    Content.objects.bulk_create(
        [Content(sha256=digest, data=content, size=len(content))], ignore_conflicts=True
    )
    for row in rows:
        row.file_sha256 = digest
    trail.insert_facts(rows)
    data = {
        "number": str(batch.number),
        "reason": reason,
        "message_id": rows[0].message_id,
        "file_sha256": digest,
        "format": message.FORMATS[kind],
        "payments": [[p.invoice.number, f"{p.amount:.2f}", p.currency] for p in payments],
    } | channel.door(via)
    told = {"run": str(batch.number), "reason": reason, "message_id": rows[0].message_id}
    events = [Event(Subject.of("payment_batch", batch.id), "payment.recall_asked", actor, at, data)]
    subjects = sorted({p.invoice.subject for p in payments})
    ledger.append([*events, *(Event(s, "payment.recall_asked", actor, at, told) for s in subjects)])
    announce([("payments", ""), (Subject.of("payment_batch", batch.id), str(batch.id))])
    return Asked(content, batch, rows, before=False)


def _recall(batch: PaymentBatch, payments: Sequence[Payment], row: PaymentRecall) -> Recall:
    """The request, with the ids that the newest file of the run has, over what has not come back yet."""
    company, copy = settings.COUNTERSIGN_COMPANY, batch.copy or 1
    days = sorted({p.terms.execute_on for p in live(batch)})
    return Recall(
        message_id=row.message_id,
        at=row.asked_at,
        reason=row.reason,
        debtor=company["name"],
        iban=company["iban"],
        bic=company["bic"],
        message_before=message_id(batch.id.hex, copy),
        written_at=batch.proposed_at,
        payments=tuple(
            Wanted(
                p.id.hex,
                group_id(batch.id.hex, days.index(p.terms.execute_on) + 1, len(days), copy),
                p.amount - (p.returned or ZERO),
                p.currency,
                p.terms.execute_on,
                p.vendor.name,
                p.account,
                p.bic,
                p.invoice.number,
            )
            for p in payments
        ),
    )


def asked_on(payments: Sequence[Payment]) -> dict[str, datetime]:
    """When the bank was asked to call each of these payments back, by the payment's key."""
    found = PaymentRecall.objects.filter(payment__in=payments)
    return {str(key): at for key, at in found.values_list("payment_id", "asked_at")}
