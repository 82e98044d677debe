"""Clocks of open questions: a warning at half the time, the backup at its end. Time never answers for a
person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, Value

from audit import ledger, trail
from reviews import answering, assignment, handling, presence
from reviews import services as reviews
from reviews.models import Escalation, Status

from ..tasks.announce import announce

ACTOR = "system:clocks"


def run(now: datetime) -> tuple[int, int]:
    """(warned, passed on); what was put aside and is due comes back, and claims end whose owner is gone. Each
    in its own transaction: one that is being answered is left alone."""
    handling.return_due(now)
    assignment.end_leases(now)
    presence.remove_gone(now)
    open_ = Escalation.objects.filter(status=Status.OPEN)
    left = ExpressionWrapper(F("due_at") - Value(now), DurationField())
    gone = ExpressionWrapper(Value(now) - F("opened_at"), DurationField())
    half = open_.filter(warned_at=None).annotate(left=left, gone=gone).filter(left__lte=F("gone"))
    halfway = list(half.values_list("id", flat=True))
    over = list(open_.filter(breached_at=None, due_at__lte=now).values_list("id", flat=True))
    warned = sum(_mark(key, "warned_at", "escalation.warned", now, _keep) for key in halfway)
    return warned, sum(_mark(key, "breached_at", "escalation.overdue", now, _pass_on) for key in over)


def count_answers(now: datetime) -> int:
    """Carry out the answers of pages that can no longer be taken back. Returns how many counted."""
    return answering.settle(now)


def _keep(_row: Escalation) -> str:
    return "half of its time is over"


def _pass_on(row: Escalation) -> str:
    """Overdue: whoever had claimed it loses the claim, managers see it first. It stands in the list, whoever
    had put it aside."""
    row.owner, row.aside_until, row.aside_for, row.aside_mark = "", None, "", None
    return "its time is over; it goes to the backup"


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
    changes = trail.update([row], (field, *handling.ASIDE), trail.Stamp(ACTOR, now, why))
    ledger.append(
        [ledger.Event(row.subject, type_, ACTOR, now, {"escalation": str(row.id), "why": why}, changes)]
    )
    announce([("inbox", str(row.id))])
    return True
