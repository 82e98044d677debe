"""The page of the last examination of the agents, and the documents behind its figures."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from reviews.access import requires
from reviews.pages import answer

from .. import rights
from ..reports.tables import table_csv
from ..selectors import mistakes
from ..selectors.quality import quality as read
from .files import download
from .filter_forms import CountedForm, MistakesForm

HEAD = (
    *("kind_of_case", "invoice_number", "vendor", "lane_due", "lane_found", "wrong", "false_clear"),
    *("currency", "gross", "seed"),
)


def quality(request: HttpRequest) -> HttpResponse:
    """How the agents did on a world whose right answers are known."""
    context = {"quality": read()}
    return answer(request, "coordination/quality.html", "coordination/_quality.html", context)


def _documents(request: HttpRequest, mistake: str) -> tuple[mistakes.Documents, str]:
    if mistake not in mistakes.MISTAKES:
        raise Http404
    asked = MistakesForm.accept(request.GET).cleaned_data
    found = mistakes.behind(mistake, mistakes.Narrowed(**asked))
    if found is None:
        raise Http404("The agents have not been examined here.")
    return found, urlencode({name: value for name, value in asked.items() if value})


@require_safe
@requires(rights.READ_QUALITY)
def wrong(request: HttpRequest, mistake: str) -> HttpResponse:
    """The documents that a figure counts, or, of what was right, those that were not."""
    found, query = _documents(request, mistake)
    page = found.page(CountedForm.accept(request.GET).cleaned_data["page"])
    context = {"found": found, "name": mistake, "page": page, "query": query, "filters": {"query": query}}
    return answer(request, "coordination/mistakes.html", "coordination/_mistakes.html", context)


@require_safe
@requires(rights.READ_QUALITY)
def wrong_csv(request: HttpRequest, mistake: str) -> HttpResponse:
    """The same as a file, whole."""
    found, _ = _documents(request, mistake)
    rows = (
        (
            *(w.scenario, w.invoice, w.vendor, w.expected_lane, w.found_lane, w.why, w.false_clear),
            *(w.currency, w.amount, w.seed),
        )
        for w in found
    )
    return download(table_csv(HEAD, rows), f"examination-{mistake}.csv", "text/csv; charset=utf-8")
