"""Late work and silent agents are told while they last, with an entry when that begins and when it ends."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from audit import clock
from coordination.models import Agent, AgentMinute, ServiceAlert, Task
from coordination.monitoring.burn import LEAST_LATE
from coordination.selectors.service_levels import load_service_levels
from coordination.services import agent_control
from coordination.services.behaviour import service_levels, watch
from coordination.services.behaviour.service_levels import check, levels
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast

pytestmark = pytest.mark.django_db
VALIDATION = "finance.validation"


@pytest.fixture
def people() -> Cast:
    with clock.simulated(clock.now() - timedelta(days=1)):
        cast.trade()
    return cast.people()


def late(minutes_ago: int, decisions: int, late: int) -> None:
    minute = clock.now().replace(second=0, microsecond=0) - timedelta(minutes=minutes_ago)
    AgentMinute.objects.create(agent_id=VALIDATION, minute=minute, decisions=decisions, late=late)


@pytest.mark.usefixtures("people")
def test_the_minutes_are_counted_as_decisions_are_read() -> None:
    watch.watch()
    counted = sum(AgentMinute.objects.filter(agent=VALIDATION).values_list("decisions", flat=True))
    [level] = [x for x in levels(clock.now()) if (x.kind, x.about) == ("agents", "finance")]
    assert counted >= 1
    assert level.counts[timedelta(days=3)].cases >= counted
    assert level.burning is None


@pytest.mark.usefixtures("people")
def test_what_is_late_again_and_again_is_told_and_its_end_too() -> None:
    late(2, 100, 40)
    late(30, 100, 40)
    [notice] = check()
    assert (notice.kind, notice.about, notice.urgency) == ("agents", "finance", "now")
    assert notice.text == (
        "Finance: 80 of 200 answers of agents were late in the last hour, 40.0 times as many as the budget of"
        " 1% allows."
    )
    check()
    assert ServiceAlert.objects.count() == 1, "what stands is told once"
    AgentMinute.objects.all().delete()
    assert check() == []
    [alert] = ServiceAlert.objects.all()
    assert alert.closed_at is not None
    assert cast.entries("service/finance") == ["service.alert_opened", "service.alert_closed"]
    cast.assert_sound()


@pytest.mark.usefixtures("people")
def test_a_moment_that_is_over_is_no_longer_urgent() -> None:
    late(50, 100, 60)
    late(1, 100, 0)
    assert [n.urgency for n in check()] == ["soon"], "of three days it has used up too much all the same"


@pytest.mark.usefixtures("people")
def test_minutes_that_nobody_looks_back_at_go() -> None:
    late(6 * 24 * 60, 1, 1)
    late(1, 1, 0)
    check()
    assert AgentMinute.objects.count() == 1


def test_questions_that_stay_too_long_are_told(people: Cast) -> None:
    orders = tuple(cast.order(order_number=f"PO-{n}") for n in range(4))
    receipts = tuple(cast.receipt(receipt_number=f"GR-{n}", order_number=f"PO-{n}") for n in range(4))
    bills = [
        cast.bill(invoice_number=f"DEAR-{n}", unit_price="20.00", order_number=f"PO-{n}") for n in range(4)
    ]
    cast.trade(*bills, orders=orders, receipts=receipts)
    assert people
    assert check() == []
    asked = list(Escalation.objects.filter(status="open"))
    assert len(asked) >= 4
    with clock.simulated(max(e.due_at for e in asked) + timedelta(minutes=2)):
        found = {(n.kind.value, n.about) for n in check()}
    asked_of = Counter(e.queue for e in asked)
    assert found == {("people", queue) for queue, n in asked_of.items() if n >= LEAST_LATE} != set()


def _waiting(agent: str, minutes: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO coordination_task (agent, invoice_id, cause, fact, instead, alone, due_at,"
            " opened_at, attempts, error, leased_by) SELECT %s, id, 'test', 0, false, false,"
            " now() - make_interval(mins => %s), now(), 0, '', '' FROM coordination_invoice LIMIT 1",
            [agent, minutes],
        )


@pytest.mark.usefixtures("people")
def test_an_agent_that_leaves_its_work_lying_is_silent() -> None:
    _waiting(VALIDATION, 10)
    [notice] = check()
    assert (notice.kind, notice.about) == ("silent", VALIDATION)
    assert "1 task due" in notice.text
    assert cast.entries(f"agent/{VALIDATION}")[-1] == "service.alert_opened"
    Task.objects.all().delete()
    assert check() == []


@pytest.mark.usefixtures("people")
def test_who_waits_for_an_agent_before_it_is_not_silent() -> None:
    _waiting(VALIDATION, 10)
    _waiting("finance.payment", 10)
    assert [n.about for n in check()] == [VALIDATION]


def test_who_was_stopped_is_not_silent(people: Cast) -> None:
    _waiting(VALIDATION, 10)
    agent_control.pause(VALIDATION, by=people.carol)
    assert Agent.objects.get(pk=VALIDATION).paused
    assert check() == []


@pytest.mark.usefixtures("people")
def test_work_that_has_just_come_is_not_late() -> None:
    _waiting(VALIDATION, 3)
    assert check() == []


def test_the_page_says_what_stands(people: Cast, client: Client) -> None:
    client.force_login(people.carol)
    page = client.get(reverse("coordination:service_levels")).content.decode()
    assert "Nothing was noticed so far." in page
    assert "within its budget" in page
    late(2, 100, 40)
    late(30, 100, 40)
    check()
    page = client.get(reverse("coordination:service_levels")).content.decode()
    assert "80 of 200 answers of agents were late" in page
    assert "stands" in page


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ([(30, 10, 1)], "1 late, too few to tell"),
        ([(2000, 100, 30), (5, 1000, 0)], "over its budget in 3 days, not in the last 6 hours"),
        ([(2000, 9900, 0), (30, 100, 3)], "within its budget over 3 days"),
        ([(30, 100, 0)], "within its budget"),
    ],
)
def test_a_rate_that_is_not_told_is_no_praise(
    made: list[tuple[int, int, int]], words: str, people: Cast
) -> None:
    for minutes, cases, how_many in made:
        late(minutes, cases, how_many)
    shown = {s.words for s in load_service_levels().levels if s.level.kind == "agents"}
    assert words in shown


def test_the_budgets_are_shares() -> None:
    assert all(0 < share < 1 for share in service_levels.BUDGETS.values())
