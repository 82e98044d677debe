"""Samples: the list, the form that draws one, its sheet with results one by one, and the check that draws it
again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from audit.errors import CountersignError
from audit.sampling import NoSample
from audit.words import how_many
from reviews.access import may, requires, signed_in
from reviews.pages import answer, go, refusals_shown

from .. import rights
from ..assurance import access_log, population_query, search
from ..assurance import samples as engine
from ..assurance.sample_redraw import redraw
from ..models import AuditSample
from ..reports.sample_sheet import csv_sheet
from ..selectors import samples as read
from .act_forms import DrawForm, ResultForm
from .fetch import audit_sample_for
from .files import download
from .filter_forms import ItemForm, SearchForm


@require_safe
@requires(rights.READ_SAMPLES)
def samples(request: HttpRequest) -> HttpResponse:
    """All samples, newest first."""
    context = {"samples": read.samples(), "may_draw": may(request.user, rights.DRAW)}
    return answer(request, "coordination/samples.html", "coordination/_samples.html", context)


@require_safe
@refusals_shown
@requires(rights.DRAW)
def new(request: HttpRequest) -> HttpResponse:
    """The form: a population on one side, how to draw from it on the other."""
    return _form(request, SearchForm.accept(request.GET).search, {})


def _parted(total: dict[str, str]) -> dict[str, Decimal]:
    """A sum of amounts as they are written, parted: invoices, and what is left of them after credit notes."""
    gross, taken = Decimal(total["gross"]), Decimal(total["credit_gross"])
    return {"invoices": gross - taken, "net": gross - 2 * taken}


def drawn_words(drawn: int, whole: int) -> str:
    """How many of how many are drawn."""
    return f"{drawn} of {how_many(whole, 'invoice', 'invoices')} {'is' if drawn == 1 else 'are'} drawn."


@require_POST
@refusals_shown
@requires(rights.DRAW)
def draw(request: HttpRequest) -> HttpResponseBase:
    """Draw; what was refused is said on the form, which keeps what was typed."""
    form = DrawForm(request.POST)
    try:
        form.check_fields()
        row = engine.draw(form.wish, by=signed_in(request))
    except NoSample as error:
        return _form(request, form.cleaned_data["query"], form.typed, error)
    messages.success(request, drawn_words(len(row.drawn), row.population_count))
    return go(request, "coordination:sample", row.id)


def _form(
    request: HttpRequest,
    search: search.Search,
    typed: dict[str, str],
    refused: CountersignError | None = None,
) -> HttpResponse:
    count, totals = population_query.totals(search)
    context = {
        "search": search,
        "words": population_query.in_words(search),
        "count": count,
        "totals": [t | _parted(t) for t in totals],
        "typed": typed,
        "refused": refused.message if refused else "",
        "methods": read.WORDS.items(),
        "confidences": [f"{c:.2f}" for c in engine.CONFIDENCES],
    }
    status = refused.status if refused else 200
    return answer(request, "coordination/sample_new.html", "coordination/sample_new.html", context, status)


@require_safe
@requires(rights.READ_SAMPLES)
def sample(request: HttpRequest, sample_id: UUID) -> HttpResponse:
    """The sheet with the item asked for (or the first without a result) beside it."""
    row = audit_sample_for(request.user, sample_id)
    access_log.seen(signed_in(request), "sample", row.subject)
    return _sheet(request, row, ItemForm.accept(request.GET).cleaned_data["item"])


def _sheet(
    request: HttpRequest,
    row: AuditSample,
    place: int,
    typed: dict[str, str] | None = None,
    refused: CountersignError | None = None,
) -> HttpResponse:
    sheet = read.sheet(row)
    first = next((line for line in sheet.lines if line.result is None), sheet.lines[0])
    line = sheet.lines[place - 1] if 0 < place <= len(sheet.lines) else first
    context: dict[str, Any] = {
        "sheet": sheet,
        "sample": row,
        "line": line,
        "search": population_query.in_words(population_query.search_of(row.query)),
        "may_draw": may(request.user, rights.DRAW),
        "refused": refused.message if refused else "",
        "typed": typed or {},
    }
    status = refused.status if refused else 200
    return answer(request, "coordination/sample.html", "coordination/sample.html", context, status)


@require_POST
@requires(rights.DRAW)
def record(request: HttpRequest, sample_id: UUID, invoice_id: UUID) -> HttpResponseBase:
    """Record what was found about one item, and go on to the next without a result."""
    row = audit_sample_for(request.user, sample_id, rights.DRAW)
    place = next((n for n, d in enumerate(row.drawn, 1) if d["id"] == str(invoice_id)), 0)
    form = ResultForm(request.POST)
    try:
        form.check_fields()
        engine.record(row.id, invoice_id, form.found, by=signed_in(request))
    except CountersignError as error:
        return _sheet(request, row, place, form.typed, error)
    messages.success(request, f"Item {place} is recorded.")
    return redirect(f"{reverse('coordination:sample', args=[row.id])}#record")


@require_safe
@refusals_shown
@requires(rights.READ_SAMPLES)
def again(request: HttpRequest, sample_id: UUID) -> HttpResponse:
    """Draw it again and say whether it is the same, and if not what has changed."""
    row = audit_sample_for(request.user, sample_id)
    context = {"sample": row, "purpose": read.purpose_of(row), "done": redraw(row)}
    return answer(request, "coordination/sample_again.html", "coordination/sample_again.html", context)


@require_safe
@requires(rights.READ_SAMPLES)
def sheet_csv(request: HttpRequest, sample_id: UUID) -> HttpResponse:
    """The sheet as CSV."""
    row = audit_sample_for(request.user, sample_id)
    access_log.seen(signed_in(request), "sample sheet", row.subject)
    content = csv_sheet(read.rows_of(read.sheet(row)))
    return download(content, f"sample-{str(row.id)[-12:]}.csv", "text/csv; charset=utf-8")
