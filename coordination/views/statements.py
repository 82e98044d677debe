"""Statements of account: the list, and one line by line with its trail."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from reviews import fields
from reviews.access import Right, may, requires
from reviews.pages import answer

from ..selectors import statements as read
from .fetch import statement_for


@require_safe
@requires(Right.READ_CASES)
def statements(request: HttpRequest) -> HttpResponse:
    """All statements that still count; with a filter, the older ones too."""
    filters = read.Filters(
        text=request.GET.get("q", "").strip()[:100],
        status=request.GET.get("status", "")[:40],
        page=max(1, fields.number(request.GET, "page", 1, digits=5)),
    )
    context = {"page": read.page(filters), "filters": filters, "statuses": read.STATUSES}
    return answer(request, "coordination/statements.html", "coordination/_statements.html", context)


@require_safe
def statement(request: HttpRequest, statement_id: UUID) -> HttpResponse:
    """One statement: theirs against ours."""
    found = statement_for(request.user, statement_id)
    context = {
        "detail": read.detail(found),
        "statement": found,
        "reads": may(request.user, Right.READ_AUDIT),
    }
    return answer(request, "coordination/statement.html", "coordination/_statement.html", context)
