"""What a bank's message says that we cannot simply carry out: a manager is asked, and until then nothing
changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from audit import ledger, trail
from audit.subjects import Subject
from audit.trail import Change, Stamp
from reviews import services as reviews
from reviews.models import Escalation, Status, Verdict

from ...domain.amounts import format_amount
from ...models import BankAnswer, Document, Payment, PaymentBatch
from ...translation.canonical import BankReport
from .. import master_data
from ..master_data import Proposal
from . import invoice_moves
from .approval import BATCH_STATUS, PAY_STATUS, lock_batches
from .bank_outcomes import Answers, Place, in_force
from .run_status import run_status

KIND = "bank_message"
MOST = 50
"""Lines that a question names one by one; of more it says how many there are."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """An answer of the bank that a person is asked about. `early`: it says that money left before its day."""

    answer: BankAnswer
    early: bool

    @property
    def place(self) -> Place:
        return self.answer.document_id, self.answer.position, self.answer.payment_id


def ask(report: BankReport, document: Document, answers: Answers, by: str, at: datetime) -> None:
    """Ask about what of a message cannot be carried out; take back what it explains of earlier ones, and ask
    about what it makes doubtful of them. What is asked about already is not asked again."""
    _ask_again(answers, by, at)
    rows = {(a.document_id, a.position, a.payment_id): a for a in answers.new}
    new = [Doubt(a, place in answers.early) for place, a in rows.items() if place in answers.asks]
    if new := _unasked(new):
        _put(document, report.number, new, by, at)


def _ask_again(answers: Answers, by: str, at: datetime) -> None:
    """Open questions about earlier messages, as they stand with what is known now."""
    turned = {(a.document_id, a.position, a.payment_id) for a in answers.again}
    doubtful = {p for p in turned if p in answers.asks}
    subjects = {Subject.of("bank_report", key): document for key, document in answers.documents.items()}
    open_ = {
        e.subject: e
        for e in Escalation.objects.filter(kind=KIND, status=Status.OPEN, subject__in=list(subjects))
    }
    for subject, document in subjects.items():
        question = open_.get(subject)
        if question is not None and "answers" not in question.case:
            continue
        asked = _places(document, question) if question else set()
        left = {p for p in asked if p not in turned or p in answers.asks}
        left |= {p for p in doubtful if p[0] == document.id}
        if left == asked:
            continue
        if not left:
            reviews.withdraw([subject], by=by, why="a later message explains it", at=at)
            continue
        rows = in_force([document.id])
        before = set(question.case["early"]) if question else set()
        doubts = [
            Doubt(rows[p], p in answers.early or str(p[2]) in before)
            for p in sorted(left, key=str)
            if p in rows
        ]
        _put(document, document.number, doubts, by, at)


def _places(document: Document, question: Escalation) -> set[Place]:
    return {
        (document.id, int(position), UUID(payment) if payment else None)
        for position, payment in question.case["answers"]
    }


def _put(document: Document, number: str, new: Sequence[Doubt], by: str, at: datetime) -> None:
    """Put the question about a message; an open one about it makes way."""
    early = [d.answer.payment for d in new if d.early and d.answer.payment]
    named = [_change(d) for d in new[:MOST]]
    if len(new) > MOST:
        rest = f"{len(new) - MOST} more lines of the message; the payments page shows each."
        named.append(
            master_data.Change("bank message", "", f"{len(new) - MOST} more", rest, "bank_message_unclear")
        )
    many = f"{len(early)} payment{'s' if len(early) != 1 else ''}"
    question = f"Is it right that {many} left before the day?" if early else "What is right?"
    Proposal(
        subject=document.subject,
        kind=KIND,
        queue="payments",
        text=f"Bank message {number} does not agree with our payments. {question}",
        changes=tuple(named),
        case={
            "vendor": f"Bank message {number}",
            "early": [str(p.id) for p in early],
            "answers": [[str(d.answer.position), str(d.answer.payment_id or "")] for d in new],
            "documents": [
                {
                    "kind": document.kind,
                    "number": document.number,
                    "id": str(document.id),
                    "sha256": document.content_id,
                }
            ],
        },
        if_approved=(
            f"Approving marks {many} as paid."
            if early
            else "Approving closes the question: no payment changes."
        ),
        if_rejected="Rejecting changes no payment. Ask the bank.",
        makers=(document.received_by,),
    ).ask(by, at)


def _unasked(doubts: Sequence[Doubt]) -> list[Doubt]:
    """Without those that an open question names in the same words."""
    payments = [d.answer.payment_id for d in doubts if d.answer.payment_id]
    earlier = BankAnswer.objects.filter(payment__in=payments).exclude(
        document__in=[d.answer.document_id for d in doubts]
    )
    said = [
        (key, note, Subject.of("bank_report", doc))
        for key, note, doc in earlier.values_list("payment_id", "note", "document_id")
    ]
    open_ = set(
        Escalation.objects.filter(
            kind=KIND, status=Status.OPEN, subject__in=[s for _, _, s in said]
        ).values_list("subject", flat=True)
    )
    asked = {(key, note) for key, note, subject in said if subject in open_}
    return [d for d in doubts if (d.answer.payment_id, d.answer.note) not in asked]


def _change(doubt: Doubt) -> master_data.Change:
    answer, payment = doubt.answer, doubt.answer.payment
    now = (
        f"run {payment.batch.number}, invoice {payment.invoice.number}, {payment.status}"
        if payment
        else "no payment of ours"
    )
    money = f"{answer.currency} {format_amount(answer.amount)}" if answer.amount is not None else ""
    then = " ".join(
        filter(None, [answer.status, answer.code, money, answer.reference, str(answer.day or "")])
    )
    return master_data.Change("bank message", now, then, answer.note, "bank_message_unclear")


def lock_reported(subject: str) -> None:
    """Lock the runs that a bank's message speaks of, as the message itself did."""
    told = BankAnswer.objects.filter(document=Subject(subject).uuid, payment__isnull=False)
    lock_batches(told.values_list("payment__batch_id", flat=True))


def answered(escalation: Escalation, verdict: Verdict, at: datetime) -> None:
    """Payments that left before their day are paid once somebody says so; every other line changes
    nothing."""
    rows = Payment.objects.filter(pk__in=escalation.case["early"], status=Payment.Status.EXPORTED)
    found = (
        list(rows.select_related("batch", "invoice").order_by("id")) if verdict.verdict == "approve" else []
    )
    stamp = Stamp(verdict.by, at, f"{verdict.verdict}: {verdict.reason}")
    for payment in found:
        payment.status = Payment.Status.PAID
    changes: dict[UUID, list[Change]] = defaultdict(list)
    for payment, change in zip(found, trail.update(found, PAY_STATUS, stamp), strict=True):
        changes[payment.batch_id].append(change)
    events = []
    for run in PaymentBatch.objects.filter(pk__in=list(changes)).order_by("id"):
        changes[run.id] += _moved_on(run, stamp)
        data = {"number": str(run.number), "message": escalation.subject, "verdict": verdict.verdict}
        events.append(
            ledger.Event(
                Subject.of("payment_batch", run.id),
                "payment.confirmed",
                verdict.by,
                at,
                data,
                changes[run.id],
            )
        )
    ledger.append(events)
    told = {p.invoice_id: {"run": str(p.batch.number), "message": escalation.subject} for p in found}
    invoice_moves.arrived(found, verdict.by, at, told)


def _moved_on(run: PaymentBatch, stamp: Stamp) -> list[Change]:
    status = run_status(run)
    if status == run.status:
        return []
    run.status = PaymentBatch.Status(status)
    return trail.update([run], BATCH_STATUS, stamp)
