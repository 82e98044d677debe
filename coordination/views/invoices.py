"""Invoices: the list, and one invoice's whole history."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from reviews.access import Right, may, requires
from reviews.pages import answer

from ..models import Lane, State
from ..selectors import history as read
from ..selectors.invoices import Filters, page
from .fetch import invoice_for


@require_GET
@requires(Right.SEE)
def invoices(request: HttpRequest) -> HttpResponse:
    """Search and filters; newest first."""
    number = request.GET.get("page", "1")
    filters = Filters(
        text=request.GET.get("q", "").strip()[:100],
        state=request.GET.get("state", ""),
        lane=request.GET.get("lane", ""),
        page=int(number) if number.isdecimal() and len(number) < 6 else 1,
    )
    context = {
        "page": page(filters),
        "filters": filters,
        "states": State.values,
        "lanes": Lane.values,
        "reads": may(request.user, Right.READ_AUDIT),
    }
    return answer(request, "coordination/invoices.html", "coordination/_invoices.html", context)


@require_GET
def invoice(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """One timeline; the entry asked for (or the last) beside it."""
    found = invoice_for(request.user, invoice_id)
    told = read.history(found)
    asked = request.GET.get("entry", "")
    seq = int(asked) if asked.isdecimal() and len(asked) < 9 else told.count
    context = {"history": told, "invoice": found, "detail": read.detail(found, seq), "selected": seq}
    return answer(request, "coordination/invoice.html", "coordination/_timeline.html", context)


@require_GET
def entry(request: HttpRequest, invoice_id: UUID, seq: int) -> HttpResponse:
    """One entry of the timeline, for the side."""
    found = invoice_for(request.user, invoice_id)
    detail = read.detail(found, seq)
    if detail is None:
        raise Http404("There is no such entry.")
    context = {"detail": detail, "invoice": found, "selected": seq, "history": read.history(found)}
    return answer(request, "coordination/invoice.html", "coordination/_entry.html", context)
