"""Every write of the desk: ask, replace, withdraw, claim, answer. Nothing else writes its tables.

An answer is given once. The subject is locked, then the question; status, version and payload hash are compared with
what the person saw; verdict, history and ledger entry are written in that transaction, and `resolved` carries the
answer to whoever asked, who may still refuse it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit import canonical, commitments, ledger, trail
from audit.ids import new_id

from . import exposure, fields, policy, signals, signing
from .errors import LostRace, NoSuchQuestion, NotAllowed, Refused, Stale
from .models import Escalation, Status, Verdict
from .rights import groups_now

OUTCOME = ("status", "version", "verdict", "decided_by", "decided_at")


@dataclass(frozen=True, slots=True)
class Question:
    """A question to be put to people, complete: terms and evidence are frozen with it."""

    subject: str
    kind: str
    text: str
    reasons: list[dict[str, Any]]
    case: dict[str, Any]
    policy: str
    queue: str
    due_at: datetime
    clock: str
    asked_by: str
    quorum: int = 1
    makers: tuple[str, ...] = ()
    currency: str = ""
    amount: Decimal | None = None
    amount_company: Decimal | None = None
    options: tuple[str, ...] = ("approve", "reject", "override")
    stands_on: dict[str, Any] = field(default_factory=dict)

    def payload_hash(self) -> str:
        """SHA-256 of what an answer stands on. Without `stands_on` that is reasons and case."""
        basis = self.stands_on or {"case": self.case, "reasons": self.reasons}
        return canonical.sha256(canonical.dumps({"subject": self.subject, **basis}))


def person(user: User) -> str:
    """The actor name of a person."""
    return f"human:{user.pk}"


# --- asking ----------------------------------------------------------------------------------------------------


def ask(questions: Sequence[Question], *, at: datetime) -> list[Escalation]:
    """Put questions. An open one on the same subject stays if it asks the same, and is superseded if not.

    The caller holds the subjects' locks.
    """
    if not questions:
        return []
    standing = {
        e.subject: e
        for e in Escalation.objects.select_for_update(of=("self",)).filter(
            subject__in=[q.subject for q in questions], status=Status.OPEN
        )
    }
    fresh = [
        q for q in questions
        if q.subject not in standing or standing[q.subject].payload_hash != q.payload_hash()
    ]  # fmt: skip
    replaced = [standing[q.subject] for q in fresh if q.subject in standing]
    _close(replaced, Status.SUPERSEDED, "escalation.superseded", "agent:desk", "the case changed", at)
    rows = [_row(q, standing.get(q.subject), at) for q in fresh]
    asked_by = {row.id: q.asked_by for row, q in zip(rows, fresh, strict=True)}
    changes = trail.insert(rows, lambda r: trail.Stamp(asked_by[r.pk], at, "asked"))
    ledger.append(
        [
            ledger.Event(row.subject, "escalation.opened", asked_by[row.id], at, _opened(row), [change])
            for row, change in zip(rows, changes, strict=True)
        ]
    )
    return rows


def _row(q: Question, before: Escalation | None, at: datetime) -> Escalation:
    return Escalation(
        id=new_id(), subject=q.subject, kind=q.kind, question=q.text, reasons=q.reasons, options=list(q.options),
        case=q.case, payload_hash=q.payload_hash(), policy=q.policy, queue=q.queue, quorum=q.quorum,
        makers=list(q.makers), currency=q.currency, amount=q.amount, amount_company=q.amount_company, opened_at=at,
        due_at=q.due_at, clock=q.clock, supersedes=before,
    )  # fmt: skip


def _opened(row: Escalation) -> dict[str, Any]:
    return {
        "escalation": str(row.id), "kind": row.kind, "question": row.question, "queue": row.queue,
        "quorum": str(row.quorum), "reasons": row.reasons, "case": row.case, "payload_sha256": row.payload_hash,
        "policy": row.policy, "due": row.due_at, "clock": row.clock,
    }  # fmt: skip


def withdraw(subjects: Sequence[str], *, by: str, why: str, at: datetime) -> list[Escalation]:
    """Take back open questions whose reason is gone."""
    rows = Escalation.objects.select_for_update(of=("self",)).filter(subject__in=subjects, status=Status.OPEN)
    return _close(list(rows) if subjects else [], Status.WITHDRAWN, "escalation.withdrawn", by, why, at)


def _close(
    rows: list[Escalation], status: Status, type_: str, by: str, why: str, at: datetime
) -> list[Escalation]:
    for row in rows:
        row.status, row.decided_at, row.version = status, at, row.version + 1
    changes = trail.update(rows, ("status", "version", "decided_at"), trail.Stamp(by, at, why))
    ledger.append(
        [
            ledger.Event(row.subject, type_, by, at, {"escalation": str(row.id), "why": why}, [change])
            for row, change in zip(rows, changes, strict=True)
        ]
    )
    return rows


# --- answering -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer as given, with what they had seen."""

    verdict: str
    reason: str
    comment: str = ""
    overrides: str = ""
    seen_version: int | None = None
    payload_hash: str = ""
    click: str = ""
    shown: str = ""
    """The stamp that went out with the form (`exposure`); empty for an answer by command."""


def resolve(  # noqa: PLR0913 - an answer, field by field
    escalation_id: UUID, verdict: str, *, by: User, reason: str, comment: str = "", seen_version: int | None = None,
    payload_hash: str = "", click: str = "", overrides: str = "", shown: str = "",
) -> Escalation:  # fmt: skip
    """Answer a question: exactly one answer counts. Page, command and every other door end here.

    Raises `Refused` (incomplete), `NotAllowed` (right, limit, maker), `LostRace` (answered already), `Stale` (the
    case is not the one that was shown). A repeated click of the same person returns what the first one did.
    """
    answer = Answer(
        verdict, reason.strip(), comment.strip(), overrides, seen_version, payload_hash, click, shown
    )
    _check_lengths(answer)
    try:
        with transaction.atomic():
            return _resolve(escalation_id, answer, by)
    except IntegrityError as error:
        if "reviews_one_verdict_per_" in str(error):
            raise Refused("You have answered this already; a second person is needed.") from error
        raise


def _resolve(escalation_id: UUID, answer: Answer, by: User) -> Escalation:
    subject = Escalation.objects.filter(pk=escalation_id).values_list("subject", flat=True).first()
    if subject is None:
        raise NoSuchQuestion(f"There is no escalation {escalation_id}.")
    lock(subject)
    row = Escalation.objects.select_for_update(of=("self",)).get(pk=escalation_id)
    if answer.click and row.verdicts.filter(by=person(by), click=answer.click).exists():
        return row
    _check_open(row, answer)
    _check_complete(row, answer)
    _check_rights(row, by)
    at = timezone.now()
    shown_at = exposure.shown_at(answer.shown, row, by) if answer.shown else None
    comment = commitments.commit(answer.comment, kind="verdict comment", of=person(by), about=subject, at=at)
    verdict = Verdict(
        id=new_id(), escalation=row, verdict=answer.verdict, by=person(by), reason=answer.reason,
        comment=comment, overrides=answer.overrides, seen_version=row.version, payload_hash=row.payload_hash,
        click=answer.click, at=at,
    )  # fmt: skip
    verdict.save(force_insert=True)
    _record(row, verdict, by, at, shown_at)
    return row


def lock(subject: str) -> None:
    """Lock a subject by the way its owner registered."""
    locker = policy.LOCKS.get(subject.partition("/")[0])
    if locker is not None:
        locker(subject)


def _check_open(row: Escalation, answer: Answer) -> None:
    if row.status != Status.OPEN:
        raise LostRace(row.verdict or row.status, display(row.decided_by), row.decided_at)
    seen_other = answer.seen_version is not None and answer.seen_version != row.version
    if seen_other or (answer.payload_hash and answer.payload_hash != row.payload_hash):
        raise Stale


def _check_lengths(answer: Answer) -> None:
    """What people type is bounded, and so is what pages and other programs send along."""
    fields.within(answer.comment, fields.MOST_WORDS, "A comment")
    fields.within(answer.click, 64, "The key of a click")
    fields.within(answer.overrides, 60, "The rule that is set aside")


def _check_complete(row: Escalation, answer: Answer) -> None:
    if answer.verdict not in row.options or answer.verdict not in policy.REASONS:
        raise Refused(f"Choose one of: {', '.join(row.options)}.")
    codes = [code for code, _ in policy.reasons_of(row.kind, answer.verdict)]
    if answer.reason not in codes:
        raise Refused(f"Choose a reason code: {', '.join(codes)}.")
    if answer.verdict in policy.TEXT_REQUIRED and not answer.comment:
        raise Refused(f"Say in your own words why you {policy.said(row.kind, answer.verdict)}.")
    known = {r.get("code") for r in row.reasons}
    if answer.verdict == "override" and known and answer.overrides and answer.overrides not in known:
        raise Refused(
            f"{answer.overrides} is not a reason of this case; name one of: {', '.join(sorted(filter(None, known)))}."
        )


def _check_rights(row: Escalation, by: User) -> None:
    """Group, maker, limit: for page and command alike, administrators included."""
    if why := signing.objection(row, by):
        raise NotAllowed(why)


def _record(row: Escalation, verdict: Verdict, by: User, at: datetime, shown_at: datetime | None) -> None:
    """Count the quorum; with the last answer needed the question closes and whoever asked hears it."""
    given = list(row.verdicts.order_by("at", "id"))
    final = verdict.verdict == "reject" or len(given) >= row.quorum
    row.version += 1
    if final:
        row.status, row.verdict = Status(policy.STATUS[verdict.verdict]), verdict.verdict
        row.decided_by, row.decided_at = verdict.by, at
    changes = trail.update(
        [row], OUTCOME, trail.Stamp(verdict.by, at, f"{verdict.verdict}: {verdict.reason}")
    )
    ledger.append(
        [
            ledger.Event(
                row.subject,
                "verdict.given",
                verdict.by,
                at,
                _given(row, verdict, by, len(given), shown_at),
                changes,
            )
        ]
    )
    if final:
        signals.resolved.send(sender=Escalation, escalation=row, verdict=verdict, verdicts=given, at=at)


def _given(
    row: Escalation, verdict: Verdict, by: User, signed: int, shown_at: datetime | None
) -> dict[str, Any]:
    seen = {"version": str(verdict.seen_version), "payload_sha256": verdict.payload_hash}
    if shown_at is not None:
        seen |= {
            "shown_at": canonical.instant(shown_at),
            "seconds": str(max(0, int((verdict.at - shown_at).total_seconds()))),
        }
    return {
        "escalation": str(row.id), "verdict": verdict.verdict, "reason": verdict.reason, "comment": verdict.comment,
        "overrides": verdict.overrides, "seen": seen,
        "signed": f"{signed} of {row.quorum}", "status": row.status, "username": by.get_username(),
        "groups": sorted(by.groups.values_list("name", flat=True)),
    }  # fmt: skip


def display(actor: str) -> str:
    """A person's name for an actor, or the actor itself."""
    kind, _, key = actor.partition(":")
    if kind != "human" or not key.isdigit():
        return actor or "Someone"
    user = User.objects.filter(pk=key).first()
    return (user.get_full_name() or user.get_username()) if user else actor


# --- claiming --------------------------------------------------------------------------------------------------


def claim(escalation_id: UUID, *, by: User) -> Escalation:
    """Say that one is on it. A claim is a courtesy: it locks nobody out."""
    return _own(escalation_id, person(by), by)


def release(escalation_id: UUID, *, by: User) -> Escalation:
    """Give a claimed question back."""
    return _own(escalation_id, "", by)


@transaction.atomic
def _own(escalation_id: UUID, owner: str, by: User) -> Escalation:
    row = Escalation.objects.filter(pk=escalation_id).first()
    if row is None:
        raise NoSuchQuestion
    lock(row.subject)
    row = Escalation.objects.select_for_update(of=("self",)).get(pk=escalation_id)
    if row.status != Status.OPEN:
        raise LostRace(row.verdict or row.status, display(row.decided_by), row.decided_at)
    if not groups_now(by) & policy.GRANTS[row.kind]:
        raise NotAllowed
    at, row.owner = timezone.now(), owner
    what = "claimed" if owner else "released"
    changes = trail.update([row], ("owner",), trail.Stamp(person(by), at, what))
    ledger.append(
        [
            ledger.Event(
                row.subject, f"escalation.{what}", person(by), at, {"escalation": str(row.id)}, changes
            )
        ]
    )
    return row
