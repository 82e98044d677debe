"""A baseline from the decisions of the learning days."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from math import exp, log

from .baselines import Baseline, Effect, Rate, probability, to_log_odds
from .contexts import MONTH_END, day_context
from .measures import MEASURES, Limits, Measure
from .observations import Observation

PSEUDO_CASES = 20
"""So many cases without an effect are added to each condition: what is rare is like the rest."""
DAY_EFFECTS = (0.2, 0.35)
"""How far weekdays and month-ends are taken to be off before anything is seen, as a standard deviation of log
odds. A kind of day is seen on few days, so that pseudo-cases say little of it."""
SPREAD_BEFORE, SPREAD_WEIGHT = 0.15, 8
"""Days are taken to differ by this much (standard deviation of log odds) on the strength of so many days."""
SPREAD_SURE = 0.75
"""How sure it is that they differ by no more than what is taken."""
SPREADS = tuple(0.02 * i for i in range(61))
DAY_PLACES = len(DAY_EFFECTS)
"""The first places of a context say what day it is."""
ROUNDS = 8

MIN_DAYS, MIN_DECISIONS, MIN_MONTH_ENDS = 20, 1000, 2
MIN_CASES = 100
"""What has to be in the base of a measure for it to be watched."""


@dataclass
class Row:
    """Decisions of one day that have one context: how many cases, how many events."""

    day: date
    context: tuple[str, ...]
    cases: int = 0
    events: int = 0


def learn(
    seen: Sequence[Observation],
    *,
    sla_ms: float,
    number: int = 1,
    excluded: Collection[date] = (),
    country: str = "",
) -> Baseline:
    """The baseline of one agent from its decisions in order of time; days of incidents are left out, public
    holidays of the country are no business days. `seen` must not be empty."""
    used = [o for o in seen if o.at.date() not in excluded] if excluded else seen
    limits = learn_limits(used, sla_ms)
    days = sorted({o.at.date() for o in used})
    return Baseline(
        agent=used[0].agent,
        number=number,
        first_day=days[0],
        last_day=days[-1],
        days=len(days),
        month_ends=count_month_ends(days, country),
        decisions=sum(not o.answer for o in used),
        limits=limits,
        rates={m.name: rate for m in MEASURES if (rate := learn_rate(m, used, limits, country))},
        excluded=tuple(sorted(excluded)),
        country=country,
    )


@dataclass(frozen=True)
class LearningState:
    """How far learning is: business days, decisions and ends of a month that were seen."""

    days: int
    decisions: int
    month_ends: int

    @property
    def enough(self) -> bool:
        """Whether what was learned may alarm. Single measures have bounds of their own, wide where few cases
        are in their base."""
        return self.days >= MIN_DAYS and self.decisions >= MIN_DECISIONS

    @property
    def knows_month_ends(self) -> bool:
        """Whether days at a month's end may alarm, too: one end says nothing of how they differ."""
        return self.month_ends >= MIN_MONTH_ENDS


def count_month_ends(days: Sequence[date], country: str = "") -> int:
    """How many ends of a month the days touch: days of one end are less than a week apart."""
    found, latest = 0, None
    for day in days:
        if day_context(day, country)[1] == MONTH_END:
            found += latest is None or (day - latest).days > 7
            latest = day
    return found


def learn_limits(seen: Sequence[Observation], sla_ms: float) -> Limits:
    amounts = sorted(o.amount for o in seen if not o.answer)
    confidences = sorted(o.confidence for o in seen if not o.answer)
    last = len(amounts) - 1
    return Limits(
        amount_high=amounts[round(0.9 * last)],
        confidence_low=confidences[round(0.1 * last)],
        confidence_high=confidences[round(0.9 * last)],
        sla_ms=sla_ms,
    )


def learn_rate(
    measure: Measure, seen: Sequence[Observation], limits: Limits, country: str = ""
) -> Rate | None:
    """The baseline of a measure; None where too few decisions are in its base."""
    rows = tally(measure, seen, limits, country)
    cases, events = sum(r.cases for r in rows), sum(r.events for r in rows)
    if cases < MIN_CASES:
        return None
    spread = 0.0
    for _ in range(2):
        fitted = fit(rows, spread)
        spread = learn_spread(rows, fitted)
    return Rate(cases, events, fitted.log_odds, fitted.variance, spread, tuple(fitted.effects))


def tally(measure: Measure, seen: Sequence[Observation], limits: Limits, country: str = "") -> list[Row]:
    rows: dict[tuple[date, tuple[str, ...]], Row] = {}
    for o in seen:
        x = measure.value(o, limits) if measure.of_answers or not o.answer else None
        if x is None:
            continue
        day = o.at.date()
        context = (*day_context(day, country), o.doc_type, *measure.given(o, limits))
        row = rows.get((day, context))
        if row is None:
            row = rows[day, context] = Row(day, context)
        row.cases += 1
        row.events += x
    return list(rows.values())


@dataclass
class Cell:
    """All decisions of one context."""

    context: tuple[str, ...]
    cases: int
    events: int
    log_odds: float


@dataclass
class Fitted:
    log_odds: float
    variance: float
    effects: list[dict[str, Effect]]

    def expected(self, context: tuple[str, ...]) -> float:
        """The rate of a context that was seen."""
        return probability(
            self.log_odds + sum(e[v].log_odds for e, v in zip(self.effects, context, strict=True))
        )


def fit(rows: Sequence[Row], spread: float) -> Fitted:
    """Rates by context as a sum of effects in log odds, each shrunk to none with PSEUDO_CASES cases.

    `spread` is the variance between days: decisions of a day count for less by it when they say something
    about a kind of day.
    """
    cells = _cells(rows)
    cases = sum(c.cases for c in cells)
    base = cells[0].log_odds
    pooled = probability(base)
    weight = pooled * (1 - pooled)
    per_day = cases / len({r.day for r in rows})
    together = 1 + spread * weight * per_day  # decisions of one day count for so much less
    penalties = [together / deviation**2 for deviation in DAY_EFFECTS]
    penalties += [PSEUDO_CASES * weight] * (len(cells[0].context) - DAY_PLACES)
    offsets: list[dict[str, float]] = [
        dict.fromkeys((c.context[i] for c in cells), 0.0) for i in range(len(penalties))
    ]
    for _ in range(ROUNDS):
        for place, penalty in enumerate(penalties):
            if len(offsets[place]) > 1:
                _improve(cells, place, offsets[place], penalty)
        surplus, information = _surplus(cells)
        step = max(-1.0, min(1.0, surplus / information))
        base += step
        for c in cells:
            c.log_odds += step
    return Fitted(base, *_variances(rows, cells, offsets, penalties, spread))


def _cells(rows: Sequence[Row]) -> list[Cell]:
    cases, events = sum(r.cases for r in rows), sum(r.events for r in rows)
    base = to_log_odds((events + 0.5) / (cases + 1))
    cells: dict[tuple[str, ...], Cell] = {}
    for r in rows:
        c = cells.setdefault(r.context, Cell(r.context, 0, 0, base))
        c.cases += r.cases
        c.events += r.events
    return list(cells.values())


def _surplus(cells: Sequence[Cell]) -> tuple[float, float]:
    """How many more events there were than expected, and the information in the cases."""
    surplus = information = 0.0
    for c in cells:
        p = probability(c.log_odds)
        surplus += c.events - c.cases * p
        information += c.cases * p * (1 - p)
    return surplus, information


def _improve(cells: Sequence[Cell], place: int, offsets: dict[str, float], penalty: float) -> None:
    """One Newton step for each value at one place of the context."""
    by_value: dict[str, list[Cell]] = defaultdict(list)
    for c in cells:
        by_value[c.context[place]].append(c)
    for value, own in by_value.items():
        surplus, information = _surplus(own)
        step = (surplus - penalty * offsets[value]) / (information + penalty)
        step = max(-1.0, min(1.0, step))
        offsets[value] += step
        for c in own:
            c.log_odds += step


def _variances(
    rows: Sequence[Row],
    cells: Sequence[Cell],
    offsets: Sequence[dict[str, float]],
    penalties: Sequence[float],
    spread: float,
) -> tuple[float, list[dict[str, Effect]]]:
    """The variance of the pooled rate, and the effects, each with what it adds to that."""
    day_cases: dict[date, int] = defaultdict(int)
    contexts: dict[date, tuple[str, ...]] = {}
    for r in rows:
        day_cases[r.day] += r.cases
        contexts[r.day] = r.context
    information = _surplus(cells)[1]
    pooled = spread * _concentration(day_cases.values()) + 1 / information
    found: list[dict[str, Effect]] = []
    for place, (values, penalty) in enumerate(zip(offsets, penalties, strict=True)):
        effects: dict[str, Effect] = {}
        for value, offset in values.items():
            variance = 0.0
            if len(values) > 1:
                own = _surplus([c for c in cells if c.context[place] == value])[1]
                variance = 1 / (own + penalty) - 1 / information
                if place < DAY_PLACES:
                    of_days = [n for d, n in day_cases.items() if contexts[d][place] == value]
                    seen = spread * _concentration(of_days) + 1 / own - pooled
                    variance = 1 / (1 / max(seen, 1e-9) + 1 / DAY_EFFECTS[place] ** 2)
            effects[value] = Effect(offset, max(0.0, variance))
        found.append(effects)
    return pooled, found


def _concentration(sizes: Collection[int]) -> float:
    """1 / the number of days that count: 1 where one day has all cases."""
    return sum(n * n for n in sizes) / sum(sizes) ** 2


def learn_spread(rows: Sequence[Row], fitted: Fitted) -> float:
    """The variance of a day's log odds around what is expected of the day, by the learning days and
    SPREAD_WEIGHT days of SPREAD_BEFORE; where few events leave it open, rather too large than too small."""
    days: dict[date, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for r in rows:
        p = fitted.expected(r.context)
        day = days[r.day]
        day[0] += r.events - r.cases * p
        day[1] += r.cases * p * (1 - p)
    free = sum(len(e) - 1 for e in fitted.effects[:DAY_PLACES]) + 1
    loss = len(days) / max(1, len(days) - free)  # what fitting took out of the residuals
    found = [(surplus * surplus * loss, information) for surplus, information in days.values()]
    usual = sum(information for _, information in found) / len(found)
    prior = (usual + SPREAD_BEFORE**2 * usual**2, usual)

    def likelihood(spread: float) -> float:
        return sum(_gaussian(*day, spread) for day in found) + SPREAD_WEIGHT * _gaussian(*prior, spread)

    logs = [likelihood(s * s) for s in SPREADS]
    best = max(logs)
    reached = list(accumulate(exp(value - best) for value in logs))
    return SPREADS[bisect_left(reached, SPREAD_SURE * reached[-1])] ** 2


def _gaussian(square: float, information: float, spread: float) -> float:
    variance = information + spread * information**2
    return -0.5 * (log(variance) + square / variance)
