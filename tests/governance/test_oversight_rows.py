"""The policy's rows about oversight are read whole and exactly, or refused with their place."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from coordination.domain.doses import (
    DisplayOrder,
    Dose,
    DoseKind,
    longest_dwell,
    second_reader,
    share_of,
)
from coordination.domain.policy import Policy, PolicyInvalid
from coordination.governance import policy as rules
from coordination.governance.lint import lint
from coordination.reports.blocks import Grid, Text
from coordination.reports.policy_words import policy_blocks

DEFAULT: dict[str, Any] = json.loads(rules.default_text())
BURST = {"id": "D-1", "text": "more of them", "dose": "burst", "share": "0.20"}
SECOND = {"id": "D-2", "text": "two people", "dose": "second_reader", "over": "5000.00"}
DWELL = {"id": "D-3", "text": "a look", "dose": "dwell", "over": "1000.00", "seconds": "10"}
LONGER = {"id": "D-4", "text": "a longer look", "dose": "dwell", "over": "10000.00", "seconds": "30"}


def text(*rows: Any, **changes: Any) -> str:
    return json.dumps(DEFAULT | {"oversight": {"order": "drawn", "doses": list(rows)} | changes})


def parsed(*rows: Any, **changes: Any) -> Policy:
    return rules.parse(text(*rows, **changes), 2)


def test_rows_are_read_as_they_stand_and_written_as_they_were() -> None:
    found = parsed(BURST, SECOND, DWELL, LONGER).oversight
    assert found.order is DisplayOrder.DRAWN
    assert found.doses[0] == Dose("D-1", "more of them", DoseKind.BURST, share=Decimal("0.20"))
    assert [d.as_json() for d in found.doses] == [BURST, SECOND, DWELL, LONGER]


def test_the_first_policy_shows_evidence_first_and_has_a_row_of_each_kind() -> None:
    found = rules.parse(rules.default_text(), 1).oversight
    assert found.order is DisplayOrder.EVIDENCE
    assert {d.kind for d in found.doses} == set(DoseKind)
    assert lint(rules.default_text()) == []


def test_without_the_section_nothing_is_done_and_the_text_has_the_digest_it_had() -> None:
    plain = {k: v for k, v in DEFAULT.items() if k != "oversight"}
    policy = rules.parse(json.dumps(plain), 2)
    assert (policy.oversight.order, policy.oversight.doses) == (DisplayOrder.EVIDENCE, ())
    assert lint(json.dumps(plain)) == []
    said = [b.text for b in policy_blocks(policy, json.dumps(plain)) if isinstance(b, Text)]
    assert "Nothing is done while the catch rate of a queue has fallen below the goal." in said


@pytest.mark.parametrize("section", [[], "burst", None, 3])
def test_a_section_that_is_none_is_refused(section: Any) -> None:
    with pytest.raises(PolicyInvalid, match="oversight"):
        rules.parse(json.dumps(DEFAULT | {"oversight": section}), 2)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"order": "best"}, "oversight.order: 'best' is none of evidence, recommendation, drawn"),
        ({"order": ["evidence"]}, "oversight.order"),
        ({"goal": "0.9"}, "oversight: goal is unknown; there are order, doses"),
        ({"doses": {}}, "oversight.doses: a list of rows is needed"),
        ({"doses": ["burst"]}, r"oversight.doses\[0\]: 'burst' is no row"),
        ({"doses": [BURST | {"dose": "dialog"}]}, "'dialog' is none of burst, second_reader, dwell"),
        ({"doses": [BURST | {"dose": {}}]}, "is none of burst"),
        ({"doses": [BURST | {"over": "1"}]}, "over is unknown; there are id, text, dose, share"),
        ({"doses": [SECOND | {"seconds": "9"}]}, "seconds is unknown"),
        ({"doses": [BURST, SECOND | {"over": 5}]}, r"oversight.doses\[1\].over: a second_reader says it"),
        ({"doses": [{"id": "D", "text": "x", "dose": "burst"}]}, "share: a burst says it"),
        ({"doses": [DWELL | {"id": ""}]}, "id: a dwell says it"),
        ({"doses": [BURST | {"share": "0"}]}, "share: 0 is not over 0 and up to 0.50"),
        ({"doses": [BURST | {"share": "0.51"}]}, "share: 0.51"),
        ({"doses": [BURST | {"share": "NaN"}]}, "share: 'NaN' is not a number"),
        ({"doses": [SECOND | {"over": "-1"}]}, "over: -1 is below zero"),
        ({"doses": [SECOND | {"over": "much"}]}, "over: 'much'"),
        ({"doses": [DWELL | {"seconds": "0"}]}, "seconds: 0 is no whole number from 1 to 300"),
        ({"doses": [DWELL | {"seconds": "1.5"}]}, "seconds: 1.5"),
        ({"doses": [DWELL | {"seconds": "1e999999"}]}, "seconds"),
        ({"doses": [BURST, BURST | {"id": "D-9"}]}, "burst stands twice"),
        ({"doses": [SECOND, SECOND | {"id": "D-9"}]}, "second_reader stands twice"),
        ({"doses": [DWELL, LONGER | {"id": "D-3"}]}, "two rows have the same id"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(change: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyInvalid, match=said):
        parsed(**change)
    [fault] = lint(text(**change))
    assert fault.code == "invalid"


def test_a_dose_may_not_have_the_id_of_a_rule() -> None:
    [fault] = lint(text(BURST | {"id": "B-01"}))
    assert (fault.code, fault.message) == ("id_twice", "oversight.doses: B-01 is the id of a rule")


def test_amounts_over_a_row_are_acted_on_and_what_nobody_knows_is_over_every_one() -> None:
    doses = parsed(BURST, SECOND, DWELL, LONGER).oversight.doses
    for amount, two, seconds in (
        ("1000.00", False, 0),
        ("1000.01", False, 10),
        ("-5000.01", True, 10),
        ("10000.01", True, 30),
    ):
        dwell = longest_dwell(doses, Decimal(amount))
        assert (second_reader(doses, Decimal(amount)) is not None, dwell.seconds if dwell else 0) == (
            two,
            seconds,
        )
    unknown = longest_dwell(doses, None)
    assert unknown is not None
    assert unknown.id == "D-4"
    assert second_reader(doses, None) is not None


def test_a_burst_never_draws_fewer_than_are_drawn_anyway() -> None:
    doses = parsed(BURST).oversight.doses
    assert share_of(doses, 0.04) == 0.20
    assert share_of(doses, 0.25) == 0.25
    assert share_of((), 0.04) == 0.04


def test_each_row_is_said_in_words() -> None:
    policy = parsed(BURST, SECOND, DWELL)
    grids = [b for b in policy_blocks(policy, text(BURST)) if isinstance(b, Grid)]
    [doses] = [grid for grid in grids if grid.heads[0] == "Row"]
    assert {row[0]: row[2] for row in doses.rows} == {
        "D-1": "20 of 100 questions bring a known-answer case",
        "D-2": "of questions opened meanwhile, an approval over 5,000.00 takes two people",
        "D-3": (
            "an approval or override over 1,000.00 is taken 10 seconds after the page was shown to that"
            " person, at the earliest"
        ),
    }
