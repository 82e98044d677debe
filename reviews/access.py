"""Who sees and does what, asked of a person: the table of `reviews.grants` with their groups and department.

Views get a row only through the functions below.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone

from .grants import DECIDE, READ_CASES, ROLES, Right, holders, holds, is_everybodys
from .kinds import KINDS, stored_kind
from .models import Escalation
from .rights import ended, groups_now

P = ParamSpec("P")


def groups_of(user: User | AnonymousUser) -> frozenset[str]:
    """The person's groups, read once per request; none once their access has ended."""
    known: frozenset[str] | None = getattr(user, "_countersign_groups", None)
    if known is None:
        known = groups_now(user) if isinstance(user, User) else frozenset()
        user._countersign_groups = known  # type: ignore[union-attr]
    return known


def may(user: User | AnonymousUser, right: Right) -> bool:
    """Has the person the right? Groups are read once per request: pages ask this many times."""
    return holds(right, groups_of(user), lambda: department_of(user))


def may_now(user: User, right: Right) -> bool:
    """Has the person the right at this moment? What a request remembers does not count: for writes."""
    return user.is_active and holds(right, groups_now(user), lambda: department_of(user))


def department_of(user: User | AnonymousUser) -> str:
    """The person's department; empty where they have none."""
    profile: Any = getattr(user, "signing_profile", None)
    return profile.department if profile else ""


def demand(user: User | AnonymousUser, right: Right) -> None:
    """Refuse in words unless the person has the right."""
    if not may(user, right):
        over = ended(user) if isinstance(user, User) else None
        if over is not None:
            raise PermissionDenied(f"Your access ended on {timezone.localtime(over):%-d %B %Y}.")
        who = "" if is_everybodys(right) else f" {holders(right).words.capitalize()} do."
        raise PermissionDenied(f"You may not {right.words}.{who}")


def signed_in(request: HttpRequest) -> User:
    """The person of a request behind the sign-in."""
    if not isinstance(request.user, User):
        raise PermissionDenied("Sign in first.")
    return request.user


View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def requires(right: Right) -> Callable[[View[P]], View[P]]:
    """A view for people who have the right."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            demand(request.user, right)
            return view(request, *args, **kwargs)

        guarded.right = right  # type: ignore[attr-defined] # for who lists what a right opens
        return guarded

    return decorate


def escalation_for(user: User | AnonymousUser, escalation_id: UUID) -> Escalation:
    """The question, if it exists and the person may read it."""
    demand(user, READ_CASES)
    found = Escalation.objects.filter(pk=escalation_id).first()
    if found is None or not sees_kind(user, found.kind):
        raise Http404("There is no such case.")
    return found


def sees_kind(user: User | AnonymousUser, kind: str) -> bool:
    """May the person see questions of this kind? As its owner says."""
    return may(user, stored_kind(kind).sees)


def hidden_kinds(user: User | AnonymousUser) -> list[str]:
    """The kinds of question that the person may not see."""
    return [kind for kind in KINDS if not sees_kind(user, kind)]


def reserved_kinds(user: User | AnonymousUser) -> list[str]:
    """The kinds that the person is not told the figures of: what asks for more than reading cases.

    How many questions wait, and how long, everybody may know who sees the house at all.
    """
    return [k.name for k in KINDS.values() if k.sees != READ_CASES and not may(user, k.sees)]


def decides(user: User | AnonymousUser, escalation: Escalation) -> bool:
    """May the person decide this kind? Limits and makers are the service's to judge."""
    return may(user, DECIDE) and may(user, stored_kind(escalation.kind).answers)


def decides_now(user: User, escalation: Escalation) -> bool:
    """The same at this moment: for writes."""
    return user.is_active and decides_with(groups_now(user), department_of(user), escalation)


def decides_with(groups: frozenset[str], department: str, escalation: Escalation) -> bool:
    """May who is in these groups and this department decide this kind?"""
    rights = (DECIDE, stored_kind(escalation.kind).answers)
    return all(holds(right, groups, lambda: department) for right in rights)


def title_of(user: User) -> str:
    """What stands under the name: the title of the signing profile, else the group."""
    profile: Any = getattr(user, "signing_profile", None)
    own: str = profile.title if profile and profile.title else ""
    return own or next((ROLES[g] for g in ROLES if g in groups_of(user)), "No group")
