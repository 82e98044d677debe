"""What became of each line of the bank, as it is kept: a row for each line and payment, and another once it
reads otherwise.

The newest row of a line and a payment is in force. Rows are only added: one that contradicted, and that a
later message explains, is followed by one that says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from audit import trail
from audit.ids import new_id

from ...models import BankAnswer, Document, Payment
from .settling import BankStatement, Message, Settlement

Result = BankAnswer.Result
Place = tuple[UUID, int, UUID | None]
"""(document, position of the line, payment)."""

EXPLAINED = "A later message explains it."


@dataclass
class Answers:
    """Rows of the message itself, and rows of earlier messages that read otherwise now. `asks`: what a person
    is asked of the lines that are known; `early`: of these, money that is said to have left before its
    day."""

    new: list[BankAnswer] = field(default_factory=list)
    again: list[BankAnswer] = field(default_factory=list)
    asks: set[Place] = field(default_factory=set)
    early: set[Place] = field(default_factory=set)
    documents: dict[UUID, Document] = field(default_factory=dict)


def write(
    after: Settlement,
    before: Settlement,
    current: Message,
    payments: dict[UUID, Payment],
    told: dict[UUID, tuple[Document, Message]],
) -> Answers:
    """Keep what the lines of a message come to, and what those before it come to now. `payments`: those of
    the locked runs."""
    answers = Answers(documents={key: document for key, (document, _) in told.items()})
    mine = [s for s in after.said if s.message.key == current.key]
    seen: set[tuple[UUID | None, str]] = set()
    for s in sorted(mine, key=lambda s: (s.position, s.payment.id if s.payment else UUID(int=0))):
        answers.new.append(_row(s, _result(s, before, after, seen), payments))
    answers.again = _otherwise(after, current, payments, answers.documents)
    trail.insert_facts([*answers.new, *answers.again])
    for s in after.said:
        if s.reading.asks and (s.message.key == current.key or (s.payment and s.payment.id in payments)):
            answers.asks.add(_place(s))
            if s.reading.kind == "early":
                answers.early.add(_place(s))
    return answers


def in_force(documents: list[UUID]) -> dict[Place, BankAnswer]:
    """The newest row of each line and payment of these messages."""
    found = BankAnswer.objects.filter(document__in=documents).select_related("document").order_by("id")
    return {(a.document_id, a.position, a.payment_id): a for a in found}


def _place(s: BankStatement) -> Place:
    return s.message.key, s.position, s.payment.id if s.payment else None


def _result(
    s: BankStatement,
    before: Settlement,
    after: Settlement,
    seen: set[tuple[UUID | None, str]],
) -> str:
    """Did the line change something, or was it known?"""
    kind = s.reading.kind
    if s.payment is None:
        return Result.UNKNOWN
    if kind in {"conflict", "early"}:
        return Result.CONFLICT
    if kind in {"charged", "overtaken"}:
        return Result.NOTED
    then, now = before.outcomes[s.payment.id], after.outcomes[s.payment.id]
    if kind == "promised":
        known = now.status != "exported" or s.payment.status != "exported"
        return Result.KNOWN if known else Result.NOTED
    first = (s.payment.id, kind) not in seen
    if kind == "left":
        seen.add((s.payment.id, kind))
        news = s.payment.status == "exported" and then.status == "exported"
    elif kind == "rejected":
        seen.add((s.payment.id, kind))
        news = s.payment.status != "refused" and now.told_by is not None and now.status == "refused"
    else:
        first, news = True, (then.status, then.returned) != (now.status, now.returned)
    return Result.APPLIED if first and news else Result.KNOWN


def _note(s: BankStatement, result: str) -> str:
    """What a person reads of it."""
    if s.payment is None or result in {Result.APPLIED, Result.CONFLICT, Result.NOTED}:
        return s.reading.note
    if s.reading.kind == "left" and s.payment.status == "refused":
        return "It left before it came back."
    stands = "refused" if s.payment.status == "refused" else "paid"
    if s.reading.kind == "back" and s.payment.status == "paid":
        return "That it came back is known already."
    return f"It is {stands} already."


def _row(s: BankStatement, result: str, payments: dict[UUID, Payment]) -> BankAnswer:
    line = s.line
    return BankAnswer(
        id=new_id(),
        document_id=s.message.key,
        position=s.position,
        payment=payments.get(s.payment.id) if s.payment else None,
        status=line.status,
        code=line.code,
        reason=line.reason,
        text=line.text,
        reference=line.end_to_end_id or line.group_id or line.message_id,
        amount=line.amount,
        currency=line.currency[:3],
        day=line.day,
        said_at=s.message.report.created_at or s.message.at,
        result=str(result),
        note=_note(s, result),
    )


def _otherwise(
    after: Settlement, current: Message, payments: dict[UUID, Payment], documents: dict[UUID, Document]
) -> list[BankAnswer]:
    """Rows for lines of earlier messages that contradicted and do not any more, or that did not and do
    now."""
    standing = {k: a for k, a in in_force(list(documents)).items() if k[2] in payments}
    now = {
        _place(s): s
        for s in after.said
        if s.message.key != current.key and s.payment and s.payment.id in payments
    }
    out = []
    for place, s in sorted(now.items(), key=lambda x: (x[0][0], x[0][1], str(x[0][2]))):
        was, conflict = standing.get(place), s.reading.kind in {"conflict", "early"}
        if was is None or (was.result == Result.CONFLICT) != conflict:
            out.append(_row(s, Result.CONFLICT if conflict else Result.APPLIED, payments))
    for place, was in standing.items():
        if place not in now and was.result == Result.CONFLICT:
            out.append(_again(was, payments))
    for row in out:
        row.document = documents[row.document_id]
    return out


def _again(was: BankAnswer, payments: dict[UUID, Payment]) -> BankAnswer:
    """The same line once more, explained."""
    row = BankAnswer(**{f.attname: getattr(was, f.attname) for f in BankAnswer._meta.concrete_fields})
    row.id, row.result, row.note = new_id(), str(Result.KNOWN), EXPLAINED
    row.payment = payments.get(was.payment_id) if was.payment_id else None
    return row
