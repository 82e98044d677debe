"""Invoices: the list, and one invoice's whole history."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from reviews.access import may, requires, signed_in
from reviews.pages import answer, go, refusals_shown, wants_fragment

from .. import rights
from ..assurance import access_log
from ..facts import nature
from ..models import KnownAnswer, Lane, State
from ..selectors import history as read
from ..selectors.auditing import notes
from ..selectors.figures import STAGES
from ..selectors.invoices import PERIODS, Filters, page, payment_plan
from ..selectors.seals import subject_seal
from ..services import manual_hold
from ..services.oversight import HISTORY
from .act_forms import HoldForm
from .fetch import invoice_for, known_answer_for
from .filter_forms import EntryForm, InvoiceFilterForm


def invoices(request: HttpRequest) -> HttpResponse:
    """Search and filters; newest first."""
    asked = InvoiceFilterForm.accept(request.GET).cleaned_data
    filters = Filters(
        asked["q"],
        asked["state"],
        asked["lane"],
        asked["days"],
        asked["page"],
        asked["after"],
        asked["before"],
        asked["vendor"],
    )
    context = {
        "page": page(filters),
        "filters": filters,
        "states": State.values,
        "further": STAGES[1:-1],
        "lanes": Lane.values,
        "periods": PERIODS,
        "reads": may(request.user, rights.READ_AUDIT),
    }
    return answer(request, "coordination/invoices.html", "coordination/_invoices.html", context)


@require_safe
@requires(rights.READ_AUDIT)
def invoice(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """One timeline; the entry asked for (or the last) beside it."""
    known = known_answer_for(request.user, invoice_id)
    if known is not None:
        return _known_answer(request, known)
    found = invoice_for(request.user, invoice_id)
    if not wants_fragment(request):  # a part that refreshes itself is not another look
        access_log.seen(signed_in(request), "history", found.subject)
    story = read.history(found)
    entry = EntryForm.accept(request.GET).cleaned_data["entry"]
    seq = story.count if entry is None else entry
    context = {
        "history": story,
        "invoice": found,
        "detail": read.detail(found, seq),
        "selected": seq,
        "notes": notes(found.subject),
        "may_note": may(request.user, rights.NOTE),
        "may_see_access": may(request.user, rights.SEE_ACCESS),
        "may_take": may(request.user, rights.READ_SAMPLES),
        "seal": subject_seal(found.subject),
        "nature": nature.of_row(found),
        "plan": payment_plan(found),
        "may_see_runs": may(request.user, rights.READ_PAYMENTS),
        "may_hold": may(request.user, rights.DECIDE) and manual_hold.open_to_hold(found),
    }
    return answer(request, "coordination/invoice.html", "coordination/_timeline.html", context)


def _known_answer(request: HttpRequest, known: KnownAnswer) -> HttpResponse:
    """A known-answer case has no history: whoever looks for it is told so, and their answer counts
    nowhere."""
    access_log.seen(signed_in(request), HISTORY, known.subject)
    return render(request, "coordination/known_answer.html", {"known": known})


@require_POST
@refusals_shown
@requires(rights.DECIDE)
def hold(request: HttpRequest, invoice_id: UUID) -> HttpResponseBase:
    """Hold the invoice in one's own name."""
    found = invoice_for(request.user, invoice_id)
    given = HoldForm.accept(request.POST).cleaned_data
    manual_hold.hold(found.id, given["reason"], by=signed_in(request), seen_version=given["version"])
    messages.success(request, f"{found.number} is held. You or a manager lift it from the inbox.")
    return go(request, "coordination:invoice", found.id)


@require_safe
@requires(rights.READ_AUDIT)
def entry(request: HttpRequest, invoice_id: UUID, seq: int) -> HttpResponse:
    """One entry of the timeline, for the side."""
    found = invoice_for(request.user, invoice_id)
    detail = read.detail(found, seq)
    if detail is None:
        raise Http404("There is no such entry.")
    context: dict[str, Any] = {"detail": detail, "invoice": found, "selected": seq}
    if not wants_fragment(request):
        context |= {
            "history": read.history(found),
            "seal": subject_seal(found.subject),
            "plan": payment_plan(found),
            "may_see_runs": may(request.user, rights.READ_PAYMENTS),
        }
    return answer(request, "coordination/invoice.html", "coordination/_entry.html", context)
