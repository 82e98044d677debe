"""One agent, watched: it learns, then takes in decision after decision, and says when a change is evident."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from .alarms import RUN_LENGTH, Alarm, DayTally, find_stretch, measure_extent
from .baselines import Baseline, Rate, probability
from .contexts import MONTH_END, day_context
from .detectors import Bets, Detector, place_bets
from .learning import LearningState, count_month_ends, learn
from .measures import MEASURES, Action, Direction, Level, Measure, describe_inputs, share
from .observations import Observation

OVER = 100
"""A stream whose evidence has fallen below this at the end of a day may alarm again."""
KEPT_DAYS = 90
"""So far back an onset is looked for."""
ACTIONS = list(Action)


@dataclass
class Side:
    """One direction of one stream. `reached` is the level of the change under way, `told` what was told of
    it: a measure that only moves with another of its family reaches a level in silence."""

    direction: Direction
    detector: Detector
    share: float
    reached: Level | None = None
    told: Level | None = None
    asked: tuple[date, Level] | None = None

    @property
    def evidence(self) -> float:
        """In decisions of the agent between false alarms."""
        return self.detector.evidence * self.share


Expectation = tuple[float, Bets, Bets]
"""The rate to expect of a decision, and what the two sides of a stream bet on it."""


@dataclass
class Stream:
    """One measure of one agent."""

    measure: Measure
    rate: Rate
    up: Side
    down: Side
    bets: dict[tuple[str, ...], Expectation | None] = field(default_factory=dict)
    days: list[DayTally] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.value = self.measure.value

    def expected(self, context: tuple[str, ...]) -> Expectation | None:
        """The rate to expect in a context, and what either side bets; None where nothing was learned."""
        if context not in self.bets:
            usual = self.rate.expected(context)
            self.bets[context] = (
                None
                if usual is None
                else (
                    probability(usual.log_odds),
                    place_bets(usual, Direction.UP),
                    place_bets(usual, Direction.DOWN),
                )
            )
        return self.bets[context]

    def strength(self, direction: Direction) -> float:
        """How far off this measure is, in a way that can be held against others of its family."""
        return find_stretch(self.days, direction, 0.0).score


Judged = tuple[Stream, bool, Expectation | None]
"""A measure of a decision: whether it was so, and what was expected; None where that is not known."""

Since = Callable[[date], Sequence[Observation]]
"""The observations from a day on, up to the one that is observed now."""


class Monitor:
    """Watches one agent against one baseline.

    `since` looks up what was observed from a day on, for the extent of an alarm; without it the monitor keeps
    it itself. Measures in `silent` are not watched. What is observed out of order counts to the day at hand.
    """

    def __init__(self, baseline: Baseline, since: Since | None = None, silent: Collection[str] = ()) -> None:
        self.baseline = baseline
        learned = LearningState(baseline.days, baseline.decisions, baseline.month_ends)
        self.knows_month_ends = learned.knows_month_ends
        watched = [m for m in MEASURES if m.name in baseline.rates and m.name not in silent]
        self.streams = [_stream(m, baseline.rates[m.name]) for m in watched]
        self.unwatched = [m for m in MEASURES if m not in watched]
        self.of_answers = [s for s in self.streams if s.measure.of_answers]
        self.sides = [side for stream in self.streams for side in (stream.up, stream.down)]
        self.day: date | None = None
        self.context: tuple[str, str] | None = None
        self.kinds: dict[tuple[object, ...], Sequence[Expectation | None]] = {}
        self.nothing: Sequence[None] = (None,) * len(self.streams)
        self.kept: list[list[Observation]] = []
        self.incident = 0
        self.since = since

    def observe(self, o: Observation) -> list[Alarm]:
        """Take in one decision; the alarms that it raises, mostly none."""
        return self.take_in(o, self.judge(o))

    def judge(self, o: Observation) -> list[Judged]:
        """What is measured of a decision, and what was to be expected of it. Days begin here."""
        day = o.at.date()
        if self.day is None or day > self.day:
            self._begin(day)
        limits = self.baseline.limits
        streams = self.of_answers if o.answer else self.streams
        usual = self._expected(o, streams) if self.context else self.nothing
        found = []
        for stream, expected in zip(streams, usual, strict=False):
            event = stream.value(o, limits)
            if event is not None:
                found.append((stream, event, expected))
        return found

    def _expected(self, o: Observation, streams: Sequence[Stream]) -> Sequence[Expectation | None]:
        """What every stream expects of a decision of this kind: looked up once for each kind."""
        key = (
            self.context,
            o.doc_type,
            describe_inputs(o, self.baseline.limits),
            o.reviewed,
            o.outcome,
            o.answer,
        )
        found = self.kinds.get(key)
        if found is None:
            limits = self.baseline.limits
            context = (*(self.context or ()), o.doc_type)
            found = [s.expected((*context, *s.measure.given(o, limits))) for s in streams]
            self.kinds[key] = found
        return found

    def take_in(self, o: Observation, judged: Sequence[Judged]) -> list[Alarm]:
        """Move the evidence by what was judged of this decision."""
        if self.since is None:
            self.kept[-1].append(o)
        alarms: list[Alarm] = []
        for stream, event, expected in judged:
            if expected is None:
                continue
            rate, up, down = expected
            tally = stream.days[-1]
            tally.cases += 1
            tally.events += event
            tally.expected += rate
            tally.information += rate - rate * rate
            side = stream.up
            if side.detector.observe(event, up) * side.share >= WARNING:
                alarms += self._raise(o, stream, side)
            side = stream.down
            if side.detector.observe(event, down) * side.share >= WARNING:
                alarms += self._raise(o, stream, side)
        return alarms

    def go_on(self, day: date | None) -> None:
        """Continue on the day at which the streams stand."""
        self.day = day
        self.context = None if day is None else self._judged(day)

    def _judged(self, day: date) -> tuple[str, str] | None:
        """What kind of day it is; None where days of the kind are not judged yet."""
        context = day_context(day, self.baseline.country)
        return context if context[1] != MONTH_END or self.knows_month_ends else None

    def _begin(self, day: date) -> None:
        self.day, self.context = day, self._judged(day)
        self.kept = [*self.kept[1 - KEPT_DAYS :], []]
        for stream in self.streams:
            stream.days = [*stream.days[1 - KEPT_DAYS :], DayTally(day)]
        for side in self.sides:
            if side.reached and side.evidence < OVER:
                side.reached = side.told = side.asked = None
            side.detector.begin_day()

    def _raise(self, o: Observation, stream: Stream, side: Side) -> Iterator[Alarm]:
        """The alarm of a side that has reached a level, unless it was told or another tells it better."""
        level = Level.CRITICAL if side.evidence >= RUN_LENGTH[Level.CRITICAL] else Level.WARNING
        if side.told is Level.CRITICAL or side.told is level or side.asked == (self.day, level):
            return
        side.asked = o.at.date(), level
        if side.reached is None and not any(s.reached for s in self.sides):
            self.incident += 1
        side.reached = level if side.reached is not Level.CRITICAL else side.reached
        if self._follows(stream, side, level):
            return
        side.told = level
        yield self._alarm(o, stream, side, level)

    def _follows(self, stream: Stream, side: Side, level: Level) -> bool:
        """Whether another measure of the family has told it: shares of one whole move together, and the one
        that moved by itself is furthest off. What would act is never left untold. Asked once a day."""
        action = ACTIONS.index(stream.measure.response(side.direction).action(level))
        return any(
            ACTIONS.index(other.measure.response(o.direction).action(level)) >= action
            and other.strength(o.direction) >= stream.strength(side.direction)
            for other in self.streams
            if other is not stream and other.measure.family == stream.measure.family
            for o in (other.up, other.down)
            if o.told
        )

    def _alarm(self, o: Observation, stream: Stream, side: Side, level: Level) -> Alarm:
        measure, response = stream.measure, stream.measure.response(side.direction)
        onset = find_stretch(stream.days, side.direction, stream.rate.between_days).onset
        since = self.since(onset) if self.since else self._kept_since(onset)
        return Alarm(
            index=o.position,
            at=o.stamp,
            agent=o.agent,
            version=o.version,
            measure=measure.name,
            direction=side.direction,
            level=level,
            category=response.category,
            action=response.action(level),
            evidence=side.evidence,
            incident=self.incident,
            extent=measure_extent(measure, side.direction, self.baseline, onset, since),
        )

    def _kept_since(self, onset: date) -> list[Observation]:
        return [seen for day in self.kept if day and day[0].at.date() >= onset for seen in day]


WARNING = RUN_LENGTH[Level.WARNING]


def _stream(measure: Measure, rate: Rate) -> Stream:
    up, down = (
        Side(d, Detector(rate.between_days), share(measure.name, d)) for d in (Direction.UP, Direction.DOWN)
    )
    return Stream(measure, rate, up, down)


@dataclass
class Watch:
    """One agent from its first decision on: the learning days, then the monitor."""

    learn_days: int
    sla_ms: float
    learned: list[Observation] = field(default_factory=list)
    days: set[date] = field(default_factory=set)
    monitor: Monitor | None = None

    def observe(self, o: Observation) -> list[Alarm]:
        if self.monitor is None:
            day = o.at.date()
            if day not in self.days and self._ends(day):
                self.monitor = Monitor(learn(self.learned, sla_ms=self.sla_ms))
            else:
                self.days.add(day)
                self.learned.append(o)
                return []
        return self.monitor.observe(o)

    def _ends(self, day: date) -> bool:
        """Learning takes `learn_days` days of the calendar, and longer where they hold too little."""
        if not self.learned:
            return False
        first = self.learned[0].at.date()
        return (day - first).days >= self.learn_days and self.state.enough

    @property
    def state(self) -> LearningState:
        return LearningState(len(self.days), len(self.learned), count_month_ends(sorted(self.days)))
