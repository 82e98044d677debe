"""The page of the quality review."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from reviews.access import requires
from reviews.pages import answer

from .. import rights
from ..selectors import quality_review as selected


@require_safe
@requires(rights.READ_QUALITY)
def quality_review(request: HttpRequest) -> HttpResponse:
    """How much is drawn of what, and what people found in it."""
    context = {"found": selected.load()}
    return answer(request, "coordination/quality_review.html", "coordination/_quality_review.html", context)
