"""What the review queue shows, read only: the queues, the list as of a moment, one case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Count, Func, JSONField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from audit import clock

from . import kinds, urgency
from .models import Escalation, OpenQuestion, PendingAnswer, Status, Verdict
from .names import account_of
from .open_lists import (
    Filters,
    answered_since,
    ended_since,
    listed,
    put_aside,
    title_of_list,
    totals,
    waiting_worth,
)
from .queues import is_reserved

SORTS = urgency.SORTS
LIST_AT_MOST = 100
PENDING = "pending"
"""How a question left the list whose answer can still be taken back."""
A_WEEK = 7
"""Of so many days each has a weekday of its own."""


@dataclass(frozen=True, slots=True)
class Person:
    """An actor as a page shows it."""

    actor: str
    name: str
    kind: str

    @property
    def initials(self) -> str:
        parts = [p for p in self.name.replace(".", " ").split() if p]
        return "".join(p[0] for p in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)).upper()

    @property
    def tint(self) -> int:
        return sum(map(ord, self.name)) % 5 + 1


@dataclass(frozen=True, slots=True)
class Clock:
    """Time left and which clock set it; `level` is "" before half of the time, then "warn", after it "bad".

    `loss`: what is overdue or lost within days, which counts for more than the SLA.
    """

    due_at: datetime
    text: str
    level: str
    loss: urgency.Loss | None = None

    @property
    def is_overdue(self) -> bool:
        """Has a day passed by which it was to be answered, whatever the SLA says?"""
        return self.loss is not None and self.loss.is_overdue


@dataclass(frozen=True, slots=True)
class Row:
    """One question in the list. `gone` says how it ended while the list was being looked at."""

    id: UUID
    kind: str
    title: str
    number: str
    currency: str
    amount: Decimal | None
    reasons: Sequence[dict[str, Any]]
    more: int
    clock: Clock
    agent: str
    confidence: str
    owner: Person | None
    signed: str
    aside: datetime | None = None
    """Until when it is put aside."""
    nobody: str = ""
    """Why nobody may answer it; empty where somebody may."""
    passed_on: str = ""
    """To whom it went when its time was over."""
    gone: str = ""
    gone_by: str = ""
    cause: str = ""
    """What is asked of whom, as a digest; empty where nothing else can ask the same."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading."""

    title: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Listing:
    """The list as it was `as_of`, with what has come since counted beside it."""

    title: str
    filters: Filters
    groups: Sequence[Group]
    as_of: datetime
    open_count: int
    waiting: Decimal
    fresh: int
    fresh_amount: Decimal
    causes: Sequence[tuple[str, str]] = field(default_factory=tuple)
    aside: int = 0
    """How many of those that are open in the queue are put aside."""
    cut: bool = False
    """Are there more than the list holds? Then its last group goes on."""

    @property
    def empty(self) -> bool:
        return not self.groups


def people(actors: Iterable[str]) -> dict[str, Person]:
    """Actors by their text, with the names of people read in one query."""
    wanted = {a for a in actors if a}
    keys = {account_of(a) for a in wanted} - {""}
    users = {str(u.pk): u for u in User.objects.filter(pk__in=keys)}
    return {a: person for a in wanted if (person := _person(a, users))}


def _person(actor: str, users: dict[str, User]) -> Person | None:
    kind, _, key = actor.partition(":")
    if not actor:
        return None
    if kind == "human":
        user = users.get(key)
        return Person(actor, (user.get_full_name() or user.get_username()) if user else key, "human")
    return Person(actor, key.partition("/")[0] or actor, kind)


def listing(
    filters: Filters,
    actor: str,
    *,
    as_of: datetime | None = None,
    hidden: Sequence[str] = (),
    now: datetime | None = None,
    at_most: int = LIST_AT_MOST,
) -> Listing:
    """The list as of a moment: what was open then, in the order of then, marked if it has ended since.

    Arrivals after `as_of` are only counted, so that no row moves under the cursor. One's own answers leave at
    once.
    """
    now = now or clock.now()
    as_of = min(as_of or now, now)
    day = timezone.localdate(as_of)
    open_ = listed(filters, actor, hidden)
    new = open_.filter(opened_at__gt=as_of)
    ranks = urgency.first(open_.filter(opened_at__lte=as_of), filters.sort, day, at_most + 1)
    gone: dict[UUID, Escalation] = {}
    if as_of < now:
        ended = ended_since(filters, actor, hidden, as_of).exclude(decided_by=actor)
        answered = answered_since(filters, actor, hidden, as_of)
        newest = [
            _light(rows).annotate(excerpt=Excerpt("case")).order_by("-decided_at", "pk")[:LIST_AT_MOST]
            for rows in (ended, answered)  # a list may have been loaded days ago
        ]
        gone = {e.pk: e for rows in newest for e in rows}
        ranks = [rank for rank in ranks if rank[-1] not in gone]  # ended while this was read
        ranks += [urgency.rank_of(e, shown_of(e), filters.sort, day) for e in gone.values()]
        ranks.sort()
    found = _in_order([rank[-1] for rank in ranks[:at_most]], gone)
    answers = {p.pk: p for p in PendingAnswer.objects.filter(pk__in=gone)} if gone else {}
    named = [who for e in found for who in (e.owner, e.decided_by)] + [p.by for p in answers.values()]
    known = people(named)
    made = [_row(e, known, now, day, answers.get(e.pk)) for e in found]
    open_count, waiting = totals(filters, actor, hidden)
    return Listing(
        title=title_of_list(filters),
        filters=filters,
        groups=_grouped(made, day, by_clock=filters.sort == "clock"),
        as_of=as_of,
        open_count=open_count,
        waiting=waiting,
        fresh=new.count(),
        fresh_amount=waiting_worth(new),
        causes=_causes(found),
        aside=0 if filters.aside else put_aside(filters, actor, hidden).count(),
        cut=len(ranks) > at_most,
    )


def rows_of(keys: Sequence[UUID], now: datetime) -> list[tuple[Escalation, Row]]:
    """These questions as lists show them, open or not, each with its row and without its case, in this
    order; those that do not exist are left out."""
    waiting = {p.pk: p for p in PendingAnswer.objects.filter(pk__in=keys)}
    ended = _light(Escalation.objects.exclude(status=Status.OPEN).filter(pk__in=keys))
    found = _in_order(keys, {e.pk: e for e in ended.annotate(excerpt=Excerpt("case"))})
    named = [who for e in found for who in (e.owner, e.decided_by)] + [p.by for p in waiting.values()]
    known, day = people(named), timezone.localdate(now)
    return [(e, _row(e, known, now, day, waiting.get(e.pk))) for e in found]


class Excerpt(Func):
    """Of a stored case the keys that lists show. The case is unpacked once, and not for each key again."""

    template = (
        "(SELECT jsonb_object_agg(key, value) FROM jsonb_each(%(expressions)s) WHERE key = ANY(%(keys)s))"
    )
    output_field = JSONField()

    def as_sql(self, compiler: Any, connection: Any, *parts: Any, **context: Any) -> Any:
        text, parameters = super().as_sql(compiler, connection, *parts, **context | {"keys": "%s"})
        return text, (*parameters, list(kinds.excerpts()))


def _light(rows: QuerySet[Escalation]) -> QuerySet[Escalation]:
    """These questions without the stored case, which is large, and with how many have signed."""
    signed = Subquery(
        Verdict.objects.filter(escalation=OuterRef("pk"))
        .order_by()
        .values("escalation")
        .annotate(n=Count("*"))
        .values("n")
    )
    return rows.defer("case").annotate(signed=Coalesce(signed, 0))


def _in_order(keys: Sequence[UUID], gone: Mapping[UUID, Escalation]) -> list[Escalation]:
    """These questions in this order, with what a row shows of their cases: of open ones it is kept beside
    them."""
    rows = OpenQuestion.objects.filter(pk__in=keys).only("excerpt", "cause", "nobody")
    kept = {row.pk: row for row in rows}
    found = _light(Escalation.objects.all()).in_bulk(list(kept))
    for key, e in found.items():
        e.excerpt, e.cause = kept[key].excerpt, kept[key].cause  # type: ignore[attr-defined]
        e.nobody = kept[key].nobody  # type: ignore[attr-defined]
    found |= gone  # last: one that was ended just now is as it was read
    return [found[key] for key in keys if key in found]


def shown_of(e: Escalation) -> dict[str, Any]:
    """What a list shows of a case, as it was read beside the question."""
    return getattr(e, "excerpt", None) or {}


def _causes(found: Sequence[Escalation]) -> list[tuple[str, str]]:
    named = {r.get("code", ""): r.get("words", "") for e in found for r in e.reasons}
    return sorted((code, words) for code, words in named.items() if code)


def _grouped(rows: Sequence[Row], today: date, *, by_clock: bool) -> list[Group]:
    if not by_clock:
        return [Group("All", rows)] if rows else []
    headings: dict[str, list[Row]] = {"Overdue": [], "Decide today": [], "Tomorrow": [], "Later": []}
    for row in rows:
        headings[_heading(row.clock, today)].append(row)
    return [Group(title, members) for title, members in headings.items() if members]


def _heading(clock: Clock, today: date) -> str:
    """Under which heading a question stands: the order of the list goes by the same days."""
    if clock.is_overdue:
        return "Overdue"
    days = (timezone.localdate(clock.due_at) - today).days
    return "Decide today" if clock.loss or days <= 0 else "Tomorrow" if days == 1 else "Later"


def _row(
    e: Escalation, known: dict[str, Person], now: datetime, day: date, waiting: PendingAnswer | None
) -> Row:
    closed, reasons = e.status != Status.OPEN or waiting is not None, distinct(e.reasons)
    by = known.get(waiting.by if waiting is not None else e.decided_by)
    kind = kinds.stored_kind(e.kind)
    shown = shown_of(e)
    signed, summary = getattr(e, "signed", 0), kind.summary(e.question, shown)
    return Row(
        id=e.id,
        kind=e.kind,
        title=summary.title,
        number=summary.number,
        currency=e.currency,
        amount=e.amount,
        reasons=reasons[:2],
        more=max(0, len(reasons) - 2),
        clock=clock_of(e, now, urgency.loss_of(kind.deadlines, shown, day)),
        agent=summary.speaker,
        confidence=summary.confidence,
        owner=known.get(e.owner),
        signed=f"{signed} of {e.quorum}" if e.quorum > 1 else "",
        aside=e.aside_until if e.aside_until and e.aside_until > now else None,
        nobody=getattr(e, "nobody", "") if not closed else "",
        passed_on=passed_on(e) if not closed else "",
        gone=_gone(e, kind, waiting) if closed else "",
        gone_by=by.name if by and closed and (waiting or not kind.private) else "",
        cause=getattr(e, "cause", ""),
    )


def _gone(e: Escalation, kind: kinds.Kind, waiting: PendingAnswer | None) -> str:
    """How a question left the list. While an answer can be taken back all kinds say the same."""
    if waiting is not None:
        return PENDING
    return "answered" if kind.private else ended(e.status, e.verdict)


def passed_on(e: Escalation) -> str:
    """Who sees to it since its time is over: the department that is its backup, else the managers."""
    overdue = e.breached_at is not None and not is_reserved(e.queue)
    return (e.backup or "managers") if overdue else ""


def ended(status: str, verdict: str) -> str:
    """How a question ended, as lists say it."""
    return "overridden" if verdict == "override" and status == Status.APPROVED else status


def title_of(e: Escalation) -> str:
    """What lists call it: what its kind makes of the case."""
    return kinds.stored_kind(e.kind).summary(e.question, e.case).title


def distinct(reasons: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Reasons as chips: one per code and size, however many lines have it."""
    found: dict[tuple[Any, Any], dict[str, Any]] = {}
    for reason in reasons:
        found.setdefault((reason.get("code"), reason.get("excess")), reason)
    return list(found.values())


def clock_of(e: Escalation, now: datetime, loss: urgency.Loss | None = None) -> Clock:
    """Which clock and how much of it is left, in words, and what is lost meanwhile."""
    left = e.due_at - now
    if left <= timedelta(0):
        return Clock(e.due_at, f"overdue {span(-left)}", "bad", loss)
    level = "warn" if e.due_at > e.opened_at and now >= e.half_time else ""
    local, today = timezone.localtime(e.due_at), timezone.localdate(now)
    days = (local.date() - today).days
    if days <= 0:
        text = f"{span(left)} · {e.clock}"
    else:
        day = f"{local:%a} {local.day} {local:%b}"
        if days < A_WEEK:
            day = f"{'tomorrow' if days == 1 else f'{local:%a}'} {local:%H:%M}"
        text = day if e.clock == "desk time" else f"{day} · {e.clock}"
    return Clock(e.due_at, text, level, loss)


def span(left: timedelta) -> str:
    """6 d 4 h, 4 h 56 m, 9 m."""
    minutes = int(left.total_seconds()) // 60
    days, hours = minutes // 1440, minutes // 60
    if days:
        return f"{days} d {hours % 24} h"
    return f"{hours} h {minutes % 60} m" if hours else f"{minutes} m"
