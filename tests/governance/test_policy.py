"""The policy is read whole and exactly, or not at all."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import canonical
from coordination.domain.doses import DisplayOrder
from coordination.domain.hold_codes import CATALOGUE, QUEUES
from coordination.domain.policy import Oversight, Policy, PolicyInvalid, Tolerance
from coordination.governance import policy as rules
from coordination.governance.rule_facts import FACTS, OPERATORS

DEFAULT: dict[str, Any] = json.loads(rules.default_text())


def parsed(**changes: Any) -> Policy:
    return rules.parse(json.dumps(DEFAULT | changes), 2)


def test_the_default_is_what_a_fresh_installation_promises() -> None:
    policy = rules.parse(rules.default_text(), 1)
    assert (policy.price.pct, policy.price.abs) == (Decimal(2), Decimal(100))
    assert (policy.quantity.pct, policy.quantity.abs) == (None, Decimal(0))
    assert policy.tax.abs == policy.totals.abs == Decimal("0.02")
    assert policy.order_amount.pct == Decimal(5)
    assert (policy.receipt_wait_days, policy.duplicate_days) == (5, 5)
    assert (policy.split_count, policy.split_days, policy.split_from_pct) == (3, 7, Decimal(80))
    assert policy.confidence == Decimal("0.80")
    assert policy.company_currency == "EUR"
    assert {r.id: r.rate for r in policy.rules if r.then == "sample"} == {"B-04": Decimal("0.02")}
    assert policy.limit("specialist") == Decimal("25000.00")
    assert policy.limit("manager") == Decimal("1000000.00")
    assert policy.limit("auditor") is None


def test_the_default_text_is_canonical() -> None:
    assert rules.default_text().encode() == canonical.dumps(DEFAULT)


def test_the_digest_is_that_of_the_text() -> None:
    text = rules.default_text()
    assert rules.parse(text, 1).sha256 == canonical.sha256(text.encode())
    assert rules.parse(text + " ", 1).sha256 != rules.parse(text, 1).sha256


def test_hard_stops_come_first_and_the_last_row_is_fixed() -> None:
    table = rules.parse(rules.default_text(), 1).rules
    assert [r.section for r in table] == sorted(r.section for r in table)
    assert (table[-1].section, table[-1].when, table[-1].then) == ("Z", (), "escalate")


def test_every_rule_names_known_facts_operators_and_reasons() -> None:
    for rule in rules.parse(rules.default_text(), 1).rules:
        assert {fact for fact, _, _ in rule.when} <= FACTS.keys()
        assert {operator for _, operator, _ in rule.when} <= set(OPERATORS)
        assert not rule.reason or rule.reason in CATALOGUE


NEWER = {"units", "dates", "oversight"}
"""Sections that older policies do not have."""


@pytest.mark.parametrize("section", sorted(DEFAULT.keys() - NEWER))
def test_a_missing_section_is_refused_by_name(section: str) -> None:
    text = json.dumps({k: v for k, v in DEFAULT.items() if k != section})
    with pytest.raises(PolicyInvalid, match=section):
        rules.parse(text, 2)


@pytest.mark.parametrize("value", [2, 2.5, "", "two", "NaN", "Infinity", "1,5", True, ["2"]])
@pytest.mark.parametrize(
    ("place", "change"),
    [
        (
            "tolerances.price.pct",
            lambda v: {"tolerances": DEFAULT["tolerances"] | {"price": {"id": "x", "text": "", "pct": v}}},
        ),
        ("split.from_pct", lambda v: {"split": DEFAULT["split"] | {"from_pct": v}}),
        ("confidence.default", lambda v: {"confidence": {"default": v}}),
        (
            "confidence.finance.validation",
            lambda v: {"confidence": {"default": "1", "finance.validation": v}},
        ),
        ("limits.manager", lambda v: {"limits": {"manager": v}}),
    ],
)
def test_a_bad_number_is_refused_with_its_place(place: str, change: Any, value: object) -> None:
    with pytest.raises(PolicyInvalid, match=place):
        parsed(**change(value))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"policy"', "3"])
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(PolicyInvalid):
        rules.parse(text, 2)


@pytest.mark.parametrize(
    "row",
    [
        {"id": "B-9", "section": "B", "text": "x", "when": [["gross_company", ">"]], "then": "escalate"},
        {"id": "B-9", "section": "B", "text": "x", "when": [], "then": "sample", "rate": "often"},
        {"id": "B-9", "section": "B", "text": "x", "then": "escalate"},
        {"id": "B-9", "section": "B", "text": "x", "when": [], "then": "escalate", "quorum": "two"},
    ],
)
def test_a_malformed_row_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(PolicyInvalid):
        parsed(rules=[row, *DEFAULT["rules"]])


def test_a_policy_of_before_knows_cents_alone_and_bounds_no_day() -> None:
    older = rules.parse(json.dumps({k: v for k, v in DEFAULT.items() if k not in NEWER}), 2)
    assert older.oversight == Oversight(DisplayOrder.EVIDENCE, ())
    assert (older.unit("JPY"), older.ahead_days, older.oldest_days) == (Decimal("0.01"), None, None)


@pytest.mark.parametrize(
    ("currency", "unit", "allowed"),
    [
        ("JPY", "1", "1"),
        ("HUF", "1", "1"),
        ("KWD", "0.001", "0.02"),
        ("EUR", "0.01", "0.02"),
        ("XYZ", "0.01", "0.02"),
    ],
)
def test_rounding_follows_the_unit_of_the_currency(currency: str, unit: str, allowed: str) -> None:
    policy = parsed()
    assert policy.unit(currency) == Decimal(unit)
    assert policy.allowed(policy.tax, currency) == policy.allowed(policy.totals, currency) == Decimal(allowed)


def test_a_tolerance_without_units_is_the_same_in_every_currency() -> None:
    plain = {"id": "T-03", "text": "tax", "abs": "0.05"}
    policy = parsed(tolerances=DEFAULT["tolerances"] | {"tax": plain})
    assert {policy.allowed(policy.tax, c) for c in ("JPY", "EUR", "KWD")} == {Decimal("0.05")}
    none = parsed(tolerances={k: v for k, v in DEFAULT["tolerances"].items() if k != "tax"})
    assert none.allowed(none.tax, "JPY") == 0


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"units": {"0": ["JPY"]}}, "units"),
        ({"units": {"10": ["JPY"]}}, "units"),
        ({"units": {"one": ["JPY"]}}, "units"),
        ({"units": {"1": ["JPY"], "0.001": ["JPY"]}}, "stands twice"),
        ({"dates": {"ahead_days": "-1"}}, "ahead_days"),
        ({"dates": {"oldest_days": "soon"}}, "soon"),
        ({"tolerances": DEFAULT["tolerances"] | {"tax": {"id": "T", "text": "", "units": "-1"}}}, "units"),
    ],
)
def test_units_and_days_that_cannot_be_are_refused(change: dict[str, Any], place: str) -> None:
    with pytest.raises(PolicyInvalid, match=place):
        parsed(**change)


def test_a_tolerance_left_out_is_none_configured() -> None:
    without = {k: v for k, v in DEFAULT["tolerances"].items() if k != "price"}
    assert parsed(tolerances=without).price.breached(Decimal("0.01"), Decimal(1000))


def test_a_threshold_of_an_agent_overrides_the_default() -> None:
    policy = parsed(confidence={"default": "0.80", "finance.validation": "0.95"})
    assert policy.threshold("finance.validation") == Decimal("0.95")
    assert policy.threshold("procurement.matching") == Decimal("0.80")


def test_a_queue_without_a_time_of_its_own_has_a_day() -> None:
    policy = rules.parse(rules.default_text(), 1)
    assert policy.sla("payments") == 12
    assert policy.sla("somewhere") == 24
    assert set(QUEUES.values()) <= {name for name, _ in policy.sla_hours}


# --- tolerances ------------------------------------------------------------------------------------

MONEY = st.integers(-10_000_000, 10_000_000).map(lambda n: Decimal(n) / 100)
POSITIVE = st.integers(0, 10_000_000).map(lambda n: Decimal(n) / 100)
LIMIT = st.none() | st.integers(0, 10_000).map(lambda n: Decimal(n) / 100)


def tolerance(pct: Decimal | None = None, absolute: Decimal | None = None) -> Tolerance:
    return Tolerance("T", "", pct, absolute)


@given(POSITIVE, POSITIVE)
def test_a_limit_reached_exactly_is_allowed(limit: Decimal, base: Decimal) -> None:
    assert not tolerance(absolute=limit).breached(limit, base)
    assert tolerance(absolute=limit).breached(limit + Decimal("0.01"), base)
    assert not tolerance(pct=limit).breached(limit * base / 100, base)
    assert tolerance(pct=limit).breached(limit * base / 100 + Decimal("0.01"), base)


@given(MONEY, POSITIVE, LIMIT, LIMIT)
def test_either_breach_is_a_breach(
    excess: Decimal, base: Decimal, pct: Decimal | None, absolute: Decimal | None
) -> None:
    one, other = tolerance(pct).breached(excess, base), tolerance(absolute=absolute).breached(excess, base)
    if pct is not None and absolute is not None:
        assert tolerance(pct, absolute).breached(excess, base) is (one or other)


@given(MONEY, POSITIVE)
def test_none_configured_holds_any_excess(excess: Decimal, base: Decimal) -> None:
    assert tolerance().breached(excess, base) is (excess > 0)


@given(POSITIVE, POSITIVE, LIMIT, LIMIT)
def test_what_is_in_our_favour_is_never_a_breach(
    off: Decimal, base: Decimal, pct: Decimal | None, absolute: Decimal | None
) -> None:
    assert not tolerance(pct, absolute).breached(-off, base)


@given(MONEY, POSITIVE, POSITIVE, LIMIT, LIMIT)
def test_a_larger_excess_is_never_treated_better(
    excess: Decimal, more: Decimal, base: Decimal, pct: Decimal | None, absolute: Decimal | None
) -> None:
    rule = tolerance(pct, absolute)
    assert not rule.breached(excess, base) or rule.breached(excess + more, base)
