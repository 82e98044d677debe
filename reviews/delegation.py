"""Delegation from a day to a day: a colleague answers somebody's questions, too, while they are away.

Only to somebody whose own limit is as high or higher, and never in a circle. It begins and ends by its days,
and ends before when it is taken back or when either account ends. Each is an entry of the person who
delegated. For whom somebody answers is read in `principals`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction

from audit import clock, ledger, trail
from audit.ids import new_id
from audit.subjects import Subject

from . import policy, principals, signing
from .access import may_now
from .errors import NoSuchQuestion, NotAllowed, Refused
from .grants import DECIDE, DELEGATE_FOR
from .models import Delegation
from .names import display, person
from .rights import ended, groups_now

LONGEST = timedelta(days=366)
"""Whoever is away for longer has no desk here."""
ACTOR = "system:reviews"
OVER, TAKEN_BACK = "its last day is over", "taken back"
ACCOUNT = "an account ended, or decides nothing any more"


class NoSuchDelegation(NoSuchQuestion):
    """There is no such delegation."""


class Circle(Refused):
    """People would stand in for each other in a circle."""


def arrange(delegator: User, delegate: User, first: date, last: date, *, by: User) -> Delegation:
    """Have a colleague answer somebody's questions, too, from a day to a day, both included, in the zone of
    the house. Raises `NotAllowed` (not one's own, or the colleague's limit is lower), `Refused` (days,
    people), `Circle`."""
    _check_people(delegator, delegate, by)
    begins, ends = _moments(first, last)
    with transaction.atomic():
        with connection.cursor() as cursor:  # two at once, each to the other, would be a circle
            cursor.execute("LOCK TABLE reviews_delegation IN SHARE ROW EXCLUSIVE MODE")
        limits = _check_limits(delegator, delegate)
        _check_others(delegator, delegate, begins, ends)
        now = clock.now()
        row = Delegation(
            id=new_id(),
            delegator=delegator,
            delegate=delegate,
            begins=begins,
            ends=ends,
            by=person(by),
            at=now,
        )
        what = "arranged" if begins > now else "begun"
        row.begun_at = now if what == "begun" else None
        changes = trail.insert([row], trail.Stamp(person(by), now, what))
        _record(row, what, person(by), now, changes, limits)
    return row


def _check_people(delegator: User, delegate: User, by: User) -> None:
    if by.pk != delegator.pk and not may_now(by, DELEGATE_FOR):
        raise NotAllowed(f"{name_of(delegator)} or a manager arranges who answers for {name_of(delegator)}.")
    if delegator.pk == delegate.pk:
        raise Refused("Choose somebody else: nobody answers for themselves.")
    for user in (delegator, delegate):
        if not may_now(user, DECIDE):
            raise Refused(f"{name_of(user)} decides no cases.")


def _moments(first: date, last: date) -> tuple[datetime, datetime]:
    """When the first day begins and the last one ends."""
    today = clock.now().astimezone(policy.zone()).date()
    if first < today:
        raise Refused("Choose a first day from today on.")
    if last < first:
        raise Refused("Choose a last day that is not before the first.")
    if last - today > LONGEST:
        raise Refused(f"A delegation ends within {LONGEST.days} days.")
    return _begins(first), _begins(last + timedelta(days=1))


def _begins(day: date) -> datetime:
    return datetime.combine(day, time.min, policy.zone())


def _check_limits(delegator: User, delegate: User) -> dict[str, str]:
    """The limits of both, as the entry keeps them."""
    mine, theirs = (signing.limit_of(user, groups_now(user)) or Decimal(0) for user in (delegator, delegate))
    if theirs < mine:
        raise NotAllowed(
            f"{name_of(delegate)} signs up to {_money(theirs)}, {name_of(delegator)} up to {_money(mine)}."
            " Choose somebody whose limit is as high."
        )
    return {"delegator": f"{mine:.2f}", "delegate": f"{theirs:.2f}"}


def _check_others(delegator: User, delegate: User, begins: datetime, ends: datetime) -> None:
    """One delegate at a time, and no circle: neither back to where it came from, nor by a detour."""
    rows = list(Delegation.objects.filter(ended_at=None, begins__lt=ends, ends__gt=begins))
    for row in rows:
        if row.delegator_id == delegator.pk:
            raise Refused(
                f"{display(f'human:{row.delegate_id}')} answers for {name_of(delegator)} until"
                f" {_day(row.last)} already. End that first, or choose other days."
            )
    way = [(delegate.pk, begins, ends)]
    for at, since, until in way:
        for row in rows:
            both = max(since, row.begins), min(until, row.ends)
            if row.delegator_id == at and both[0] < both[1]:
                if row.delegate_id == delegator.pk:
                    raise Circle(
                        f"{display(f'human:{at}')} has handed over to {name_of(delegator)} on some of these"
                        " days: nobody would be left to answer. Choose somebody else, or other days."
                    )
                way.append((row.delegate_id, *both))


def end(delegation_id: UUID, *, by: User) -> Delegation:
    """Take a delegation back, begun or not. Raises `NoSuchDelegation`, `NotAllowed`; one that is over stays
    over."""
    with transaction.atomic():
        row = _locked(delegation_id)
        if row is None:
            raise NoSuchDelegation
        if by.pk != row.delegator_id and not may_now(by, DELEGATE_FOR):
            raise NotAllowed(f"{name_of(row.delegator)} or a manager takes this back.")
        if row.ended_at is None:
            _end(row, TAKEN_BACK, person(by), clock.now())
        return row


def settle(now: datetime) -> int:
    """Write down which delegations have begun and ended by themselves. What they do goes by the moment, and
    does not wait for this. Returns how many entries."""
    due = Delegation.objects.filter(ended_at=None).order_by("begins", "id").values_list("pk", flat=True)
    return sum(_settle(key, now) for key in list(due))


@transaction.atomic
def _settle(key: UUID, now: datetime) -> bool:
    row = _locked(key)
    if row is None or row.ended_at is not None:
        return False
    if row.ends <= now:
        _end(row, OVER, ACTOR, now)
    elif not (_works(row.delegator, now) and _works(row.delegate, now)):
        _end(row, ACCOUNT, ACTOR, now)
    elif row.begun_at is None and row.begins <= now:
        row.begun_at = now
        changes = trail.update([row], ("begun_at",), trail.Stamp(ACTOR, now, "begun"))
        _record(row, "begun", ACTOR, now, changes)
    else:
        return False
    return True


def _works(user: User, now: datetime) -> bool:
    return may_now(user, DECIDE) and ended(user, now) is None


def _locked(key: UUID) -> Delegation | None:
    rows = Delegation.objects.select_for_update(of=("self",)).select_related("delegator", "delegate")
    return rows.filter(pk=key).first()


def _end(row: Delegation, why: str, actor: str, at: datetime) -> None:
    row.ended_at = at
    changes = trail.update([row], ("ended_at",), trail.Stamp(actor, at, why))
    _record(row, "ended", actor, at, changes, why=why)


def _record(
    row: Delegation,
    what: str,
    actor: str,
    at: datetime,
    changes: Sequence[trail.Change],
    limits: dict[str, str] | None = None,
    why: str = "",
) -> None:
    data = {
        "delegation": str(row.id),
        "delegator": person(row.delegator),
        "delegate": person(row.delegate),
        "from": row.begins,
        "until": row.ends,
        **({"limits": limits} if limits else {}),
        **({"why": why} if why else {}),
    }
    subject = Subject.of("person", row.delegator_id)
    ledger.append([ledger.Event(subject, f"delegation.{what}", actor, at, data, changes)])


# --- what pages and commands show ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """A delegation that is in force or to come, in the words of a page."""

    id: UUID
    delegator: str
    delegate: str
    delegator_actor: str
    delegate_actor: str
    first: date
    last: date
    in_force: bool


def current(now: datetime, *, in_force: bool = False) -> list[Shown]:
    """The delegations that are in force or to come, the first to begin first; `in_force`: those alone."""
    rows = principals.in_force(now) if in_force else Delegation.objects.filter(ended_at=None, ends__gt=now)
    found = rows.select_related("delegator", "delegate").order_by("begins", "id")
    working = set(principals.in_force(now).values_list("pk", flat=True)) if not in_force else None
    return [
        Shown(
            row.id,
            name_of(row.delegator),
            name_of(row.delegate),
            person(row.delegator),
            person(row.delegate),
            row.first,
            row.last,
            working is None or row.pk in working,
        )
        for row in found
    ]


def deciders() -> list[User]:
    """Everybody who decides cases, by name."""
    return sorted(signing.deciding(), key=lambda user: name_of(user).casefold())


def limit(user: User) -> Decimal:
    """Up to what amount a person signs, in company currency; nought for nothing."""
    return signing.limit_of(user, groups_now(user)) or Decimal(0)


def name_of(user: User) -> str:
    """What a person is called."""
    return user.get_full_name() or user.get_username()


def _money(amount: Decimal) -> str:
    return f"{policy.currency()} {amount:,.2f}".strip()


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
