"""The page of conformance, and what each of its rules found as a table to take away."""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from audit import clock
from reviews.access import requires
from reviews.pages import answer

from .. import rights
from ..reports.violations import violations_csv as as_csv
from ..selectors import conformance as selected
from .files import download
from .forms import ConformanceForm


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
