"""The first page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from reviews.access import may, reserved_kinds, signed_in
from reviews.pages import answer
from reviews.services import person

from .. import rights
from ..selectors.flow import flow
from ..selectors.overview import TOUCHLESS_DAYS
from ..selectors.overview import overview as read


def overview(request: HttpRequest) -> HttpResponse:
    """What waits, how old it is, what passes untouched, what to decide first."""
    user = signed_in(request)
    reserved = reserved_kinds(user)
    found = read(person(user), reserved, payments=may(user, rights.READ_PAYMENTS))
    context = {
        "overview": found,
        "flow": flow(TOUCHLESS_DAYS, reserved),
        "days": TOUCHLESS_DAYS,
        "reads_cases": may(user, rights.READ_CASES),
    }
    return answer(request, "coordination/overview.html", "coordination/_overview.html", context)
