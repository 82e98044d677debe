"""Payment runs: proposed by one person, approved by another, carried to the bank as a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_GET, require_POST

from audit.errors import CountersignError
from reviews.access import Right, demand, may, requires, signed_in
from reviews.channel import PAGE
from reviews.pages import answer, go, told
from reviews.services import Seen, person
from reviews.views import answer_of, approval_form

from ..engine import payments as engine
from ..engine.payments.plan import Left
from ..selectors import payments as read
from .fetch import batch_for


@require_GET
@requires(Right.READ_PAYMENTS)
def payments(request: HttpRequest) -> HttpResponse:
    """All runs, what the next would pay, and what the bank answered."""
    context = {
        "runs": read.runs(),
        "next": read.preview(),
        "reports": read.reports(),
        "unexplained": read.unexplained(),
        "may_run": may(request.user, Right.RUN_PAYMENTS),
        "may_upload": may(request.user, Right.UPLOAD),
        "reads": may(request.user, Right.READ_AUDIT),
    }
    return answer(request, "coordination/payments.html", "coordination/_payments.html", context)


@require_GET
def batch(request: HttpRequest, number: int) -> HttpResponse:
    """One run, payment by payment."""
    found = read.detail(batch_for(request.user, number))
    runs_payments = may(request.user, Right.RUN_PAYMENTS)
    maker = found.run.batch.proposed_by == person(signed_in(request))
    context = {"detail": found, "run": found.run, "may_run": runs_payments, "maker": maker}
    if found.question is not None:
        context |= approval_form(found.question, signed_in(request))
    return answer(request, "coordination/payment_batch.html", "coordination/_payment_batch.html", context)


@require_POST
@told
def propose(request: HttpRequest) -> HttpResponseBase:
    """Put every payable invoice into a run for a second person, or those to be paid by a day."""
    demand(request.user, Right.RUN_PAYMENTS)
    until = _day(request.POST.get("until", ""))
    done = engine.propose(person(signed_in(request)), until=until)
    numbers = ", ".join(f"run {b.number}" for b in done.batches)
    left = f" Left out: {_left(done.left)}." if done.left else ""
    messages.success(request, f"Proposed {numbers}.{left}" if numbers else f"Nothing can be paid now.{left}")
    return go(request, "coordination:payments")


def _left(rows: Sequence[Left]) -> str:
    """How many were left out for each reason, most first."""
    counts = Counter(row.why for row in rows)
    return "; ".join(f"{count} {why}" for why, count in counts.most_common())


def _day(text: str) -> date | None:
    """The day of a date field; empty is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise NoSuchDay from None


class NoSuchDay(CountersignError):
    """Say the day as it stands in the calendar: year, month and day."""

    status = 400


@require_POST
@told
def approve(request: HttpRequest, number: int) -> HttpResponseBase:
    """The second person's signature."""
    found = batch_for(request.user, number, Right.RUN_PAYMENTS)
    given = answer_of(request)
    seen = Seen(given["seen_version"], given["payload_hash"], given["shown"])
    engine.approve(found.number, by=signed_in(request), reason=given["reason"], via=PAGE, seen=seen)
    messages.success(request, f"Payment run {number} is approved. Download the file for the bank.")
    return go(request, "coordination:payment_batch", number)


@require_POST
@told
def file(request: HttpRequest, number: int) -> HttpResponseBase:
    """The bank's file; writing it the first time changes the run, hence a POST."""
    found = batch_for(request.user, number, Right.RUN_PAYMENTS)
    content = engine.export(found.number, by=person(signed_in(request)))
    response = HttpResponse(content, content_type="application/xml")
    response["Content-Disposition"] = f'attachment; filename="payment-run-{number}.xml"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@told
def confirm(request: HttpRequest, number: int) -> HttpResponseBase:
    """The bank has carried it out."""
    found = batch_for(request.user, number, Right.RUN_PAYMENTS)
    engine.confirm(found.number, by=signed_in(request), via=PAGE)
    messages.success(request, f"Payment run {number} is paid.")
    return go(request, "coordination:payment_batch", number)
