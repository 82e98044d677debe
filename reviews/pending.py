"""Answers that do not count yet: what a page answered may be taken back for some seconds.

A row stands beside the open question as long as nothing of the answer has left. What was answered is in the
entry that the row names, and nowhere else: the row says no more than that there is one, whose, and until
when.
`answering` gives, takes back and carries out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from audit import ledger
from audit.models import Entry

from .errors import Answering
from .models import Escalation, PendingAnswer
from .names import display

GIVEN, TAKEN_BACK, VOIDED = "verdict.pending", "verdict.taken_back", "verdict.voided"
NOT_COUNTED = (GIVEN, TAKEN_BACK, VOIDED)
OF_ANSWERS = (*NOT_COUNTED, "verdict.given")
ACTOR = "system:reviews"
CHANGED = "The case changed before the answer counted."


def find(question: UUID) -> PendingAnswer | None:
    """The answer that is waiting to count, if there is one."""
    return PendingAnswer.objects.filter(pk=question).first()


def check_none(row: Escalation, *, kept: bool = False) -> None:
    """Raise `Answering` while an answer of this question can still be taken back."""
    if (found := find(row.pk)) is not None:
        raise Answering(found.verdict, display(found.by), found.at, found.until, kept=kept)


def void(rows: Sequence[Escalation], why: str, at: datetime) -> None:
    """Drop answers that waited to count, of questions whose locks the caller holds: the ledger says of each
    that it did not."""
    waiting = {p.pk: p for p in PendingAnswer.objects.filter(pk__in=[row.pk for row in rows])}
    if not waiting:
        return
    ledger.append(
        [
            ledger.Event(row.subject, VOIDED, ACTOR, at, _of_entry(row, waiting[row.pk]) | {"why": why})
            for row in rows
            if row.pk in waiting
        ]
    )
    drop(waiting)


def drop(keys: Iterable[UUID]) -> None:
    """Remove rows whose end the caller has recorded."""
    PendingAnswer.objects.filter(pk__in=list(keys)).delete()


def _of_entry(row: Escalation, pending: PendingAnswer) -> dict[str, Any]:
    return {"escalation": str(row.pk), "by": pending.by, "pending": str(pending.entry)}


def last_word(question: Escalation, actor: str) -> Entry | None:
    """The newest entry about an answer of this person to a question: given, taken back, void, or in force."""
    named = Entry.objects.filter(subject=question.subject, type__in=OF_ANSWERS).order_by("-id")
    for entry in named[:20]:
        said = ledger.data_of(entry.body)
        if said.get("escalation") == str(question.pk) and actor in (entry.actor, said.get("by")):
            return entry
    return None
