"""Invoices: the list, and one invoice's whole history."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from reviews import fields
from reviews.access import Right, demand, may, requires, signed_in
from reviews.pages import answer, go, refusals_shown, wants_fragment

from ..assurance import access_log
from ..facts import nature
from ..models import Lane, State
from ..selectors import history as read
from ..selectors.auditing import notes
from ..selectors.invoices import Filters, page, payment_plan
from ..selectors.seals import subject_seal
from ..services import manual_hold
from .fetch import invoice_for


@require_safe
@requires(Right.SEE)
def invoices(request: HttpRequest) -> HttpResponse:
    """Search and filters; newest first."""
    filters = Filters(
        text=request.GET.get("q", "").strip()[:100],
        state=request.GET.get("state", "")[:40],
        lane=request.GET.get("lane", "")[:40],
        page=fields.number(request.GET, "page", 1, digits=5),
    )
    context = {
        "page": page(filters),
        "filters": filters,
        "states": State.values,
        "lanes": Lane.values,
        "reads": may(request.user, Right.READ_AUDIT),
    }
    return answer(request, "coordination/invoices.html", "coordination/_invoices.html", context)


@require_safe
def invoice(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """One timeline; the entry asked for (or the last) beside it."""
    found = invoice_for(request.user, invoice_id)
    if not wants_fragment(request):  # a part that refreshes itself is not another look
        access_log.seen(signed_in(request), "history", found.subject)
    story = read.history(found)
    seq = fields.number(request.GET, "entry", story.count)
    context = {
        "history": story,
        "invoice": found,
        "detail": read.detail(found, seq),
        "selected": seq,
        "notes": notes(found.subject),
        "may_note": may(request.user, Right.NOTE),
        "may_see_access": may(request.user, Right.SEE_ACCESS),
        "may_take": may(request.user, Right.READ_SAMPLES),
        "seal": subject_seal(found.subject),
        "nature": nature.of_row(found),
        "plan": payment_plan(found),
        "may_see_runs": may(request.user, Right.READ_PAYMENTS),
        "may_hold": may(request.user, Right.DECIDE) and manual_hold.open_to_hold(found),
    }
    return answer(request, "coordination/invoice.html", "coordination/_timeline.html", context)


@require_POST
@refusals_shown
def hold(request: HttpRequest, invoice_id: UUID) -> HttpResponseBase:
    """Hold the invoice in one's own name."""
    found = invoice_for(request.user, invoice_id)
    demand(request.user, Right.DECIDE)
    version = fields.number(request.POST, "version", -1)
    reason = fields.text(request.POST, "reason", manual_hold.MOST_WORDS)
    manual_hold.hold(found.id, reason, by=signed_in(request), seen_version=version)
    messages.success(request, f"{found.number} is held. You or a manager lift it from the inbox.")
    return go(request, "coordination:invoice", found.id)


@require_safe
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
            "may_see_runs": may(request.user, Right.READ_PAYMENTS),
        }
    return answer(request, "coordination/invoice.html", "coordination/_entry.html", context)
