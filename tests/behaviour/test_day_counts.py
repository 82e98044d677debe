"""What is counted by day is what decisions and versions say, however often it is counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from audit import clock
from coordination.models import AgreementDay, Decision, Invoice, WayDay
from coordination.services.behaviour.day_counts import count_back, count_day, count_recent
from tests import cast
from tests.cast import bill, order, receipt, table, take_in, vendor
from tests.models import rows

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 11, 20, tzinfo=UTC)
NOON = DAY + timedelta(hours=12)
COVERAGE, VALIDATION = "procurement.matching", "finance.validation"


@pytest.fixture
def invoices(db: None) -> Iterator[list[Invoice]]:
    """Written without their history, which a commit would refuse: what the test writes is undone."""
    with transaction.atomic():
        yield [rows.invoice() for _ in range(4)]
        transaction.set_rollback(True)


def answered(of: Invoice, agent: str, proposed: str, at: datetime = NOON, **different: Any) -> Decision:
    version = Decision.objects.filter(invoice=of).count() + 1
    return rows.decision(of, agent=agent, proposed=proposed, at=at, state_version=version, **different)


def agreement() -> dict[tuple[str, str, str], tuple[int, int, int, int]]:
    return {
        (f"{x.day:%d}", x.first, x.second): (x.both, x.first_only, x.second_only, x.neither)
        for x in AgreementDay.objects.all()
    }


PAIR = ("20", VALIDATION, COVERAGE)


def test_two_agents_on_one_invoice_are_one_case(invoices: list[Invoice]) -> None:
    for of, (one, other) in zip(
        invoices,
        [("approve", "approve"), ("approve", "hold"), ("hold", "approve"), ("hold", "hold")],
        strict=True,
    ):
        answered(of, VALIDATION, one)
        answered(of, COVERAGE, other)
    count_day(DAY.date(), NOON + timedelta(hours=1))
    assert agreement() == {PAIR: (1, 1, 1, 1)}


def test_of_several_answers_of_a_day_the_newest_counts(invoices: list[Invoice]) -> None:
    answered(invoices[0], VALIDATION, "hold")
    answered(invoices[0], VALIDATION, "approve", NOON + timedelta(minutes=1))
    answered(invoices[0], COVERAGE, "approve")
    count_day(DAY.date(), NOON + timedelta(hours=1))
    assert agreement() == {PAIR: (1, 0, 0, 0)}


@pytest.mark.parametrize("proposed", ["wait", "note", ""])
def test_who_says_neither_approve_nor_hold_is_not_compared(invoices: list[Invoice], proposed: str) -> None:
    answered(invoices[0], VALIDATION, "approve")
    answered(invoices[0], COVERAGE, proposed)
    count_day(DAY.date(), NOON + timedelta(hours=1))
    assert agreement() == {}


def test_answers_of_two_days_are_not_beside_each_other(invoices: list[Invoice]) -> None:
    answered(invoices[0], VALIDATION, "approve", DAY - timedelta(seconds=1))
    answered(invoices[0], COVERAGE, "hold", DAY)
    for ago in (1, 0):
        count_day(DAY.date() - timedelta(days=ago), NOON + timedelta(days=2))
    assert agreement() == {}


def test_a_person_is_no_agent_that_is_compared(invoices: list[Invoice]) -> None:
    answered(invoices[0], VALIDATION, "approve")
    answered(invoices[0], "person", "hold")
    count_day(DAY.date(), NOON + timedelta(hours=1))
    assert agreement() == {}


def test_counting_again_comes_to_the_same_and_takes_in_what_came(invoices: list[Invoice]) -> None:
    answered(invoices[0], VALIDATION, "approve")
    answered(invoices[0], COVERAGE, "approve")
    count_day(DAY.date(), NOON + timedelta(minutes=1))
    first = agreement()
    count_day(DAY.date(), NOON + timedelta(minutes=1))
    assert agreement() == first
    answered(invoices[0], COVERAGE, "hold", NOON + timedelta(minutes=2))
    count_day(DAY.date(), NOON + timedelta(minutes=3))
    assert agreement() == {PAIR: (0, 1, 0, 0)}


def ways() -> dict[str, tuple[int, Decimal]]:
    newest = WayDay.objects.order_by("-day").values_list("day", flat=True)[0]
    found = WayDay.objects.filter(day=newest)
    return {f"{x.source} {x.target}".strip(): (x.invoices, x.gross) for x in found}


def test_the_ways_of_a_trade_are_its_steps_with_their_money() -> None:
    cast.trade()
    take_in(table("invoices", bill(invoice_number="INV-2", quantity="7", issue_date="2026-09-09")))
    count_recent()
    whole = (1, Decimal(1190))
    assert ways() == {
        "received": (1, Decimal("83.30")),
        "received validated": whole,
        "validated matched": whole,
        "matched delivered": whole,
        "delivered cleared": whole,
        "cleared": whole,
    }


def test_each_day_shows_the_week_to_it_as_it_stood_then() -> None:
    now = clock.now()
    with clock.simulated(now - timedelta(days=8)):
        take_in(
            table("vendors", vendor()),
            table("orders", order()),
            table("receipts", receipt()),
            table("invoices", bill()),
        )
    cast.drain()
    count_back(9, now + timedelta(minutes=1))
    days = {(now.date() - x.day).days: (x.source, x.target, x.invoices) for x in WayDay.objects.all()}
    assert days == dict.fromkeys(range(2, 9), ("received", "", 1)), "what came later is not known yet"


def test_a_credit_note_is_counted_and_its_money_is_not() -> None:
    cast.trade()
    take_in(table("invoices", cast.credit_of("INV-1", "CN-1", "10")))
    count_recent()
    assert sum(n for step, (n, _) in ways().items() if " " not in step) == 2
    assert sum(gross for step, (_, gross) in ways().items() if " " not in step) == Decimal(1190)


def test_the_job_and_the_command_count_the_same() -> None:
    from coordination import jobs

    cast.trade()
    jobs.count_days(0)
    by_job = (agreement(), ways())
    WayDay.objects.all().delete()
    AgreementDay.objects.all().delete()
    call_command("count_days", days=3)
    assert (agreement(), ways()) == by_job
    assert by_job[0] != {}
