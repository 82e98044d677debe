"""The flow page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from reviews.access import may, reserved_kinds
from reviews.pages import answer

from .. import rights
from ..selectors.flow import PERIODS
from ..selectors.flow import flow as read
from .filter_forms import FlowForm


def flow(request: HttpRequest) -> HttpResponse:
    """How many passed each stage and how many stand there now."""
    days = FlowForm.accept(request.GET).cleaned_data["days"]
    context = {
        "flow": read(days, reserved_kinds(request.user)),
        "days": days,
        "periods": PERIODS.values(),
        "reads_cases": may(request.user, rights.READ_CASES),
    }
    return answer(request, "coordination/flow.html", "coordination/_flow.html", context)
