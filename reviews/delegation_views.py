"""Who answers for whom: the page on which people hand their questions to a colleague for some days, as plain
forms. Thin, as `views`."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from audit.errors import CountersignError

from . import delegation, fields, policy
from .access import may, requires, signed_in
from .errors import Refused
from .grants import DECIDE, DELEGATE_FOR, READ_CASES
from .names import person
from .pages import refusals_shown


@require_safe
@requires(READ_CASES)
def delegations(request: HttpRequest) -> HttpResponse:
    """Who answers for whom, now and to come, with the form to arrange it."""
    return _page(request)


@require_POST
@requires(DECIDE)
@refusals_shown
def arrange(request: HttpRequest) -> HttpResponseBase:
    """Have a colleague answer one's questions, too; a manager does it for others."""
    by, post = signed_in(request), request.POST
    try:
        delegator = _chosen(post.get("delegator", "")) if post.get("delegator") else by
        delegate = _chosen(post.get("delegate", ""))
        row = delegation.arrange(
            delegator, delegate, _day(post.get("first", "")), _day(post.get("last", "")), by=by
        )
    except CountersignError as error:
        return _page(request, error)
    names = delegation.name_of(delegate), delegation.name_of(delegator)
    messages.success(request, f"{names[0]} answers for {names[1]} until {row.last:%-d %b %Y}.")
    return redirect("reviews:delegations")


@require_POST
@requires(DECIDE)
@refusals_shown
def end(request: HttpRequest, delegation_id: UUID) -> HttpResponseBase:
    """Take one back."""
    delegation.end(delegation_id, by=signed_in(request))
    return redirect("reviews:delegations")


def _page(request: HttpRequest, error: CountersignError | None = None) -> HttpResponse:
    me, now = signed_in(request), clock.now()
    decides, leads = may(me, DECIDE), may(me, DELEGATE_FOR)
    found = delegation.deciders() if decides else []
    people = [(user, delegation.name_of(user), delegation.limit(user)) for user in found]
    mine = delegation.limit(me)
    context = {
        "delegations": [(one, leads or one.delegator_actor == person(me)) for one in delegation.current(now)],
        "decides": decides,
        "leads": leads,
        "people": people,
        "colleagues": [row for row in people if leads or (row[0].pk != me.pk and row[2] >= mine)],
        "mine": mine,
        "currency": policy.currency(),
        "today": now.astimezone(policy.zone()).date(),
        "typed": request.POST,
        "message": error.message if error else "",
    }
    return render(request, "reviews/delegations.html", context, status=error.status if error else 200)


def _chosen(key: str) -> User:
    found = User.objects.filter(pk=fields.whole(key, 0)).first()
    if found is None:
        raise Refused("Choose a colleague.")
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("Choose the first and the last day.") from None
