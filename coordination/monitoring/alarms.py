"""What an alarm says: which rate moved, since when, from what to what, where, and what it may do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import sqrt

from ..domain.key_figures import wilson
from .baselines import Baseline, Rate, probability
from .contexts import day_context
from .measures import Action, Category, Direction, Level, Measure, describe_inputs
from .observations import Observation

RUN_LENGTH = {Level.WARNING: 40_000, Level.CRITICAL: 2_000_000}
"""By chance an agent has an alarm of a level at most about once in so many of its decisions, over all its
measures and both directions together."""
STRATA, EXAMPLES = 3, 20
MOST = 0.8
"""A kind that so many of all decisions are of is no stratum."""


@dataclass(frozen=True)
class Stratum:
    """One kind of decision since the onset: how many had the event, how many were expected to."""

    name: str
    cases: int
    events: int
    expected: float


def kind_in_words(name: str) -> str:
    """The name of a stratum as people read it: credit_note -> credit note. A version is called what it is."""
    return name if name.startswith("version ") else name.replace("_", " ")


@dataclass(frozen=True)
class Extent:
    """How far a change goes. Rates are of the decisions since the onset, `before` is what was to be expected
    of just these; `low` and `high` are the 95 % interval of `after`. `amount` is in company currency."""

    onset: date
    before: float
    after: float
    low: float
    high: float
    decisions: int
    amount: Decimal
    strata: tuple[Stratum, ...]
    examples: tuple[int, ...]


@dataclass(frozen=True)
class Alarm:
    """`index` and `at` are of the decision that raised it; `evidence` is a number of decisions: by chance the
    agent would come to this about once in so many. Alarms with one `incident` number moved together."""

    index: int
    at: str
    agent: str
    version: str
    measure: str
    direction: Direction
    level: Level
    category: Category
    action: Action
    evidence: float
    incident: int
    extent: Extent


@dataclass
class DayTally:
    """A day of one stream: cases, events, how many were expected, and the information of the cases."""

    day: date
    cases: int = 0
    events: int = 0
    expected: float = 0.0
    information: float = 0.0


@dataclass(frozen=True)
class Stretch:
    """The days up to now that are least like what was expected: since when, by how many deviations."""

    onset: date
    score: float


def find_stretch(days: Sequence[DayTally], direction: Direction, between_days: float) -> Stretch:
    """The stretch of a stream in one direction; `between_days` is the variance of a day's log odds."""
    sign = 1 if direction is Direction.UP else -1
    surplus = variance = highest = 0.0
    onset = days[-1].day
    for tally in reversed(days):
        surplus += sign * (tally.events - tally.expected)
        variance += tally.information + between_days * tally.information**2
        if surplus > 0 and variance > 0 and (score := surplus / sqrt(variance)) > highest:
            highest, onset = score, tally.day
    return Stretch(onset, highest)


def measure_extent(
    measure: Measure, direction: Direction, baseline: Baseline, onset: date, since: Sequence[Observation]
) -> Extent:
    """What the decisions since the onset show of a change."""
    rate, limits = baseline.rates[measure.name], baseline.limits
    cases = events = 0
    expected = 0.0
    strata: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0.0])
    examples: list[int] = []
    for o in since:
        x = measure.value(o, limits) if measure.of_answers or not o.answer else None
        context = (*day_context(o.at.date(), baseline.country), o.doc_type, *measure.given(o, limits))
        usual = rate.expected(context)
        if x is None or usual is None:
            continue
        p = probability(usual.log_odds)
        cases, events, expected = cases + 1, events + x, expected + p
        for name in (o.doc_type, f"version {o.version}", *describe_inputs(o, limits)):
            stratum = strata[name]
            stratum[0], stratum[1], stratum[2] = stratum[0] + 1, stratum[1] + x, stratum[2] + p
        if x is (direction is Direction.UP):
            examples.append(o.position)
    low, high = interval(events, cases, rate, len({o.at.date() for o in since}))
    return Extent(
        onset=onset,
        before=expected / cases,
        after=events / cases,
        low=low,
        high=high,
        decisions=sum(not o.answer for o in since),
        amount=sum((o.amount for o in since if not o.answer), Decimal(0)),
        strata=_strongest(strata, direction, cases),
        examples=tuple(examples[-EXAMPLES:]),
    )


def _strongest(
    strata: Mapping[str, Sequence[float]], direction: Direction, cases: int
) -> tuple[Stratum, ...]:
    """Those that differ most from what was expected, in standard deviations, in the direction of the change.

    What nearly all decisions have in common, or what the measure itself asks, says nothing about where.
    """
    sign = 1 if direction is Direction.UP else -1

    def score(row: Sequence[float]) -> float:
        cases, events, expected = row
        return sign * (events - expected) / sqrt(max(expected * (1 - expected / cases), 0.25))

    telling = {n: s for n, s in strata.items() if s[0] < MOST * cases and 0 < s[1] < s[0]}
    names = sorted(telling, key=lambda name: (-score(strata[name]), name))[:STRATA]
    return tuple(Stratum(n, int(strata[n][0]), int(strata[n][1]), strata[n][2]) for n in names)


def interval(events: int, cases: int, rate: Rate, days: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson), wider where decisions of one day go together."""
    together = 1 + max(0.0, cases / days - 1) * rate.rho
    return wilson(events / cases, cases / together)
