"""What it says beforehand of its delay is what simulated streams show."""

from __future__ import annotations

import statistics
from datetime import date

import pytest

from coordination.monitoring.expected_delay import days_between_false_alarms, expected_delay
from coordination.monitoring.learning import learn
from coordination.monitoring.measures import Level
from coordination.monitoring.monitor import Monitor
from tests.monitoring.make import daily

A_DAY = 150
LEARNED = learn(list(daily([0.1] * 45, A_DAY)), sla_ms=10_000)
RATE = LEARNED.rates["missing_po_rate"]


def delay(odds: float, **different: object) -> float | None:
    arguments = {"decisions_a_day": A_DAY} | different
    found = expected_delay("missing_po_rate", RATE, odds, **arguments)  # type: ignore[arg-type]
    return None if found is None else found.days


def simulated(rate: float, level: Level, seed: int) -> int:
    """Business days from the beginning of a shift to its alarm."""
    monitor = Monitor(LEARNED)
    quiet = daily([0.1] * 5, A_DAY, seed, first=date(2026, 5, 4))
    shifted = daily([rate] * 80, A_DAY, seed + 1, first=date(2026, 5, 11))
    for o in quiet:
        monitor.observe(o)
    days: set[date] = set()
    for o in shifted:
        days.add(o.at.date())
        if any(a.level is level for a in monitor.observe(o)):
            break
    return len(days)


@pytest.mark.parametrize(("odds", "rate"), [(2.0, 0.182), (3.0, 0.25)])
@pytest.mark.parametrize("level", Level)
def test_the_delay_is_about_the_median_of_simulated_ones(odds: float, rate: float, level: Level) -> None:
    stated = delay(odds, level=level)
    median = statistics.median(simulated(rate, level, seed) for seed in range(100, 121, 2))
    assert stated is not None
    assert median / 1.6 <= stated + 1 <= median * 1.6 + 1


def test_more_decisions_a_larger_change_or_a_lower_level_are_seen_sooner() -> None:
    usual = delay(1.6)
    assert usual
    for sooner in (delay(1.6, decisions_a_day=600), delay(2.0)):
        assert sooner is not None
        assert sooner < usual
    for later in (delay(1.6, level=Level.CRITICAL), delay(1.6, base=0.3), delay(1 / 1.6)):
        assert later is not None
        assert later > usual


def test_a_change_within_what_may_be_chance_is_never_seen() -> None:
    assert delay(1.05) is None


def test_decisions_and_days_say_the_same() -> None:
    found = expected_delay("missing_po_rate", RATE, 2.0, decisions_a_day=A_DAY)
    assert found
    assert found.decisions == pytest.approx(found.days * A_DAY)


def test_false_alarms_are_as_far_apart_as_the_run_length() -> None:
    assert days_between_false_alarms(200) == 200
    assert days_between_false_alarms(200, Level.CRITICAL) == 10_000
