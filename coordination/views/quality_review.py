"""The page of the quality review."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from reviews.access import may, requires, signed_in
from reviews.pages import answer, refusals_shown

from .. import rights
from ..selectors import quality_review as selected
from ..services.behaviour import measured_versions, plan_review


@require_safe
@requires(rights.READ_QUALITY)
def quality_review(request: HttpRequest) -> HttpResponse:
    """How much is drawn of what, and what people found in it."""
    context = {
        "found": selected.load(),
        "may_plan": may(request.user, rights.ACTIVATE_POLICY),
        "reads_cases": may(request.user, rights.READ_CASES),
    }
    return answer(request, "coordination/quality_review.html", "coordination/_quality_review.html", context)


@require_POST
@refusals_shown
@requires(rights.ACTIVATE_POLICY)
def plan(request: HttpRequest) -> HttpResponseBase:
    """Make a plan. It is in force only when another manager has said so."""
    try:
        row = plan_review.make(by=signed_in(request))
    except (plan_review.TooFew, plan_review.StillWaits, measured_versions.NothingNew) as refused:
        messages.error(request, refused.message)
    else:
        said = f"Review plan {row.number} is made: {row.budget:,} reviews of {row.decided:,} invoices."
        messages.success(request, f"{said} It waits in the inbox for another manager's answer.")
    return redirect("coordination:quality_review")
