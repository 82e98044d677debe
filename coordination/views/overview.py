"""The first page, and the lists behind what it says of open questions."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from reviews import unanswerable
from reviews.access import hidden_kinds, may, requires, reserved_kinds, signed_in
from reviews.pages import answer
from reviews.services import person

from .. import rights
from ..selectors import waiting_lists
from ..selectors.counted_lists import CountedList
from ..selectors.flow import flow
from ..selectors.overview import TOUCHLESS_DAYS
from ..selectors.overview import overview as read
from .counted import Behind, counted_file, counted_page
from .filter_forms import WaitingForm


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
        "nobody": unanswerable.answerable_by_nobody() if may(user, rights.SEE_UNANSWERABLE) else 0,
    }
    return answer(request, "coordination/overview.html", "coordination/_overview.html", context)


def _waiting(request: HttpRequest, which: str) -> tuple[CountedList, str]:
    if which not in waiting_lists.WAITING:
        raise Http404
    queue = WaitingForm.accept(request.GET).cleaned_data["queue"]
    return waiting_lists.behind(which, hidden_kinds(request.user), queue), queue


@require_safe
@requires(rights.READ_CASES)
def waiting(request: HttpRequest, which: str) -> HttpResponse:
    """The open questions of a number."""
    found, queue = _waiting(request, which)
    address = reverse("coordination:waiting_csv", args=[which])
    query = urlencode({"queue": queue} if queue else {})
    return counted_page(request, found, Behind("Overview", reverse("coordination:overview"), address, query))


@require_safe
@requires(rights.READ_CASES)
def waiting_csv(request: HttpRequest, which: str) -> HttpResponse:
    """The same as a file."""
    return counted_file(_waiting(request, which)[0])
