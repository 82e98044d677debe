"""The list behind a number, as a page and as a file."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from reviews.access import may
from reviews.pages import answer

from .. import rights
from ..reports.counted import counted_csv
from ..selectors.counted_lists import CountedList
from .files import download
from .filter_forms import CountedForm


@dataclass(frozen=True, slots=True)
class Behind:
    """Where a list stands: the page that has its number, the address of its file, and what both are narrowed
    to."""

    title: str
    url: str
    csv: str
    query: str


def counted_page(request: HttpRequest, found: CountedList, behind: Behind) -> HttpResponse:
    """A page of the list."""
    context = {
        "found": found,
        "sums": found.sums(),
        "page": found.page(CountedForm.accept(request.GET).cleaned_data["page"]),
        "behind": behind,
        "reads": may(request.user, rights.READ_AUDIT),
        "reads_cases": may(request.user, rights.READ_CASES),
    }
    return answer(request, "coordination/counted.html", "coordination/_counted.html", context)


def counted_file(found: CountedList) -> HttpResponse:
    """The whole list as CSV."""
    lines = (
        (x.number, x.vendor, x.currency, x.gross, x.at, x.cells, str(x.invoice or "")) for x in found.all()
    )
    return download(counted_csv(found.columns, lines), f"{found.name}.csv", "text/csv; charset=utf-8")
