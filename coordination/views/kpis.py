"""The page of key figures."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from reviews.access import may
from reviews.pages import answer

from .. import rights
from ..domain.key_figures import NOTHING, PUBLISHED
from ..selectors.kpis import PERIODS
from ..selectors.kpis import kpis as read
from .filter_forms import KeyFiguresForm


def kpis(request: HttpRequest) -> HttpResponse:
    """Key figures of a period, each with what it is a share of and what others publish."""
    days = KeyFiguresForm.accept(request.GET).cleaned_data["days"]
    context = {
        "kpis": read(days),
        "days": days,
        "periods": PERIODS,
        "published": PUBLISHED,
        "nothing": NOTHING,
        "sees_answers": may(request.user, rights.READ_CONFORMANCE),
    }
    return answer(request, "coordination/kpis.html", "coordination/_kpis.html", context)
