"""The writes of the review queue: ask, replace, withdraw, answer; `assignment` has claim and release. Nothing
else writes its tables.

An answer is given once. The subject is locked, then the question; status, version and payload hash are
compared with what the person saw (`weighing`); verdict, history and ledger entry are written in that
transaction, and the question's kind carries the answer out (`kinds`), where its owner may still refuse it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from audit import canonical, clock, commitments, ledger, trail
from audit.ids import new_id

from . import channel, exposure, kinds, listed, pending, policy, remedies, signals
from .errors import NoSuchQuestion, Refused
from .models import Escalation, Status, Verdict
from .names import display, person
from .weighing import NOTHING, Answer, Seen, Together, Weighed, check_lengths, weigh

__all__ = [
    "NOTHING",
    "Question",
    "Seen",
    "ask",
    "display",
    "lock",
    "person",
    "resolve",
    "withdraw",
]

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
    signers: tuple[str, ...] = ()
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


# --- asking -------------------------------------------------------------------------------------------------


def ask(questions: Sequence[Question], *, at: datetime) -> list[Escalation]:
    """Put questions. An open one on the same subject stays if it asks the same, and is superseded if not.

    The caller holds the subjects' locks. Raises `UnknownKind` for a kind that nobody has registered.
    """
    if not questions:
        return []
    for name in {q.kind for q in questions}:
        kinds.kind_of(name)
    before = {
        e.subject: e
        for e in Escalation.objects.select_for_update(of=("self",)).filter(
            subject__in=[q.subject for q in questions], status=Status.OPEN
        )
    }
    fresh = [
        q for q in questions if q.subject not in before or before[q.subject].payload_hash != q.payload_hash()
    ]
    replaced = [before[q.subject] for q in fresh if q.subject in before]
    _close(replaced, Status.SUPERSEDED, "escalation.superseded", "agent:desk", "the case changed", at)
    rows = [_row(q, before.get(q.subject), at) for q in fresh]
    asked_by = {row.id: q.asked_by for row, q in zip(rows, fresh, strict=True)}
    changes = trail.insert(rows, lambda r: trail.Stamp(asked_by[r.pk], at, "asked"))
    listed.write(rows)
    ledger.append(
        [
            ledger.Event(row.subject, "escalation.opened", asked_by[row.id], at, _opened(row), [change])
            for row, change in zip(rows, changes, strict=True)
        ]
    )
    return rows


def _row(q: Question, before: Escalation | None, at: datetime) -> Escalation:
    return Escalation(
        id=new_id(),
        subject=q.subject,
        kind=q.kind,
        question=q.text,
        reasons=q.reasons,
        options=list(q.options),
        case=q.case,
        payload_hash=q.payload_hash(),
        policy=q.policy,
        queue=q.queue,
        quorum=max(q.quorum, len(q.signers)),
        signers=list(q.signers),
        makers=list(q.makers),
        currency=q.currency,
        amount=q.amount,
        amount_company=q.amount_company,
        opened_at=at,
        due_at=q.due_at,
        warn_at=policy.half_time(at, q.due_at),
        clock=q.clock,
        supersedes=before,
    )


def _opened(row: Escalation) -> dict[str, Any]:
    return {
        "escalation": str(row.id),
        "kind": row.kind,
        "question": row.question,
        "queue": row.queue,
        "quorum": str(row.quorum),
        **({"signers": row.signers} if row.signers else {}),
        "reasons": row.reasons,
        "case": row.case,
        "payload_sha256": row.payload_hash,
        "policy": row.policy,
        "due": row.due_at,
        "clock": row.clock,
    }


def withdraw(subjects: Sequence[str], *, by: str, why: str, at: datetime) -> list[Escalation]:
    """Take back open questions whose reason is gone."""
    rows = Escalation.objects.select_for_update(of=("self",)).filter(subject__in=subjects, status=Status.OPEN)
    return _close(list(rows) if subjects else [], Status.WITHDRAWN, "escalation.withdrawn", by, why, at)


def _close(
    rows: list[Escalation], status: Status, type_: str, by: str, why: str, at: datetime
) -> list[Escalation]:
    pending.void(rows, pending.CHANGED, at)
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


# --- answering ----------------------------------------------------------------------------------------------


def resolve(  # noqa: PLR0913 - an answer, field by field
    escalation_id: UUID,
    verdict: str,
    *,
    by: User,
    reason: str,
    comment: str = "",
    seen_version: int | None = None,
    payload_hash: str = "",
    click: str = "",
    overrides: str = "",
    shown: str = "",
    via: str = channel.COMMAND,
    together: Together | None = None,
    remedy: str = "",
    terms: Mapping[str, str] | None = None,
) -> Escalation:
    """Answer a question: exactly one answer counts. Page, command and every other door end here.

    An answer covers what of the question is the person's to answer (`coverage`); an override may name fewer
    of its codes, separated by commas. By a page (`via`) version, payload hash and stamp have to come back
    with it. An edit names its `remedy`, and `terms` are what was typed into its fields, by their names.

    Raises `Refused` (incomplete), `NotAllowed` (right, department, limit, maker), `LostRace` (answered
    already), `Stale` (the case is not the one that was shown). A repeated click of the same person returns
    what the first one did.
    """
    answer = answer_of(
        verdict,
        reason=reason,
        comment=comment,
        seen_version=seen_version,
        payload_hash=payload_hash,
        click=click,
        overrides=overrides,
        shown=shown,
        via=via,
        together=together,
        remedy=remedy,
        terms=terms,
    )
    check_lengths(answer)
    with transaction.atomic():
        return resolve_locked(escalation_id, answer, by)


def answer_of(  # noqa: PLR0913 - an answer, field by field
    verdict: str,
    *,
    reason: str,
    comment: str = "",
    seen_version: int | None = None,
    payload_hash: str = "",
    click: str = "",
    overrides: str = "",
    shown: str = "",
    via: str = channel.COMMAND,
    together: Together | None = None,
    remedy: str = "",
    terms: Mapping[str, str] | None = None,
) -> Answer:
    """An answer of what somebody sent, field by field."""
    names = tuple(dict.fromkeys(overrides.replace(",", " ").split())) if verdict == "override" else ()
    seen = Seen(seen_version, payload_hash, shown)
    edits = verdict == remedies.EDIT
    return Answer(
        verdict,
        reason.strip(),
        comment.strip(),
        names,
        seen,
        click,
        via,
        together,
        remedy.strip() if edits else "",
        remedies.within_bounds(terms or {}) if edits else {},
    )


@dataclass(frozen=True, slots=True)
class Before:
    """An answer that waited to count (`answering`): when it was given, the commitment to its comment, and its
    entry."""

    at: datetime
    comment: str
    entry: int


def resolve_locked(escalation_id: UUID, answer: Answer, by: User, before: Before | None = None) -> Escalation:
    """Lock the question, weigh an answer and carry it out, in the caller's transaction. See `resolve`."""
    try:
        with transaction.atomic():
            return _resolve(escalation_id, answer, by, before)
    except IntegrityError as error:
        if "reviews_one_verdict_per_" in str(error):
            raise Refused("You have answered this already; a second person is needed.") from error
        raise


def _resolve(escalation_id: UUID, answer: Answer, by: User, before: Before | None) -> Escalation:
    row = locked(escalation_id)
    if answer.click and row.verdicts.filter(by=person(by), click=answer.click).exists():
        return row
    weighed = weigh(row, answer, by)
    at, actor = clock.now(), person(by)
    given = before.at if before is not None else at
    comment = (
        before.comment
        if before is not None
        else commitments.commit(answer.comment, kind="verdict comment", of=actor, about=row.subject, at=at)
    )
    set_aside = sorted({c["code"] for c in weighed.covers}) if answer.verdict == "override" else []
    verdict = Verdict(
        id=new_id(),
        escalation=row,
        verdict=answer.verdict,
        by=actor,
        on_behalf_of=weighed.principal.actor if weighed.principal else "",
        stands_as=weighed.stands_as,
        reason=answer.reason,
        comment=comment,
        overrides=",".join(set_aside),
        remedy=answer.remedy,
        terms=weighed.terms,
        covers=weighed.covers,
        seen_version=answer.seen.version,
        seconds=None if weighed.shown_at is None else max(0, int((given - weighed.shown_at).total_seconds())),
        payload_hash=row.payload_hash,
        click=answer.click,
        at=at,
    )
    verdict.save(force_insert=True)
    _record(row, verdict, weighed, by, before)
    return row


def locked(escalation_id: UUID) -> Escalation:
    """A question, open or not, locked after its subject, as every writer does. Raises `NoSuchQuestion`."""
    subject = Escalation.objects.filter(pk=escalation_id).values_list("subject", flat=True).first()
    if subject is None:
        raise NoSuchQuestion(f"There is no escalation {escalation_id}.")
    lock(subject)
    return Escalation.objects.select_for_update(of=("self",)).get(pk=escalation_id)


def lock(subject: str) -> None:
    """Lock a subject by the way its owner registered."""
    locker = kinds.lock_of(subject)
    if locker is not None:
        locker(subject)


def _record(row: Escalation, verdict: Verdict, weighed: Weighed, by: User, before: Before | None) -> None:
    """Count the quorum; with the last answer needed the question closes and its kind carries it out. Answers
    count together where they say the same."""
    every, at = list(row.verdicts.order_by("at", "id")), verdict.at
    given = [v for v in every if v.verdict != "reject" and remedies.same_answer(v, verdict)]
    stops = verdict.verdict == "reject" or (weighed.remedy is not None and weighed.remedy.like == "reject")
    final = stops or len(given) >= weighed.people
    data = _given(row, verdict, weighed, by)
    if before is not None:
        data |= {"given_at": canonical.instant(before.at), "pending": str(before.entry)}
    row.version += 1
    if final:
        ends_as = weighed.remedy.status if weighed.remedy else policy.STATUS[verdict.verdict]
        row.status, row.verdict = Status(ends_as), verdict.verdict
        row.decided_by, row.decided_at = verdict.by, at
    changes = trail.update(
        [row], OUTCOME, trail.Stamp(verdict.by, at, f"{verdict.verdict}: {verdict.reason}")
    )
    data |= {"signed": f"{len(every if stops else given)} of {weighed.people}", "status": row.status}
    ledger.append([ledger.Event(row.subject, "verdict.given", verdict.by, at, data, changes)])
    if final:
        signed = every if stops else given
        kinds.kind_of(row.kind).carry_out(row, verdict, signed, at)
        signals.resolved.send(sender=Escalation, escalation=row, verdict=verdict, verdicts=signed, at=at)


def _given(row: Escalation, verdict: Verdict, weighed: Weighed, by: User) -> dict[str, Any]:
    """The entry of an answer: `on` is the question it was given to, `seen` only what came back from a page,
    `blind` that the page did not show what agents had answered, `together` the decision that it is a part
    of."""
    answer = weighed.answer
    claimed = {"claimed_by": row.owner} if row.owner not in ("", verdict.by) else {}
    blind = {"blind": "yes"} if row.blind else {}
    together = {} if answer.together is None else {"together": answer.together.as_json()}
    edit = {"remedy": verdict.remedy, "terms": verdict.terms} if verdict.remedy else {}
    principal = weighed.principal
    instead = {"on_behalf_of": principal.actor, "for": principal.name} if principal else {}
    return {
        "escalation": str(row.id),
        "verdict": verdict.verdict,
        "reason": verdict.reason,
        "comment": verdict.comment,
        "overrides": verdict.overrides,
        **edit,
        "covers": verdict.covers,
        "on": {"version": str(row.version), "payload_sha256": row.payload_hash},
        "seen": _seen(answer.seen, weighed.shown_at, verdict.seconds),
        **channel.door(answer.via),
        **instead,
        **({"stands_as": verdict.stands_as} if verdict.stands_as else {}),
        **claimed,
        **blind,
        **together,
        "username": by.get_username(),
        "groups": sorted(by.groups.values_list("name", flat=True)),
    }


def _seen(seen: Seen, shown_at: datetime | None, seconds: int | None) -> dict[str, str]:
    out = {} if seen.version is None else {"version": str(seen.version)}
    if seen.payload_hash:
        out["payload_sha256"] = seen.payload_hash
    if shown_at is not None:
        out["shown_at"] = canonical.instant(shown_at)
        out["seconds"] = str(seconds)
        out |= exposure.order_of(seen.shown)
    return out
