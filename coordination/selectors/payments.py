"""Payment runs, and what stands cleared for the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q, Sum

from reviews.models import Escalation, Status
from reviews.selectors import Person, people

from ..models import Invoice, Payment, PaymentBatch, State
from ..models.payments import LIVE


@dataclass(frozen=True, slots=True)
class Cleared:
    """Cleared invoices of one currency that no run pays yet."""

    currency: str
    count: int
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Run:
    """One run with the people who stand behind it."""

    batch: PaymentBatch
    proposed_by: Person | None
    approved_by: Person | None
    discount: Decimal


@dataclass(frozen=True, slots=True)
class RunDetail:
    run: Run
    payments: Sequence[Payment]
    question: UUID | None


def runs() -> list[Run]:
    """All runs, newest first."""
    batches = list(PaymentBatch.objects.annotate(saved=Sum("payments__discount")).order_by("-number")[:100])
    known = people(a for b in batches for a in (b.proposed_by, b.approved_by))
    return [_run(b, known) for b in batches]


def _run(batch: PaymentBatch, known: dict[str, Person]) -> Run:
    saved = getattr(batch, "saved", None) or Decimal(0)
    return Run(batch, known.get(batch.proposed_by), known.get(batch.approved_by), saved)


def detail(batch: PaymentBatch) -> RunDetail:
    """One run, its payments and its open question."""
    payments = list(batch.payments.select_related("invoice", "vendor").order_by("-amount"))
    question = Escalation.objects.filter(subject=f"payment_batch/{batch.id}", status=Status.OPEN).first()
    batch.saved = sum((p.discount for p in payments), Decimal(0))  # type: ignore[attr-defined]
    run = _run(batch, people([batch.proposed_by, batch.approved_by]))
    return RunDetail(run, payments, question.pk if question else None)


def cleared() -> list[Cleared]:
    """What the next run would look at."""
    rows = (
        Invoice.objects.filter(state=State.CLEARED, type="invoice")
        .filter(Q(lane="human") | Q(answered__contains=["finance.payment"]))
        .exclude(payments__status__in=LIVE)
        .values("currency")
        .annotate(n=Count("id"), gross=Sum("gross"))
        .order_by("-gross")
    )
    return [Cleared(row["currency"], row["n"], row["gross"] or Decimal(0)) for row in rows]
