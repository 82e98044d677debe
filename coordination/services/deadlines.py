"""Clocks of open questions: a warning at half of the business time, the backup at its end. Time never answers
for a person.

The backup of a department is another one, as the policy in force says (`backup`): its people answer what is
overdue there, too, within their own limits. Managers always may.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, Q, Value

from audit import ledger, trail
from reviews import answering, assignment, delegation, handling, presence, unanswerable
from reviews import services as reviews
from reviews.models import Escalation, Status

from ..facts import policies
from ..tasks.announce import announce

ACTOR = "system:clocks"
MANAGERS = "managers"
"""Who sees to it where the policy names no backup."""


def run(now: datetime) -> tuple[int, int]:
    """(warned, passed on); what was put aside and is due comes back, claims end whose owner is gone, and
    delegations begin and end. Each in its own transaction: one that is being answered is left alone."""
    handling.return_due(now)
    assignment.end_leases(now)
    presence.remove_gone(now)
    delegation.settle(now)
    open_ = Escalation.objects.filter(status=Status.OPEN)
    left = ExpressionWrapper(F("due_at") - Value(now), DurationField())
    gone = ExpressionWrapper(Value(now) - F("opened_at"), DurationField())
    of_before = Q(warn_at=None, left__lte=F("gone"))
    half = open_.filter(warned_at=None).annotate(left=left, gone=gone).filter(Q(warn_at__lte=now) | of_before)
    halfway = list(half.values_list("id", flat=True))
    over = list(open_.filter(breached_at=None, due_at__lte=now).values_list("id", flat=True))
    warned = sum(_mark(key, "warned_at", "escalation.warned", now, _keep) for key in halfway)
    return warned, sum(_mark(key, "breached_at", "escalation.overdue", now, _pass_on) for key in over)


def count_answers(now: datetime) -> int:
    """Carry out the answers of pages that can no longer be taken back. Returns how many counted."""
    return answering.settle(now)


def look_for_unanswerable(now: datetime) -> int:
    """Find open questions that nobody may answer, and those that somebody may again. Returns of how many that
    is news."""
    news = unanswerable.check(now)
    announce([("inbox", str(key)) for key in news])
    return len(news)


def _keep(_row: Escalation) -> str:
    return "half of its time is over"


def _pass_on(row: Escalation) -> str:
    """Overdue: whoever had claimed it loses the claim, and the backup may answer it. It stands in the list,
    whoever had put it aside."""
    row.owner, row.aside_until, row.aside_for, row.aside_mark = "", None, "", None
    row.backup = policies.active().backup(row.queue)
    return f"its time is over; it goes to {row.backup or MANAGERS}"


@transaction.atomic
def _mark(key: UUID, field: str, type_: str, now: datetime, change: Callable[[Escalation], str]) -> bool:
    subject = Escalation.objects.filter(pk=key).values_list("subject", flat=True).first()
    if subject is None:
        return False
    reviews.lock(subject)
    row = Escalation.objects.select_for_update(of=("self",)).get(pk=key)
    if row.status != Status.OPEN or getattr(row, field) is not None:
        return False
    setattr(row, field, now)
    why = change(row)
    changes = trail.update([row], (field, "backup", *handling.ASIDE), trail.Stamp(ACTOR, now, why))
    data = {"escalation": str(row.id), "why": why} | ({"backup": row.backup} if row.backup else {})
    ledger.append([ledger.Event(row.subject, type_, ACTOR, now, data, changes)])
    announce([("inbox", str(row.id))])
    return True
