"""For whom somebody answers besides themselves, by the delegations that are in force. Read only; `delegation`
writes them.

A delegate answers what stands in the queue of whoever delegated, and what that person has claimed. They gain
no right, no group and no limit by it; and what was delegated to the delegator is not theirs: there are no
chains.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from audit import clock

from . import policy
from .grants import DECIDE, holds
from .models import Delegation
from .names import account_of, person


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody for whom another answers: `actor` as in the ledger. `department` whose queue it is, empty for
    every department's; None for a manager, of whose questions the claimed ones alone go over."""

    actor: str
    name: str
    department: str | None


def in_force(at: datetime) -> QuerySet[Delegation]:
    """The delegations of which both accounts are there at a moment within their days."""
    found = Delegation.objects.filter(ended_at=None, begins__lte=at, ends__gt=at)
    for side in ("delegator", "delegate"):
        over = Q(**{f"{side}__signing_profile__until__lte": at})
        found = found.filter(**{f"{side}__is_active": True}).exclude(over)
    return found


def principals_of(user: User) -> tuple[Principal, ...]:
    """For whom a person answers now, the longest since first."""
    return _by_delegate(in_force(clock.now()).filter(delegate=user.pk)).get(user.pk, ())


def everybodys() -> dict[int, tuple[Principal, ...]]:
    """The same of everybody who answers for somebody, by the keys of their accounts."""
    return _by_delegate(in_force(clock.now()))


def actors_covered(actor: str) -> list[str]:
    """An actor, and those for whom they answer."""
    key = account_of(actor)
    others = (
        in_force(clock.now()).filter(delegate=int(key)).values_list("delegator", flat=True) if key else ()
    )
    return [actor, *(f"human:{pk}" for pk in others)]


def _by_delegate(rows: QuerySet[Delegation]) -> dict[int, tuple[Principal, ...]]:
    found: dict[int, tuple[Principal, ...]] = {}
    read = rows.select_related("delegator__signing_profile").prefetch_related("delegator__groups")
    for row in read.order_by("begins", "id"):
        if (principal := _principal(row.delegator)) is not None:
            found[row.delegate_id] = (*found.get(row.delegate_id, ()), principal)
    return found


def _principal(user: User) -> Principal | None:
    """The person as somebody for whom another answers; None where they decide nothing themselves."""
    groups = frozenset(group.name for group in user.groups.all())
    if not holds(DECIDE, groups):
        return None
    profile = getattr(user, "signing_profile", None)
    department = None if policy.ANSWERS_ALL in groups else (profile.department if profile else "")
    return Principal(person(user), user.get_full_name() or user.get_username(), department)
