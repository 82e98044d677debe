"""From decisions to alarms: the measure that moved is told, once a level, and quiet streams say nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from coordination.monitoring.alarms import RUN_LENGTH, Alarm
from coordination.monitoring.contexts import is_month_end
from coordination.monitoring.learning import MIN_DECISIONS
from coordination.monitoring.measures import BY_NAME, MEASURES, Action, Category, Direction, Level
from coordination.monitoring.observations import Observation
from coordination.world.recorded_stream import Shift, Work, business_days
from tests.monitoring.make import daily, replayed, stream

ONSET = 50
LARGE = 3.5
SMALL_WORK = Work(per_day=150)
QUIET = {
    "ordinary": SMALL_WORK,
    "without noise": Work(per_day=150, noise=0.0),
    "noisy": Work(per_day=150, noise=0.4),
    "heavy month-ends": Work(per_day=150, month_end=2.5, month_end_volume=2.5),
    "doubled volume": Work(per_day=150, burst=(50, 500, 2.0)),
}


def onset_of(seen: list[Observation]) -> int:
    day = [d for d, _ in zip(business_days(date(2026, 1, 5)), range(ONSET + 1), strict=False)][-1]
    return next(o.position for o in seen if o.at.date() >= day)


def told(alarms: tuple[Alarm, ...]) -> list[tuple[str, str, str]]:
    return [(a.measure, a.direction.value, a.level.value) for a in alarms]


@pytest.mark.parametrize("work", QUIET.values(), ids=QUIET)
def test_a_quiet_stream_says_nothing(work: Work) -> None:
    seen = stream(work, seed=2, lines=14_000)
    found = replayed(seen)
    assert told(found.alarms) == []
    assert found.watched["finance.validation"] > 5_000


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("measure", BY_NAME)
def test_a_large_shift_is_told_of_its_measure_and_direction(measure: str, direction: Direction) -> None:
    odds = LARGE if direction is Direction.UP else 1 / LARGE
    seen = stream(SMALL_WORK, seed=3, lines=14_000, shift=Shift(measure, odds, ONSET))
    found = replayed(seen).alarms
    assert all(a.index >= onset_of(seen) for a in found)
    alarms = [a for a in found if a.measure == measure]
    if (measure, direction) == ("confidence_low_share", Direction.DOWN):
        # who is surer of everything is above all more often very sure
        assert told(tuple(found))[0] == ("confidence_high_share", "up", "warning")
        return
    assert {a.direction for a in alarms} == {direction}
    response = BY_NAME[measure].response(direction)
    assert {(a.category, a.action) for a in alarms} == {
        (response.category, response.action(a.level)) for a in alarms
    }


def test_a_warning_comes_first_and_each_level_once() -> None:
    seen = stream(SMALL_WORK, seed=3, lines=14_000, shift=Shift("approve_rate", 3.0, ONSET))
    warning, critical = (a for a in replayed(seen).alarms if a.measure == "approve_rate")
    assert (warning.level, warning.action) == (Level.WARNING, Action.QA_BOOST)
    assert (critical.level, critical.action) == (Level.CRITICAL, Action.OPEN)
    assert warning.index < critical.index
    assert RUN_LENGTH[Level.WARNING] <= warning.evidence < RUN_LENGTH[Level.CRITICAL] <= critical.evidence
    assert warning.incident == critical.incident == 1


def test_the_other_outcomes_do_not_cry_when_one_of_them_moves() -> None:
    seen = stream(SMALL_WORK, seed=3, lines=14_000, shift=Shift("escalate_rate", 3.0, ONSET))
    told_of = {a.measure for a in replayed(seen).alarms}
    assert told_of & {"approve_rate", "reject_rate", "escalate_rate"} == {"escalate_rate"}


def test_a_shift_of_the_inputs_is_not_taken_for_one_of_the_agent() -> None:
    """Documents without an order are escalated more often; there are more of them, and that is all."""
    seen = stream(SMALL_WORK, seed=4, lines=14_000, shift=Shift("missing_po_rate", 3.0, ONSET))
    alarms = replayed(seen).alarms
    assert {(a.measure, a.category, a.action) for a in alarms} == {
        ("missing_po_rate", Category.INPUTS, Action.NONE)
    }
    after = [o.outcome == "escalate" for o in seen if o.position >= onset_of(seen)]
    before = [o.outcome == "escalate" for o in seen if o.position < onset_of(seen)]
    assert sum(after) / len(after) > sum(before) / len(before)


def test_an_alarm_says_since_when_and_how_far() -> None:
    rates = [0.05] * 60 + [0.2] * 10
    seen = [o._replace(position=i) for i, o in enumerate(daily(rates, 100))]
    alarm = replayed(seen).alarms[0]
    days = sorted({o.at.date() for o in seen})
    assert alarm.measure == "missing_po_rate"
    assert abs((alarm.extent.onset - days[60]).days) <= 4
    assert alarm.extent.before == pytest.approx(0.05, abs=0.015)
    assert alarm.extent.low < 0.2 < alarm.extent.high
    assert alarm.extent.low < alarm.extent.after < alarm.extent.high
    assert alarm.extent.amount == 120 * alarm.extent.decisions
    assert all(seen[i].po_missing for i in alarm.extent.examples)
    assert 0 < len(alarm.extent.examples) <= 20


def test_an_alarm_says_where() -> None:
    seen = [
        o._replace(position=i, doc_type="invoice" if i % 2 else "credit_note")
        for i, o in enumerate(daily([0.05] * 60 + [0.3] * 10, 100))
    ]
    first = sorted({o.at.date() for o in seen})[60]
    seen = [
        o._replace(po_missing=False) if o.at.date() >= first and o.doc_type == "invoice" else o for o in seen
    ]
    strata = replayed(seen).alarms[0].extent.strata
    assert strata[0].name == "credit_note"
    assert strata[0].events > 2 * strata[0].expected


def test_a_change_that_ends_and_comes_again_is_told_again() -> None:
    rates = [0.05] * 50 + [0.25] * 6 + [0.05] * 40 + [0.25] * 6
    seen = [o._replace(position=i) for i, o in enumerate(daily(rates, 100))]
    alarms = replayed(seen).alarms
    assert told(alarms).count(("missing_po_rate", "up", "warning")) == 2
    assert {a.incident for a in alarms} == {1, 2}


def test_a_change_that_lasts_is_not_told_again() -> None:
    seen = [o._replace(position=i) for i, o in enumerate(daily([0.05] * 50 + [0.2] * 80, 100))]
    assert told(replayed(seen).alarms) == [
        ("missing_po_rate", "up", "warning"),
        ("missing_po_rate", "up", "critical"),
    ]


def test_nothing_alarms_while_it_learns() -> None:
    seen = [o._replace(position=i) for i, o in enumerate(daily([0.05] * 20 + [0.5] * 25, 100))]
    found = replayed(seen)
    assert found.alarms == ()
    assert found.learned == {"finance.validation": len(seen)}


def test_learning_takes_the_days_of_the_calendar_that_it_is_given() -> None:
    seen = stream(lines=12_000)
    end = seen[0].at.date() + timedelta(days=63)
    assert replayed(seen).learned == {"finance.validation": sum(o.at.date() < end for o in seen)}
    end = seen[0].at.date() + timedelta(days=40)
    assert replayed(seen, 40).learned == {"finance.validation": sum(o.at.date() < end for o in seen)}


def test_learning_goes_on_where_little_was_decided() -> None:
    found = replayed(list(daily([0.1] * 150, 10)))
    assert found.learned == {"finance.validation": MIN_DECISIONS}


def test_month_ends_are_not_judged_before_two_were_learned() -> None:
    """25 business days of March hold one end of a month; at the next, everything is otherwise."""
    days = [d for d, _ in zip(business_days(date(2026, 3, 4)), range(60), strict=False)]
    rates = [0.6 if is_month_end(d) and i > 25 else 0.05 for i, d in enumerate(days)]
    assert replayed(list(daily(rates, 100, first=days[0])), 35).alarms == ()
    rates = [0.6 if not is_month_end(d) and i > 50 else 0.05 for i, d in enumerate(days)]
    assert replayed(list(daily(rates, 100, first=days[0])), 35).alarms != ()


def test_agents_of_one_file_are_watched_apart() -> None:
    one = stream(SMALL_WORK, seed=3, lines=12_000, shift=Shift("approve_rate", LARGE, ONSET))
    other = [o._replace(agent="operations.delivery") for o in stream(SMALL_WORK, seed=2, lines=12_000)]
    both = sorted([*one, *other], key=lambda o: (o.at, o.agent))
    found = replayed([o._replace(position=i) for i, o in enumerate(both)])
    alone = replayed(one)
    assert told(found.alarms) == told(alone.alarms) != []
    assert {a.agent for a in found.alarms} == {"finance.validation"}
    assert [a.at for a in found.alarms] == [a.at for a in alone.alarms]
    assert set(found.learned) == {"finance.validation", "operations.delivery"}


def test_a_replay_gives_the_same_alarms_again() -> None:
    seen = stream(SMALL_WORK, seed=5, lines=12_000, shift=Shift("override_rate", LARGE, ONSET))
    assert replayed(seen) == replayed(seen)
    assert replayed(seen).alarms != ()


def test_later_decisions_change_no_alarm_that_was_told() -> None:
    seen = stream(SMALL_WORK, seed=3, lines=12_000, shift=Shift("approve_rate", LARGE, ONSET))
    first = replayed(seen).alarms[0]
    assert replayed(seen[: first.index + 1]).alarms == (first,)


def test_every_measure_is_watched() -> None:
    assert len(MEASURES) == 10
