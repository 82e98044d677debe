"""What is kept and for how long, and the legal holds that keep it longer."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from reviews.access import may, requires, signed_in
from reviews.pages import answer, go, refusals_shown

from .. import rights
from ..selectors import retention as read
from ..services.retention import legal_holds
from .act_forms import LegalHoldForm, LiftForm


@require_safe
@requires(rights.READ_RETENTION)
def retention(request: HttpRequest) -> HttpResponse:
    """The classes with what is past its time, legal holds, and erasures."""
    context = {"retention": read.overview(), "may_keep": may(request.user, rights.KEEP_RECORDS)}
    return answer(request, "coordination/retention.html", "coordination/_retention.html", context)


@require_POST
@refusals_shown
@requires(rights.KEEP_RECORDS)
def place(request: HttpRequest) -> HttpResponseBase:
    """Set a legal hold on an invoice or a vendor."""
    given = LegalHoldForm.accept(request.POST).cleaned_data
    legal_holds.place(given["subject"], given["reason"], by=signed_in(request))
    messages.success(request, "The legal hold is set.")
    return go(request, "coordination:retention")


@require_POST
@refusals_shown
@requires(rights.KEEP_RECORDS)
def lift(request: HttpRequest, hold_id: UUID) -> HttpResponseBase:
    """Lift a legal hold."""
    reason = LiftForm.accept(request.POST).cleaned_data["reason"]
    legal_holds.lift(hold_id, reason, by=signed_in(request))
    messages.success(request, "The legal hold is lifted.")
    return go(request, "coordination:retention")
