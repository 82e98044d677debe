"""What the tables know of the bank's words: its messages about some runs, and the payments that they can be
about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Min, Q

from ...facts.serialization import decode
from ...models import BankAnswer, Document, Payment, PaymentBatch, State
from ...translation.canonical import BankReport
from .answers import Given
from .matching import keys_named
from .settling import Message

GIVEN = ("exported", "paid", "refused")


def concerned(report: BankReport) -> set[UUID]:
    """Keys of the runs that a message can be about; to be locked before it is read closely."""
    payments, runs = keys_named(report)
    found = set(Payment.objects.filter(id__in=payments).values_list("batch_id", flat=True))
    return found | set(Payment.objects.filter(batch__in=runs).values_list("batch_id", flat=True))


def message(document: Document, report: BankReport) -> Message:
    """A message as it is settled."""
    return Message(document.id, report, document.source_format, document.received_at)


def earlier(runs: Iterable[UUID], but: Document) -> dict[UUID, tuple[Document, Message]]:
    """The messages that have spoken of these runs before, each with its document."""
    about = BankAnswer.objects.filter(payment__batch__in=list(runs)).exclude(document=but)
    found = Document.objects.filter(id__in=about.values("document_id")).order_by("id")
    return {d.id: (d, message(d, decode(BankReport, d.canonical))) for d in found}


def rows(runs: Iterable[UUID], reports: Iterable[BankReport]) -> dict[UUID, Payment]:
    """The payments of these runs, and those of others that messages name one by one, with all that is needed
    to say something of them."""
    named = {key for report in reports for key in keys_named(report)[0]}
    found = Payment.objects.filter(Q(batch__in=list(runs)) | Q(id__in=named))
    return {p.id: p for p in found.select_related("batch", "invoice", "vendor", "terms").order_by("id")}


def given(payments: Sequence[Payment]) -> list[Given]:
    """Payments as the bank was given them."""
    since = _since({p.batch_id for p in payments})
    return [
        Given(
            id=p.id,
            batch=p.batch_id,
            run=p.batch.number,
            status=p.status,
            amount=p.amount,
            currency=p.currency,
            execute_on=p.terms.execute_on if hasattr(p, "terms") else None,
            since=since.get(p.batch_id) if p.status in GIVEN else None,
            ended=p.invoice.state in {State.REJECTED, State.VOID},
            copies=p.batch.copy or 1,
        )
        for p in payments
    ]


def _since(runs: set[UUID]) -> dict[UUID, datetime]:
    """The moment from which the file of a run existed."""
    told = PaymentBatch.history.filter(id__in=runs, status=PaymentBatch.Status.EXPORTED)
    return dict(told.values_list("id").annotate(at=Min("history_date")))
