"""A second bank file of one run, under ids that the bank takes for new: only for a bank that never carried
out the first.

The same file may be fetched as often as anybody likes: a bank refuses a message id that it has seen. Another
one would be paid again, so that one manager says why it is needed and another agrees, and nobody who made the
run.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from audit import canonical, clock, commitments, ledger, trail
from audit.subjects import Subject
from audit.trail import Stamp
from reviews import channel
from reviews import services as reviews
from reviews.access import may_now
from reviews.errors import NotAllowed, Refused
from reviews.models import Escalation, Status
from reviews.services import Question, person

from ... import rights
from ...facts import business_hours, policies
from ...models import BankAnswer, Payment, PaymentBatch
from ...tasks.announce import announce
from ...translation import pain001
from . import bank_file, proposal
from .approval import find, live, lock_batch, moved_to_bank_days
from .changes import LONGEST, prepared
from .errors import Changed, NotApproved

PREFIX = "payment_file"
MOST_COPIES = 9
FILE = ("file_sha256", "copy", "execute_on")


def subject(batch: PaymentBatch) -> str:
    """The subject of the question about another file of a run."""
    return f"{PREFIX}/{batch.id}"


def lock(subject_: str) -> None:
    """Lock the run that such a question is about."""
    lock_batch(Subject.of("payment_batch", Subject(subject_).key))


def waiting(batch: PaymentBatch) -> Escalation | None:
    """The open question about another file of this run."""
    return Escalation.objects.filter(subject=subject(batch), status=Status.OPEN).first()


@transaction.atomic
def ask(number: int, *, by: User, text: str, via: str = channel.COMMAND) -> Escalation:
    """Say why another file of a run is needed; another manager is asked.

    Raises `NotAllowed`, `Refused` without a reason, `NotApproved` for a run without a file, `Changed` once
    the bank has said a word of it: then it has the file.
    """
    lock_batch(Subject.of("payment_batch", find(number).id))
    batch, at, actor = find(number), clock.now(), person(by)
    if not may_now(by, rights.RUN_PAYMENTS):
        raise NotAllowed("Managers ask for another file of a payment run.")
    _check(batch)
    reason = text.strip()
    if not reason or len(reason) > LONGEST:
        raise Refused(f"Say why, in at most {LONGEST} characters.")
    kept = commitments.commit(
        reason, kind="payment comment", of=actor, about=Subject.of("payment_batch", batch.id), at=at
    )
    data = {"number": str(number), "comment": kept, "message_id": _message(batch)} | channel.door(via)
    ledger.append(
        [ledger.Event(Subject.of("payment_batch", batch.id), "payment.file_asked", actor, at, data)]
    )
    reviews.ask([_question(batch, actor, kept, at)], at=at)
    announce([("payments", ""), ("inbox", ""), (Subject.of("payment_batch", batch.id), str(batch.id))])
    return Escalation.objects.get(subject=subject(batch), status=Status.OPEN)


def _check(batch: PaymentBatch) -> None:
    if batch.status != PaymentBatch.Status.EXPORTED:
        raise NotApproved(f"Payment run {batch.number} has no file that the bank has yet to carry out.")
    said = BankAnswer.objects.filter(payment__batch=batch).exclude(result=BankAnswer.Result.CONFLICT)
    if said.exists() or any(p.status != Payment.Status.EXPORTED for p in live(batch)):
        raise Changed(
            f"The bank has answered to the file of payment run {batch.number}, so it has it: another file"
            " would be paid again. What it refused is proposed with a new run."
        )
    if (batch.copy or 1) >= MOST_COPIES:
        raise Changed(
            f"Payment run {batch.number} has {MOST_COPIES} files. Withdraw it with the bank, and ask there."
        )


def _message(batch: PaymentBatch) -> str:
    """The message id that the next file would have."""
    return pain001.message_id(batch.id.hex, (batch.copy or 1) + 1)


def _question(batch: PaymentBatch, actor: str, why: str, at: datetime) -> Question:
    """The question of the run itself, about its file: whoever made the run or asks for the file does not
    answer it."""
    base = proposal.question(batch, prepared(live(batch)), at)
    total = f"{batch.currency} {batch.control_sum:,.2f}"
    before = pain001.message_id(batch.id.hex, batch.copy or 1)
    ways = [
        {
            "verdict": "approve",
            "text": (
                f"Approving writes another file of {total}. If the bank carries out both, it is paid twice."
            ),
        },
        {"verdict": "reject", "text": "Rejecting writes no other file; the one that exists stays in force."},
    ]
    return replace(
        base,
        subject=subject(batch),
        quorum=1,
        asked_by=actor,
        makers=tuple(sorted({*base.makers, actor})),
        text=(
            f"Write another bank file of payment run {batch.number}, {total}? The bank must not have carried"
            f" out {before}."
        ),
        case=base.case
        | {
            "consequences": ways,
            "message_before": before,
            "message_new": _message(batch),
            "why": why,
        },
        due_at=business_hours.until(at, policies.active().sla("payments")),
        stands_on={"content": batch.content_hash, "message": _message(batch)},
    )


def decided(batch_id: UUID, *, approved: bool, by: str, at: datetime) -> None:
    """Carry out the answer. Raises `Changed` where the bank has answered meanwhile or a payment is not right
    any more."""
    batch = PaymentBatch.objects.get(pk=batch_id)
    if not approved:
        return
    _check(batch)
    payments = live(batch)
    if gone := bank_file.wrong(batch, payments, at):
        first = next(p for p in payments if p.id in gone)
        raise Changed(
            f"Invoice {first.invoice.number} is not to be paid any more: {gone[first.id]}. Recall the"
            " payments with the bank, and let it refuse the run."
        )
    stamp = Stamp(by, at, f"payment run {batch.number}: another file")
    changes = moved_to_bank_days(batch, payments, stamp, keep_discounts=True)
    message = _message(batch)
    batch.copy = (batch.copy or 1) + 1
    before = batch.file_sha256
    batch.file_sha256 = canonical.sha256(bank_file.written(batch, payments))
    changes += trail.update([batch], FILE, stamp)
    data = {
        "number": str(batch.number),
        "file_sha256": batch.file_sha256,
        "before_sha256": before,
        "message_id": message,
        "control_sum": f"{batch.control_sum:.2f}",
        "count": str(batch.count),
    }
    ledger.append(
        [ledger.Event(Subject.of("payment_batch", batch.id), "payment.exported_again", by, at, data, changes)]
    )
    announce([("payments", ""), (Subject.of("payment_batch", batch.id), str(batch.id))])
