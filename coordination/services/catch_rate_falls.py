"""A fall of a queue's catch rate is found, and doses begin and end, by a job and never while somebody
answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from audit import ledger, trail
from audit.ids import new_id
from audit.subjects import Subject

from ..domain.oversight import BLOCK, GOAL, Recovery, course, recovery
from ..domain.policy import Policy
from ..facts import policies
from ..models import FALL, CatchRateFall, KnownAnswerResult
from ..tasks.announce import announce
from .keyed_draw import share
from .oversight import ACTOR

BEGAN, ENDED = "catch_rate.doses_began", "catch_rate.doses_ended"
MET, OTHER_POLICY, UNMEASURED = "goal met", "other policy", "not measured"
"""Why doses end. A fall that is not over is dosed anew by what the policy says then."""


def look(now: datetime) -> int:
    """End doses whose reason is gone, and begin those of falls that are found. Returns how many began or
    ended."""
    policy, measured = policies.active(), share() > 0
    ended = [_ended(fall.queue, policy, now) for fall in CatchRateFall.objects.filter(ended_at=None)]
    if not measured or not policy.oversight.doses:
        return sum(ended)
    queues = KnownAnswerResult.objects.exclude(by="").values_list("known__question__queue", flat=True)
    return sum(ended) + sum(_began(queue, policy, now) for queue in sorted(queues.distinct()))


@transaction.atomic
def _ended(queue: str, policy: Policy, now: datetime) -> bool:
    fall = _locked(queue)
    if fall is None:
        return False
    found = recovery(outcomes(queue, fall.since))
    why = _why_over(fall, found, policy)
    if not why:
        return False
    fall.ended_at, fall.why = now, why
    changes = trail.update([fall], ("ended_at", "why"), trail.Stamp(ACTOR, now, why))
    _record(fall, ENDED, now, changes, {"why": why, "cases": str(found.cases), "caught": str(found.caught)})
    return True


def _why_over(fall: CatchRateFall, found: Recovery, policy: Policy) -> str:
    if share() <= 0:
        return UNMEASURED
    if found.met:
        return MET
    return "" if fall.doses == _rows(policy) else OTHER_POLICY


@transaction.atomic
def _began(queue: str, policy: Policy, now: datetime) -> bool:
    if _locked(queue) is not None:
        return False
    fall = _going_on(queue) or _found(queue, now)
    if fall is None:
        return False
    fall.policy, fall.doses, fall.began_at = policy.name, _rows(policy), now
    changes = trail.insert([fall], trail.Stamp(ACTOR, now, "the catch rate fell"))
    told = {
        "cases": str(fall.cases),
        "caught": str(fall.caught),
        "goal": str(GOAL),
        "block": str(BLOCK),
    }
    _record(fall, BEGAN, now, changes, told)
    return True


def _going_on(queue: str) -> CatchRateFall | None:
    """The fall whose doses ended because the policy changed, once more; what was caught since counts on."""
    last = CatchRateFall.objects.filter(queue=queue).order_by("-began_at").first()
    if last is None or last.why != OTHER_POLICY or recovery(outcomes(queue, last.since)).met:
        return None
    return CatchRateFall(id=new_id(), queue=queue, cases=last.cases, caught=last.caught, since=last.since)


def _found(queue: str, now: datetime) -> CatchRateFall | None:
    """A fall, looked for in the cases since the goal was met the last time."""
    met = CatchRateFall.objects.filter(queue=queue, why=MET).order_by("-ended_at").first()
    seen = course(outcomes(queue, met.ended_at if met is not None else None))
    if seen.word != "falling":
        return None
    return CatchRateFall(id=new_id(), queue=queue, cases=seen.cases, caught=seen.caught, since=now)


def _record(
    fall: CatchRateFall, what: str, now: datetime, changes: list[trail.Change], told: dict[str, str]
) -> None:
    data = {"queue": fall.queue, "policy": fall.policy, "doses": fall.doses, "since": fall.since, **told}
    ledger.append([ledger.Event(fall.subject, what, ACTOR, now, data, changes)])
    announce([("inbox", "")])


def _locked(queue: str) -> CatchRateFall | None:
    """The fall of a queue that is not over. The lock is that of the queue, which has no row of its own."""
    ledger.lock(Subject.of(FALL, queue))
    return CatchRateFall.objects.filter(queue=queue, ended_at=None).first()


def outcomes(queue: str, after: datetime | None) -> Sequence[str]:
    """How known-answer cases of a queue ended, in order, after a moment or ever."""
    found = KnownAnswerResult.objects.filter(known__question__queue=queue).order_by("at", "known_id")
    if after is not None:
        found = found.filter(at__gt=after)
    return list(found.values_list("outcome", flat=True))


def _rows(policy: Policy) -> list[dict[str, str]]:
    return [dose.as_json() for dose in policy.oversight.doses]
