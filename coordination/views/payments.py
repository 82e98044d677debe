"""Payment runs: proposed by one person, approved by another, carried to the bank as a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from reviews.access import may, requires, signed_in
from reviews.channel import PAGE
from reviews.pages import answer, go, refusal, refusals_shown
from reviews.services import Seen, person
from reviews.views import answer_of, approval_form

from .. import rights
from ..reports.unpayable import unpayable_csv
from ..selectors import payments as read
from ..services import payments as engine
from ..services.payments import next_run
from ..services.payments.plan import Excluded
from ..translation.recall import REASONS
from .act_forms import PaidElsewhereForm, ProposeForm, RecallForm, TextForm
from .fetch import batch_for
from .filter_forms import PaymentsPageForm


def payments(request: HttpRequest) -> HttpResponse:
    """All runs, what the next would pay, and what the bank answered."""
    coming = next_run.preview()
    asked = PaymentsPageForm.accept(request.GET).cleaned_data
    context = {
        "runs": read.runs(),
        "next": coming,
        "page": read.unpayable(coming, asked["page"]),
        "reports": read.reports(),
        "unexplained": read.unexplained(),
        "stated": read.stated(),
        "may_run": may(request.user, rights.RUN_PAYMENTS),
        "may_upload": may(request.user, rights.UPLOAD),
        "reads": may(request.user, rights.READ_AUDIT),
    }
    return answer(request, "coordination/payments.html", "coordination/_payments.html", context)


@require_safe
@requires(rights.READ_PAYMENTS)
def batch(request: HttpRequest, number: int) -> HttpResponse:
    """One run, payment by payment."""
    found = read.detail(batch_for(request.user, number))
    runs_payments = may(request.user, rights.RUN_PAYMENTS)
    context = {
        "detail": found,
        "run": found.run,
        "may_run": runs_payments,
        "may_change": (
            runs_payments
            and not engine.changes.changeable(found.run.batch, signed_in(request))
            and not engine.changes.signed(found.run.batch)
        ),
        "recall_reasons": REASONS,
    }
    if (asked := found.question or found.file_question) is not None:
        context |= approval_form(asked, signed_in(request))
    return answer(request, "coordination/payment_batch.html", "coordination/_payment_batch.html", context)


@require_POST
@refusals_shown
@requires(rights.RUN_PAYMENTS)
def propose(request: HttpRequest) -> HttpResponseBase:
    """Put every payable invoice into a run for a second person, or those to be paid by a day."""
    until = ProposeForm.accept(request.POST).cleaned_data["until"]
    done = engine.propose(person(signed_in(request)), until=until)
    numbers = ", ".join(f"run {b.number}" for b in done.batches)
    left = f" Left out: {_left(done.left)}." if done.left else ""
    messages.success(request, f"Proposed {numbers}.{left}" if numbers else f"Nothing can be paid now.{left}")
    return go(request, "coordination:payments")


def _left(rows: Sequence[Excluded]) -> str:
    """How many were left out for each reason, most first."""
    counts = Counter(row.why for row in rows)
    return "; ".join(f"{count} {why}" for why, count in counts.most_common())


def _text(request: HttpRequest) -> str:
    return str(TextForm.accept(request.POST).cleaned_data["text"])


@require_POST
@refusals_shown
@requires(rights.RUN_PAYMENTS)
def approve(request: HttpRequest, number: int) -> HttpResponseBase:
    """The second person's signature."""
    found = batch_for(request.user, number, rights.RUN_PAYMENTS)
    given = answer_of(request)
    seen = Seen(given["seen_version"], given["payload_hash"], given["shown"])
    engine.approve(found.number, by=signed_in(request), reason=given["reason"], via=PAGE, seen=seen)
    messages.success(request, f"Payment run {number} is approved. Download the file for the bank.")
    return go(request, "coordination:payment_batch", number)


@require_POST
@refusals_shown
@requires(rights.RUN_PAYMENTS)
def withdraw(request: HttpRequest, number: int) -> HttpResponseBase:
    """Who proposed a run takes it back before it is signed."""
    found = batch_for(request.user, number, rights.RUN_PAYMENTS)
    engine.withdraw(found.number, by=signed_in(request), text=_text(request), via=PAGE)
    messages.success(request, f"Payment run {number} is withdrawn. Its invoices stay cleared.")
    return go(request, "coordination:payment_batch", number)


@require_POST
@refusals_shown
@requires(rights.RUN_PAYMENTS)
def stop(request: HttpRequest, number: int) -> HttpResponseBase:
    """One manager stops a run whose file does not exist yet."""
    found = batch_for(request.user, number, rights.RUN_PAYMENTS)
    engine.stop(found.number, by=signed_in(request), text=_text(request), via=PAGE)
    messages.success(
        request,
        f"Payment run {number} is stopped. What no other run pays of its invoices is to be paid anew.",
    )
    return go(request, "coordination:payment_batch", number)


@require_POST
@refusals_shown
@requires(rights.RUN_PAYMENTS)
def recall(request: HttpRequest, number: int) -> HttpResponseBase:
    """The request to the bank to call payments back: of one invoice, or of the whole run where that field is
    sent empty."""
    found = batch_for(request.user, number, rights.RUN_PAYMENTS)
    given = RecallForm.accept(request.POST).cleaned_data
    asked = engine.recall.ask(
        found.number,
        by=signed_in(request),
        reason=given["reason"],
        invoice=given["invoice"],
        vendor=given["vendor"],
        kind=given["format"],
        via=PAGE,
    )
    return _xml(asked.content, f"recall-run-{number}.xml")


@require_POST
@refusals_shown
@requires(rights.RUN_PAYMENTS)
def again(request: HttpRequest, number: int) -> HttpResponseBase:
    """Another file that the bank takes for new: another manager is asked."""
    found = batch_for(request.user, number, rights.RUN_PAYMENTS)
    engine.second_file.ask(found.number, by=signed_in(request), text=_text(request), via=PAGE)
    messages.success(request, "Another manager is asked about the other file.")
    return go(request, "coordination:payment_batch", number)


@require_POST
@refusals_shown
@requires(rights.RUN_PAYMENTS)
def take_out(request: HttpRequest, number: int, payment_id: UUID) -> HttpResponseBase:
    """Who proposed a run takes one payment out before it is signed."""
    found = batch_for(request.user, number, rights.RUN_PAYMENTS)
    engine.take_out(found.number, payment_id, by=signed_in(request), text=_text(request), via=PAGE)
    messages.success(request, "Taken out. The invoice stays cleared, and the run is asked about anew.")
    return go(request, "coordination:payment_batch", number)


@require_POST
@refusals_shown
@requires(rights.RUN_PAYMENTS)
def elsewhere(request: HttpRequest, invoice_id: UUID) -> HttpResponseBase:
    """One person says that an invoice was paid another way; another manager is asked."""
    given = PaidElsewhereForm.accept(request.POST).cleaned_data
    told_of = engine.paid_elsewhere.Evidence(given["paid_on"], given["text"], given["reference"])
    engine.paid_elsewhere.claim(invoice_id, told_of, by=signed_in(request), via=PAGE)
    messages.success(request, "Noted. Another manager is asked to confirm it.")
    return go(request, "coordination:payments")


@require_safe
@requires(rights.READ_PAYMENTS)
def unpayable(request: HttpRequest) -> HttpResponse:
    """What no run pays, as CSV."""
    del request
    content = unpayable_csv(u.as_json() for u in engine.paid_elsewhere.unpayable())
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="not-payable-by-sepa.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@refusals_shown
@requires(rights.RUN_PAYMENTS)
def file(request: HttpRequest, number: int) -> HttpResponseBase:
    """The bank's file; writing it the first time changes the run, hence a POST."""
    found = batch_for(request.user, number, rights.RUN_PAYMENTS)
    try:
        content = engine.export(found.number, by=person(signed_in(request)))
    except engine.PaymentError as error:  # asked for without htmx, so that it is told on a page of its own
        run = reverse("coordination:payment_batch", args=[number])
        return refusal(request, error.message, error.status, back=(run, f"Payment run {number}"))
    return _xml(content, f"payment-run-{number}.xml")


def _xml(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/xml")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@refusals_shown
@requires(rights.RUN_PAYMENTS)
def confirm(request: HttpRequest, number: int) -> HttpResponseBase:
    """The bank has carried it out."""
    found = batch_for(request.user, number, rights.RUN_PAYMENTS)
    engine.confirm(found.number, by=signed_in(request), via=PAGE)
    messages.success(request, f"Payment run {number} is paid.")
    return go(request, "coordination:payment_batch", number)
