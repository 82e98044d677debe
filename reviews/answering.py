"""An answer by a page: it counts after some seconds in which whoever gave it takes it back by one key.

Until then it is rehearsed, recorded and shown, and nothing of it has left: the question is open, no hold is
released, no state has moved. When the time is over it is weighed anew, against the question and the rights of
that moment, and carried out (`services.resolve`). What no longer holds then is void: an answer never counts
for a case that the person has not seen, and silence never becomes one.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from audit import canonical, clock, commitments, ledger
from audit.errors import CountersignError
from audit.models import Entry

from . import pending, services, signals
from .errors import Counted, NotAllowed, Unrecorded
from .models import Escalation, PendingAnswer, Status
from .names import account_of, person
from .weighing import Answer, Seen, Together, check_lengths

log = logging.getLogger("countersign.reviews")


def window() -> timedelta:
    """How long an answer of a page can be taken back; zero where it counts at once."""
    return timedelta(seconds=settings.COUNTERSIGN_UNDO)


def give(escalation_id: UUID, verdict: str, *, by: User, **said: Any) -> Escalation:
    """Answer a question by a page, as `services.resolve` with the same fields and errors.

    Returns the question; `pending.find` has the answer while it can be taken back. Raises `Answering` where
    another one waits to count.
    """
    if not window():
        return services.resolve(escalation_id, verdict, by=by, **said)
    answer = services.answer_of(verdict, **said)
    check_lengths(answer)
    with transaction.atomic():
        row = services.locked(escalation_id)
        waiting = pending.find(row.pk)
        if waiting is not None and (waiting.by, waiting.click) == (person(by), answer.click) and answer.click:
            return row
        if answer.click and row.verdicts.filter(by=person(by), click=answer.click).exists():
            return row
        _rehearse(escalation_id, answer, by)
        _wait(row, answer, by)
    return row


def take_back(escalation_id: UUID, *, by: User) -> tuple[Escalation, dict[str, Any]]:
    """Take back one's own answer while it waits to count.

    Returns the question and what was answered: verdict, reason, comment. Raises `Counted` where it counts
    already, `NotAllowed` where it is somebody else's.
    """
    with transaction.atomic():
        row = services.locked(escalation_id)
        waiting = pending.find(row.pk)
        if waiting is None:
            raise Counted
        if waiting.by != person(by):
            raise NotAllowed("Only whoever gave an answer takes it back.")
        _, answer = _recorded(row, waiting)
        data = {"escalation": str(row.pk), "pending": str(waiting.entry)}
        ledger.append([ledger.Event(row.subject, pending.TAKEN_BACK, waiting.by, clock.now(), data)])
        pending.drop([row.pk])
        signals.handled.send(Escalation, escalation=row)
    said = {"verdict": answer.verdict, "reason": answer.reason, "comment": answer.comment}
    return row, said | {"remedy": answer.remedy, "typed": answer.typed}


def take_back_together(decision: str, *, by: User) -> tuple[int, int]:
    """Take back all of one's own answers that are parts of one decision (`weighing.Together`). Returns how
    many were taken back, and how many counted already. Each in a transaction of its own."""
    mine = PendingAnswer.objects.filter(together=decision, by=person(by)) if decision else []
    taken = late = 0
    for waiting in list(mine):
        try:
            take_back(waiting.pk, by=by)
            taken += 1
        except Counted:
            late += 1
    return taken, late


def settle(now: datetime) -> int:
    """Carry out the answers whose time to be taken back is over. Returns how many counted. Each in a
    transaction of its own; one that does not hold any more is void, which the ledger says. One that fails for
    any other reason waits for the next time, and holds no other up."""
    due = PendingAnswer.objects.filter(until__lte=now).order_by("until", "pk").values_list("pk", flat=True)
    counted = 0
    for key in list(due):
        try:
            counted += _settle(key, now)
        except Exception:
            log.exception("The answer to question %s could not be carried out; it is tried again.", key)
    return counted


# --- inside a transaction -----------------------------------------------------------------------------------


class _Rehearsed(Exception):
    """The rehearsal of an answer is over."""


def _rehearse(escalation_id: UUID, answer: Answer, by: User) -> None:
    """Give the answer and take back all that it wrote: whoever would refuse it says so now, while the person
    is there to hear it."""
    try:
        with transaction.atomic():
            services.resolve_locked(escalation_id, answer, by)
            raise _Rehearsed
    except _Rehearsed:
        return


def _wait(row: Escalation, answer: Answer, by: User) -> None:
    at, actor = clock.now(), person(by)
    until = at + window()
    words = commitments.commit(answer.comment, kind="verdict comment", of=actor, about=row.subject, at=at)
    data = {
        "escalation": str(row.pk),
        "verdict": answer.verdict,
        "reason": answer.reason,
        "comment": words,
        "overrides": ",".join(answer.overrides),
        "seen": {
            "version": "" if answer.seen.version is None else str(answer.seen.version),
            "payload_sha256": answer.seen.payload_hash,
            "shown": answer.seen.shown,
        },
        "click": answer.click,
        **({"remedy": answer.remedy, "typed": answer.typed} if answer.remedy else {}),
        "via": answer.via,
        "until": canonical.instant(until),
    } | ({} if answer.together is None else {"together": answer.together.as_json()})
    (entry,) = ledger.append([ledger.Event(row.subject, pending.GIVEN, actor, at, data)])
    PendingAnswer.objects.create(
        question_id=row.pk,
        verdict=answer.verdict,
        by=actor,
        click=answer.click,
        at=at,
        until=until,
        entry=entry.id,
        together=answer.together.id if answer.together is not None else "",
    )
    signals.handled.send(Escalation, escalation=row)


def _recorded(row: Escalation, waiting: PendingAnswer) -> tuple[services.Before, Answer]:
    """The answer as its entry has it: a row beside the ledger could be altered, an entry cannot. Raises
    `Unrecorded` where the row names no entry of this person, question and time."""
    entry = Entry.objects.filter(pk=waiting.entry, subject=row.subject, type=pending.GIVEN).first()
    if entry is None:
        raise Unrecorded
    said = ledger.data_of(entry.body)
    named = (said["escalation"], entry.actor, said["until"])
    if named != (str(row.pk), waiting.by, canonical.instant(waiting.until)):
        raise Unrecorded
    seen = said["seen"]
    answer = Answer(
        verdict=said["verdict"],
        reason=said["reason"],
        comment=commitments.reveal(said["comment"]),
        overrides=tuple(name for name in said["overrides"].split(",") if name),
        seen=Seen(int(seen["version"]) if seen["version"] else None, seen["payload_sha256"], seen["shown"]),
        click=said["click"],
        via=said["via"],
        remedy=said.get("remedy", ""),
        typed=said.get("typed", {}),
        together=Together(many["id"], int(many["size"])) if (many := said.get("together")) else None,
    )
    return services.Before(entry.recorded_at, said["comment"], entry.id), answer


@transaction.atomic
def _settle(key: UUID, now: datetime) -> bool:
    row = services.locked(key)
    waiting = PendingAnswer.objects.select_for_update().filter(pk=key, until__lte=now).first()
    if waiting is None or row.status != Status.OPEN:
        return False  # taken back, or carried out by another process
    try:
        with transaction.atomic():
            _count(row, waiting)
    except CountersignError as refusal:
        pending.void([row], refusal.message, clock.now())
        signals.handled.send(Escalation, escalation=row)
        return False
    return True


def _count(row: Escalation, waiting: PendingAnswer) -> None:
    before, answer = _recorded(row, waiting)
    by = User.objects.filter(pk=account_of(waiting.by) or 0).first()
    if by is None:
        raise NotAllowed("The account that answered is gone.")
    pending.drop([row.pk])
    services.resolve_locked(row.pk, answer, by, before)
