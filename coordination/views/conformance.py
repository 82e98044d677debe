"""The page of conformance, and what each of its rules found as a table to take away."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from audit import clock
from reviews.access import requires
from reviews.pages import answer

from .. import rights
from ..domain.transitions import TRANSITIONS
from ..reports.violations import violations_csv as as_csv
from ..selectors import conformance as selected
from ..selectors.counted_lists import CountedList
from .counted import Behind, counted_file, counted_page
from .files import download
from .filter_forms import ConformanceForm, WayForm


def conformance(request: HttpRequest) -> HttpResponse:
    """How invoices of a period went against how they are meant to go."""
    days = ConformanceForm.accept(request.GET).cleaned_data["days"]
    context = {"found": selected.conformance(days), "days": days, "periods": selected.PERIODS}
    return answer(request, "coordination/conformance.html", "coordination/_conformance.html", context)


@require_safe
@requires(rights.READ_CONFORMANCE)
def violations_csv(request: HttpRequest, rule: str) -> HttpResponse:
    """Everything that one rule found in a period."""
    if rule not in selected.RULES:
        raise Http404
    days = ConformanceForm.accept(request.GET).cleaned_data["days"]
    found = selected.find(rule, clock.now() - timedelta(days=days))
    content = as_csv(
        (v.number, v.vendor, v.currency, v.gross, v.at, v.sentence, str(v.invoice)) for v in found.all
    )
    return download(content, f"{rule}.csv", "text/csv; charset=utf-8")


def _way(request: HttpRequest) -> tuple[CountedList, str]:
    asked = WayForm.accept(request.GET).cleaned_data
    path = asked["path"].split(",")
    if not set(path) <= set(TRANSITIONS):
        raise Http404
    return selected.took(path, asked["days"]), urlencode({"path": asked["path"], "days": asked["days"]})


@require_safe
@requires(rights.READ_CONFORMANCE)
def way(request: HttpRequest) -> HttpResponse:
    """The invoices that took one way."""
    found, query = _way(request)
    behind = Behind(
        "Conformance", reverse("coordination:conformance"), reverse("coordination:conformance_way_csv"), query
    )
    return counted_page(request, found, behind)


@require_safe
@requires(rights.READ_CONFORMANCE)
def way_csv(request: HttpRequest) -> HttpResponse:
    """The same as a file."""
    return counted_file(_way(request)[0])
