"""Decisions are read in order, once, and come to the alarms that the replay of the same stream comes to."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from audit import clock
from coordination.models import (
    Agent,
    Alarm,
    Baseline,
    DayCell,
    Incident,
    MonitorState,
    RateDay,
)
from coordination.monitoring.replay import replay
from coordination.services.behaviour import breaker, observed, watch
from coordination.world.recorded_stream import Shift, Work, recorded_stream
from tests import cast
from tests.behaviour.recorded import AGENT, Trade, write

pytestmark = pytest.mark.django_db

FEW = Work(per_day=60, agent=AGENT, noise=0.1)
FIRST = date(2026, 1, 5)


@pytest.fixture
def trade(settings: Any) -> Trade:
    settings.COUNTERSIGN_LEARN_DAYS = 28
    return Trade()


def lines(days: int, shift: Shift | None = None, work: Work = FEW) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for line in recorded_stream(work, 7, lines=1_000_000, first=FIRST, shift=shift):
        if date.fromisoformat(str(line["at"])[:10]) > FIRST + timedelta(days=days):
            return found
        found.append(line)
    return found


MORE = Shift("approve_rate", 4.0, 30)


def test_every_decision_is_read_once(trade: Trade) -> None:
    written = write(trade, lines(3))
    assert watch.watch().decisions == written
    assert watch.watch().decisions == 0
    assert sum(DayCell.objects.values_list("decisions", flat=True)) == len(lines(3))


def test_what_is_counted_is_what_was_decided(trade: Trade) -> None:
    made = lines(3)
    write(trade, made)
    watch.watch()
    approved = RateDay.objects.filter(agent=AGENT, measure="approve_rate")
    assert sum(row.cases for row in approved) == len(made)
    assert sum(row.events for row in approved) == sum(line["outcome"] == "approve" for line in made)
    overridden = RateDay.objects.filter(agent=AGENT, measure="override_rate")
    assert sum(row.events for row in overridden) == sum(x["verdict"] == "overridden" for x in made)


def test_an_agent_learns_before_it_is_judged(trade: Trade) -> None:
    write(trade, lines(20))
    watch.watch()
    assert not Baseline.objects.exists()
    assert MonitorState.objects.get(agent=AGENT).learning_since == FIRST
    assert not RateDay.objects.filter(judged__gt=0).exists()


def test_what_was_learned_is_kept_with_an_entry_and_its_days_are_judged_by_it(trade: Trade) -> None:
    write(trade, lines(30))
    watch.watch()
    [row] = Baseline.objects.all()
    assert (row.agent_id, row.number, row.first_day) == (AGENT, 1, FIRST)
    assert "baseline.learned" in cast.entries(f"agent/{AGENT}")
    first = RateDay.objects.get(agent=AGENT, measure="amount_high_share", day=FIRST)
    assert first.judged == first.cases > 0
    assert first.up is None, "evidence is of the days that are watched"


def test_of_an_agent_that_comes_later_more_is_reviewed_until_it_has_learned(trade: Trade) -> None:
    first, later = Agent.objects.get(pk=AGENT), "operations.delivery"
    write(trade, lines(40))
    watch.watch()
    first.refresh_from_db()
    assert first.review_share is None, "where all begin, nobody is new"
    again = [line | {"at": _after(str(line["at"]), days=42)} for line in lines(40)]
    day = [line for line in again if str(line["at"]) < "2026-02-17"]
    write(Trade.again(), day, agent=later)
    watch.watch()
    assert Agent.objects.get(pk=later).review_share == breaker.BOOSTED
    write(Trade.again(), again[len(day) :], agent=later)
    watch.watch()
    assert Baseline.objects.filter(agent=later).exists()
    assert Agent.objects.get(pk=later).review_share is None
    assert cast.entries(f"agent/{later}")[1:] == [
        *("agent.review_raised", "baseline.learned", "agent.review_lowered")
    ]


def test_a_clock_that_is_ahead_takes_no_other_decision_along(trade: Trade) -> None:
    [first, *others] = [dict(line) for line in lines(4)]
    write(trade, [first | {"at": (clock.now() + timedelta(days=60)).isoformat()}])
    write(trade, others)
    watch.watch()
    today = clock.now().date()
    assert max(RateDay.objects.filter(agent=AGENT).values_list("day", flat=True)) <= today


def _after(at: str, *, days: int) -> str:
    return (datetime.fromisoformat(at) + timedelta(days=days)).isoformat()


def test_no_alarm_where_nothing_has_changed(trade: Trade) -> None:
    write(trade, lines(60))
    assert watch.watch().alarms == ()
    assert not Incident.objects.exists()


def test_a_shift_is_an_incident_that_opens_the_breaker(trade: Trade) -> None:
    write(trade, lines(70, MORE))
    watch.watch()
    [incident] = Incident.objects.all()
    alarms = list(incident.alarms.order_by("at", "level"))
    assert ("approve_rate", "up") in {(a.measure, a.direction) for a in alarms}
    assert {a.level for a in alarms} == {"warning", "critical"}
    assert abs((incident.onset - (FIRST + timedelta(days=42))).days) <= 7
    agent = Agent.objects.get(pk=AGENT)
    assert agent.breaker != ""
    assert (agent.breaker_by, str(agent.review_share)) == ("system:monitor", "0.300")
    told = cast.entries(f"agent/{AGENT}")
    assert told.index("alarm.raised") < told.index("agent.review_raised")
    assert "agent.breaker_opened" in told


def test_small_steps_and_a_restart_between_them_come_to_the_same(trade: Trade) -> None:
    write(trade, lines(70, MORE))
    before = transaction.savepoint()
    watch.watch()
    once = told()
    transaction.savepoint_rollback(before)
    watch.clear_cache()
    while watch.read_on(711).decisions:
        watch.clear_cache()
    assert told() == once
    assert once[0]


def told() -> tuple[list[Any], list[Any]]:
    """Alarms and rates as they stand."""
    alarms = Alarm.objects.order_by("at", "level").values_list(
        "entry", "measure", "level", "evidence", "onset"
    )
    rates = RateDay.objects.order_by("measure", "day").values_list(
        "measure", "day", "cases", "happened", "up"
    )
    return list(alarms), list(rates)


def test_the_alarms_are_those_of_a_replay_of_what_was_read(trade: Trade) -> None:
    write(trade, lines(70, MORE))
    live = watch.watch().alarms
    seen = observed.of_agent(AGENT, "true", [])
    again = replay((s.observation for s in seen), learn_days=28, sla_ms=10_000)
    named = [[(a.index, a.measure, a.level) for a in found] for found in (live, again.alarms)]
    assert named[0] == named[1] != []


def test_a_killed_reading_has_read_nothing(trade: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    write(trade, lines(5))

    def fail(_self: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(watch.Reading, "write", fail)
        with pytest.raises(KeyboardInterrupt):
            watch.watch()
    assert not DayCell.objects.exists()
    assert watch.watch().decisions > 0
    assert sum(DayCell.objects.values_list("decisions", flat=True)) == len(lines(5))
