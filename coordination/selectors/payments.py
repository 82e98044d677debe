"""Payment runs, what the next one would pay, and what the bank answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.core.paginator import Page
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum

from audit.subjects import Subject
from reviews.models import Escalation, Status
from reviews.selectors import Person, people

from ..facts import payments_made
from ..models import (
    BankAnswer,
    CreditUse,
    Document,
    PaidElsewhere,
    Payment,
    PaymentBatch,
    PaymentRecall,
    PaymentTerms,
)
from ..services.payments import paid_elsewhere, second_file
from ..services.payments.approval import lost
from ..services.payments.next_run import Preview
from . import run_marks
from .history import Step, trail
from .paging import Lines, ListPaginator

REPORTS = ("payment_status", "bank_notice", "bank_statement")
MOST_RUNS = 100
BASES = {"discount": "keeps the discount", "due": "due", "at_once": "at once"}


@dataclass(frozen=True, slots=True)
class Run:
    """One run with the people who stand behind it and how far the bank has answered."""

    batch: PaymentBatch
    proposed_by: Person | None
    approved_by: Person | None
    discount: Decimal
    last_day: date | None
    paid: int
    refused: int
    returned: Decimal | None = None
    """What came back of payments that are paid for the rest."""
    left: int = 0
    """How many payments left it after it was signed."""

    @property
    def unanswered(self) -> int:
        return self.batch.count - self.paid - self.refused


@dataclass(frozen=True, slots=True)
class Line:
    """One payment of a run: its terms, the credits taken off it, the bank's last word."""

    payment: Payment
    terms: PaymentTerms | None
    basis: str
    late: bool
    credits: Sequence[CreditUse]
    answer: BankAnswer | None
    marks: Sequence[str] = ()
    label: str = ""
    recalled: PaymentRecall | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """An invoice that somebody says was paid elsewhere, and the question about it."""

    stated: PaidElsewhere
    by: Person | None
    question: UUID | None


@dataclass(frozen=True, slots=True)
class RunDetail:
    run: Run
    lines: Sequence[Line]
    credits: Decimal
    question: UUID | None
    signed: Sequence[Person]
    signatures: int
    trail: Sequence[Step]
    file_question: UUID | None = None
    """The open question about another bank file."""

    @property
    def recallable(self) -> bool:
        """Is there a payment that the bank has and may call back? One that it was asked about gives the same
        request."""
        return any(x.payment.status in {"exported", "paid"} for x in self.lines)


@dataclass(frozen=True, slots=True)
class Report:
    """One message of the bank and what its lines did."""

    document: Document
    by: Person | None
    counts: Sequence[tuple[str, int]]


# --- the next run -------------------------------------------------------------------------------------------


def unpayable(coming: Preview, page: int) -> Page[paid_elsewhere.Unpayable]:
    """A page of what no SEPA run pays."""
    rows = coming.unpayable
    lines = Lines(lambda start, count: rows[start : start + count], lambda: len(rows))
    return ListPaginator(lines).page(page)


# --- runs ---------------------------------------------------------------------------------------------------


def runs() -> list[Run]:
    """The newest runs; of these alone the payments are summed up."""
    newest = list(PaymentBatch.objects.order_by("-number").values_list("pk", flat=True)[:MOST_RUNS])
    batches = list(
        PaymentBatch.objects.filter(pk__in=newest)
        .annotate(
            gone=Count("payments", filter=~Q(payments__left_out="")),
            saved=Sum("payments__discount", filter=~Q(payments__status="cancelled") | Q(status="cancelled")),
            last_day=Max("payments__terms__execute_on"),
            n_paid=Count("payments", filter=Q(payments__status="paid")),
            n_refused=Count("payments", filter=Q(payments__status="refused")),
            returned=Sum("payments__returned"),
        )
        .order_by("-number")
    )
    known = people(a for b in batches for a in (b.proposed_by, b.approved_by))
    return [
        Run(
            b,
            known.get(b.proposed_by),
            known.get(b.approved_by),
            b.saved or Decimal(0),
            b.last_day,
            b.n_paid,
            b.n_refused,
            b.returned,
            b.gone,
        )
        for b in batches
    ]


def detail(batch: PaymentBatch) -> RunDetail:
    """One run: payments with terms, credits and the bank's answers, its open question and its trail."""
    payments = list(
        batch.payments.select_related("invoice", "vendor", "terms").order_by(
            "terms__execute_on", "-amount", "id"
        )
    )
    uses: dict[UUID, list[CreditUse]] = defaultdict(list)
    for use in CreditUse.objects.filter(payment__batch=batch).select_related("credit").order_by("id"):
        uses[use.payment_id].append(use)
    told = _in_force().filter(payment__batch=batch).select_related("document").order_by("said_at", "id")
    answers = {a.payment_id: a for a in sorted(told, key=lambda a: a.result == BankAnswer.Result.APPLIED)}
    question = Escalation.objects.filter(
        subject=Subject.of("payment_batch", batch.id), status=Status.OPEN
    ).first()
    another = second_file.waiting(batch)
    recalled = {r.payment_id: r for r in PaymentRecall.objects.filter(payment__in=payments)}
    signed = list(question.verdicts.order_by("at").values_list("by", flat=True)) if question else []
    known = people([batch.proposed_by, batch.approved_by, *signed])
    marks = run_marks.marks(payments)
    labels = payments_made.labels(payments)
    live = [p for p in payments if p.status != Payment.Status.CANCELLED] or payments
    states = [p.status for p in payments]
    days = [p.terms.execute_on for p in live if hasattr(p, "terms")]
    run = Run(
        batch,
        known.get(batch.proposed_by),
        known.get(batch.approved_by),
        sum((p.discount for p in live), Decimal(0)),
        max(days, default=None),
        states.count("paid"),
        states.count("refused"),
        sum((p.returned for p in payments if p.returned), Decimal(0)) or None,
        sum(bool(p.left_out) for p in payments),
    )
    return RunDetail(
        run=run,
        lines=[
            replace(
                _line(p, uses[p.id], answers.get(p.id), marks.get(p.id, ()), recalled.get(p.id)),
                label=labels[p.id],
            )
            for p in payments
        ],
        credits=sum((u.amount for p in live for u in uses[p.id]), Decimal(0)),
        question=question.pk if question else None,
        signed=[known[v] for v in signed],
        signatures=question.quorum if question else 0,
        trail=trail(Subject.of("payment_batch", batch.id)),
        file_question=another.pk if another else None,
    )


def _line(
    payment: Payment,
    uses: Sequence[CreditUse],
    answer: BankAnswer | None,
    marks: Sequence[str],
    recalled: PaymentRecall | None,
) -> Line:
    terms: PaymentTerms | None = getattr(payment, "terms", None)
    late = terms is not None and bool(payment.discount) and lost(terms, terms.execute_on)
    basis = BASES.get(terms.basis, "") if terms else ""
    return Line(payment, terms, basis, late, uses, answer, marks, recalled=recalled)


def stated() -> list[Stated]:
    """What is said to be paid elsewhere and waits for a second person."""
    found = paid_elsewhere.waiting()
    known = people(s.proposed_by for s in found)
    asked = dict(
        Escalation.objects.filter(
            subject__in=[Subject.of("paid_elsewhere", s.id) for s in found], status=Status.OPEN
        ).values_list("subject", "id")
    )
    return [Stated(s, known.get(s.proposed_by), asked.get(Subject.of("paid_elsewhere", s.id))) for s in found]


# --- the bank -----------------------------------------------------------------------------------------------


def reports(at_most: int = 12) -> list[Report]:
    """The newest messages of the bank."""
    documents = list(Document.objects.filter(kind__in=REPORTS).order_by("-received_at", "-id")[:at_most])
    counted: dict[UUID, list[tuple[str, int]]] = defaultdict(list)
    rows = _in_force().filter(document__in=documents).values("document_id", "result")
    for row in rows.annotate(n=Count("id"), first=Min("position")).order_by("document_id", "result"):
        counted[row["document_id"]].append((row["result"], row["n"]))
    known = people(d.received_by for d in documents)
    return [Report(d, known.get(d.received_by), counted[d.id]) for d in documents]


def _in_force() -> QuerySet[BankAnswer]:
    """The newest row of each line and payment: one that a later message made otherwise is followed by
    another."""
    since = BankAnswer.objects.filter(
        document=OuterRef("document"),
        position=OuterRef("position"),
        payment=OuterRef("payment"),
        id__gt=OuterRef("id"),
    )
    return BankAnswer.objects.filter(~Exists(since))


def unexplained(at_most: int = 50) -> list[BankAnswer]:
    """What the bank named that is not ours, or that contradicts what we know and nothing has explained since;
    contradictions first."""
    found = (
        _in_force()
        .filter(result__in=["conflict", "unknown"])
        .select_related("document", "payment__invoice", "payment__batch", "payment__vendor")
    )
    return list(found.order_by("result", "-said_at", "position")[:at_most])
