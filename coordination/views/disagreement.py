"""The page of disagreement between agents, and the invoices behind each of its cells."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from reviews.access import requires
from reviews.pages import answer

from .. import rights
from ..selectors import disagreement as selected
from ..selectors.counted_lists import CountedList
from .counted import Behind, counted_file, counted_page
from .filter_forms import DisagreementForm


def _days(request: HttpRequest) -> int:
    return int(DisagreementForm.accept(request.GET).cleaned_data["days"])


def _list(days: int, first: str, second: str) -> CountedList:
    pair = selected.pair_of(days, first, second)
    if pair is None:
        raise Http404
    return selected.differing(days, pair)


@require_safe
@requires(rights.SEE)
def disagreement(request: HttpRequest) -> HttpResponse:
    """Agents against agents: how far they agree on the same invoices."""
    days = _days(request)
    context = {
        "matrix": selected.matrix(days),
        "days": days,
        "periods": selected.PERIODS,
        "fewest": selected.FEWEST,
    }
    return answer(request, "coordination/disagreement.html", "coordination/_disagreement.html", context)


@require_safe
@requires(rights.READ_AUDIT)
def differing(request: HttpRequest, first: str, second: str) -> HttpResponse:
    """The invoices on which two agents differed."""
    days = _days(request)
    behind = Behind(
        "Disagreement",
        f"{reverse('coordination:disagreement')}?days={days}",
        reverse("coordination:differing_csv", args=[first, second]),
        f"days={days}",
    )
    return counted_page(request, _list(days, first, second), behind)


@require_safe
@requires(rights.READ_AUDIT)
def differing_csv(request: HttpRequest, first: str, second: str) -> HttpResponse:
    """The same as a file."""
    return counted_file(_list(_days(request), first, second))
