"""The page of the last examination of the agents."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from reviews.pages import answer

from ..selectors.quality import quality as read


def quality(request: HttpRequest) -> HttpResponse:
    """How the agents did on a world whose right answers are known."""
    context = {"quality": read()}
    return answer(request, "coordination/quality.html", "coordination/_quality.html", context)
