"""What a hold code is to those who answer it, to the vendor and to a payment run, follows from its row."""

from __future__ import annotations

import string
from dataclasses import fields, replace

import pytest

from coordination.agents import REGISTRY
from coordination.domain.hold_codes import CATALOGUE, MANAGERS, QUEUES, ROWS, HoldCode, answered_by, cured_by
from coordination.domain.policy import Rule
from coordination.governance.policy import default_text, parse

every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
every_queue = pytest.mark.parametrize("queue", sorted({*QUEUES.values(), "payments"}))


@every_row
def test_a_clause_goes_on_behind_although(row: HoldCode) -> None:
    for clause in filter(None, (row.clause, row.clause_of_lines)):
        assert not clause.endswith((".", "?"))
        assert clause[0] == "{" or clause[0].islower()


@every_row
def test_what_is_said_of_several_lines_names_them_and_no_single_one(row: HoldCode) -> None:
    if row.clause_of_lines:
        named = {name for _, name, _, _ in string.Formatter().parse(row.clause_of_lines) if name}
        assert named == {"lines"}
        assert "{line}" in row.clause


@every_row
def test_a_question_of_a_hold_is_owned_by_an_agent_or_by_governance(row: HoldCode) -> None:
    owned = frozenset[str]().union(*(agent.contract.owns for agent in REGISTRY.values()))
    assert row.question in owned or row.owner == "governance"


@every_row
def test_the_vendor_is_told_in_whole_sentences_that_name_nobody_of_us(row: HoldCode) -> None:
    if row.vendor is None:
        return
    for words in filter(None, (row.vendor.words, row.vendor.sentence)):
        assert words.endswith(".")
        assert words[0].isupper() or words[0] == "{"
    assert row.vendor.response in {"RE", "UQ", "IP"}


@pytest.mark.parametrize(
    "code",
    [
        "split_suspect",
        "bank_change_unverified",
        "manual_hold",
        "over_threshold",
        "drift_breaker",
        "random_audit",
    ],
)
def test_the_vendor_is_not_told_what_we_suspect_or_how_we_look(code: str) -> None:
    assert CATALOGUE[code].vendor is None


@every_row
@every_queue
def test_a_hold_is_answered_by_one_department_or_the_managers(row: HoldCode, queue: str) -> None:
    whose = answered_by(row.code, queue)
    assert whose in {*QUEUES.values(), "payments", MANAGERS}
    assert (whose == MANAGERS) is row.managers_only
    if row.owner == "governance" and not row.managers_only:
        assert whose == queue


@pytest.mark.parametrize(
    ("code", "queue", "whose"),
    [
        ("price_over", "procurement", "procurement"),
        ("price_over", "finance", "procurement"),
        ("no_receipt", "finance", "operations"),
        ("tax_mismatch", "operations", "finance"),
        ("over_threshold", "operations", "operations"),  # whoever has the question
        ("random_audit", "finance", "finance"),
        ("bank_change_unverified", "finance", MANAGERS),
        ("price_over", "payments", "payments"),  # once money has moved
        ("payment_refused", "payments", "payments"),
        ("payment_refused", "finance", "payments"),
    ],
)
def test_whose_answer_a_hold_needs_by_hand(code: str, queue: str, whose: str) -> None:
    assert answered_by(code, queue) == whose


def test_a_code_that_nobody_knows_has_no_answer() -> None:
    with pytest.raises(KeyError):
        answered_by("unheard", "finance")


def test_each_fact_from_outside_cures_the_codes_that_say_so() -> None:
    assert {fact: set(cured_by(fact)) for fact in ("order", "payment", "unit_factor")} == {
        "order": {"no_po"},
        "payment": {"prepayment_open"},
        "unit_factor": {"no_receipt", "uom_mismatch"},
    }
    assert all(CATALOGUE[code].auto for fact in ("order", "payment") for code in cured_by(fact))


def test_every_hard_stop_of_the_default_policy_is_hard_by_its_row() -> None:
    stops: list[Rule] = [r for r in parse(default_text(), 1).rules if r.section == "A"]
    assert stops
    assert all(CATALOGUE[value].hard for r in stops for fact, _, value in r.when if fact == "codes")


def test_a_row_has_no_default_that_lets_anything_pass() -> None:
    plain = {f.name: f.default for f in fields(HoldCode)}
    assert plain["vendor"] is None
    assert not any(plain[name] for name in ("never_approved", "outside_runs", "of_group", "managers_only"))


@every_row
def test_a_hold_stands_in_the_queue_of_its_owner_unless_its_row_names_one(row: HoldCode) -> None:
    assert replace(row, queue="").usual_queue == QUEUES[row.owner]
    assert replace(row, queue="payments").usual_queue == "payments"
