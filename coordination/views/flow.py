"""The flow page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from reviews.access import Right, requires
from reviews.pages import answer

from ..selectors.flow import PERIODS
from ..selectors.flow import flow as read


@require_safe
@requires(Right.SEE)
def flow(request: HttpRequest) -> HttpResponse:
    """How many passed each stage and how many stand there now."""
    days = PERIODS.get(request.GET.get("days", ""), 30)
    context = {"flow": read(days), "days": days, "periods": PERIODS.values()}
    return answer(request, "coordination/flow.html", "coordination/_flow.html", context)
