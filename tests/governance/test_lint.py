"""A policy with a fault is told so row by row, with the line it stands on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coordination.governance.lint import lint
from coordination.governance.policy import default_text


def faulty(at: int, **changes: Any) -> list[tuple[str, str]]:
    """Code and rule of what is found once the row at `at` is changed."""
    data = json.loads(default_text())
    data["rules"][at] |= changes
    return [(f.code, f.rule) for f in lint(json.dumps(data))]


def test_the_default_has_no_fault() -> None:
    assert lint(default_text()) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"when": [["gross", ">", "1.00"]]}, "fact_unknown"),
        ({"when": [["gross_company", "over", "1.00"]]}, "operator_unknown"),
        ({"when": [["gross_company", ">", "10k"]]}, "value_wrong"),
        ({"when": [["gross_company", ">", 10000]]}, "value_wrong"),
        ({"when": [["gross_company", "=", "10k"]]}, "value_wrong"),
        ({"when": [["vendor", ">", "1.00"]]}, "operator_wrong"),
        ({"when": [["currency", "has", "EUR"]]}, "operator_wrong"),
        ({"when": [["codes", "=", "no_po"]]}, "operator_wrong"),
        ({"when": [["codes", "has", "too_blue"]]}, "reason_unknown"),
        ({"reason": "too_blue"}, "reason_unknown"),
        ({"then": "perhaps"}, "result_unknown"),
        ({"then": "sample"}, "rate_missing"),
        ({"quorum": "9"}, "quorum_wrong"),
        ({"id": "A-01"}, "id_twice"),
        ({"section": "C"}, "section_unknown"),
    ],
)
def test_a_fault_of_a_row_is_named(changes: dict[str, Any], code: str) -> None:
    assert code in {found for found, _ in faulty(7, **changes)}


def test_rows_out_of_order_are_a_fault_of_the_table() -> None:
    assert ("order_wrong", "") in faulty(7, section="A")


def test_a_hard_stop_cannot_be_taken_away() -> None:
    data = json.loads(default_text())
    del data["rules"][0]
    [fault] = lint(json.dumps(data))
    assert (fault.code, "A-01" in fault.message) == ("hard_stop_missing", True)


def test_a_unit_is_of_a_currency() -> None:
    [fault] = lint(json.dumps(json.loads(default_text()) | {"units": {"1": ["yen"]}}))
    assert (fault.code, "yen" in fault.message) == ("currency_unknown", True)


def test_a_row_below_one_that_decides_everything_is_unreachable() -> None:
    data = json.loads(default_text())
    data["rules"].insert(6, {"id": "B-00", "section": "B", "text": "all", "when": [], "then": "auto"})
    assert {f.rule for f in lint(json.dumps(data)) if f.code == "unreachable"} >= {"B-01", "B-05", "Z-99"}


def test_the_line_is_that_of_the_row_in_the_text_as_given() -> None:
    data = json.loads(default_text())
    data["rules"][7]["reason"] = "too_blue"
    text = json.dumps(data, indent=1)
    [fault] = lint(text)
    assert text.splitlines()[(fault.line or 0) - 1].strip() == '"id": "B-02",'


def test_a_missing_section_is_a_fault_and_no_crash() -> None:
    [fault] = lint("{}")
    assert fault.code == "invalid"
