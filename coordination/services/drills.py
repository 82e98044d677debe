"""A manager rehearses drift: starts a drill of one agent, watches alarm, breaker and recovery, and ends it.

Only in a demonstration or a staging installation. No money moves on what a drill changed: the release of such
an invoice is put to managers, no payment run takes it whatever they answer, and with the end of the drill
its agent looks at it again.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from audit import clock, ledger, trail
from audit.errors import CountersignError
from audit.ids import new_id
from audit.subjects import Subject
from reviews import channel

from ..agents import ADVISORY, REGISTRY, RELEASE
from ..facts import drilled
from ..models import Drill, Invoice
from ..tasks import work_queue
from ..tasks.announce import announce
from .agent_control import act_of, kept, locked

ENDED = ("ended_by", "ended_at", "end_reason")
SMALLEST, LARGEST = Decimal("0.001"), Decimal(1)


class NoPlaceForDrills(CountersignError):
    """A drill changes what an agent answers, on purpose. It can be started in a demonstration
    (`manage.py up --demo`) or with COUNTERSIGN_ENV=staging, and nowhere else."""

    status = 409
    exit_code = 4


class NoSuchDrill(CountersignError):
    """An agent's drill is one of: approves, unsure. Its share is over 0 and at most 1, such as 0.3."""

    status = 400
    exit_code = 2


class NotToBeDrilled(CountersignError):
    """A drill is about an agent that answers before a release: not about the release itself, and not about
    one that only remarks."""

    status = 400
    exit_code = 2


class Running(CountersignError):
    """This agent has a drill already; end it first."""

    status = 409
    exit_code = 5


class NotRunning(CountersignError):
    """This agent has no drill."""

    status = 404
    exit_code = 5


def share_of(text: str) -> Decimal:
    """A share as it is typed. Raises `NoSuchDrill`."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise NoSuchDrill from None


def start(
    name: str,
    kind: str,
    share: Decimal,
    *,
    by: User | None = None,
    reason: str = "",
    seed: str = "",
    via: str = channel.COMMAND,
) -> Drill:
    """Change this share of what an agent proposes from now on. `seed` draws which; none: the drill's own key.

    Raises `NoPlaceForDrills`, `NoSuchDrill`, `NotToBeDrilled`, `Running`, and what `agent_control` raises.
    """
    if not drilled.possible():
        raise NoPlaceForDrills
    if kind not in Drill.Kind.values or not share.is_finite() or not SMALLEST <= share <= LARGEST:
        raise NoSuchDrill
    try:
        with transaction.atomic():
            return _start(name, kind, share, by, reason, seed, via)
    except IntegrityError as error:
        if "coordination_one_drill" in str(error):
            raise Running from error
        raise


def _start(name: str, kind: str, share: Decimal, by: User | None, reason: str, seed: str, via: str) -> Drill:
    doing, now = act_of("agent.drill_started", by, reason, via), clock.now()
    locked(name)
    agent = REGISTRY.get(name)
    if agent is None or name in ADVISORY or RELEASE in agent.contract.owns:
        raise NotToBeDrilled
    key = new_id()
    row = Drill(
        id=key,
        agent=name,
        kind=kind,
        share=share.quantize(SMALLEST),
        seed=seed or str(key),
        reason=kept(doing, name, now),
        started_by=doing.actor,
        started_at=now,
    )
    changes = trail.insert([row], trail.Stamp(doing.actor, now, doing.type))
    told = {"drill": str(row.id), "kind": kind, "share": str(row.share), "seed": row.seed}
    data = {**told, "reason": row.reason, **channel.door(via)}
    ledger.append([ledger.Event(Subject.of("agent", name), doing.type, doing.actor, now, data, changes)])
    announce([("agents", name)])
    return row


@transaction.atomic
def end(name: str, *, by: User | None = None, reason: str = "", via: str = channel.COMMAND) -> int:
    """End an agent's drill; it looks again at what is still decided on with an answer that the drill changed.
    Returns how many invoices these are. Raises `NotRunning` and what `agent_control` raises."""
    doing, now = act_of("agent.drill_ended", by, reason, via), clock.now()
    locked(name)
    row = Drill.objects.select_for_update().filter(agent=name).running().first()
    if row is None:
        raise NotRunning
    row.ended_by, row.ended_at, row.end_reason = doing.actor, now, kept(doing, name, now)
    changes = trail.update([row], ENDED, trail.Stamp(doing.actor, now, doing.type))
    again = look_again(name)
    data = {"drill": str(row.id), "invoices": str(again), "reason": row.end_reason} | channel.door(via)
    ledger.append([ledger.Event(Subject.of("agent", name), doing.type, doing.actor, now, data, changes)])
    announce([("agents", name)], work=True)
    return again


def look_again(name: str) -> int:
    """Ask an agent again about each invoice on which an answer of it stands that a drill changed."""
    ids = drilled.left_by(name)
    rows = list(Invoice.objects.locked().filter(id__in=ids).order_by("id").values_list("id", flat=True))
    work_queue.open_tasks([(name, key, "a drill ended") for key in rows])
    return len(rows)
