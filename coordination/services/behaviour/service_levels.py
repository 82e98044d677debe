"""Whether work is done in time: agents by what they agreed to, people by the time that their questions have.

Each minute it is looked whether a department uses up its budget too fast, and whether an agent has fallen
silent: it has work that is due and does none of it. What begins and what ends is an entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from audit import clock, ledger, trail
from audit.ids import new_id
from audit.subjects import Subject

from ...agents import REGISTRY, upstream
from ...models import Agent, AgentMinute, ServiceAlert
from ...monitoring import burn
from ...monitoring.burn import Burning, Count
from ...tasks import work_queue
from ...tasks.announce import announce

ACTOR = "system:monitor"
BUDGETS = {ServiceAlert.Kind.AGENTS: 0.01, ServiceAlert.Kind.PEOPLE: 0.05}
"""The share that may be late: of agents' answers, and of people's."""
SILENT_AFTER = timedelta(minutes=5)
"""An agent is silent when work has been due for so long while it did nothing."""
KEPT = max(burn.WINDOWS) + timedelta(days=1)

AGENTS = """
SELECT a.department, coalesce(sum(m.decisions), 0), coalesce(sum(m.late), 0)
  FROM coordination_agent a LEFT JOIN coordination_agentminute m ON m.agent_id = a.name AND m.minute > %s
 GROUP BY a.department ORDER BY a.department
"""
PEOPLE = """
SELECT queue, count(*), count(*) FILTER (WHERE coalesce(decided_at, %(now)s) > due_at)
  FROM reviews_escalation
 WHERE (status <> 'open' AND kind <> 'known_answer' AND decided_at > %(since)s AND decided_at <= %(now)s)
    OR (status = 'open' AND due_at > %(since)s AND due_at <= %(now)s)
 GROUP BY queue ORDER BY queue
"""
SILENT = f"""
SELECT count(*), min(t.due_at), (SELECT max(d.at) FROM coordination_decision d WHERE d.agent = %s)
  FROM coordination_task t JOIN coordination_agent a ON a.name = t.agent AND NOT a.paused
 WHERE t.agent = %s AND t.due_at < now() - make_interval(secs => %s)
   AND (t.token IS NULL OR t.leased_until < now()) AND {work_queue.UNDISTURBED}
"""  # noqa: S608 - made of constants


@dataclass(frozen=True, slots=True)
class Window:
    """One window: its length, what fell into it, and its burn rate."""

    span: timedelta
    count: Count
    rate: float

    @property
    def words(self) -> str:
        return span_words(self.span)


@dataclass(frozen=True, slots=True)
class Level:
    """One service level as it stands: its windows, and the rate that is told of it."""

    kind: ServiceAlert.Kind
    about: str
    counts: Mapping[timedelta, Count]
    burning: Burning | None

    @property
    def windows(self) -> list[Window]:
        """The long windows of the thresholds, in their order."""
        spans = [t.long for t in burn.THRESHOLDS]
        return [Window(s, self.counts[s], self.counts[s].rate(BUDGETS[self.kind])) for s in spans]


def levels(now: datetime) -> list[Level]:
    """Every department's two levels: of its agents, and of the questions in its queue."""
    found: dict[tuple[ServiceAlert.Kind, str], dict[timedelta, Count]] = {}
    with connection.cursor() as cursor:
        for window in burn.WINDOWS:
            cursor.execute(AGENTS, [now - window])
            for about, cases, late in cursor.fetchall():
                found.setdefault((ServiceAlert.Kind.AGENTS, about), {})[window] = Count(cases, late)
            cursor.execute(PEOPLE, {"since": now - window, "now": now})
            for about, cases, late in cursor.fetchall():
                found.setdefault((ServiceAlert.Kind.PEOPLE, about), {})[window] = Count(cases, late)
    return [_level(kind, about, counts) for (kind, about), counts in sorted(found.items())]


def _level(kind: ServiceAlert.Kind, about: str, counts: dict[timedelta, Count]) -> Level:
    known = {window: counts.get(window, Count(0, 0)) for window in burn.WINDOWS}
    return Level(kind, about, known, burn.burning(known, BUDGETS[kind]))


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be told now."""

    kind: ServiceAlert.Kind
    about: str
    urgency: burn.Urgency
    text: str


def check(now: datetime | None = None) -> list[Notice]:
    """Open what has begun, close what is over, forget minutes that nobody looks back at. What stands now."""
    now = now or clock.now()
    AgentMinute.objects.filter(minute__lt=now - KEPT).delete()
    standing = [*_burning(now), *_silent()]
    with transaction.atomic():
        ledger.lock("service")
        open_ = {(a.kind, a.about): a for a in ServiceAlert.objects.filter(closed_at=None)}
        wanted = {(n.kind.value, n.about): n for n in standing}
        _open([n for key, n in wanted.items() if key not in open_], now)
        _close([a for key, a in open_.items() if key not in wanted], now)
        if wanted.keys() != open_.keys():
            announce([("agents", ""), ("alerts", "")])
    return standing


def _burning(now: datetime) -> Iterator[Notice]:
    for level in levels(now):
        if level.burning is None:
            continue
        threshold = level.burning.threshold
        count = level.counts[threshold.long]
        what = "answers of agents" if level.kind == ServiceAlert.Kind.AGENTS else "questions"
        text = (
            f"{level.about.capitalize()}: {count.late:,} of {count.cases:,} {what} were late in the last"
            f" {span_words(threshold.long)}, {level.burning.rate:.1f} times as many as the budget of"
            f" {BUDGETS[level.kind]:.0%} allows."
        )
        yield Notice(level.kind, level.about, threshold.urgency, text)


def _silent() -> Iterator[Notice]:
    """Agents that have work which waits for nobody else, and do none of it."""
    for agent in sorted(REGISTRY):  # in the order in which others lock several agents
        with connection.cursor() as cursor:
            cursor.execute(SILENT, [agent, agent, SILENT_AFTER.total_seconds(), sorted(upstream(agent))])
            tasks, since, last = cursor.fetchone()
        if not tasks or (last is not None and last > since):
            continue  # it works, and has not come to these yet
        text = (
            f"{agent} does nothing: {tasks:,} task{'s' if tasks != 1 else ''} due, the first since"
            f" {since:%-d %B %H:%M} UTC."
        )
        yield Notice(ServiceAlert.Kind.SILENT, agent, burn.Urgency.NOW, text)


def span_words(window: timedelta) -> str:
    """A window in words: hour, 6 hours, 3 days."""
    hours = window // timedelta(hours=1)
    if hours >= 24:
        return f"{hours // 24} days"
    if hours:
        return "hour" if hours == 1 else f"{hours} hours"
    return f"{window // timedelta(minutes=1)} minutes"


def _open(notices: Sequence[Notice], now: datetime) -> None:
    for n in notices:
        row = ServiceAlert(
            id=new_id(), kind=n.kind, about=n.about, urgency=n.urgency, text=n.text, opened_at=now
        )
        changes = trail.insert([row], trail.Stamp(ACTOR, now, "noticed"))
        _record(row, "service.alert_opened", now, changes)


def _close(alerts: Sequence[ServiceAlert], now: datetime) -> None:
    for row in alerts:
        row.closed_at = now
        changes = trail.update([row], ("closed_at",), trail.Stamp(ACTOR, now, "over"))
        _record(row, "service.alert_closed", now, changes)


def _record(row: ServiceAlert, type_: str, now: datetime, changes: Sequence[trail.Change]) -> None:
    subject = Subject.of("agent", row.about) if row.kind == ServiceAlert.Kind.SILENT else None
    if subject is not None:
        Agent.objects.select_for_update().get(pk=row.about)
    data = {
        "alert": str(row.id),
        "kind": row.kind,
        "about": row.about,
        "urgency": row.urgency,
        "text": row.text,
    }
    ledger.append(
        [ledger.Event(subject or Subject.of("service", row.about), type_, ACTOR, now, data, changes)]
    )
