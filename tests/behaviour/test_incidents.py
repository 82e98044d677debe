"""Alarms of an agent become one incident, act by degrees, and end with a cause that two people name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from audit import clock, inspection
from audit.models import Entry
from coordination.models import Agent, Baseline, Breaker, Incident, MonitorState, RateDay
from coordination.monitoring.alarms import Alarm, Extent, Stratum
from coordination.monitoring.measures import BY_NAME, Direction, Level
from coordination.selectors.behaviour import glance
from coordination.selectors.behaviour import incidents as read
from coordination.services import agent_control
from coordination.services.behaviour import breaker, incidents, watch
from reviews.errors import LostRace, NotAllowed
from reviews.models import Escalation
from reviews.services import resolve
from tests import cast
from tests.behaviour.recorded import AGENT, Trade, write
from tests.behaviour.test_watch import FIRST, MORE, lines
from tests.cast import Cast

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 4, 10, tzinfo=UTC)


@pytest.fixture
def people() -> Cast:
    Trade()
    return cast.people()


def alarm(
    measure: str = "approve_rate",
    direction: Direction = Direction.UP,
    level: Level = Level.WARNING,
    **changes: Any,
) -> Alarm:
    response = BY_NAME[measure].response(direction)
    extent = Extent(
        date(2026, 3, 2),
        0.75,
        0.82,
        0.78,
        0.86,
        310,
        Decimal("120450.00"),
        (Stratum("EDIFACT", 80, 75, 60.2),),
        (4, 5),
    )
    values: dict[str, Any] = {
        "index": 7,
        "at": AT.isoformat(),
        "agent": AGENT,
        "version": "2",
        "measure": measure,
        "direction": direction,
        "level": level,
        "category": response.category,
        "action": response.action(level),
        "evidence": 61_200.0,
        "incident": 1,
        "extent": extent,
    }
    return Alarm(**values | changes)


def take(**changes: Any) -> Incident:
    return incidents.take(alarm(**changes), AT, 1)


def agent() -> Agent:
    return Agent.objects.get(pk=AGENT)


def answer(
    question: Escalation, by: User, verdict: str = "approve", reason: str = "evidence_complete"
) -> None:
    words = "Seen." if verdict == "reject" else ""
    resolve(question.id, verdict, by=by, reason=reason, comment=words, seen_version=question.version)


@pytest.mark.usefixtures("people")
def test_alarms_of_one_agent_are_one_incident() -> None:
    first = take()
    second = take(measure="new_vendor_rate")
    assert first.number == second.number == Incident.objects.get().number
    assert Incident.objects.get().alarms.count() == 2


@pytest.mark.usefixtures("people")
def test_an_incident_is_as_serious_as_its_most_serious_alarm() -> None:
    take(measure="new_vendor_rate")
    assert Incident.objects.get().category == "inputs"
    take(level=Level.CRITICAL)
    row = Incident.objects.get()
    assert (row.category, row.level, row.action) == ("behaviour", "critical", "open")
    take(measure="missing_po_rate")
    assert Incident.objects.get().level == "critical"


@pytest.mark.usefixtures("people")
def test_rate_onset_and_money_of_an_incident_are_those_of_its_most_pressing_alarm() -> None:
    extent = replace(alarm().extent, onset=date(2026, 1, 5))
    row = take(measure="missing_po_rate", extent=extent)
    assert read.incident(row).window.first == date(2026, 1, 5)
    row = take(level=Level.CRITICAL)
    assert row.onset == date(2026, 1, 5), "nothing since then is learned as usual"
    found = read.incident(Incident.objects.get())
    assert found.first.alarm.measure == "approve_rate"
    assert found.first.alarm.onset == found.window.first == date(2026, 3, 2)


@pytest.mark.usefixtures("people")
def test_other_inputs_are_told_and_throttle_nothing() -> None:
    take(measure="missing_po_rate", level=Level.CRITICAL)
    assert (agent().breaker, agent().review_share) == (Breaker.CLOSED, None)


@pytest.mark.usefixtures("people")
def test_a_warning_has_more_of_the_work_reviewed() -> None:
    take()
    assert (agent().breaker, agent().review_share) == (Breaker.CLOSED, breaker.BOOSTED)
    assert cast.entries(f"agent/{AGENT}")[-2:] == ["alarm.raised", "agent.review_raised"]


@pytest.mark.usefixtures("people")
def test_a_critical_alarm_opens_the_breaker_and_says_what_it_costs() -> None:
    take(level=Level.CRITICAL)
    assert agent().breaker == Breaker.OPEN
    assert "82.0% proposed to approve since 2 March, where 75.0% were expected." in agent().breaker_reason
    assert "questions a day" in agent().breaker_reason


def test_who_wants_to_be_asked_first_is_asked_once(people: Cast) -> None:
    agent_control.set_on_critical(AGENT, "ask", by=people.carol, reason="We watch it ourselves.")
    take(level=Level.CRITICAL)
    take(level=Level.CRITICAL)
    assert agent().breaker == Breaker.CLOSED
    [question] = Escalation.objects.filter(kind="breaker")
    answer(question, people.carol)
    assert (agent().breaker, agent().breaker_by) == (Breaker.OPEN, f"human:{people.carol.pk}")


def test_a_manager_may_leave_it_closed(people: Cast) -> None:
    agent_control.set_on_critical(AGENT, "ask", by=people.carol, reason="We watch it ourselves.")
    take(level=Level.CRITICAL)
    answer(Escalation.objects.get(kind="breaker"), people.dave, "reject", "known_cause")
    assert agent().breaker == Breaker.CLOSED
    assert Incident.objects.get().status == "open"


def test_only_managers_answer_an_incident(people: Cast) -> None:
    row = take()
    for nobody in (people.alice, people.erin, people.frank):
        with pytest.raises(NotAllowed):
            incidents.acknowledge(row.number, by=nobody)
        with pytest.raises(NotAllowed):
            incidents.propose_closing(row.number, "false", "", by=nobody)


def test_who_acknowledges_an_incident_has_it_until_it_is_handed_on(people: Cast) -> None:
    row = take()
    incidents.acknowledge(row.number, by=people.carol)
    incidents.acknowledge(row.number, by=people.dave)
    found = Incident.objects.get()
    assert (found.acknowledged_by, found.owner) == (f"human:{people.carol.pk}",) * 2
    incidents.assign(row.number, people.dave, by=people.carol)
    assert Incident.objects.get().owner == f"human:{people.dave.pk}"
    with pytest.raises(NotAllowed):
        incidents.assign(row.number, people.bob, by=people.carol)


def test_what_is_not_there_is_said_to_be_not_there(people: Cast) -> None:
    with pytest.raises(incidents.NoSuchIncident):
        incidents.acknowledge(99, by=people.carol)


def test_an_incident_ends_with_a_cause_that_a_second_person_agrees_to(people: Cast) -> None:
    row = take()
    MonitorState.objects.create(agent_id=AGENT)
    watch.MonitorPosition.objects.get_or_create(pk=1)
    with pytest.raises(incidents.NoSuchCause):
        incidents.propose_closing(row.number, "tired", "", by=people.carol)
    question = incidents.propose_closing(row.number, "fixed", "Version 3 is live.", by=people.carol)
    with pytest.raises(NotAllowed):
        answer(question, people.carol)
    assert Incident.objects.get().status == "open"
    answer(question, people.dave)
    found = Incident.objects.get()
    assert (found.status, found.cause, found.closed_by) == ("closed", "fixed", f"human:{people.dave.pk}")
    assert agent().review_share is None
    with pytest.raises(incidents.ClosedAlready):
        incidents.propose_closing(row.number, "false", "", by=people.carol)
    assert inspection.verify().findings == []


def test_a_new_change_after_that_is_a_new_incident(people: Cast) -> None:
    _closed(people, "false")
    assert take().number == 2


@pytest.mark.parametrize(
    ("cause", "left_out"), [("fixed", True), ("data", True), ("false", False), ("new_normal", False)]
)
def test_days_of_what_was_wrong_are_left_out_of_a_baseline(people: Cast, cause: str, left_out: bool) -> None:
    with clock.simulated(datetime(2026, 3, 6, 9, tzinfo=UTC)):
        _closed(people, cause)
    days = {date(2026, 3, d) for d in range(2, 7)}
    assert incidents.excluded_days(AGENT) == (days if left_out else set())


def _closed(people: Cast, cause: str) -> Incident:
    row = take()
    MonitorState.objects.get_or_create(agent_id=AGENT)
    watch.MonitorPosition.objects.get_or_create(pk=1)
    answer(incidents.propose_closing(row.number, cause, "", by=people.carol), people.dave)
    return row


@pytest.fixture
def shifted(settings: Any) -> Cast:
    settings.COUNTERSIGN_LEARN_DAYS = 28
    trade = Trade()
    write(trade, lines(60, MORE))
    watch.watch()
    return cast.people()


def test_the_new_normal_is_learned_as_a_new_version_and_the_old_one_is_kept(
    shifted: Cast, settings: Any
) -> None:
    [row] = Incident.objects.all()
    answer(incidents.propose_closing(row.number, "new_normal", "", by=shifted.carol), shifted.dave)
    state = MonitorState.objects.get(agent=AGENT)
    assert state.learning_since == row.onset
    assert "approve_rate" in state.silent
    last = str(lines(60, MORE)[-1]["at"])
    before = judged_days()
    write(Trade.again(), [x for x in lines(100, MORE) if str(x["at"]) > last])
    watch.watch()
    first, second = Baseline.objects.order_by("number")
    assert (first.number, second.number, second.first_day) == (1, 2, row.onset)
    assert second.cause == f"incident {row.number}: new normal"
    assert MonitorState.objects.get(agent=AGENT).silent == []
    assert Incident.objects.count() == 1, "what is normal now does not alarm"
    assert before.items() <= judged_days().items(), "the days of the incident stand as they were judged"


def judged_days() -> dict[tuple[date, str], tuple[int, float, float]]:
    """Of each day and measure that was judged: of how many cases, and where the evidence stood. The last day
    is still under way."""
    rows = RateDay.objects.filter(agent=AGENT, judged__gt=0)
    last = RateDay.objects.filter(agent=AGENT).latest("day").day
    return {(r.day, r.measure): (r.judged, r.up, r.down) for r in rows if r.day < last}


def test_while_the_new_normal_is_learned_other_measures_are_watched(shifted: Cast) -> None:
    [row] = Incident.objects.all()
    answer(incidents.propose_closing(row.number, "new_normal", "", by=shifted.carol), shifted.dave)
    last = str(lines(60, MORE)[-1]["at"])
    write(Trade.again(), [x for x in lines(66, MORE) if str(x["at"]) > last])
    day = FIRST + timedelta(days=64)
    watch.watch()
    judged = dict(RateDay.objects.filter(agent=AGENT, day__gte=day).values_list("measure", "judged"))
    assert judged["approve_rate"] == 0
    assert judged["missing_po_rate"] > 0


# --- one cause at several agents ----------------------------------------------------------------------------


OTHERS = ("finance.payment", "finance.validation")


def inputs(name: str = AGENT, **changes: Any) -> Incident:
    MonitorState.objects.get_or_create(agent_id=name)
    extent = replace(alarm().extent, onset=changes.pop("onset", date(2026, 3, 2)))
    return take(agent=name, measure=changes.pop("measure", "missing_po_rate"), extent=extent, **changes)


def numbers(rows: list[Incident]) -> list[int]:
    return [row.number for row in rows]


@pytest.mark.usefixtures("people")
def test_what_moves_the_inputs_of_several_agents_the_same_way_is_one_cause() -> None:
    first, second, third = inputs(), inputs(OTHERS[0], onset=date(2026, 3, 16)), inputs(OTHERS[1])
    assert numbers(incidents.alongside(first)) == [second.number, third.number]
    assert numbers(incidents.alongside(third)) == [first.number, second.number]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "changes",
    [
        {"onset": date(2026, 3, 17)},
        {"direction": Direction.DOWN},
        {"measure": "new_vendor_rate"},
        {"measure": "approve_rate"},
    ],
    ids=["weeks later", "the other way", "another measure", "behaviour"],
)
def test_anything_else_is_another_cause(changes: dict[str, Any]) -> None:
    first, second = inputs(), inputs(OTHERS[0], **changes)
    assert incidents.alongside(first) == incidents.alongside(second) == []


@pytest.mark.usefixtures("people")
def test_what_is_more_than_inputs_is_answered_by_itself() -> None:
    first, _ = inputs(), inputs(OTHERS[0])
    take(level=Level.CRITICAL)
    assert incidents.alongside(Incident.objects.get(pk=first.pk)) == []


def test_one_cause_is_taken_on_and_closed_as_one(people: Cast) -> None:
    first, second, third = inputs(), inputs(OTHERS[0]), inputs(OTHERS[1])
    incidents.acknowledge(second.number, by=people.carol)
    carol = f"human:{people.carol.pk}"
    assert set(Incident.objects.values_list("acknowledged_by", "owner")) == {(carol, carol)}
    stray = incidents.propose_closing(third.number, "false", "", by=people.carol)
    asked = incidents.propose_closing(
        first.number, "data", "A format.", by=people.carol, others=[second.number, third.number]
    )
    agents = f"{AGENT}, finance.payment, finance.validation"
    assert asked.question == f"Close incidents 1, 2, 3 ({agents}): data problem?"
    assert incidents.asked_of(second) == asked
    assert incidents.asked_of(third) == stray, "the one about itself alone comes first"
    answer(asked, people.dave)
    assert set(Incident.objects.values_list("status", "cause")) == {("closed", "data")}
    for name in (AGENT, *OTHERS):
        assert cast.entries(f"agent/{name}")[-1] == "incident.closed"
    stray.refresh_from_db()
    assert stray.status == "withdrawn", "nobody is asked about what is closed"
    assert inspection.verify().findings == []


def test_one_of_a_cause_may_be_closed_alone(people: Cast) -> None:
    first, second = inputs(), inputs(OTHERS[0])
    answer(incidents.propose_closing(first.number, "false", "", by=people.carol), people.dave)
    assert [row.status for row in Incident.objects.order_by("number")] == ["closed", "open"]
    assert incidents.alongside(Incident.objects.get(pk=second.pk)) == []


def test_what_was_closed_meanwhile_stays_as_it_was(people: Cast) -> None:
    first, second = inputs(), inputs(OTHERS[0])
    asked = incidents.propose_closing(first.number, "data", "", by=people.carol, others=[second.number])
    answer(incidents.propose_closing(second.number, "false", "", by=people.carol), people.dave)
    answer(asked, people.dave)
    assert list(Incident.objects.order_by("number").values_list("cause", flat=True)) == ["data", "false"]


@pytest.mark.usefixtures("people")
def test_the_budget_and_the_overview_tell_one_cause_once() -> None:
    for name in (AGENT, *OTHERS):
        inputs(name)
    take(agent=OTHERS[0])
    [behaviour, told] = read.pressing()
    assert (behaviour.row.agent_id, behaviour.others) == (OTHERS[0], 0)
    assert (told.row.agent_id, told.others) == (AGENT, 1)
    with clock.simulated(AT):
        found = glance.budget(3, 1_000)
    assert (found.warnings, found.causes) == (4, 2)


# --- what was looked at is what is closed ------------------------------------------------------------------


@pytest.mark.parametrize("where", [AGENT, OTHERS[0]], ids=["the one asked about", "one alongside"])
def test_an_alarm_that_joins_takes_the_question_back(people: Cast, where: str) -> None:
    first, second = inputs(), inputs(OTHERS[0])
    asked = incidents.propose_closing(first.number, "new_normal", "", by=people.carol, others=[second.number])
    take(agent=where, level=Level.CRITICAL)
    asked.refresh_from_db()
    assert asked.status == "withdrawn"
    assert incidents.asked() == {}
    with pytest.raises(LostRace):
        answer(asked, people.dave)
    assert set(Incident.objects.values_list("status", flat=True)) == {"open"}


def test_only_what_somebody_saw_is_closed_with_it(people: Cast) -> None:
    first, second = inputs(), inputs(OTHERS[0])
    unseen = inputs(OTHERS[1])
    asked = incidents.propose_closing(
        first.number, "data", "", by=people.carol, others=[second.number, 400, 0]
    )
    answer(asked, people.dave)
    unseen.refresh_from_db()
    assert unseen.status == "open"
    assert Incident.objects.filter(status="closed").count() == 2


def test_the_question_names_who_asks_why_and_what_moved(people: Cast) -> None:
    first, second = inputs(), inputs(OTHERS[0])
    asked = incidents.propose_closing(
        first.number, "data", "The portal leaves the order out.", by=people.carol, others=[second.number]
    )
    told = read.closing_case(asked.case)
    assert told.asked.by is not None
    assert (told.asked.by.name, told.asked.why) == ("Carol", "The portal leaves the order out.")
    assert [(row.number, alarm.alarm.measure) for row, alarm, *_ in told.incidents] == [
        (first.number, "missing_po_rate"),
        (second.number, "missing_po_rate"),
    ]
    body = Entry.objects.filter(type="escalation.opened").latest("id").body
    assert "portal" not in body, "what somebody writes stands in no entry"


def test_a_closed_incident_names_both_people(people: Cast) -> None:
    first = inputs()
    answer(incidents.propose_closing(first.number, "data", "A format.", by=people.carol), people.dave)
    found = read.incident(Incident.objects.get())
    assert found.closing is not None
    assert found.closing.asked.by is not None
    assert found.closed_by is not None
    assert (found.closing.asked.by.name, found.closing.asked.why, found.closed_by.name) == (
        "Carol",
        "A format.",
        "Dave",
    )


def test_a_question_whether_to_open_ends_with_the_incident_or_when_somebody_moves_it(people: Cast) -> None:
    agent_control.set_on_critical(AGENT, "ask", by=people.carol, reason="We watch it.")
    MonitorState.objects.get_or_create(agent_id=AGENT)
    row = take(level=Level.CRITICAL)
    first = Escalation.objects.get(kind="breaker")
    answer(incidents.propose_closing(row.number, "false", "", by=people.carol), people.dave)
    first.refresh_from_db()
    assert first.status == "withdrawn"
    take(level=Level.CRITICAL)
    second = Escalation.objects.get(kind="breaker", status="open")
    agent_control.set_breaker(AGENT, "half", "Looked at.", by=people.carol)
    second.refresh_from_db()
    assert second.status == "withdrawn"


# --- what proves an agent ----------------------------------------------------------------------------------


def opened(people: Cast) -> MonitorState:
    """The state of an agent whose breaker has just been opened."""
    agent_control.set_breaker(AGENT, "open", "It lets too much go.", by=people.carol)
    return MonitorState.objects.get_or_create(agent_id=AGENT)[0]


def test_answers_from_before_it_was_opened_prove_nothing_however_late_they_are_read(people: Cast) -> None:
    before = Entry.objects.latest("id").id
    state = opened(people)
    for _ in range(200):
        breaker.answered(state, before, confirmed=True)
    assert agent().breaker == Breaker.OPEN
    assert breaker.answers_since(agent(), state) == (0, 0)


def test_an_agent_that_is_wrong_too_often_is_not_proved_by_a_lucky_run(people: Cast) -> None:
    state = opened(people)
    later = Entry.objects.latest("id").id + 1
    for n in range(90):  # 1 of 9 is overridden first, then 59 in a row are not
        breaker.answered(state, later, confirmed=n > 30 or n % 9 != 0)
    assert agent().breaker == Breaker.OPEN
    assert breaker.answers_since(agent(), state) == (90, 4)
