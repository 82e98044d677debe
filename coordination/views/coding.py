"""Where lines are booked: confirm or correct what is proposed, one line at a time."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from audit.errors import CountersignError
from reviews.access import requires, signed_in
from reviews.pages import answer, go, wants_fragment

from .. import rights
from ..selectors import coding as read
from ..services.coding import confirm as engine
from .act_forms import CodingForm
from .filter_forms import CodingFilterForm


def coding(request: HttpRequest) -> HttpResponse:
    """Lines that need a look, by vendor."""
    filters = _filters(request)
    accounts, centres = read.known_codes()
    context = {
        "page": read.page(filters),
        "filters": filters,
        "figures": read.figures(),
        "titles": read.TITLES,
        "vendors": read.vendors(filters.view),
        "accounts": accounts,
        "centres": centres,
        "may_code": engine.may_code(signed_in(request)),
    }
    return answer(request, "coordination/coding.html", "coordination/_coding.html", context)


@require_safe
@requires(rights.READ_CASES)
def figures(request: HttpRequest) -> HttpResponse:
    """The strip above the list, which alone keeps itself up to date: lines never move under a person's
    hands."""
    context = {"figures": read.figures(), "filters": _filters(request), "titles": read.TITLES}
    return render(request, "coordination/_coding_figures.html", context)


@require_POST
@requires(rights.DECIDE)
def confirm(request: HttpRequest, invoice_id: UUID, position: int) -> HttpResponseBase:
    """Confirm or correct the coding of one line. A refusal keeps what was typed."""
    typed = CodingForm.accept(request.POST).cleaned_data
    choice = engine.Choice(typed["account"], typed["cost_centre"], typed["version"])
    try:
        engine.confirm(invoice_id, position, choice, by=signed_in(request))
    except CountersignError as error:
        return _line(request, invoice_id, position, choice, error)
    if wants_fragment(request):
        return _line(request, invoice_id, position)
    messages.success(
        request, f"Line {position} is booked on {engine.format_booking(choice.account, choice.cost_centre)}."
    )
    return go(request, "coordination:coding")


def _line(
    request: HttpRequest,
    invoice_id: UUID,
    position: int,
    typed: engine.Choice | None = None,
    error: CountersignError | None = None,
) -> HttpResponse:
    found = read.line(invoice_id, position)
    if found is None:
        raise Http404("There is no such line.")
    context = {
        "line": found,
        "typed": typed,
        "message": error.message if error else "",
        "may_code": True,
        "done": error is None,
    }
    whole = not wants_fragment(request)
    template = "coordination/coding_line.html" if whole else "coordination/_coding_line.html"
    return render(request, template, context, status=error.status if error else 200)


def _filters(request: HttpRequest) -> read.Filters:
    return read.Filters(**CodingFilterForm.accept(request.GET).cleaned_data)
