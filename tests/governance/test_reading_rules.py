"""Rules over facts, the faults of a table, and what a text of rules may say: each by hand and with its
place."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain.policy import Envelope, PolicyInvalid, Rule
from coordination.governance import amount_at_stake, envelope, retention
from coordination.governance.lint import lint
from coordination.governance.policy import default_text, load, parse
from coordination.governance.retention import Class, RetentionInvalid
from coordination.governance.rule_facts import (
    FACTS,
    OPERATORS,
    Ruled,
    drawn,
    holds_true,
    nearest_rule,
    release_facts,
)
from tests.agents.make import POLICY, document, hold, position, propose, snapshot

DEFAULT: dict[str, Any] = json.loads(default_text())
NUMBERS = st.decimals(min_value=-(10**9), max_value=10**9, places=2)


def rule(*when: tuple[str, str, str], **changes: Any) -> Rule:
    return Rule(**{"id": "B-09", "section": "B", "text": "x", "when": when, "then": "escalate"} | changes)


# --- operators ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sign", "below", "same", "above"),
    [
        (">", False, False, True),
        (">=", False, True, True),
        ("<", True, False, False),
        ("<=", True, True, False),
        ("=", False, True, False),
    ],
)
def test_a_comparison_of_numbers(sign: str, below: bool, same: bool, above: bool) -> None:
    found = [OPERATORS[sign].holds(Decimal(n), "10.00") for n in ("9.99", "10", "10.01")]
    assert found == [below, same, above]


@given(NUMBERS, NUMBERS)
def test_comparisons_are_those_of_numbers_and_not_of_texts(fact: Decimal, value: Decimal) -> None:
    held = {sign for sign, row in OPERATORS.items() if sign != "has" and row.holds(fact, f"{value:.2f}")}
    expected = {">", ">="} if fact > value else {"<", "<="} if fact < value else {">=", "<=", "="}
    assert held == expected


@pytest.mark.parametrize(
    ("sign", "fact", "value", "holds"),
    [
        ("=", "EUR", "EUR", True),
        ("=", "EUR", "eur", False),
        ("=", Decimal("1.0"), "1.00", True),
        ("has", frozenset({"no_po", "price_over"}), "no_po", True),
        ("has", frozenset({"no_po"}), "no_p", False),
        ("has", frozenset(), "no_po", False),
    ],
)
def test_a_comparison_of_texts_and_codes(sign: str, fact: Any, value: str, holds: bool) -> None:
    assert OPERATORS[sign].holds(fact, value) is holds


YES, NO, UNKNOWN = ("currency", "=", "EUR"), ("currency", "=", "USD"), ("gross_company", ">", "1")


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ((), True),
        ((YES,), True),
        ((NO,), False),
        ((YES, NO), False),
        ((UNKNOWN,), None),
        ((YES, UNKNOWN), None),
        ((UNKNOWN, NO), False),  # what fails, fails whatever is unknown
        ((NO, UNKNOWN), False),
        ((("unheard", "=", "x"),), None),
    ],
)
def test_a_rule_holds_if_all_of_it_does_and_is_open_if_a_fact_is_missing(
    when: Any, holds: bool | None
) -> None:
    assert holds_true(rule(*when), {"currency": "EUR", "gross_company": None}) is holds


def test_every_fact_of_a_release_is_read_from_what_is_ruled_on() -> None:
    held = (hold("price_over"), hold("no_receipt", "waiting"))
    snap = snapshot(
        document(currency="USD"), gross_company=Decimal("1190.00"), positions=(position(confidence="0.7"),)
    )
    found = release_facts(Ruled(propose("finance.payment", snap), snap, held, ())).values
    assert found.keys() == FACTS.keys()
    assert found["codes"] == {"price_over", "no_receipt"}
    assert (found["open_holds"], found["waiting_holds"]) == (1, 1)
    assert (found["gross_company"], found["least_confidence"]) == (Decimal("1190.00"), Decimal("0.7"))
    assert (found["currency"], found["vendor"], found["type"]) == ("USD", "V-1", "invoice")
    assert found["source_format"] == "csv-invoices"


def test_a_vendor_and_a_rate_that_are_not_known_are_missing_facts() -> None:
    snap = snapshot(vendor=None, gross_company=None)
    found = release_facts(Ruled(propose("finance.payment", snap), snap, (), ())).values
    assert (found["vendor"], found["gross_company"]) == (None, None)


@pytest.mark.parametrize(
    ("facts", "nearest"),
    [
        ({"gross_company": Decimal("9500")}, "B-02 gross over 10,000.00: 9,500.00"),
        ({"gross_company": Decimal("10000")}, "B-02 gross over 10,000.00: 10,000.00"),
        ({"gross_company": Decimal("10000.01")}, "B-01 gross over 50,000.00 needs two people: 10,000.01"),
        ({"gross_company": Decimal("60000")}, ""),
        ({"gross_company": None}, ""),
        ({"open_holds": Decimal(0)}, ""),  # is not told as near
        ({}, ""),
    ],
)
def test_the_row_that_came_nearest(facts: dict[str, Any], nearest: str) -> None:
    assert nearest_rule(POLICY, facts) == nearest


@pytest.mark.parametrize(
    ("rate", "sampling", "all_of_them"),
    [("1", True, True), ("0", True, False), (None, True, False), ("1", False, False)],
)
def test_a_draw_of_all_of_none_and_of_no_rate(rate: str | None, sampling: bool, all_of_them: bool) -> None:
    row = rule(then="sample", rate=None if rate is None else Decimal(rate))
    assert {drawn(row, snapshot(id=f"case-{n}", sampling=sampling)) for n in range(50)} == {all_of_them}


@given(
    st.uuids(),
    st.decimals(min_value=0, max_value=1, places=3),
    st.decimals(min_value=0, max_value=1, places=3),
)
def test_what_a_small_share_draws_a_larger_one_draws_too(key: Any, one: Decimal, other: Decimal) -> None:
    small, large = (
        drawn(rule(then="sample", rate=r), snapshot(id=str(key), sampling=True)) for r in sorted((one, other))
    )
    assert large or not small


# --- faults of a table --------------------------------------------------------------------------------------


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    data = copy.deepcopy(DEFAULT)
    change(data)
    return json.dumps(data)


def row_changed(**changes: Any) -> str:
    """The default with its row B-02 changed."""
    return changed(lambda data: data["rules"][7].update(changes))


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"when": [["gross", ">", "1.00"]]}, "fact_unknown", "'gross'"),
        ({"when": [["gross_company", "~", "1.00"]]}, "operator_unknown", "'~'"),
        ({"when": [["gross_company", ">", "1,00"]]}, "value_wrong", "'1,00'"),
        ({"when": [["gross_company", ">", "NaN"]]}, "value_wrong", "'NaN'"),
        ({"when": [["gross_company", ">", ""]]}, "value_wrong", "''"),
        ({"when": [["gross_company", ">", None]]}, "value_wrong", "None"),
        ({"when": [["type", "<", "1"]]}, "operator_wrong", "the type of document"),
        ({"when": [["gross_company", "has", "no_po"]]}, "operator_wrong", ">, >=, <, <=, ="),
        ({"when": [["codes", "has", "nope"]]}, "reason_unknown", "'nope'"),
        ({"reason": "nope"}, "reason_unknown", "'nope'"),
        ({"then": "pay"}, "result_unknown", "auto, block, escalate, sample"),
        ({"then": "sample", "rate": "0"}, "rate_missing", "over 0"),
        ({"then": "sample", "rate": "1.01"}, "rate_missing", "up to 1"),
        ({"then": "sample", "rate": "-1"}, "rate_missing", "over 0"),
        ({"quorum": "0"}, "quorum_wrong", "0 signatures"),
        ({"quorum": "6"}, "quorum_wrong", "6 signatures"),
        ({"section": "a"}, "section_unknown", "'a'"),
    ],
)
def test_one_fault_of_one_row_is_named_alone_and_says_what_is_wrong(
    changes: dict[str, Any], code: str, said: str
) -> None:
    found = [f for f in lint(row_changed(**changes)) if f.rule == "B-02"]
    assert [f.code for f in found] == [code]
    assert said in found[0].message


@pytest.mark.parametrize(
    "changes",
    [
        {"then": "sample", "rate": "1"},
        {"then": "sample", "rate": "0.0001"},
        {"quorum": "5"},
        {"when": [["vendor", "=", "V-1"]]},
        {"when": [["type", "=", "credit_note"], ["currency", "=", "USD"]]},
        {"when": [["gross_company", "<=", "-1"]]},
    ],
)
def test_what_is_unusual_and_right_has_no_fault(changes: dict[str, Any]) -> None:
    assert lint(row_changed(**changes)) == []


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (lambda d: d["rules"].pop(), {"last_row_missing"}),
        (lambda d: d["rules"].clear(), {"last_row_missing", "hard_stop_missing"}),
        (lambda d: d["rules"].reverse(), {"order_wrong", "last_row_missing", "unreachable"}),
        (lambda d: d["rules"][-1].update(then="auto"), {"last_row_missing"}),
        (lambda d: d["rules"][-1].update(when=[["currency", "=", "EUR"]]), {"last_row_missing"}),
        (lambda d: d["rules"][0].update(then="auto"), {"hard_stop_missing"}),
        (lambda d: d["rules"][0].update(when=[["codes", "has", "no_po"]]), {"hard_stop_missing"}),
        (lambda d: d["rules"].append(dict(d["rules"][-1])), {"id_twice", "unreachable"}),
        (lambda d: d.update(units={"1": ["YEN."]}), {"currency_unknown"}),
        (lambda d: d.update(envelopes={"nobody": {"gross": "1"}}), {"agent_unknown"}),
        (lambda d: d.update(split={}), {"invalid"}),
    ],
)
def test_a_fault_of_the_table_is_named(change: Callable[[dict[str, Any]], object], codes: set[str]) -> None:
    assert {f.code for f in lint(changed(change))} == codes


@pytest.mark.parametrize(
    ("text", "line"), [("", 1), ("{", 1), ('{"a": 1,\n  "b"}', 2), ("{\n\n\n]", 4), ("nonsense", 1)]
)
def test_a_text_that_is_no_json_is_told_where_it_breaks(text: str, line: int) -> None:
    [fault] = lint(text)
    assert (fault.code, fault.line, fault.rule) == ("malformed", line, "")
    assert fault.message.startswith("column ")


@pytest.mark.parametrize("text", ["[]", "null", "1", '"x"', "{}", '{"rules": []}'])
def test_json_that_is_no_policy_is_a_fault_and_no_crash(text: str) -> None:
    assert [f.code for f in lint(text)] == ["invalid"]


@given(st.integers(0, 11), st.sampled_from(["id", "section", "text", "when", "then"]))
def test_a_row_without_one_of_its_parts_is_refused_by_name(at: int, part: str) -> None:
    [fault] = lint(changed(lambda data: data["rules"][at].pop(part)))
    assert (fault.code, part in fault.message) == ("invalid", True)


# --- what a text may say ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda d: d["tolerances"]["price"].update(pct="two"), r"tolerances\.price\.pct: 'two'"),
        (lambda d: d["tolerances"]["tax"].update(abs=0.02), r"tolerances\.tax\.abs: 0\.02"),
        (lambda d: d["tolerances"]["tax"].update(units="-1"), r"tolerances\.tax\.units: -1 is below zero"),
        (lambda d: d["tolerances"]["charge"].update(abs="Infinity"), r"tolerances\.charge\.abs"),
        (lambda d: d.update(units={"0": ["JPY"]}), "units: 0 is not above 0"),
        (lambda d: d.update(units={"10": ["JPY"]}), "units: 10 is not above 0 and at most 5"),
        (lambda d: d.update(units={"1": ["JPY"], "5": ["JPY"]}), "'JPY' is no text, or stands twice"),
        (lambda d: d.update(units={"1": [7]}), "units.1: 7"),
        (lambda d: d["dates"].update(ahead_days="-1"), r"dates\.ahead_days: -1"),
        (lambda d: d["dates"].update(oldest_days="-5"), r"dates\.oldest_days: -5"),
        (lambda d: d["dates"].update(oldest_days="soon"), "cannot be read"),
        (lambda d: d.update(matching=[{"level": "5"}]), "matching: level 5"),
        (lambda d: d.update(matching=[{}]), "level"),
        (lambda d: d["vendor"].update(shared_account="ignore"), r"vendor\.shared_account: 'ignore'"),
        (lambda d: d["rules"][9].update(rate="often"), "rule B-04 rate: 'often'"),
        (lambda d: d["rules"][0].update(quorum="two"), "cannot be read"),
        (lambda d: d["rules"][0].update(when=[["codes", "has"]]), "cannot be read"),
        (lambda d: d["sla_hours"].update(finance="a day"), "cannot be read"),
        (lambda d: d["limits"].update(specialist="all"), r"limits\.specialist: 'all'"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(change: Any, place: str) -> None:
    with pytest.raises(PolicyInvalid, match=place):
        parse(changed(change), 1)


@pytest.mark.parametrize("days", [[], ["25"]])
def test_recurring_days_that_are_no_span_are_a_fault_and_no_crash(days: list[str]) -> None:
    text = changed(lambda d: d["duplicates"].update(recurring_days=days))
    assert [f.code for f in lint(text)] == ["invalid"]


def test_a_tolerance_that_is_not_stated_holds_on_everything() -> None:
    policy = parse(changed(lambda d: d["tolerances"].pop("price")), 1)
    assert (policy.price.id, policy.price.pct, policy.price.abs) == ("T-none", None, None)
    assert policy.price.breached(Decimal("0.01"), Decimal(1000))


def test_an_older_text_without_units_and_dates_is_read_as_it_was_meant() -> None:
    policy = parse(changed(lambda d: (d.pop("units"), d.pop("dates"))), 1)
    assert (policy.units, policy.ahead_days, policy.oldest_days) == ((), None, None)
    assert policy.unit("JPY") == Decimal("0.01")


def test_the_same_text_is_the_same_policy() -> None:
    assert load(default_text(), 1) is load(default_text(), 1)
    assert load(default_text(), 2).revision == 2
    assert load(default_text(), 2).sha256 == POLICY.sha256


# --- how long data is kept ----------------------------------------------------------------------------------

SCHEDULE: dict[str, Any] = json.loads(retention.DEFAULT.read_text(encoding="utf-8"))
AT = datetime(2026, 11, 30, 12, 30, tzinfo=UTC)


def kept(years: int | None = 8, *, year_end: bool = True) -> Class:
    return Class("invoices", "Invoices", years, year_end, False, "HGB")


@pytest.mark.parametrize(
    ("years", "year_end", "now", "cutoff", "words"),
    [
        (8, True, AT, datetime(2018, 1, 1, tzinfo=UTC), "8 years from the end of the year"),
        (8, False, AT, datetime(2018, 11, 30, 12, 30, tzinfo=UTC), "8 years"),
        (1, False, AT, datetime(2025, 11, 30, 12, 30, tzinfo=UTC), "1 year"),
        (1, True, AT, datetime(2025, 1, 1, tzinfo=UTC), "1 year from the end of the year"),
        (1, False, datetime(2024, 2, 29, tzinfo=UTC), datetime(2023, 2, 28, tzinfo=UTC), "1 year"),
        (4, False, datetime(2024, 2, 29, tzinfo=UTC), datetime(2020, 2, 28, tzinfo=UTC), "4 years"),
        (None, True, AT, None, "for good"),
    ],
)
def test_the_time_of_a_class_by_hand(
    years: int | None, year_end: bool, now: datetime, cutoff: datetime | None, words: str
) -> None:
    found = kept(years, year_end=year_end)
    assert (found.cutoff(now), found.words) == (cutoff, words)


@given(
    st.integers(1, 99),
    st.booleans(),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
)
def test_nothing_is_past_its_time_before_its_years_are_over(
    years: int, year_end: bool, now: datetime
) -> None:
    cutoff = kept(years, year_end=year_end).cutoff(now)
    assert cutoff is not None
    last = cutoff.replace(day=28) if (cutoff.month, cutoff.day) == (2, 29) else cutoff
    assert last.replace(year=last.year + years) <= now
    longer = kept(years + 1, year_end=year_end).cutoff(now)
    assert longer is not None
    assert longer < cutoff
    assert (kept(years).cutoff(now) or now) <= (kept(years, year_end=False).cutoff(now) or now)


def of_class(name: str, /, **changes: Any) -> str:
    data = copy.deepcopy(SCHEDULE)
    next(c for c in data["classes"] if c["key"] == name).update(changes)
    return json.dumps(data)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"classes": 5}', "cannot be read"),
        ('{"classes": []}', "each once"),
        (of_class("invoices", keep="0 years"), "invoices: keep is a number of years"),
        (of_class("invoices", keep="100 years"), "invoices: keep"),
        (of_class("invoices", keep="8 months"), "invoices: keep"),
        (of_class("invoices", keep=8), "invoices: keep"),
        (of_class("invoices", erasable=True), "invoices: erasable is true for"),
        (of_class("ledger", erasable=True), "ledger: erasable is true for"),
        (of_class("access_log", erasable="yes"), "access_log: erasable is true for"),
        (of_class("access_log", keep="always"), "access_log: what is kept always is not erasable"),
        (of_class("payments", **{"from": "whenever"}), "payments: from is"),
        (of_class("payments", note="x"), "payments: a class has exactly"),
        (of_class("payments", key="invoices"), "each once"),
    ],
)
def test_classes_that_are_not_valid_are_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(RetentionInvalid, match=said):
        retention.load(text)


def test_the_classes_of_a_fresh_installation_keep_vouchers_and_erase_no_ledger() -> None:
    schedule = retention.default()
    assert schedule.of("invoices").words == "8 years from the end of the year"
    assert schedule.of("ledger").words == "for good"
    assert {c.key for c in schedule.classes if c.erasable} == retention.ERASABLE
    assert retention.load(json.dumps(SCHEDULE, indent=9)).sha256 == schedule.sha256
    assert retention.load(of_class("invoices", keep="9 years")).sha256 != schedule.sha256


# --- bounds and stakes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        (Envelope(), []),
        (Envelope(Decimal(1190)), []),
        (Envelope(Decimal(1000)), ["amounts up to 1,000.00 EUR: 1,190.00 EUR"]),
        (Envelope(countries=("FR", "IT")), ["the countries FR, IT: DE"]),
        (
            Envelope(Decimal(1), ("USD",), ("V-2",), ("FR",), ("pdf",)),
            [
                "amounts up to 1.00 EUR: 1,190.00 EUR",
                "the currencies USD: EUR",
                "the vendors V-2: V-1",
                "the countries FR: DE",
                "the formats pdf: csv-invoices",
            ],
        ),
    ],
)
def test_every_bound_that_is_broken_is_said(bounds: Envelope, found: list[str]) -> None:
    assert [f"{b.bound}: {b.found}" for b in envelope.broken(bounds, snapshot())] == found


@pytest.mark.parametrize(
    ("gross", "company", "group", "stake", "in_company"),
    [
        ("1190.00", "1190.00", None, "1190.00", "1190.00"),
        ("1190.00", "1190.00", "3570.00", "3570.00", "3570.00"),
        ("1190.00", "1190.00", "-3570.00", "3570.00", "3570.00"),
        ("1190.00", "1190.00", "500.00", "1190.00", "1190.00"),
        ("1000.00", "920.00", "3000.00", "3000.00", "2760.00"),  # by the rate of the invoice
        ("1000.00", None, "3000.00", "3000.00", None),
        (None, None, "3000.00", None, None),
        ("3.00", "1.00", "10.00", "10.00", "3.33"),
    ],
)
def test_what_is_at_stake_by_hand(
    gross: str | None, company: str | None, group: str | None, stake: str | None, in_company: str | None
) -> None:
    holds = () if group is None else (hold("split_suspect", money=Decimal(group)),)
    snap = snapshot(
        document(gross=gross, payable=gross),
        holds=holds,
        gross_company=None if company is None else Decimal(company),
    )
    found = (amount_at_stake.stake(snap), amount_at_stake.in_company(snap))
    assert found == tuple(None if a is None else Decimal(a) for a in (stake, in_company))


@pytest.mark.parametrize("code", ["price_over", "duplicate_suspect"])
def test_the_money_of_one_invoices_hold_is_no_stake_of_a_group(code: str) -> None:
    snap = snapshot(holds=(hold(code, money=Decimal(99_999)),))
    assert amount_at_stake.stake(snap) == Decimal("1190.00")


@given(st.lists(st.tuples(st.sampled_from(["open", "waiting", "released"]), NUMBERS), max_size=4))
def test_a_hold_never_lowers_what_is_at_stake(holds: list[tuple[str, Decimal]]) -> None:
    snap = snapshot(holds=tuple(hold("split_suspect", s, money=m) for s, m in holds))
    found = amount_at_stake.stake(snap)
    assert found == max([Decimal("1190.00"), *(abs(m) for s, m in holds if s != "released")])
    assert replace(snap, holds=()) == snapshot()
