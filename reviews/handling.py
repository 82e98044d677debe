"""What people do with a question short of answering it: say something about it, hand it over, put it aside.

Each is an entry of the subject; none changes what is asked, and none is an answer. What was put aside comes
back by itself, at a time or with the first thing that happens to the subject, whichever is first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from audit import clock, commitments, ledger, trail
from audit.models import Entry

from . import assignment, coverage, fields, signals
from .access import decides_now, decides_with, department_of, escalation_for, may_now, sees_kind
from .errors import Claimed, NotAllowed, Refused
from .grants import DECIDE, OF_DEPARTMENTS, READ_CASES, holders
from .models import Escalation, Mention, OpenQuestion, Status
from .names import display, person
from .pending import NOT_COUNTED
from .principals import actors_covered, everybodys
from .services import locked

LONGEST_ASIDE = timedelta(days=30)
"""A question comes back after so long at the latest, whatever it waits for."""
NAMED = re.compile(r"(?<![\w@])@([\w.+-]{1,150})")
ACTOR = "system:reviews"
ASIDE = ("owner", "aside_until", "aside_for", "aside_mark")


class Awaited(StrEnum):
    """What brings a question back that was put aside."""

    TIME = "time"
    EVENT = "event"


OWN = frozenset(NOT_COUNTED) | frozenset(
    f"escalation.{what}"
    for what in (
        *("claimed", "released", "taken_over", "handed_over", "remarked", "put_aside", "returned"),
        *("warned", "overdue", "lease_ended"),
    )
)
"""Entries that say what people and clocks do with a question, and answers that do not count. They bring
nothing back."""


# --- remarks ------------------------------------------------------------------------------------------------


@transaction.atomic
def remark(escalation_id: UUID, text: str, *, by: User) -> Sequence[str]:
    """Say something about an open question; who is named with an @ finds it under "Mentions me". Returns
    the actors named. Raises `Refused` where nothing is said or nobody of that name reads such cases,
    `fields.TooLong`."""
    row = escalation_for(by, escalation_id)
    words = fields.within(text.strip(), fields.MOST_WORDS, "A remark")
    if not words:
        raise Refused("Write what you want to say.")
    row = assignment.locked_open(row.id)
    actor, at, named = person(by), clock.now(), _people_named(words, row)
    said = commitments.commit(words, kind="remark", of=actor, about=row.subject, at=at)
    data = {"escalation": str(row.id), "text": said} | ({"mentions": named} if named else {})
    _record(row, "remarked", actor, at, data)
    Mention.objects.bulk_create(
        [Mention(question_id=row.id, actor=who, by=actor, at=at) for who in named if who != actor],
        ignore_conflicts=True,
    )
    return named


def _people_named(words: str, row: Escalation) -> list[str]:
    """The actors whom a remark names."""
    names = list(dict.fromkeys(name.rstrip(".-") for name in NAMED.findall(words)))
    found = {user.get_username(): user for user in User.objects.filter(username__in=names, is_active=True)}
    for name in names:
        if name not in found or not _reads(found[name], row):
            raise Refused(f"Nobody who reads this case is called @{name}. Name people by their user names.")
    return [person(found[name]) for name in names]


def _reads(user: User, row: Escalation) -> bool:
    return may_now(user, READ_CASES) and sees_kind(user, row.kind)


# --- handing over -------------------------------------------------------------------------------------------


@transaction.atomic
def hand_over(escalation_id: UUID, to: User | None, *, by: User, why: str = "") -> Escalation:
    """Give a question to somebody who may answer it. Raises `Claimed` where a third person has claimed it,
    `NotAllowed` where `to` may not answer it."""
    row = assignment.for_handling(escalation_id, by)
    _not_anothers(row, by)
    if to is None:
        raise Refused("Choose whom you give it to.")
    if not takes(to, row):
        raise NotAllowed(f"{display(person(to))} does not answer this; choose somebody who does.")
    if row.owner == person(to):
        return row
    at, actor = clock.now(), person(by)
    words = fields.within(why.strip(), fields.MOST_WORDS, "A reason")
    said = commitments.commit(words, kind="remark", of=actor, about=row.subject, at=at) if words else ""
    before, row.owner = row.owner, person(to)
    changes = trail.update([row], ("owner",), trail.Stamp(actor, at, "handed over"))
    _without_end(row)  # they have not seen it yet
    data = {"escalation": str(row.id), "to": person(to), "from": before, "text": said}
    _record(row, "handed_over", actor, at, data, changes)
    return row


def takes(user: User, row: Escalation) -> bool:
    """May this person answer the question, whatever its amount?"""
    return user.is_active and decides_now(user, row) and not coverage.objection(row, coverage.who(user))


def colleagues(row: Escalation, but: User) -> list[User]:
    """Everybody else who may answer a question, by name. A few queries, however many they are."""
    deciding = User.objects.filter(is_active=True, groups__name__in=holders(DECIDE).roles | OF_DEPARTMENTS)
    people = deciding.exclude(pk=but.pk).exclude(signing_profile__until__lte=clock.now()).distinct()
    found, covered = [], everybodys()
    for user in people.select_related("signing_profile").prefetch_related("groups"):
        groups = frozenset(group.name for group in user.groups.all())
        if decides_with(groups, department_of(user), row) and not coverage.objection(
            row, coverage.who(user, groups, covered.get(user.pk, ()))
        ):
            found.append(user)
    return sorted(found, key=lambda user: (user.get_full_name() or user.get_username()).casefold())


# --- putting aside ------------------------------------------------------------------------------------------


@transaction.atomic
def put_aside(
    escalation_id: UUID, until: datetime, *, by: User, awaited: Awaited = Awaited.TIME
) -> Escalation:
    """Take a question out of the list until a moment, or until something happens to its subject, then at the
    latest. Its clock runs on. It is claimed by whoever puts it aside. Raises `Refused` for a moment that has
    passed or is too far."""
    row = assignment.for_handling(escalation_id, by)
    _not_anothers(row, by)
    at, actor = clock.now(), person(by)
    if not at < until <= at + LONGEST_ASIDE:
        raise Refused(f"A case is put aside until a later moment, for {LONGEST_ASIDE.days} days at most.")
    row.owner, row.aside_until, row.aside_for = actor, until, awaited.value
    row.aside_mark = Entry.objects.order_by("-id").values_list("id", flat=True)[:1].get()
    changes = trail.update([row], ASIDE, trail.Stamp(actor, at, "put aside"))
    _without_end(row)
    data = {"escalation": str(row.id), "until": until.isoformat(), "for": awaited.value}
    _record(row, "put_aside", actor, at, data, changes)
    return row


@transaction.atomic
def take_back(escalation_id: UUID, *, by: User) -> Escalation:
    """Put a question back into the list."""
    row = assignment.for_handling(escalation_id, by)
    if row.aside_until is None:
        return row
    return _returned(row, person(by), "taken back", clock.now())


def return_due(now: datetime) -> int:
    """Put back what was put aside and whose time has come, or to whose subject something has happened.
    Returns how many."""
    aside = OpenQuestion.objects.filter(aside_until__isnull=False).values_list("pk", flat=True)
    return sum(_return(key, now) for key in aside)


@transaction.atomic
def _return(key: UUID, now: datetime) -> bool:
    row = locked(key)
    if row.status != Status.OPEN or row.aside_until is None:
        return False
    why = "time" if row.aside_until <= now else ""
    if not why and row.aside_for == Awaited.EVENT:
        later = Entry.objects.filter(subject=row.subject, id__gt=row.aside_mark).exclude(type__in=OWN)
        why = later.order_by("id").values_list("type", flat=True).first() or ""
    if why:
        _returned(row, ACTOR, why, now)
    return bool(why)


def _returned(row: Escalation, actor: str, why: str, at: datetime) -> Escalation:
    row.aside_until, row.aside_for, row.aside_mark = None, "", None
    changes = trail.update([row], ASIDE[1:], trail.Stamp(actor, at, "returned"))
    data = {"escalation": str(row.id), "why": why}
    _record(row, "returned", actor, at, data, changes)
    return row


# --- shared -------------------------------------------------------------------------------------------------


def _record(
    row: Escalation,
    what: str,
    actor: str,
    at: datetime,
    data: dict[str, Any],
    changes: Sequence[trail.Change] = (),
) -> None:
    ledger.append([ledger.Event(row.subject, f"escalation.{what}", actor, at, data, changes)])
    signals.handled.send(Escalation, escalation=row)


def _without_end(row: Escalation) -> None:
    """Whose it is now keeps it without being seen on it, until they claim it anew or it is overdue."""
    OpenQuestion.objects.filter(pk=row.pk).update(leased_until=None)


def _not_anothers(row: Escalation, by: User) -> None:
    if row.owner and row.owner not in actors_covered(person(by)):
        raise Claimed(f"{display(row.owner)} has claimed this. Take it over first.")
