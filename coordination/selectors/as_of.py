"""How something stood at a moment: an invoice with its holds and question, the policy, and who could have
decided.

Read from the history tables and the ledger, never from today's rows. "At" is inclusive: what was written at
that very moment counts. As of a checkpoint means as of the last entry of the invoice that it covers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models

from audit.canonical import instant, loads
from audit.models import Checkpoint, Entry
from audit.subjects import Subject
from reviews import coverage, queues, signing
from reviews.kinds import stored_kind
from reviews.models import Escalation
from reviews.rights import TYPE

from ..domain.policy import Policy
from ..governance import policy as rules
from ..models import Hold, Invoice, PolicyVersion


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who could have answered, and up to how much alone (None: no limit of their own is known)."""

    actor: str
    name: str
    groups: Sequence[str]
    limit: Decimal | None
    why_not: str = ""

    @property
    def could(self) -> bool:
        return not self.why_not


@dataclass(frozen=True, slots=True)
class AsOf:
    """An invoice at a moment; `row` is None before it was received."""

    at: datetime
    row: Any | None
    holds: Sequence[Any]
    question: Any | None
    policy: Policy | None
    policy_row: Any | None
    entries: int
    last_hash: str
    signers: Sequence[Signer]


def invoice_as_of(invoice: Invoice, at: datetime) -> AsOf:
    """The invoice, its open holds, the question about it, the policy in force and who could have decided, at
    `at`."""
    row = _newest(Invoice, at, id=invoice.id)
    holds = [h for h in _all_newest(Hold, at, invoice_id=invoice.id) if h.status != "released"]
    questions = _all_newest(Escalation, at, subject=invoice.subject)
    question = next((q for q in questions if q.status == "open"), None)
    policy_row = policy_as_of(at)
    policy = rules.load(policy_row.text, policy_row.revision) if policy_row else None
    entries = Entry.objects.filter(subject=invoice.subject, recorded_at__lte=at).order_by("seq")
    last = entries.last()
    return AsOf(
        at=at,
        row=row,
        holds=sorted(holds, key=lambda h: (h.opened_at, str(h.id))),
        question=question,
        policy=policy,
        policy_row=policy_row,
        entries=last.seq if last else 0,
        last_hash=last.hash if last else "",
        signers=signers_as_of(at, policy, question),
    )


@dataclass(frozen=True, slots=True)
class Under:
    """What a checkpoint covers of an invoice: its first `entries` entries, the last written `at`."""

    size: int
    sealed_at: datetime
    entries: int
    at: datetime


COVERED = """
SELECT c.size, c.created_at, max(e.seq), max(e.recorded_at) FROM audit_checkpoint c
JOIN audit_leaf l ON l.leaf_index < c.size JOIN audit_entry e ON e.id = l.entry_id
WHERE e.subject = %s AND c.size IN (
  SELECT min(k.size) FROM audit_entry f JOIN audit_leaf m ON m.entry_id = f.id JOIN LATERAL
    (SELECT size FROM audit_checkpoint WHERE size > m.leaf_index ORDER BY size LIMIT 1) k ON true
  WHERE f.subject = %s GROUP BY m.leaf_index)
GROUP BY 1, 2 ORDER BY 1 DESC LIMIT 50
"""


def checkpoints_over(invoice: Invoice) -> list[Under]:
    """The checkpoints that were the first to cover some entry of this invoice, newest first: where its sealed
    history grew."""
    with connection.cursor() as cursor:
        cursor.execute(COVERED, [invoice.subject, invoice.subject])
        return [Under(*row) for row in cursor.fetchall()]


def under(invoice: Invoice, size: int) -> Under | None:
    """What a checkpoint of this size covers of an invoice; None when there is none, or it covers nothing of
    it."""
    sealed = Checkpoint.objects.filter(size=size).first()
    if sealed is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(e.seq), max(e.recorded_at) FROM audit_entry e JOIN audit_leaf l ON l.entry_id = e.id"
            " WHERE e.subject = %s AND l.leaf_index < %s",
            [invoice.subject, size],
        )
        entries, at = cursor.fetchone()
    return Under(size, sealed.created_at, entries, at) if entries else None


def policy_as_of(at: datetime) -> Any | None:
    """The history row of the policy version that was active."""
    active = [p for p in _all_newest(PolicyVersion, at) if p.status == PolicyVersion.Status.ACTIVE]
    return max(active, key=lambda p: p.revision, default=None)


def _newest(model: type[models.Model], at: datetime, **key: Any) -> Any | None:
    return (
        _versions(model).filter(history_date__lte=at, **key).order_by("-history_date", "-history_id").first()
    )


def _all_newest(model: type[models.Model], at: datetime, **where: Any) -> list[Any]:
    """The newest version of each row at a moment, without those that were deleted."""
    name: str = model._meta.pk.attname
    rows = (
        _versions(model).filter(history_date__lte=at, **where).order_by(name, "-history_date", "-history_id")
    )
    return [r for r in rows.distinct(name) if r.history_type != "-"]


def _versions(model: type[models.Model]) -> Any:
    return model.history  # type: ignore[attr-defined]


def signers_as_of(at: datetime, policy: Policy | None, question: Any | None) -> list[Signer]:
    """Everybody with an account at the moment, and why they could not have answered the question, if so."""
    latest: dict[str, dict[str, Any]] = {}
    for subject, body in (
        Entry.objects.filter(type=TYPE, subject__startswith="person/", recorded_at__lte=at)
        .order_by("subject", "-seq")
        .distinct("subject")
        .values_list("subject", "body")
    ):
        rights = loads(body)["data"]["rights"]
        over = "until" in rights and rights["until"] <= instant(at)
        latest[f"human:{Subject(subject).key}"] = rights | {"active": rights["active"] and not over}
    found = [_signer(actor, rights, policy, question) for actor, rights in latest.items()]
    return sorted(found, key=lambda s: (not s.could, s.name))


def _signer(actor: str, rights: dict[str, Any], policy: Policy | None, question: Any | None) -> Signer:
    limit = _limit(rights, policy)
    return Signer(actor, rights["name"], rights["groups"], limit, _why_not(actor, rights, limit, question))


def _limit(rights: dict[str, Any], policy: Policy | None) -> Decimal | None:
    if rights["limit"]:
        return Decimal(rights["limit"])
    limits = [policy.limit(group) for group in rights["groups"]] if policy else []
    return max((x for x in limits if x is not None), default=None)


def _why_not(actor: str, rights: dict[str, Any], limit: Decimal | None, question: Any | None) -> str:
    if not rights["active"]:
        return "the account was closed"
    kind = question.kind if question else "invoice"
    if not set(rights["groups"]) & stored_kind(kind).groups:
        return "not in a group that decides this"
    if question is None:
        return ""
    if actor in question.makers:
        return "made it"
    who = coverage.Who(actor, frozenset(rights["groups"]), rights["department"])
    if objection := coverage.objection(question, who):
        return _not_theirs(question, who, objection)
    if question.amount_company is None:
        return "what is at stake was not known" if signing.stake_unknown(question) else ""
    if limit is None:
        return "no right to sign"
    return "" if abs(question.amount_company) <= limit else f"signs up to {limit:,.2f}"


def _not_theirs(question: Any, who: coverage.Who, objection: str) -> str:
    """Whose it was instead: of another queue, of those who answer all, or whose the reasons are."""
    if who.department and who.department != question.queue:
        return f"answers {who.department}, not {question.queue}"
    if queues.is_reserved(question.queue):
        return f"only managers answer {question.queue}"
    return objection[:1].lower() + objection[1:].removesuffix(".")
