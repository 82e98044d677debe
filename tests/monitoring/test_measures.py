"""What is measured of a decision, and what a change of it may do."""

from __future__ import annotations

from decimal import Decimal

import pytest

from coordination.monitoring.measures import (
    BY_NAME,
    MEASURES,
    Action,
    Category,
    Direction,
    Level,
    Limits,
    share,
)
from tests.monitoring.make import observation

LIMITS = Limits(Decimal("1000.00"), confidence_low=0.7, confidence_high=0.97, sla_ms=10_000)
BOTH = [(m.name, d) for m in MEASURES for d in Direction]


def values(**different: object) -> dict[str, bool | None]:
    return {m.name: m.value(observation(**different), LIMITS) for m in MEASURES}


def test_an_ordinary_approval_is_an_event_of_one_measure() -> None:
    assert [name for name, event in values().items() if event] == ["approve_rate"]


@pytest.mark.parametrize(
    ("different", "name"),
    [
        ({"outcome": "reject"}, "reject_rate"),
        ({"outcome": "escalate"}, "escalate_rate"),
        ({"verdict": "overridden"}, "override_rate"),
        ({"po_missing": True}, "missing_po_rate"),
        ({"vendor_new": True}, "new_vendor_rate"),
        ({"amount": Decimal("1000.01")}, "amount_high_share"),
        ({"latency_ms": 10_001}, "latency_sla_miss_share"),
        ({"confidence": 0.98}, "confidence_high_share"),
        ({"confidence": 0.69}, "confidence_low_share"),
    ],
)
def test_each_measure_has_its_event(different: dict[str, object], name: str) -> None:
    assert values(**different)[name] is True


def test_limits_themselves_are_no_events() -> None:
    at_limits = values(amount=Decimal("1000.00"), latency_ms=10_000, confidence=0.97)
    assert [name for name, event in at_limits.items() if event] == ["approve_rate"]


def test_overrides_are_counted_of_answered_cases_alone() -> None:
    assert values()["override_rate"] is None
    assert values(reviewed="sample", verdict="confirmed")["override_rate"] is False


def test_only_what_lets_money_go_more_easily_may_act() -> None:
    acts = {
        (name, direction): BY_NAME[name].response(direction).action(Level.CRITICAL)
        for name, direction in BOTH
        if BY_NAME[name].response(direction).action(Level.CRITICAL) is not Action.NONE
    }
    assert acts == {
        ("approve_rate", Direction.UP): Action.OPEN,
        ("override_rate", Direction.UP): Action.OPEN,
        ("confidence_high_share", Direction.UP): Action.QA_BOOST,
        ("confidence_low_share", Direction.DOWN): Action.QA_BOOST,
    }


@pytest.mark.parametrize(("name", "direction"), BOTH)
def test_a_warning_never_opens_and_never_does_more_than_critical(name: str, direction: Direction) -> None:
    response, order = BY_NAME[name].response(direction), list(Action)
    warning, critical = response.action(Level.WARNING), response.action(Level.CRITICAL)
    assert warning is not Action.OPEN
    assert order.index(warning) <= order.index(critical)
    assert critical is Action.NONE or response.category is Category.BEHAVIOUR


def test_all_sides_together_make_one_false_alarm() -> None:
    assert sum(share(name, direction) for name, direction in BOTH) == pytest.approx(1)
    assert share("approve_rate", Direction.UP) > share("approve_rate", Direction.DOWN)
