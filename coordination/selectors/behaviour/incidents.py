"""Incidents: the list of them, and one with all that a manager needs to repeat it on the phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Prefetch

from audit import commitments
from reviews.models import Escalation
from reviews.names import account_of
from reviews.selectors import Person, people

from ...domain.key_figures import Share
from ...models import Agent, Alarm, DayCell, Incident
from ...monitoring.alarms import kind_in_words
from ...monitoring.measures import BY_NAME, Direction
from ...services.behaviour import incidents as services
from . import days
from .chart import BEFORE
from .days import Window, add_up, bar_of
from .resting import Rests, rests
from .status import OpenBreaker, Way, agent_statuses, highest, open_breaker, since, word_of
from .words import WORDS, Words

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class AlarmSummary:
    """An alarm as it was told, in words. `now` is what was counted since its onset until now."""

    alarm: Alarm
    words: Words
    word: str
    now: Share
    evidence: float | None

    @property
    def moved(self) -> str:
        return self.words.moved(self.alarm.direction)

    @property
    def throttles(self) -> bool:
        """May a critical change of it open the breaker?"""
        response = BY_NAME[self.alarm.measure].response(Direction(self.alarm.direction))
        return response.critical.value == "open"

    @property
    def bar(self) -> float:
        return bar_of(self.evidence)

    @property
    def strata(self) -> list[tuple[str, Share, float]]:
        """The kinds that differ most: name, events of cases, the share that was expected."""
        return [
            (kind_in_words(name), Share(events, cases), expected / cases)
            for name, cases, events, expected in self.alarm.strata
        ]


@dataclass(frozen=True, slots=True)
class Version:
    """The version of the agent that began last before an onset, and on which day."""

    name: str
    day: date
    days_before: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks whether incidents are closed, and why, in their words."""

    by: Person | None
    why: str


@dataclass(frozen=True, slots=True)
class Closing:
    """The question whether an incident is closed, open or answered, and who asked it."""

    question: Escalation
    asked: Asked


@dataclass(frozen=True, slots=True)
class Found:
    """One incident. `alarms`, the most pressing first. `decisions`, `amount` and what `rests` on it are of
    `window`: from the onset of the most pressing until it was closed. `closing` is the
    open question whether to close it, or the one by whose answer it was closed. `alongside`: other agents'
    incidents of the same cause, with what moved in both."""

    row: Incident
    word: str
    alarms: Sequence[AlarmSummary]
    decisions: int
    amount: Decimal
    owner: Person | None
    acknowledged_by: Person | None
    closed_by: Person | None
    version: Version | None
    rests: Rests
    breaker: OpenBreaker | None
    window: Window
    alongside: Sequence[tuple[Incident, AlarmSummary]] = ()
    closing: Closing | None = None

    @property
    def first(self) -> AlarmSummary:
        return self.alarms[0]

    @property
    def is_with(self) -> str:
        """The key of the account of who has this one and all alongside; empty where several have them, or
        nobody."""
        owners = {self.row.owner, *(other.owner for other, _ in self.alongside)}
        return account_of(owners.pop()) if len(owners) == 1 else ""

    @property
    def others(self) -> str:
        """The numbers of those alongside, as a form sends them back."""
        return ",".join(str(other.number) for other, _ in self.alongside)

    @property
    def together(self) -> int:
        """How many incidents have this one's cause, itself included."""
        return 1 + len(self.alongside)

    @property
    def way(self) -> Way | None:
        return self.breaker.standing.way if self.breaker else None


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list of incidents."""

    row: Incident
    word: str
    alarms: Sequence[Alarm]
    words: Sequence[str]
    owner: Person | None
    asked: UUID | None = None
    """The open question whether it is closed."""
    others: int = 0
    """Incidents of other agents that have the same cause, where they are told with this one."""


def incidents(status: str = "", cause: str = "", agent: str = "") -> list[Listed]:
    """Incidents, the newest first, narrowed where a word is given."""
    rows = Incident.objects.order_by("-opened_at", "-number")
    if status:
        rows = rows.filter(status=status)
    if cause:
        rows = rows.filter(cause=cause)
    if agent:
        rows = rows.filter(agent=agent)
    found = list(rows.prefetch_related(Prefetch("alarms", Alarm.objects.order_by("at"))))
    owners, asked = people(r.owner for r in found), services.asked()
    return [_listed(row, owners, asked.get(row.number)) for row in found]


def _listed(row: Incident, owners: Mapping[str, Person], asked: Escalation | None) -> Listed:
    alarms = highest(row.alarms.all())
    moved = [WORDS[a.measure].moved(a.direction) for a in alarms]
    return Listed(
        row,
        word_of(alarms[0].level, alarms[0].category),
        alarms,
        moved,
        owners.get(row.owner),
        None if asked is None else asked.pk,
    )


def open_incidents() -> int:
    """How many are open."""
    return Incident.objects.filter(status=Incident.Status.OPEN).count()


def pressing() -> list[Listed]:
    """Those that are open, the most pressing first; of several with one cause the first, which says how many
    they are."""
    order = ("critical", "warning", "inputs")
    found = sorted(
        incidents(status=Incident.Status.OPEN), key=lambda one: (order.index(one.word), one.row.number)
    )
    told, covered = [], set[int]()
    for one in found:
        if one.row.number in covered:
            continue
        others = [row.number for row in services.alongside(one.row)]
        covered.update(others)
        told.append(replace(one, others=len(others)))
    return told


def incident(row: Incident) -> Found:
    """One incident with everything that its page shows."""
    agent, window = row.agent_id, window_of(row)
    named = people([row.owner, row.acknowledged_by, row.closed_by])
    count, amount = between(agent, window)
    alarms = [summarize_alarm(alarm, window.last) for alarm in highest(row.alarms.all())]
    standing = agent_statuses(agent)[0]
    return Found(
        row,
        alarms[0].word,
        alarms,
        count,
        amount,
        named.get(row.owner),
        named.get(row.acknowledged_by),
        named.get(row.closed_by),
        version_before(agent, window.first),
        rests(agent, window),
        open_breaker(standing),
        window,
        [(other, _same(other, alarms, window.last)) for other in services.alongside(row)],
        closing_of(row),
    )


def closing_of(row: Incident) -> Closing | None:
    """The question whether it is closed; None where nobody has asked, or what was asked was taken back."""
    asked = services.asked_of(row) if row.status == Incident.Status.OPEN else services.closing_of(row)
    if asked is None:
        return None
    return Closing(asked, who_asked(asked.case))


def who_asked(case: Mapping[str, Any]) -> Asked:
    """Who asked a question about incidents, and why; nobody where it was asked before that was kept."""
    by = str(case.get("asked_by", ""))
    return Asked(people([by]).get(by), commitments.reveal(str(case.get("said", ""))))


def _same(other: Incident, alarms: Sequence[AlarmSummary], last: date) -> AlarmSummary:
    """What moved in another incident as in this one."""
    moved = {(a.alarm.measure, a.alarm.direction) for a in alarms}
    shared = [a for a in highest(other.alarms.all()) if (a.measure, a.direction) in moved]
    return summarize_alarm(shared[0], last)


def window_of(row: Incident) -> Window:
    """The days of an incident: since the onset of its most pressing alarm, which is the one that is told
    first, until it was closed; of an open one, until now."""
    last = row.closed_at.astimezone(UTC).date() if row.closed_at else days.today()
    return Window(highest(row.alarms.all())[0].onset, last)


def summarize_alarm(alarm: Alarm, last: date) -> AlarmSummary:
    """An alarm with what was counted since."""
    window = Window(alarm.onset, last)
    agent = alarm.incident.agent_id
    tally = add_up(days.rows_of([agent], [alarm.measure], window).get((agent, alarm.measure), []))
    return AlarmSummary(
        alarm, WORDS[alarm.measure], word_of(alarm.level, alarm.category), tally.share, tally.evidence
    )


def between(agent: str, window: Window) -> tuple[int, Decimal]:
    """Decisions of an agent in a window, and their amount."""
    count, amount = since(agent, window.first)
    if window.last < days.today():
        later, more = since(agent, window.last + timedelta(days=1))
        count, amount = count - later, amount - more
    return count, amount


def version_before(agent: str, onset: date) -> Version | None:
    """The version that began at most 30 days before an onset; None where none did."""
    rows = DayCell.objects.filter(agent=agent, day__gte=onset - 2 * BEFORE, day__lte=onset)
    first: dict[str, date] = {}
    for version, day in rows.order_by("day").values_list("version", "day").distinct():
        first.setdefault(version, day)
    began = [(day, name) for name, day in list(first.items())[1:] if day >= onset - BEFORE]
    if not began:
        return None
    day, name = max(began)
    return Version(name, day, (onset - day).days)


@dataclass(frozen=True, slots=True)
class ClosingCase:
    """What a second person goes by: who asks, why, and the incidents with what moved in each."""

    asked: Asked
    incidents: Sequence[tuple[Incident, AlarmSummary, int, Decimal]]


def closing_case(case: Mapping[str, Any]) -> ClosingCase:
    """What the question whether incidents are closed is about; of each its most pressing alarm, decisions
    and amount since its onset."""
    numbers = [int(case["incident"]), *map(int, case.get("others", []))]
    rows = Incident.objects.filter(number__in=numbers).prefetch_related("alarms")
    found = []
    for row in sorted(rows, key=lambda one: numbers.index(one.number)):
        window = window_of(row)
        told = summarize_alarm(highest(row.alarms.all())[0], window.last)
        found.append((row, told, *between(row.agent_id, window)))
    return ClosingCase(who_asked(case), found)


def of_agent(agent: Agent) -> Found | None:
    """The open incident of an agent."""
    row = Incident.objects.filter(agent=agent, status=Incident.Status.OPEN).first()
    return incident(row) if row else None
