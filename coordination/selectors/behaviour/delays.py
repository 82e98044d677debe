"""What would it notice: for an agent's volume and noise, after how many decisions and days a change of a size
would be seen, and how often by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...models import Agent, RateDay
from ...monitoring.baselines import Baseline, probability
from ...monitoring.expected_delay import Delay, days_between_false_alarms, expected_delay
from ...monitoring.measures import BY_NAME, Action, Direction, Level
from . import days
from .words import NAMES

SIZES = (1.4, 2.0, 3.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """One measure: the rate as it is and as it would be, when a lasting change is likely to be told as a
    warning and as critical (None: hardly ever), and what critical may do."""

    measure: str
    before: float
    after: float
    warning: Delay | None
    critical: Delay | None
    opens: bool


@dataclass(frozen=True, slots=True)
class Noticed:
    """`a_day`: decisions of a business day, over the last fortnight, or of the learning days where there were
    none. `false_alarm_days`: business days between two false warnings, on average at least."""

    size: float
    up: bool
    a_day: float
    answers: Sequence[Answer]
    false_alarm_days: float

    def of(self, measure: str) -> Answer | None:
        return next((a for a in self.answers if a.measure == measure), None)


def noticed(agent: Agent, baseline: Baseline, size: float, *, up: bool = True) -> Noticed:
    """What a change of the odds of each measure by this factor would look like to the monitor."""
    window = days.business_window(days.today())
    rows = days.rows_of([agent.name], NAMES, window)
    worked = len({row.day for found in rows.values() for row in found if row.day.weekday() < 5})
    cases = {m: _cases(rows.get((agent.name, m), ())) for m in NAMES}
    decisions = cases["missing_po_rate"]  # every decision is a case of it
    a_day = decisions / worked if decisions else baseline.decisions / baseline.days
    odds = size if up else 1 / size
    answers = []
    for name, rate in baseline.rates.items():
        base = cases[name] / decisions if decisions else rate.cases / baseline.decisions
        if not base:
            continue
        response = BY_NAME[name].response(Direction.UP if up else Direction.DOWN)
        warning, critical = (
            expected_delay(name, rate, odds, decisions_a_day=a_day, base=base, level=level)
            for level in (Level.WARNING, Level.CRITICAL)
        )
        changed = probability(rate.log_odds) * odds / (1 - rate.rate + rate.rate * odds)
        opens = response.action(Level.CRITICAL) is Action.OPEN
        answers.append(Answer(name, rate.rate, changed, warning, critical, opens))
    answers.sort(key=lambda a: NAMES.index(a.measure))
    return Noticed(size, up, a_day, answers, days_between_false_alarms(a_day))


def _cases(rows: Sequence[RateDay]) -> int:
    return sum(row.cases for row in rows)


SIZE_WORDS: Mapping[float, str] = {1.4: "small, 1.4 times", 2.0: "medium, twice", 3.0: "large, three times"}
