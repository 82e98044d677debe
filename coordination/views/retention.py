"""What is kept and for how long, and the legal holds that keep it longer."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from reviews import fields
from reviews.access import Right, demand, may, requires, signed_in
from reviews.pages import answer, go, refusals_shown

from ..selectors import retention as read
from ..services.retention import legal_holds


@require_safe
@requires(Right.READ_RETENTION)
def retention(request: HttpRequest) -> HttpResponse:
    """The classes with what is past its time, legal holds, and erasures."""
    context = {"page": read.page(), "may_keep": may(request.user, Right.KEEP_RECORDS)}
    return answer(request, "coordination/retention.html", "coordination/_retention.html", context)


def _reason(request: HttpRequest) -> str:
    return fields.text(request.POST, "reason", legal_holds.MOST_WORDS)


@require_POST
@refusals_shown
def place(request: HttpRequest) -> HttpResponseBase:
    """Set a legal hold on an invoice or a vendor."""
    demand(request.user, Right.KEEP_RECORDS)
    subject = legal_holds.find(request.POST.get("subject", "")[:200])
    legal_holds.place(subject, _reason(request), by=signed_in(request))
    messages.success(request, "The legal hold is set.")
    return go(request, "coordination:retention")


@require_POST
@refusals_shown
def lift(request: HttpRequest, hold_id: UUID) -> HttpResponseBase:
    """Lift a legal hold."""
    demand(request.user, Right.KEEP_RECORDS)
    legal_holds.lift(hold_id, _reason(request), by=signed_in(request))
    messages.success(request, "The legal hold is lifted.")
    return go(request, "coordination:retention")
