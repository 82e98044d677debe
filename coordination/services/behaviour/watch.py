"""The one reader of decisions for the monitors: in the order of their transactions, each once.

Position, counts, detectors and what follows from alarms are written in one transaction, so that a process
that is killed has read nothing by halves, and reading all again comes to the same alarms. Only transactions
older than every one that still runs are read (`audit.models.Entry.tx`): none can come before them any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection, transaction

from audit import canonical, clock, ledger, trail
from audit.ids import new_id
from audit.subjects import Subject

from ...agents import REGISTRY
from ...models import Agent, Baseline, MonitorPosition, MonitorState, RateDay
from ...monitoring import baselines, stored
from ...monitoring.alarms import Alarm, DayTally
from ...monitoring.contexts import is_business_day
from ...monitoring.learning import LearningState, count_month_ends, learn
from ...monitoring.measures import Limits, asked_of
from ...monitoring.monitor import KEPT_DAYS, Monitor
from ...monitoring.observations import Observation
from ...tasks.announce import announce
from . import breaker, incidents, observed, service_levels, tallies
from .observed import Seen

ACTOR = "system:monitor"
DEFAULT_SLA = timedelta(seconds=10)
LEARNED_LIMITS = frozenset({"amount_high_share", "confidence_high_share", "confidence_low_share"})
"""Measures whose limit is learned: before that they cannot be counted."""

NEW = "It is new: nothing has been learned of it yet."
KNOWN = "It has learned: from now on it is judged by its baseline."


@dataclass(frozen=True, slots=True)
class Watched:
    """What one reading came to: decisions, and the alarms that they raised."""

    decisions: int = 0
    alarms: tuple[Alarm, ...] = ()


@dataclass
class Hand:
    """One agent in hand: its state, and its monitor once it has learned. While it learns, `days` and
    `decisions` are what it has seen."""

    state: MonitorState
    monitor: Monitor | None
    days: set[date] = field(default_factory=set)
    decisions: int = 0


@dataclass
class InHand:
    """What this process has in hand, valid while nobody else has read on."""

    position: tuple[int, int, UUID] | None = None
    agents: dict[str, Hand] = field(default_factory=dict)


_in_hand = InHand()


def watch(limit: int = observed.CHUNK, *, learn_days: int | None = None) -> Watched:
    """Read every decision that can be read by now. `learn_days`: how long learning takes, where that is not
    as the installation has it."""
    total, alarms = 0, list[Alarm]()
    while True:
        found = read_on(limit, learn_days=learn_days)
        total += found.decisions
        alarms += found.alarms
        if not found.decisions:
            return Watched(total, tuple(alarms))


def read_on(limit: int = observed.CHUNK, *, learn_days: int | None = None) -> Watched:
    """Read the next decisions, at most so many, in one transaction."""
    try:
        with transaction.atomic():
            found = _read_on(limit, learn_days or settings.COUNTERSIGN_LEARN_DAYS)
    except BaseException:
        clear_cache()  # what is in hand has gone further than what is written
        raise
    return found


def clear_cache() -> None:
    """Let go of what is in hand; it is read from the database anew."""
    _in_hand.position = None
    _in_hand.agents.clear()


def _read_on(limit: int, learn_days: int) -> Watched:
    MonitorPosition.objects.get_or_create(pk=1)
    position = MonitorPosition.objects.select_for_update().get(pk=1)
    horizon = _horizon()
    if horizon < position.tx:  # a server that was restored elsewhere numbers its transactions lower
        position.above, position.tx, position.entry = max(position.above, position.entry), 0, 0
    rows = observed.read(NEXT, [position.tx, position.entry, horizon, position.above, limit])
    if not rows:
        return Watched()
    if _in_hand.position != (position.tx, position.entry, position.taken):
        clear_cache()
    reading = Reading(timedelta(days=learn_days))
    for seen in observed.observations(rows):
        reading.take(seen)
    reading.write()
    position.tx, position.entry, position.at = rows[-1].tx, rows[-1].entry, rows[-1].at
    position.save()
    _in_hand.position = (position.tx, position.entry, position.taken)
    announce([("agents", name) for name in reading.touched])
    return Watched(len(rows), tuple(reading.alarms))


NEXT = """
WHERE (e.tx, e.id) > (%s, %s) AND e.tx < %s AND e.id > %s AND e.type = 'invoice.decided'
ORDER BY e.tx, e.id LIMIT %s
"""


def _horizon() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


class Reading:
    """One reading: what it counts, and whom it concerns."""

    def __init__(self, learning: timedelta) -> None:
        self.learning = learning
        self.counted = tallies.Tallies()
        self.touched: dict[str, None] = {}
        self.alarms: list[Alarm] = []
        self.recent = clock.now() - service_levels.KEPT
        self.today = clock.now().astimezone(UTC).date()

    def take(self, seen: Seen) -> None:
        """Take in one observation."""
        o = seen.observation
        hand = _in_hand.agents.get(o.agent) or _load(o.agent)
        self.touched[o.agent] = None
        day = min(o.at.date(), self.today)  # a clock that is ahead takes nobody else along
        if hand.state.day is None or day > hand.state.day:
            self._begin(hand, day, seen)
        today = hand.state.day or day
        if hand.monitor is None:
            self.counted.add(o, today, seen.source_format, _unlearned(o))
        else:
            self._judge(hand.monitor, seen, today)
        if hand.state.learning_since is not None:
            hand.days.add(today)
            hand.decisions += not o.answer
        if not o.answer:
            hand.state.decisions += 1
            if o.at > self.recent:
                self.counted.add_minute(o.agent, o.at, late=o.latency_ms > sla_ms(o.agent))
        if o.answer and o.outcome == "approve":
            breaker.answered(hand.state, seen.entry, confirmed=o.verdict == "confirmed")

    def _judge(self, monitor: Monitor, seen: Seen, today: date) -> None:
        o = seen.observation
        judged = monitor.judge(o)
        rates = [(s.measure.name, x, e[0] if e else None) for s, x, e in judged]
        rates += _unjudged(monitor, o)
        self.counted.add(o, today, seen.source_format, rates)
        monitor.since = lambda onset: _since(o.agent, onset, seen)
        raised = monitor.take_in(o, judged)
        for alarm in raised:
            incidents.take(alarm, o.at, monitor.baseline.number)
        self.alarms += raised

    def _begin(self, hand: Hand, day: date, seen: Seen) -> None:
        """A new day: the evidence of the one before stands, and learning may be over."""
        self._note_evidence(hand)
        hand.state.day = day
        if hand.state.learning_since is None and hand.state.baseline_id is None:
            hand.state.learning_since = day
            self._look_closely(hand.state.agent_id)
        if hand.state.learning_since is not None:
            self._learn(hand, day, seen)

    def _look_closely(self, agent: str) -> None:
        """An agent that comes to those who have learned already is judged by nothing yet: people look at more
        of what it lets go, until it has learned too. Where all begin, people look at all they can."""
        if Baseline.objects.exclude(agent_id=agent).exists():
            breaker.boost(Agent.objects.select_for_update().get(pk=agent), NEW)

    def _note_evidence(self, hand: Hand) -> None:
        if hand.monitor is not None and hand.state.day is not None:
            for s in hand.monitor.streams:
                key = (hand.state.agent_id, hand.state.day, s.measure.name)
                self.counted.evidence[key] = (s.up.evidence, s.down.evidence)

    def _learn(self, hand: Hand, day: date, seen: Seen) -> None:
        """The end of learning, where it has taken long enough and has seen enough."""
        state = hand.state
        since = state.learning_since
        if since is None or day < since + self.learning:
            return
        excluded, country = incidents.excluded_days(state.agent_id), settings.COUNTERSIGN_COMPANY["country"]
        days = sorted(d for d in hand.days - excluded if is_business_day(d, country))
        if not LearningState(len(days), hand.decisions, count_month_ends(days, country)).enough:
            return
        condition = "d.at >= %s AND d.at < %s AND (e.tx, e.id) < (%s, %s)"
        bounds = [since, datetime.combine(day, time.min, UTC), seen.tx, seen.entry]
        known = observed.of_agent(state.agent_id, condition, bounds)
        number = Baseline.objects.filter(agent_id=state.agent_id).count() + 1
        business = [s.observation for s in known if is_business_day(s.observation.at.date(), country)]
        slow = sla_ms(state.agent_id)
        found = learn(business, sla_ms=slow, number=number, excluded=excluded, country=country)
        state.baseline = keep_baseline(found, state.cause or "first")
        if number == 1:  # later the days stand as they were judged
            self._count_anew(found, known, since, day)
            breaker.calm(Agent.objects.select_for_update().get(pk=state.agent_id), KNOWN, breaker.ACTOR)
        state.learning_since, state.silent, state.cause = None, [], ""
        hand.monitor = Monitor(found, since=_nothing)
        hand.days, hand.decisions = set(), 0

    def _count_anew(self, found: baselines.Baseline, known: Sequence[Seen], since: date, day: date) -> None:
        """The days that were learned, counted by the limits that were learned from them."""
        self.counted.write()
        self.counted = tallies.Tallies()
        tallies.uncount(found.agent, since, day - timedelta(days=1))
        judging, last = Monitor(found, since=_nothing), since
        for s in known:
            last = max(last, s.observation.at.date())
            rates = [(m.measure.name, x, e[0] if e else None) for m, x, e in judging.judge(s.observation)]
            rates += _unjudged(judging, s.observation)
            self.counted.add(s.observation, last, s.source_format, rates)

    def write(self) -> None:
        """Write what was counted, and what is in hand of the agents concerned."""
        for name in self.touched:
            hand = _in_hand.agents[name]
            self._note_evidence(hand)
            if hand.monitor is not None:
                hand.state.detectors = stored.monitor_to_json(hand.monitor)
            hand.state.save()
        self.counted.write()


def _nothing(_onset: date) -> list[Observation]:
    return []


def _since(agent: str, onset: date, until: Seen) -> list[Observation]:
    """What was observed of an agent from a day on, up to this observation, in the order of reading."""
    condition = "d.at >= %s AND (e.tx, e.id) <= (%s, %s)"
    return [s.observation for s in observed.of_agent(agent, condition, [onset, until.tx, until.entry])]


def _unlearned(o: Observation) -> Iterator[tuple[str, bool, None]]:
    """What can be measured of an observation before anything is learned."""
    limits = Limits(amount_high=o.amount, confidence_low=0, confidence_high=1, sla_ms=sla_ms(o.agent))
    for m in asked_of(o):
        if m.name not in LEARNED_LIMITS and (x := m.value(o, limits)) is not None:
            yield m.name, x, None


def _unjudged(monitor: Monitor, o: Observation) -> Iterator[tuple[str, bool, None]]:
    """What is counted all the same of measures that are not watched."""
    for m in monitor.unwatched:
        x = m.value(o, monitor.baseline.limits) if m.of_answers or not o.answer else None
        if x is not None:
            yield m.name, x, None


def sla_ms(agent: str) -> float:
    """How slow an agent may be, in milliseconds."""
    known = REGISTRY.get(agent)
    return (known.sla if known else DEFAULT_SLA) / timedelta(milliseconds=1)


def _load(agent: str) -> Hand:
    """An agent as it was left."""
    state, _ = MonitorState.objects.select_related("baseline").get_or_create(agent_id=agent)
    hand = _in_hand.agents[agent] = Hand(state, None)
    if state.baseline is not None:
        baseline = stored.baseline_from_json(orjson.loads(state.baseline.text))
        hand.monitor = Monitor(baseline, since=_nothing, silent=state.silent)
        _fill_days(hand.monitor, agent, state.day, state.baseline.last_day)
        stored.restore_monitor(hand.monitor, state.detectors, state.day)
    if state.learning_since is not None:
        rows = RateDay.objects.filter(agent_id=agent, day__gte=state.learning_since)
        hand.days = set(rows.values_list("day", flat=True).distinct())
        hand.decisions = _decisions_since(agent, state.learning_since)
    return hand


def _decisions_since(agent: str, day: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(decisions), 0) FROM coordination_daycell WHERE agent_id = %s AND day >= %s",
            [agent, day],
        )
        return int(cursor.fetchone()[0])


def _fill_days(monitor: Monitor, agent: str, last: date | None, learned: date) -> None:
    """The days so far of a monitor's streams, as far back as an onset is looked for: those after the ones
    that it has learned from."""
    rows = RateDay.objects.filter(agent_id=agent, day__gt=learned).order_by("-day")
    days = list(rows.values_list("day", flat=True).distinct()[:KEPT_DAYS])
    by_measure: dict[str, dict[date, RateDay]] = {}
    for row in rows.filter(day__in=days):
        by_measure.setdefault(row.measure, {})[row.day] = row
    for stream in monitor.streams:
        known = by_measure.get(stream.measure.name, {})
        stream.days = [_tally(day, known.get(day)) for day in sorted(days)]
        if last is not None and last not in days:
            stream.days.append(DayTally(last))


def _tally(day: date, row: RateDay | None) -> DayTally:
    if row is None:
        return DayTally(day)
    return DayTally(day, row.judged, row.happened, row.expected, row.information)


def keep_baseline(found: baselines.Baseline, cause: str) -> Baseline:
    """Write a baseline with its entry in the agent's chain."""
    Agent.objects.select_for_update().get(pk=found.agent)
    text = orjson.dumps(stored.baseline_to_json(found), option=orjson.OPT_SORT_KEYS).decode()
    row = Baseline(
        id=new_id(),
        agent_id=found.agent,
        number=found.number,
        text=text,
        sha256=canonical.sha256(text.encode()),
        first_day=found.first_day,
        last_day=found.last_day,
        decisions=found.decisions,
        cause=cause,
        at=clock.now(),
    )
    trail.insert_facts([row])
    data = {
        "number": str(row.number),
        "sha256": row.sha256,
        "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat(),
        "decisions": str(row.decisions),
        "days": str(found.days),
        "cause": cause,
        "excluded": [day.isoformat() for day in found.excluded],
    }
    ledger.append([ledger.Event(Subject.of("agent", found.agent), "baseline.learned", ACTOR, row.at, data)])
    return row
