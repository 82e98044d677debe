"""The page of the last examination of the agents."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from reviews.access import requires
from reviews.pages import answer

from .. import rights
from ..selectors.quality import quality as read


@require_safe
@requires(rights.READ_QUALITY)
def quality(request: HttpRequest) -> HttpResponse:
    """How the agents did on a world whose right answers are known."""
    context = {"quality": read()}
    return answer(request, "coordination/quality.html", "coordination/_quality.html", context)
