"""The page of service levels: whether agents and people do their work in time."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from reviews.access import hidden_kinds, may, requires
from reviews.pages import answer

from .. import rights
from ..selectors import service_levels as selected
from ..services.behaviour.service_levels import BUDGETS, SILENT_AFTER, span_words


@require_safe
@requires(rights.SEE)
def service_levels(request: HttpRequest) -> HttpResponse:
    """Every department's levels, what is open how long, and what was noticed."""
    context = {
        "found": selected.load_service_levels(),
        "windows": selected.WINDOWS,
        "ages": [words for _, words in selected.AGES],
        "budgets": BUDGETS,
        "reads_all": may(request.user, rights.READ_CASES) and not hidden_kinds(request.user),
        "silent_after": span_words(SILENT_AFTER),
    }
    template = "coordination/service_levels.html"
    return answer(request, template, "coordination/_service_levels.html", context)
