"""Who is on a question: claimed, taken over, given back. On a page nobody else answers it without taking it
over first, and the ledger names each step."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from audit import clock, ledger, trail

from . import coverage, pending, signals
from .access import decides_now
from .errors import Claimed, LostRace, NoSuchQuestion, NotAllowed
from .models import Escalation, Status
from .services import display, lock, person


@transaction.atomic
def claim(escalation_id: UUID, *, by: User, take_over: bool = False) -> Escalation:
    """Say that one is on it: then nobody else answers it by its page.

    What somebody else has claimed is claimed only by taking it over, which the ledger names. Raises
    `Claimed`.
    """
    row = for_handling(escalation_id, by)
    before, actor = row.owner, person(by)
    if before == actor:
        return row
    if before and not take_over:
        raise Claimed(f"{display(before)} has claimed this. Take it over if you go on in their place.")
    return _owned(row, actor, by, "taken_over" if before else "claimed")


@transaction.atomic
def release(escalation_id: UUID, *, by: User) -> Escalation:
    """Give back a question that one has claimed oneself. Raises `Claimed` where somebody else has."""
    row = for_handling(escalation_id, by)
    if not row.owner:
        return row
    if row.owner != person(by):
        raise Claimed(f"{display(row.owner)} has claimed this. Take it over before you give it back.")
    return _owned(row, "", by, "released")


def locked_open(escalation_id: UUID) -> Escalation:
    """The open question, locked after its subject. Raises `NoSuchQuestion`, `LostRace`."""
    subject = Escalation.objects.filter(pk=escalation_id).values_list("subject", flat=True).first()
    if subject is None:
        raise NoSuchQuestion
    lock(subject)
    row = Escalation.objects.select_for_update(of=("self",)).get(pk=escalation_id)
    if row.status != Status.OPEN:
        raise LostRace(row.verdict or row.status, display(row.decided_by), row.decided_at)
    return row


def for_handling(escalation_id: UUID, by: User) -> Escalation:
    """The open question, its subject locked, for somebody who may answer it, whatever its amount. Raises
    `NoSuchQuestion`, `LostRace`, `NotAllowed`."""
    row = locked_open(escalation_id)
    pending.check_none(row)
    if not decides_now(by, row):
        raise NotAllowed
    if why := coverage.objection(row, coverage.who(by)):
        raise NotAllowed(why)
    return row


def _owned(row: Escalation, owner: str, by: User, what: str) -> Escalation:
    at, before = clock.now(), row.owner
    row.owner = owner
    changes = trail.update([row], ("owner",), trail.Stamp(person(by), at, what.replace("_", " ")))
    data = {"escalation": str(row.id)} | ({"from": before} if what == "taken_over" else {})
    ledger.append([ledger.Event(row.subject, f"escalation.{what}", person(by), at, data, changes)])
    signals.handled.send(Escalation, escalation=row)
    return row
