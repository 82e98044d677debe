"""Counts of a period by cause, rule, vendor, queue and person, and the lists behind these and the key
figures."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from reviews.access import demand, hidden_kinds, may, requires, signed_in
from reviews.pages import answer

from .. import rights
from ..domain.hold_codes import DEPARTMENTS
from ..reports.counted import table_csv
from ..selectors import counts as selected
from ..selectors import figure_lists
from ..selectors.counted_lists import CountedList
from .counted import Behind, counted_file, counted_page
from .files import download
from .filter_forms import CountsForm


def _seen(request: HttpRequest) -> tuple[int, list[selected.Counts]]:
    """The period, and the counts that the person may see."""
    days = CountsForm.accept(request.GET).cleaned_data["days"]
    hidden = hidden_kinds(signed_in(request))
    seen = [key for key, kind in selected.KINDS.items() if may(request.user, kind.right)]
    return days, selected.counts(seen, days, hidden)


@require_safe
@requires(rights.SEE)
def counts(request: HttpRequest) -> HttpResponse:
    """Every count of a period, each with its list."""
    days, found = _seen(request)
    context = {"counts": found, "days": days, "periods": selected.PERIODS}
    return answer(request, "coordination/counts.html", "coordination/_counts.html", context)


@require_safe
@requires(rights.SEE)
def counts_csv(request: HttpRequest) -> HttpResponse:
    """The same as a file, whole."""
    days, found = _seen(request)
    content = table_csv(selected.HEAD, selected.as_rows(found))
    return download(content, f"counts-{days}-days.csv", "text/csv; charset=utf-8")


def _counted(request: HttpRequest, kind: str) -> tuple[CountedList, str]:
    if kind not in selected.KINDS:
        raise Http404
    demand(request.user, selected.KINDS[kind].right)
    asked = CountsForm.accept(request.GET).cleaned_data
    found = selected.behind(kind, asked["key"], asked["days"], hidden_kinds(signed_in(request)))
    return found, urlencode({"key": asked["key"], "days": asked["days"]})


@require_safe
@requires(rights.SEE)
def counted(request: HttpRequest, kind: str) -> HttpResponse:
    """What one count counts."""
    found, query = _counted(request, kind)
    days = CountsForm.accept(request.GET).cleaned_data["days"]
    back = f"{reverse('coordination:counts')}?days={days}"
    return counted_page(
        request, found, Behind("Counts", back, reverse("coordination:counted_csv", args=[kind]), query)
    )


@require_safe
@requires(rights.SEE)
def counted_csv(request: HttpRequest, kind: str) -> HttpResponse:
    """The same as a file."""
    return counted_file(_counted(request, kind)[0])


def _figure(request: HttpRequest, figure: str) -> tuple[CountedList, int]:
    days = CountsForm.accept(request.GET).cleaned_data["days"]
    if figure not in figure_lists.NAMES:
        raise Http404
    demand(request.user, figure_lists.right_of(figure))
    return figure_lists.behind(figure, days), days


@require_safe
@requires(rights.SEE)
def figure(request: HttpRequest, figure: str) -> HttpResponse:
    """What a key figure counts: its part, or its base."""
    found, days = _figure(request, figure)
    back = f"{reverse('coordination:kpis')}?days={days}"
    address = reverse("coordination:figure_csv", args=[figure])
    return counted_page(request, found, Behind("Key figures", back, address, f"days={days}"))


@require_safe
@requires(rights.SEE)
def figure_csv(request: HttpRequest, figure: str) -> HttpResponse:
    """The same as a file."""
    return counted_file(_figure(request, figure)[0])


def _holds(owner: str) -> tuple[str, bool]:
    name, _, waiting = owner.partition("-")
    if name not in DEPARTMENTS or waiting not in {"", "waiting"}:
        raise Http404
    return name, waiting == "waiting"


@require_safe
@requires(rights.SEE)
def holds(request: HttpRequest, owner: str) -> HttpResponse:
    """The holds of an owner that stand now; `owner` ends in -waiting for those that wait."""
    name, waiting = _holds(owner)
    address = reverse("coordination:holds_csv", args=[owner])
    behind = Behind("Key figures", reverse("coordination:kpis"), address, "")
    return counted_page(request, figure_lists.list_holds(name, waiting=waiting), behind)


@require_safe
@requires(rights.SEE)
def holds_csv(_: HttpRequest, owner: str) -> HttpResponse:
    """The same as a file."""
    name, waiting = _holds(owner)
    return counted_file(figure_lists.list_holds(name, waiting=waiting))
