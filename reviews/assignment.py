"""Who is on a question: claimed, taken over, given back. On a page nobody else answers it without taking it
over first, and the ledger names each step.

A claim is a lease: it ends by itself some time after its owner was last seen on the case, so that nobody has
to ask for what somebody forgot.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction

from audit import clock, ledger, trail
from audit.errors import CountersignError

from . import coverage, pending, signals, signing
from .access import decides_now
from .errors import Claimed, LostRace, NoSuchQuestion, NotAllowed
from .models import Escalation, OpenQuestion, Status
from .services import display, locked, person

ACTOR = "system:reviews"
NAMES_BEFORE = frozenset({"taken_over", "lease_ended"})
RENEWED = timedelta(minutes=1)
"""A lease is written anew so often at the most."""


def lease() -> timedelta:
    """How long a claim lasts after its owner was last seen on the case."""
    return timedelta(minutes=settings.COUNTERSIGN_LEASE)


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
    return _change_owner(row, actor, actor, "taken_over" if before else "claimed")


@transaction.atomic
def release(escalation_id: UUID, *, by: User) -> Escalation:
    """Give back a question that one has claimed oneself. Raises `Claimed` where somebody else has."""
    row = for_handling(escalation_id, by)
    if not row.owner:
        return row
    if row.owner != person(by):
        raise Claimed(f"{display(row.owner)} has claimed this. Take it over before you give it back.")
    return _change_owner(row, "", person(by), "released")


def leased_until(row: Escalation) -> datetime | None:
    """When the claim of an open question ends by itself; None where nobody has claimed it, or it does not."""
    if not row.owner:
        return None
    return OpenQuestion.objects.filter(pk=row.pk).values_list("leased_until", flat=True).first()


def renew(question: UUID, actor: str, now: datetime) -> None:
    """The owner of a claim is on the case: it lasts on. No entry: who is on it has not changed."""
    lasting = now + lease()
    OpenQuestion.objects.filter(
        pk=question, owner=actor, leased_until__isnull=False, leased_until__lt=lasting - RENEWED
    ).update(leased_until=lasting)


def end_leases(now: datetime) -> int:
    """Give back what was claimed by somebody who has not been seen on it for so long. Returns how many."""
    over = OpenQuestion.objects.filter(leased_until__lte=now).values_list("pk", flat=True)
    return sum(_end_lease(key, now) for key in list(over))


@transaction.atomic
def _end_lease(key: UUID, now: datetime) -> bool:
    try:
        row = locked_open(key)
    except (LostRace, NoSuchQuestion):
        return False
    kept = OpenQuestion.objects.filter(pk=key, leased_until__lte=now, pending__isnull=True)
    if not row.owner or not kept.exists():
        return False
    _change_owner(row, "", ACTOR, "lease_ended")
    return True


def claim_next(keys: Iterable[UUID], *, by: User) -> Escalation | None:
    """Claim the first of these questions that nobody is on, that this person may sign, and that nobody else
    takes at this moment: several who ask at once get one each. None where there is none."""
    for key in keys:
        try:
            with transaction.atomic():
                if (row := _take(key, by)) is not None:
                    return row
        except CountersignError:
            continue  # claimed, answered or withdrawn between the list and here
    return None


def _take(key: UUID, by: User) -> Escalation | None:
    with connection.cursor() as cursor:  # whoever else asks for the next one passes this one over
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 1))", [f"next/{key}"])
        (mine,) = cursor.fetchone()
    row = Escalation.objects.filter(pk=key, status=Status.OPEN, owner="").first() if mine else None
    return claim(key, by=by) if row is not None and not signing.objection(row, by) else None


def locked_open(escalation_id: UUID) -> Escalation:
    """The open question, locked after its subject. Raises `NoSuchQuestion`, `LostRace`."""
    row = locked(escalation_id)
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


def _change_owner(row: Escalation, owner: str, actor: str, what: str) -> Escalation:
    at, before = clock.now(), row.owner
    row.owner = owner
    changes = trail.update([row], ("owner",), trail.Stamp(actor, at, what.replace("_", " ")))
    OpenQuestion.objects.filter(pk=row.pk).update(leased_until=at + lease() if owner else None)
    data = {"escalation": str(row.id)} | ({"from": before} if what in NAMES_BEFORE else {})
    ledger.append([ledger.Event(row.subject, f"escalation.{what}", actor, at, data, changes)])
    signals.handled.send(Escalation, escalation=row)
    return row
