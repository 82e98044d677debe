"""The page of the quality review."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from reviews.access import may, requires, signed_in
from reviews.pages import answer, refusals_shown

from .. import rights
from ..selectors import quality_review as selected
from ..selectors import reviewed_lists
from ..selectors.counted_lists import CountedList
from ..services.behaviour import measured_versions, plan_review
from .counted import Behind, counted_file, counted_page
from .filter_forms import StratumForm


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


def _reviewed(request: HttpRequest, which: str) -> tuple[CountedList, str]:
    """What a figure counts, and what the address narrows it to."""
    if which not in reviewed_lists.TITLES:
        raise Http404
    asked = StratumForm.accept(request.GET).cleaned_data
    query = urlencode({name: band for name, band in asked.items() if band is not None})
    return reviewed_lists.behind(which, asked["confidence"], asked["value"]), query


@require_safe
@requires(rights.READ_QUALITY)
def reviewed(request: HttpRequest, counted: str) -> HttpResponse:
    """The invoices of a number of the review."""
    found, query = _reviewed(request, counted)
    address = reverse("coordination:quality_reviewed_csv", args=[counted])
    behind = Behind("Quality review", reverse("coordination:quality_review"), address, query)
    return counted_page(request, found, behind)


@require_safe
@requires(rights.READ_QUALITY)
def reviewed_csv(request: HttpRequest, counted: str) -> HttpResponse:
    """The same as a file."""
    return counted_file(_reviewed(request, counted)[0])
