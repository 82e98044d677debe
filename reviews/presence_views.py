"""Who has which case before them, as the pages of the queue tell each other."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from audit import clock

from . import presence
from .access import escalation_for, hidden_kinds, requires
from .grants import READ_CASES
from .views import actor_of


@require_POST
@requires(READ_CASES)
def note(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """The page of a case is looked at."""
    escalation = escalation_for(request.user, escalation_id)
    typing = request.POST.get("typing") == "1"
    presence.note(escalation.pk, actor_of(request), typing=typing, now=clock.now())
    return HttpResponse(status=204)


@require_POST
@requires(READ_CASES)
def leave(request: HttpRequest) -> HttpResponse:
    """The page is closed."""
    presence.leave(actor_of(request))
    return HttpResponse(status=204)


@require_safe
@requires(READ_CASES)
def looking(request: HttpRequest) -> HttpResponse:
    """Everybody else who has a case before them, for the rows of the list and the head of the case."""
    found = presence.looking(clock.now(), but=actor_of(request), hidden=hidden_kinds(request.user))
    return render(request, "reviews/_looking.html", {"looking": found})
