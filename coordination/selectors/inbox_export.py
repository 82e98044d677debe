"""What the inbox shows under its filters, to take away: every open question of a list, in its order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from audit import clock
from reviews import urgency
from reviews.errors import Refused
from reviews.kinds import stored_kind
from reviews.models import Escalation
from reviews.open_lists import Filters, listed
from reviews.queues import titles
from reviews.selectors import Row, distinct, rows_of

MOST, CHUNK = 10_000, 500


@dataclass(frozen=True, slots=True)
class Line:
    """One open question as a list shows it; `key` is what its page is found by, `loss_on` a day on which
    something is lost."""

    key: UUID
    number: str
    title: str
    about: str
    queue: str
    causes: Sequence[str]
    question: str
    currency: str
    amount: Decimal | None
    amount_company: Decimal | None
    opened_at: datetime
    due_at: datetime
    clock: str
    loss_on: date | None
    loss: str
    claimed_by: str
    signed: str
    aside_until: datetime | None
    agent: str
    confidence: str


def lines(filters: Filters, actor: str, hidden: Sequence[str]) -> list[Line]:
    """The open questions of a list, as whoever looks sees them. Raises `Refused` for more than `MOST`."""
    rows = listed(filters, actor, hidden)
    now = clock.now()
    keys = [rank[-1] for rank in urgency.first(rows, filters.sort, clock.today(), MOST + 1)]
    if len(keys) > MOST:
        raise Refused(
            f"This list has more than {MOST:,} cases, and a file of it holds no more. Choose a queue or a"
            " cause, and take several."
        )
    return list(_lines(keys, now))


def _lines(keys: Sequence[UUID], now: datetime) -> Iterator[Line]:
    named: dict[str, str] = dict(titles())
    for start in range(0, len(keys), CHUNK):
        for e, row in rows_of(keys[start : start + CHUNK], now):
            if not row.gone:  # answered while this was read
                yield _line(e, row, named)


def _line(e: Escalation, row: Row, named: dict[str, str]) -> Line:
    loss = row.clock.loss
    return Line(
        key=row.id,
        number=row.number,
        title=row.title,
        about=stored_kind(e.kind).words,
        queue=named.get(e.queue, e.queue),
        causes=[_cause(reason) for reason in distinct(e.reasons)],
        question=e.question,
        currency=row.currency,
        amount=row.amount,
        amount_company=e.amount_company,
        opened_at=e.opened_at,
        due_at=e.due_at,
        clock=e.clock,
        loss_on=loss.on if loss else None,
        loss=loss.what if loss else "",
        claimed_by=row.owner.name if row.owner else "",
        signed=row.signed,
        aside_until=row.aside,
        agent=row.agent,
        confidence=row.confidence,
    )


def _cause(reason: dict[str, Any]) -> str:
    return " ".join(filter(None, [str(reason.get("words", "")), str(reason.get("excess", ""))]))
