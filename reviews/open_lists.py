"""Lists of open questions: which stand in each, how many, and what waits in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum, Value

from audit import clock

from . import kinds, urgency
from .models import Escalation, Mention, OpenQuestion, OpenTally, PendingAnswer, Status
from .principals import actors_covered
from .queues import QUEUES, titles

MINE, MENTIONED, ASIDE, NOBODY = "mine", "mentions", "aside", "nobody"
"""Lists that are no queue: what is claimed by whoever looks, where they were named, all that is put aside,
and what nobody may answer."""
FREE_AT_MOST = 100
"""Among so many of a list the next case for somebody is looked for."""
OWN_LISTS = {
    MINE: "Assigned to me",
    MENTIONED: "Mentions me",
    ASIDE: "Put aside",
    NOBODY: "Nobody may answer",
}
Narrowed = TypeVar("Narrowed", Escalation, OpenQuestion)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; it travels in the query string."""

    queue: str = ""
    cause: str = ""
    sort: str = "clock"
    aside: bool = False
    """What of it is put aside, instead of what is not."""

    def query(self) -> str:
        pairs = [
            ("queue", self.queue),
            ("cause", self.cause),
            ("sort", "" if self.sort == "clock" else self.sort),
            ("aside", "1" if self.aside else ""),
        ]
        return urlencode([(name, value) for name, value in pairs if value])


def of_list(key: str, **narrowed: Any) -> Filters:
    """The filters of a queue or of a list of one's own."""
    return Filters(aside=True, **narrowed) if key == ASIDE else Filters(queue=key, **narrowed)


@dataclass(frozen=True, slots=True)
class Queue:
    """A named list and how many questions stand in it."""

    key: str
    title: str
    count: int


def queues(actor: str, hidden: Sequence[str] = ()) -> tuple[int, list[Queue]]:
    """How many questions are open in all, and by queue (assigned to the person first)."""
    counts: Counter[str] = Counter()
    for queue, _, n, _ in _kept(hidden):
        counts[queue] += n
    own = _own_lists(actor, hidden)
    named = [Queue(MINE, OWN_LISTS[MINE], own[MINE])]
    named += [
        Queue(q.key, q.title, counts[q.key]) for q in QUEUES.values() if not q.reserved or counts[q.key]
    ]
    named += [
        Queue(key, OWN_LISTS[key], own[key]) for key in (MENTIONED, ASIDE, NOBODY) if own[key]
    ]  # keys stay
    return sum(counts.values()), named


def title_of_list(filters: Filters) -> str:
    """What a list is called."""
    title = (OWN_LISTS | dict(titles())).get(filters.queue, "")
    if filters.aside:
        return f"{title}, put aside" if title else OWN_LISTS[ASIDE]
    return title or "Inbox"


def _own_lists(actor: str, hidden: Sequence[str]) -> dict[str, int]:
    """How many questions stand in each list of a person's own, in one look."""
    counts = [
        listed(of_list(key), actor, hidden)
        .order_by()
        .values(named=Value(key))
        .annotate(n=Count("pk"))
        .values_list("named", "n")
        for key in OWN_LISTS
    ]
    return dict.fromkeys(OWN_LISTS, 0) | dict(counts[0].union(*counts[1:], all=True))


def _kept(hidden: Sequence[str]) -> list[tuple[str, str, int, Decimal]]:
    """Queue, kind, number and worth of open questions, but for those of `hidden` kinds, as they are kept."""
    rows = OpenTally.objects.exclude(kind__in=hidden).values_list("queue", "kind")
    sums = rows.annotate(all=Sum("n"), value=Sum("worth")).order_by()
    gone = _answered(hidden)
    none = (0, Decimal(0))
    return [
        (queue, kind, left, worth - gone.get((queue, kind), none)[1])
        for queue, kind, n, worth in sums
        if (left := n - gone.get((queue, kind), none)[0])
    ]


def _answered(hidden: Sequence[str]) -> dict[tuple[str, str], tuple[int, Decimal]]:
    """Of each queue and kind how many are answered and wait to count, and their worth: few, for seconds."""
    rows = OpenQuestion.objects.filter(pending__isnull=False).exclude(kind__in=hidden).order_by()
    sums = rows.values_list("queue", "kind").annotate(n=Count("pk"), worth=Sum("amount_company"))
    return {(queue, kind): (n, worth or Decimal(0)) for queue, kind, n, worth in sums}


def totals(filters: Filters, actor: str, hidden: Sequence[str] = ()) -> tuple[int, Decimal]:
    """How many questions are open in a list, and what waits for an answer (`waiting_worth`): as it is kept
    where a queue alone says which, else counted."""
    if filters.cause or filters.aside or filters.queue in OWN_LISTS:
        rows = listed(filters, actor, hidden) if filters.aside else _open_in(filters, actor, hidden)
        return rows.count(), waiting_worth(rows)
    found = [row for row in _kept(hidden) if filters.queue in ("", row[0])]
    apart = kinds.uncounted()
    worth = sum((worth for _, kind, _, worth in found if kind not in apart), Decimal(0))
    return sum(n for _, _, n, _ in found), worth


def put_aside(filters: Filters, actor: str, hidden: Sequence[str]) -> QuerySet[OpenQuestion]:
    """What of a list is put aside now: few rows, by an index of their own."""
    return _open_in(filters, actor, hidden).filter(aside_until__gt=clock.now())


def listed(filters: Filters, actor: str, hidden: Sequence[str]) -> QuerySet[OpenQuestion]:
    """The open questions of a list: those that are put aside, or those that are not. One comes back by the
    moment, without waiting for anybody to put it back."""
    rows, away = _open_in(filters, actor, hidden), Q(aside_until__gt=clock.now())
    return rows.filter(away) if filters.aside else rows.exclude(away)


def free(filters: Filters, actor: str, hidden: Sequence[str]) -> list[UUID]:
    """The first questions of a list that nobody has claimed, in its order."""
    rows = listed(filters, actor, hidden).filter(owner="")
    return [rank[-1] for rank in urgency.first(rows, filters.sort, clock.today(), FREE_AT_MOST)]


def _open_in(filters: Filters, actor: str, hidden: Sequence[str]) -> QuerySet[OpenQuestion]:
    """The open questions of a list, put aside or not. One whose answer waits to count is in none."""
    rows = _narrowed(OpenQuestion.objects.filter(pending__isnull=True), filters, actor, hidden)
    return rows.filter(codes__contains=[filters.cause]) if filters.cause else rows


def ended_since(filters: Filters, actor: str, hidden: Sequence[str], since: datetime) -> QuerySet[Escalation]:
    """Questions that stood in a list at a moment and that somebody else has ended since."""
    rows = _stood_in(filters, actor, hidden, since)
    return rows.filter(decided_at__gt=since).exclude(status=Status.OPEN)


def answered_since(
    filters: Filters, actor: str, hidden: Sequence[str], since: datetime
) -> QuerySet[Escalation]:
    """Questions that stood in a list at a moment and that somebody else has answered since, by an answer that
    can still be taken back."""
    waiting = PendingAnswer.objects.filter(at__gt=since).exclude(by=actor).values("pk")
    return _stood_in(filters, actor, hidden, since).filter(pk__in=waiting)


def _stood_in(filters: Filters, actor: str, hidden: Sequence[str], since: datetime) -> QuerySet[Escalation]:
    rows = _narrowed(Escalation.objects.all(), filters, actor, hidden).filter(opened_at__lte=since)
    if filters.aside:
        rows = rows.filter(aside_until__isnull=False)
    return rows.filter(reasons__contains=[{"code": filters.cause}]) if filters.cause else rows


def _narrowed(
    rows: QuerySet[Narrowed], filters: Filters, actor: str, hidden: Sequence[str]
) -> QuerySet[Narrowed]:
    rows = rows.exclude(kind__in=hidden)
    if filters.queue == MINE:
        return rows.filter(owner__in=actors_covered(actor)).exclude(owner="")
    if filters.queue == MENTIONED:
        return rows.filter(pk__in=Mention.objects.filter(actor=actor).values("question"))
    if filters.queue == NOBODY:
        return rows.filter(pk__in=OpenQuestion.objects.exclude(nobody="").values("question"))
    return rows.filter(queue=filters.queue) if filters.queue else rows


def waiting_worth(open_: QuerySet[OpenQuestion]) -> Decimal:
    """What waits for an answer, in company currency, each amount once.

    Kinds whose amounts other questions count are left out (`kinds.Kind.counts`).
    """
    found = open_.exclude(kind__in=kinds.uncounted()).aggregate(worth=Sum("amount_company"))["worth"]
    return found or Decimal(0)
