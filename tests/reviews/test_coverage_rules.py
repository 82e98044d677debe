"""Which reasons one person's answer covers, as a table: queues, departments, and holds that
a person has set."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews import coverage
from reviews.coverage import Who
from reviews.models import Escalation

ALICE = Who("human:1", frozenset({"specialist"}), "procurement")
BOB = Who("human:2", frozenset({"specialist"}), "finance")
EVERYWHERE = Who("human:3", frozenset({"specialist"}), "")
CAROL = Who("human:4", frozenset({"manager"}), "")
OF_FINANCE = Who("human:5", frozenset({"manager"}), "finance")

OURS = {"code": "price_over", "department": "procurement"}
THEIRS = {"code": "tax_mismatch", "department": "finance"}
UNNAMED = {"code": "ruled", "department": ""}
MY_HOLD = {"code": "manual", "department": "procurement", "set_by": "human:1"}
ANOTHERS_HOLD = {"code": "manual", "department": "procurement", "set_by": "human:9"}


def question(*reasons: dict[str, Any], queue: str = "procurement", kind: str = "invoice") -> Escalation:
    return Escalation(kind=kind, queue=queue, reasons=list(reasons))


# --- one reason, one person ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "reason", "queue", "covers"),
    [
        (ALICE, OURS, "procurement", True),
        (ALICE, THEIRS, "procurement", False),
        (ALICE, UNNAMED, "procurement", True),  # whose queue it stands in
        (ALICE, OURS, "finance", False),  # one's own reason, in another's queue
        (ALICE, UNNAMED, "finance", False),
        (BOB, THEIRS, "procurement", False),
        (BOB, THEIRS, "finance", True),
        (EVERYWHERE, OURS, "procurement", True),
        (EVERYWHERE, THEIRS, "procurement", False),  # works for whose queue it is, one at a time
        (EVERYWHERE, THEIRS, "finance", True),
        (EVERYWHERE, UNNAMED, "operations", True),
        (EVERYWHERE, UNNAMED, "payments", False),  # reserved for managers
        (CAROL, OURS, "procurement", True),
        (CAROL, THEIRS, "procurement", True),
        (CAROL, UNNAMED, "payments", True),
        (OF_FINANCE, OURS, "procurement", True),  # a department takes nothing from a manager
        (ALICE, MY_HOLD, "procurement", True),
        (ALICE, MY_HOLD, "finance", True),  # in whatever queue it stands
        (ALICE, MY_HOLD, "payments", True),
        (ALICE, ANOTHERS_HOLD, "procurement", False),
        (EVERYWHERE, ANOTHERS_HOLD, "procurement", False),
        (CAROL, ANOTHERS_HOLD, "procurement", True),
    ],
)
def test_a_reason_is_covered_by(person: Who, reason: dict[str, Any], queue: str, covers: bool) -> None:
    row = question(reason, queue=queue)
    assert coverage.covered(row, person) == ([reason] if covers else [])
    assert coverage.remaining(row, person) == ([] if covers else [reason])


@pytest.mark.parametrize(
    ("person", "queue", "stands"),
    [
        (ALICE, "procurement", True),
        (ALICE, "finance", False),
        (ALICE, "payments", False),
        (EVERYWHERE, "finance", True),
        (EVERYWHERE, "payments", False),
        (CAROL, "payments", True),
        (OF_FINANCE, "operations", True),
    ],
)
def test_a_question_stands_before_those_who_answer_its_queue(person: Who, queue: str, stands: bool) -> None:
    assert coverage.stands_before(question(queue=queue), person) is stands


# --- why it is not one's own --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "row", "words"),
    [
        (ALICE, question(OURS), ""),
        (ALICE, question(), ""),  # a question without reasons is its queue's
        (ALICE, question(OURS, THEIRS), ""),  # what one can answer is enough
        (ALICE, question(MY_HOLD, queue="finance"), ""),
        (CAROL, question(ANOTHERS_HOLD, queue="payments"), ""),
        (BOB, question(OURS), "This question is one for procurement; you answer those of finance."),
        (ALICE, question(THEIRS), "This is for finance to decide."),
        (
            ALICE,
            question(THEIRS, {"code": "no_receipt", "department": "operations"}),
            "This is for finance and operations to decide.",
        ),
        (
            ALICE,
            question(ANOTHERS_HOLD),
            "Somebody else holds this invoice. They or a manager lift the hold.",
        ),
        (
            EVERYWHERE,
            question(queue="payments"),
            "Questions in the queue of payments are decided by managers.",
        ),
        (
            BOB,
            question(queue="payments"),
            "Questions in the queue of payments are decided by managers.",
        ),
    ],
)
def test_whoever_may_not_answer_is_told_whose_it_is(person: Who, row: Escalation, words: str) -> None:
    assert coverage.objection(row, person) == words


# --- whatever is asked and whoever answers ------------------------------------------------------------------

REASONS = st.lists(
    st.fixed_dictionaries(
        {"code": st.sampled_from(["price_over", "no_receipt", "tax_mismatch", "manual"])},
        optional={
            "department": st.sampled_from(["", "procurement", "operations", "finance"]),
            "set_by": st.sampled_from(["", "human:1", "human:2"]),
        },
    ),
    max_size=6,
)
PEOPLE = st.sampled_from([ALICE, BOB, EVERYWHERE, CAROL, OF_FINANCE])
IN_QUEUES = st.sampled_from(["procurement", "operations", "finance", "payments"])


@given(REASONS, PEOPLE, IN_QUEUES)
def test_every_reason_is_covered_or_remains_and_keeps_its_place(
    reasons: list[dict[str, Any]], person: Who, queue: str
) -> None:
    row = question(*reasons, queue=queue)
    mine, rest = coverage.covered(row, person), coverage.remaining(row, person)
    assert len(mine) + len(rest) == len(reasons)
    order = {id(reason): place for place, reason in enumerate(row.reasons)}
    for part in (mine, rest):
        assert [order[id(r)] for r in part] == sorted(order[id(r)] for r in part)
    assert not {id(r) for r in mine} & {id(r) for r in rest}


@given(REASONS, PEOPLE, IN_QUEUES)
def test_whoever_covers_something_may_answer_and_whoever_covers_nothing_may_not(
    reasons: list[dict[str, Any]], person: Who, queue: str
) -> None:
    row = question(*reasons, queue=queue)
    may = not coverage.objection(row, person)
    if reasons:
        assert may == bool(coverage.covered(row, person))
    else:
        assert may == coverage.stands_before(row, person)


@given(REASONS, IN_QUEUES)
def test_a_manager_covers_at_least_what_anybody_does(reasons: list[dict[str, Any]], queue: str) -> None:
    row = question(*reasons, queue=queue)
    assert coverage.covered(row, CAROL) == row.reasons
    assert coverage.objection(row, OF_FINANCE) == ""


@given(REASONS, PEOPLE, IN_QUEUES, st.randoms())
def test_what_else_is_asked_changes_nothing_about_one_reason(
    reasons: list[dict[str, Any]], person: Who, queue: str, chance: Any
) -> None:
    together = coverage.covered(question(*reasons, queue=queue), person)
    alone = [r for r in reasons if coverage.covered(question(r, queue=queue), person)]
    assert together == alone


@given(REASONS, IN_QUEUES)
def test_what_an_answer_keeps_names_each_reason_with_its_department(
    reasons: list[dict[str, Any]], queue: str
) -> None:
    kept = coverage.as_covers(question(queue=queue), reasons)
    assert [k["code"] for k in kept] == [r["code"] for r in reasons]
    assert [k["department"] for k in kept] == [r.get("department") or queue for r in reasons]
    assert all(isinstance(value, str) for k in kept for value in k.values())


def test_what_is_kept_of_a_reason_is_which_hold_and_where() -> None:
    reason = THEIRS | {"hold": "h-1", "line": 3, "words": "tax differs", "excess": "7.00 EUR"}
    assert coverage.as_covers(question(queue="procurement"), [reason]) == [
        {"hold": "h-1", "code": "tax_mismatch", "line": "3", "department": "finance"}
    ]
