"""What is stored as JSON has one shape: details of holds, reasons and cases of questions, subjects."""

from __future__ import annotations

import re
from dataclasses import fields
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.subjects import Subject
from coordination.decisions.case_shape import InvoiceCase
from coordination.domain.proposal import Evidence, Finding, HoldDetail
from coordination.domain.reasons import HoldReason, Reason
from reviews.models import Escalation
from tests import cast
from tests.cast import bill

TEXT = st.text(max_size=30)
FINDINGS = st.builds(
    Finding,
    question=TEXT,
    sentence=TEXT,
    expected=TEXT,
    found=TEXT,
    tolerance=TEXT,
    excess=TEXT,
    rule=TEXT,
    money=st.none() | st.decimals(-1000, 1000, places=2, allow_nan=False),
    evidence=st.lists(st.builds(Evidence, TEXT, TEXT, TEXT), max_size=3).map(tuple),
)


@given(FINDINGS)
def test_the_detail_of_a_hold_reads_back_as_it_was_kept(finding: Finding) -> None:
    detail = HoldDetail.of(finding)
    assert HoldDetail.from_json(detail.as_json()) == detail


@given(FINDINGS)
def test_what_is_empty_is_not_kept_with_a_hold(finding: Finding) -> None:
    assert all(HoldDetail.of(finding).as_json().values())


def test_money_is_kept_as_text_with_two_decimals() -> None:
    assert HoldDetail.of(Finding("price", "x", money=Decimal("3"))).as_json()["money"] == "3.00"


def test_a_reason_has_the_keys_that_questions_are_stored_with() -> None:
    assert [f.name for f in fields(Reason)] == [
        "code",
        "words",
        "question",
        "owner",
        "hard",
        "sentence",
        "line",
        "excess",
        "rule",
        "expected",
        "found",
        "tolerance",
        "money",
        "evidence",
    ]
    assert {f.name for f in fields(HoldReason)} - {f.name for f in fields(Reason)} == {
        "hold",
        "department",
        "until",
        "set_by",
    }


def leaves(value: Any) -> list[Any]:
    """Everything in a JSON value that is neither list nor object."""
    if isinstance(value, dict):
        return [x for v in value.values() for x in leaves(v)]
    if isinstance(value, list):
        return [x for v in value for x in leaves(v)]
    return [value]


@pytest.mark.django_db
def test_a_case_has_the_shape_that_is_written_down_and_holds_text_alone() -> None:
    cast.trade(bill(unit_price="12.00", line_net="1200.00"))
    asked = Escalation.objects.get(kind="invoice")
    stated = {f.name for f in fields(InvoiceCase)} - {"plan", "blind", "alike", "supplied", "remedies"}
    assert stated <= set(asked.case) <= {f.name for f in fields(InvoiceCase)}
    assert {type(x) for x in leaves(asked.case)} <= {str, type(None)}
    assert {frozenset(r) for r in asked.reasons} == {frozenset(f.name for f in fields(HoldReason))}


@pytest.mark.django_db
def test_a_decision_says_from_where_to_where_it_moved_the_invoice() -> None:
    from audit.canonical import loads
    from audit.models import Entry
    from coordination.models import Decision

    cast.trade(bill())
    for decision in Decision.objects.all():
        data = loads(Entry.objects.get(pk=decision.entry_id).body)["data"]
        assert data["state"] == {
            "from": decision.state_from,
            "to": decision.state_to,
            "version": str(decision.state_version),
        }
        assert data["decision_id"] == str(decision.id)


@given(st.text(alphabet=st.characters(categories=["Ll"]), min_size=1, max_size=12), st.text(max_size=12))
def test_a_subject_gives_back_what_it_was_made_of(kind: str, key: str) -> None:
    subject = Subject.of(kind, key)
    assert subject.parts == (kind, key)
    assert subject == f"{kind}/{key}"


def test_a_subject_knows_its_key_as_a_uuid_or_refuses() -> None:
    key = uuid4()
    assert Subject.of("invoice", key).uuid == key
    with pytest.raises(ValueError, match=re.escape("badly formed")):
        Subject("policy/1").uuid  # noqa: B018 - reading it is what is refused
