"""Statements of account: the list, and one line by line with its trail."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from reviews.access import may, requires
from reviews.pages import answer

from .. import rights
from ..selectors import statements as read
from .fetch import statement_for
from .filter_forms import StatementFilterForm


def statements(request: HttpRequest) -> HttpResponse:
    """All statements that still count; with a filter, the older ones too."""
    asked = StatementFilterForm.accept(request.GET).cleaned_data
    filters = read.Filters(asked["q"], asked["status"], asked["page"])
    context = {"page": read.page(filters), "filters": filters, "statuses": read.STATUSES}
    return answer(request, "coordination/statements.html", "coordination/_statements.html", context)


@require_safe
@requires(rights.READ_CASES)
def statement(request: HttpRequest, statement_id: UUID) -> HttpResponse:
    """One statement: theirs against ours."""
    found = statement_for(request.user, statement_id)
    context = {
        "detail": read.detail(found),
        "statement": found,
        "reads": may(request.user, rights.READ_AUDIT),
    }
    return answer(request, "coordination/statement.html", "coordination/_statement.html", context)
