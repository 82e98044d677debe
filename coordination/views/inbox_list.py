"""The list of the inbox as a file, under the filters of its page."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from audit import clock
from audit.canonical import instant
from audit.words import how_many
from reviews.access import hidden_kinds, requires
from reviews.open_lists import Filters, title_of_list
from reviews.pages import refusals_shown
from reviews.views import actor_of, filters_of

from .. import rights
from ..reports.inbox_list import Cell, inbox_csv, inbox_xlsx
from ..selectors.figures import company_currency
from ..selectors.inbox_export import Line, lines
from .files import download

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@requires(rights.READ_CASES)
@refusals_shown
def inbox_csv_file(request: HttpRequest) -> HttpResponseBase:
    """The list as CSV."""
    filters = filters_of(request)
    return download(inbox_csv(_rows(request, filters)), f"{_name(filters)}.csv", "text/csv; charset=utf-8")


@require_safe
@requires(rights.READ_CASES)
@refusals_shown
def inbox_xlsx_file(request: HttpRequest) -> HttpResponse:
    """The list as a workbook."""
    filters = filters_of(request)
    rows = list(_rows(request, filters))
    facts = [
        ("List", title_of_list(filters)),
        ("Filters", filters.query() or "none"),
        ("Cases", how_many(len(rows), "open case")),
        ("As of", instant(clock.now())),
        ("Times", "UTC"),
        ("Company currency", company_currency()),
    ]
    return download(inbox_xlsx(rows, facts), f"{_name(filters)}.xlsx", XLSX)


def _name(filters: Filters) -> str:
    return slugify(f"{title_of_list(filters)} {filters.cause}") or "inbox"


def _rows(request: HttpRequest, filters: Filters) -> Iterator[list[Cell]]:
    own = company_currency()
    for line in lines(filters, actor_of(request), hidden_kinds(request.user)):
        yield _cells(line, own, request.build_absolute_uri(reverse("reviews:case", args=[line.key])))


def _cells(line: Line, own: str, link: str) -> list[Cell]:
    return [
        *(line.number, line.title, line.about, line.queue, "; ".join(line.causes), line.question),
        *(line.currency, line.amount, own, line.amount_company),
        *(line.opened_at, line.due_at, line.clock, line.loss_on, line.loss),
        *(line.claimed_by, line.signed, line.aside_until, line.agent, line.confidence, link),
    ]
