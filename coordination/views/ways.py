"""The page of the ways of the week, and the invoices behind each of its bands."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from reviews.access import requires
from reviews.pages import answer

from .. import rights
from ..domain.paths import STANDS
from ..reports.counted import table_csv
from ..selectors import ways as selected
from ..selectors.counted_lists import CountedList
from .counted import Behind, counted_file, counted_page
from .files import download
from .filter_forms import WaysForm


@require_safe
@requires(rights.SEE)
def ways(request: HttpRequest) -> HttpResponse:
    """The steps of the week's invoices, beside what is usual."""
    by = WaysForm.accept(request.GET).cleaned_data["by"]
    context = {"ways": selected.ways(by), "fewest": selected.FEWEST_WEEKS, "most": selected.WEEKS}
    return answer(request, "coordination/ways.html", "coordination/_ways.html", context)


@require_safe
@requires(rights.SEE)
def ways_csv(_: HttpRequest) -> HttpResponse:
    """The table behind the picture."""
    found = selected.ways("count")
    return download(
        table_csv(selected.HEAD, selected.as_rows(found)), f"ways-{found.day}.csv", "text/csv; charset=utf-8"
    )


def _list(source: str, target: str) -> CountedList:
    found = selected.list_step(source, STANDS if target == "stand" else target)
    if found is None:
        raise Http404
    return found


@require_safe
@requires(rights.SEE)
def step(request: HttpRequest, source: str, target: str) -> HttpResponse:
    """The invoices of one band."""
    behind = Behind(
        "Ways of the week",
        reverse("coordination:ways"),
        reverse("coordination:way_csv", args=[source, target]),
        "",
    )
    return counted_page(request, _list(source, target), behind)


@require_safe
@requires(rights.SEE)
def step_csv(_: HttpRequest, source: str, target: str) -> HttpResponse:
    """The same as a file."""
    return counted_file(_list(source, target))
