"""The writes of the review queue: ask, replace, withdraw, answer; `assignment` has claim and release. Nothing
else writes its tables.

An answer is given once. The subject is locked, then the question; status, version and payload hash are
compared with what the person saw; verdict, history and ledger entry are written in that transaction, and
`resolved` carries the answer to whoever asked, who may still refuse it.
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

from . import channel, coverage, exposure, fields, policy, signals, signing
from .errors import LostRace, NoSuchQuestion, NotAllowed, Refused, Stale, Unseen
from .models import Escalation, Status, Verdict

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


# --- asking -------------------------------------------------------------------------------------------------


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
        q
        for q in questions
        if q.subject not in standing or standing[q.subject].payload_hash != q.payload_hash()
    ]
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
        quorum=q.quorum,
        makers=list(q.makers),
        currency=q.currency,
        amount=q.amount,
        amount_company=q.amount_company,
        opened_at=at,
        due_at=q.due_at,
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


@dataclass(frozen=True, slots=True)
class Seen:
    """What came back with an answer of what the person had before them; empty fields were not sent."""

    version: int | None = None
    payload_hash: str = ""
    shown: str = ""
    """The stamp that went out with the form (`exposure`)."""


NOTHING = Seen()
"""No page was shown, or none says so."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer as given, with what they had seen and the door it came by."""

    verdict: str
    reason: str
    comment: str
    overrides: tuple[str, ...]
    seen: Seen
    click: str
    via: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """An answer that was checked: what it covers, and when the page was made that it came from (None: no
    page)."""

    answer: Answer
    covers: list[dict[str, str]]
    shown_at: datetime | None


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
) -> Escalation:
    """Answer a question: exactly one answer counts. Page, command and every other door end here.

    An answer covers what of the question is the person's to answer (`coverage`); an override may name fewer
    of its codes, separated by commas. By a page (`via`) version, payload hash and stamp have to come back
    with it.

    Raises `Refused` (incomplete), `NotAllowed` (right, department, limit, maker), `LostRace` (answered
    already), `Stale` (the case is not the one that was shown). A repeated click of the same person returns
    what the first one did.
    """
    names = tuple(dict.fromkeys(overrides.replace(",", " ").split())) if verdict == "override" else ()
    answer = Answer(
        verdict, reason.strip(), comment.strip(), names, Seen(seen_version, payload_hash, shown), click, via
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
    weighed = _weighed(row, answer, by)
    at = timezone.now()
    comment = commitments.commit(answer.comment, kind="verdict comment", of=person(by), about=subject, at=at)
    set_aside = sorted({c["code"] for c in weighed.covers}) if answer.verdict == "override" else []
    verdict = Verdict(
        id=new_id(),
        escalation=row,
        verdict=answer.verdict,
        by=person(by),
        reason=answer.reason,
        comment=comment,
        overrides=",".join(set_aside),
        covers=weighed.covers,
        seen_version=answer.seen.version,
        payload_hash=row.payload_hash,
        click=answer.click,
        at=at,
    )
    verdict.save(force_insert=True)
    _record(row, verdict, weighed, by)
    return row


def _weighed(row: Escalation, answer: Answer, by: User) -> Weighed:
    """Check an answer from every side, in the order in which a person would want to hear of it."""
    _check_open(row, answer)
    _check_rights(row, by, answer.verdict)
    shown_at = _check_seen(row, answer, by)
    covers = _covers(row, answer, by)
    _check_complete(row, answer, covers)
    return Weighed(answer, coverage.as_covers(row, covers), shown_at)


def _covers(row: Escalation, answer: Answer, by: User) -> list[dict[str, Any]]:
    """The reasons that the answer covers: all that are the person's, or those of them that an override names.

    A rejection ends the whole of what is asked about, so that it covers the whole question.
    """
    if answer.verdict == "reject":
        return list(row.reasons)
    mine = coverage.covered(row, coverage.who(by))
    if not answer.overrides:
        return mine
    codes = {r["code"] for r in mine}
    if unknown := [name for name in answer.overrides if name not in codes]:
        raise Refused(
            f"{unknown[0]} is not a reason of this case that you answer; name one of:"
            f" {', '.join(sorted(codes))}."
        )
    return [r for r in mine if r["code"] in answer.overrides]


def lock(subject: str) -> None:
    """Lock a subject by the way its owner registered."""
    locker = policy.LOCKS.get(subject.partition("/")[0])
    if locker is not None:
        locker(subject)


def _check_open(row: Escalation, answer: Answer) -> None:
    if row.status != Status.OPEN:
        raise LostRace(
            row.verdict or row.status, display(row.decided_by), row.decided_at, kept=bool(answer.comment)
        )
    seen = answer.seen
    if seen.version not in (None, row.version) or (
        seen.payload_hash and seen.payload_hash != row.payload_hash
    ):
        raise Stale


def _check_seen(row: Escalation, answer: Answer, by: User) -> datetime | None:
    """When the page was made that the answer came from. A page that does not say what it showed is
    refused."""
    seen = answer.seen
    shown_at = exposure.shown_at(seen.shown, row, by) if seen.shown else None
    if answer.via == channel.PAGE and (seen.version is None or not seen.payload_hash or shown_at is None):
        raise Unseen
    return shown_at


def _check_lengths(answer: Answer) -> None:
    """What people type is bounded, and so is what pages and other programs send along."""
    fields.within(answer.comment, fields.MOST_WORDS, "A comment")
    fields.within(answer.click, 64, "The key of a click")
    fields.within(",".join(answer.overrides), 2000, "The rules that are set aside")


def _check_complete(row: Escalation, answer: Answer, covers: list[dict[str, Any]]) -> None:
    if answer.verdict not in row.options or answer.verdict not in policy.REASONS:
        raise Refused(f"Choose one of: {', '.join(row.options)}.")
    offered = policy.reasons_of(row.kind, answer.verdict, covers)
    codes = [code for code, _ in offered]
    unstated = answer.via == channel.COMMAND and row.kind == "payment_run" and answer.verdict == "approve"
    if answer.reason not in codes and not (unstated and answer.reason == policy.NOT_STATED):
        names = [words for _, words in offered] if answer.via == channel.PAGE else codes
        raise Refused(f"Choose a reason code: {', '.join(names)}.")
    wanted = answer.verdict in policy.TEXT_REQUIRED or answer.reason in policy.TEXT_OF
    if wanted and not answer.comment:
        raise Refused(f"Say in your own words why you {policy.verb_of(row.kind, answer.verdict)}.")


def _check_rights(row: Escalation, by: User, verdict: str) -> None:
    """Group, department, maker, limit: for page and command alike, administrators included."""
    if why := signing.objection(row, by, verdict):
        raise NotAllowed(why)


def _record(row: Escalation, verdict: Verdict, weighed: Weighed, by: User) -> None:
    """Count the quorum; with the last answer needed the question closes and whoever asked hears it."""
    given, at = list(row.verdicts.order_by("at", "id")), verdict.at
    final = verdict.verdict == "reject" or len(given) >= row.quorum
    data = _given(row, verdict, weighed, by)
    row.version += 1
    if final:
        row.status, row.verdict = Status(policy.STATUS[verdict.verdict]), verdict.verdict
        row.decided_by, row.decided_at = verdict.by, at
    changes = trail.update(
        [row], OUTCOME, trail.Stamp(verdict.by, at, f"{verdict.verdict}: {verdict.reason}")
    )
    data |= {"signed": f"{len(given)} of {row.quorum}", "status": row.status}
    ledger.append([ledger.Event(row.subject, "verdict.given", verdict.by, at, data, changes)])
    if final:
        signals.resolved.send(sender=Escalation, escalation=row, verdict=verdict, verdicts=given, at=at)


def _given(row: Escalation, verdict: Verdict, weighed: Weighed, by: User) -> dict[str, Any]:
    """The entry of an answer: `on` is the question it was given to, `seen` only what came back from a
    page."""
    answer = weighed.answer
    claimed = {"claimed_by": row.owner} if row.owner not in ("", verdict.by) else {}
    return {
        "escalation": str(row.id),
        "verdict": verdict.verdict,
        "reason": verdict.reason,
        "comment": verdict.comment,
        "overrides": verdict.overrides,
        "covers": verdict.covers,
        "on": {"version": str(row.version), "payload_sha256": row.payload_hash},
        "seen": _seen(answer.seen, weighed.shown_at, verdict.at),
        **channel.door(answer.via),
        **claimed,
        "username": by.get_username(),
        "groups": sorted(by.groups.values_list("name", flat=True)),
    }


def _seen(seen: Seen, shown_at: datetime | None, at: datetime) -> dict[str, str]:
    out = {} if seen.version is None else {"version": str(seen.version)}
    if seen.payload_hash:
        out["payload_sha256"] = seen.payload_hash
    if shown_at is not None:
        out["shown_at"] = canonical.instant(shown_at)
        out["seconds"] = str(max(0, int((at - shown_at).total_seconds())))
    return out


def display(actor: str) -> str:
    """A person's name for an actor, or the actor itself."""
    kind, _, key = actor.partition(":")
    if kind != "human" or not key.isdigit():
        return actor or "Someone"
    user = User.objects.filter(pk=key).first()
    return (user.get_full_name() or user.get_username()) if user else actor
