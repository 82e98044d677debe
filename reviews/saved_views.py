"""Keeping and deleting lists, as forms above the inbox. Thin, as `views`."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from . import saved_lists
from .access import requires, signed_in
from .grants import READ_CASES
from .pages import refusals_shown
from .views import filters_of


@require_POST
@requires(READ_CASES)
@refusals_shown
def keep(request: HttpRequest) -> HttpResponseBase:
    """Keep the filters of the address under a name."""
    post, filters = request.POST, filters_of(request)
    saved = saved_lists.keep(
        post.get("name", ""), filters, by=signed_in(request), shared=post.get("shared") == "1"
    )
    messages.success(request, f"Kept as {saved.name}.")
    return _back(request)


@require_POST
@requires(READ_CASES)
def drop(request: HttpRequest, list_id: UUID) -> HttpResponseBase:
    """Delete one of one's own."""
    if saved_lists.drop(list_id, by=signed_in(request)):
        messages.success(request, "The list is deleted; its cases are where they were.")
    return _back(request)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    query = filters_of(request).query()
    return HttpResponseRedirect(reverse("reviews:inbox") + (f"?{query}" if query else ""))
