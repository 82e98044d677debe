"""From people's answers to a table, by a manager into force, and from there into what agents say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from audit import clock
from coordination.decisions import replay
from coordination.facts import measured_confidence
from coordination.models import CalibrationTable, Decision
from coordination.services.behaviour import calibrate, measured_versions
from coordination.world.recorded_stream import Work, recorded_stream
from reviews.errors import NotAllowed
from reviews.models import Escalation
from tests import cast
from tests.behaviour.recorded import AGENT, Trade, write
from tests.behaviour.test_incidents import answer
from tests.cast import Cast, bill, table

pytestmark = pytest.mark.django_db
MADE = Work(per_day=200, agent=AGENT, sampled=0.5, overridden=0.2)
NOW = datetime(2026, 1, 20, tzinfo=UTC)


@pytest.fixture
def people() -> Cast:
    return cast.people()


@pytest.fixture
def answered(people: Cast) -> Cast:
    """Two weeks of work, of which half was reviewed and some overridden."""
    write(
        Trade(), recorded_stream(MADE, 3, lines=1_500, first=date(2026, 1, 5)), method="paired by reference"
    )
    return people


def propose() -> CalibrationTable:
    with clock.simulated(NOW):
        return calibrate.propose()


def test_a_table_says_of_each_pattern_what_people_confirmed(answered: Cast) -> None:
    rows, answers = calibrate.measure(NOW)
    assert answers == sum(r.answers for r in rows) + _rare()
    assert {(r.pattern.agent, r.pattern.outcome, r.pattern.method) for r in rows} == {
        (AGENT, "approve", "paired by reference")
    }
    assert {r.pattern.vendor for r in rows} <= {"known", "new"}
    assert all(r.confirmed <= r.answers and r.confidence < 1 for r in rows)


def _rare() -> int:
    """Answers about patterns that were answered too seldom."""
    counted: dict[Any, int] = {}
    from coordination.services.behaviour import observed

    for seen in observed.answers_between(NOW - calibrate.BASIS, NOW):
        o = seen.observation
        if o.outcome == "approve" and seen.method:
            key = (o.agent, o.vendor_new, seen.source_format)
            counted[key] = counted.get(key, 0) + 1
    return sum(n for n in counted.values() if n < calibrate.LEAST)


def test_it_is_a_draft_until_a_manager_has_agreed(answered: Cast) -> None:
    row = propose()
    assert row.status == "draft"
    assert measured_confidence.active() == ()
    question = Escalation.objects.get(kind="calibration")
    with pytest.raises(NotAllowed):
        answer(question, answered.alice)
    answer(question, answered.carol)
    row.refresh_from_db()
    assert (row.status, row.activated_by) == ("active", f"human:{answered.carol.pk}")
    assert cast.entries("calibration/1") == [
        "calibration.measured",
        "escalation.opened",
        "verdict.given",
        "calibration.activated",
    ]


def test_what_was_refused_stays_out_of_force(answered: Cast) -> None:
    row = propose()
    answer(Escalation.objects.get(kind="calibration"), answered.carol, "reject", "not_wanted")
    row.refresh_from_db()
    assert row.status == "refused"
    assert measured_confidence.active() == ()


def test_the_same_answers_ask_nobody_twice(answered: Cast) -> None:
    propose()
    with pytest.raises(measured_versions.NothingNew):
        propose()


def test_without_answers_nothing_is_measured(people: Cast) -> None:
    Trade()
    with pytest.raises(measured_versions.NothingNew):
        propose()


def real_trade(number: str) -> None:
    """An order of its own, its receipt and its invoice, through the agents."""
    own = f"PO-{number}"
    cast.take_in(
        table("orders", cast.order(order_number=own)),
        table("receipts", cast.receipt(receipt_number=f"GR-{number}", order_number=own)),
        table("invoices", bill(invoice_number=number, order_number=own)),
    )
    cast.drain()


def test_agents_say_what_was_measured_and_old_decisions_run_again_as_they_were(answered: Cast) -> None:
    real_trade("BEFORE")
    before = Decision.objects.get(agent=AGENT, invoice__number="BEFORE")
    assert before.method == "paired by reference"
    assert before.confidence == Decimal("0.990")
    propose()
    answer(Escalation.objects.get(kind="calibration"), answered.carol)
    real_trade("AFTER")
    after = Decision.objects.get(agent=AGENT, invoice__number="AFTER")
    [row] = [r for r in measured_confidence.active() if r.pattern.vendor == "known"]
    assert after.confidence == row.confidence != before.confidence
    body = cast.body_of(after)
    assert (body["method"], body["confidence"]) == ("paired by reference", str(row.confidence))
    assert body["input"]["calibration"] == [
        {
            "agent": AGENT,
            "outcome": "approve",
            "method": "paired by reference",
            "confidence": str(row.confidence),
        }
    ]
    real = Decision.objects.filter(invoice__number__in=["BEFORE", "AFTER"]).exclude(agent="person")
    assert real.count() > 8
    ours = {cast.invoice(number).subject for number in ("BEFORE", "AFTER")}
    assert [d for d in replay.reperform().different if d.subject in ours] == []


def test_putting_a_table_in_force_asks_nobody_again(answered: Cast) -> None:
    real_trade("BEFORE")
    count = Decision.objects.count()
    propose()
    answer(Escalation.objects.get(kind="calibration"), answered.carol)
    cast.drain()
    assert Decision.objects.count() == count
