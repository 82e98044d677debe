"""control.crosscheck objects, finance.payment asks for release, support.status tells the vendor."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from coordination.agents.support_status import BY_STATE, describe
from coordination.domain.facts import Snapshot
from coordination.domain.hold_codes import CATALOGUE
from coordination.models import State
from coordination.translation.canonical import Account

from .make import (
    ISSUED,
    allocated,
    document,
    hold,
    line,
    order,
    ordered,
    position,
    propose,
    receipt,
    sibling,
    snapshot,
    vendor,
)

CROSSCHECK, PAYMENT = "control.crosscheck", "finance.payment"

WRONG: dict[str, tuple[Snapshot, str]] = {
    "arithmetic": (snapshot(document(gross="1280.00")), "totals_unbalanced"),
    "duplicate": (
        snapshot(document(number="X 2021"), siblings=(sibling("X 2012", issue_date=ISSUED),)),
        "duplicate_suspect",
    ),
    "price": (snapshot(document(line(price="11.00"))), "price_over"),
    "quantity_received": (snapshot(receipts=(receipt("99"),)), "qty_over_received"),
    "vendor_bank": (snapshot(vendor=vendor(verified="DE75512108001245126199")), "bank_mismatch"),
}


# --- control.crosscheck ----------------------------------------------------------------------------


def test_a_clean_case_has_no_objection() -> None:
    proposal = propose(CROSSCHECK, snapshot())
    assert (proposal.outcome, proposal.objections, proposal.findings) == ("approve", (), ())


@pytest.mark.parametrize("question", WRONG)
def test_a_problem_nobody_holds_is_objected_to(question: str) -> None:
    proposal = propose(CROSSCHECK, WRONG[question][0])
    assert proposal.outcome == "hold"
    assert [o.question for o in proposal.objections] == [question]


@pytest.mark.parametrize("question", WRONG)
def test_a_problem_its_owner_already_holds_is_agreed_with(question: str) -> None:
    snap, code = WRONG[question]
    assert propose(CROSSCHECK, replace(snap, holds=(hold(code),))).objections == ()


@pytest.mark.parametrize("question", WRONG)
def test_a_problem_a_person_accepted_is_not_raised_again_and_a_closed_hold_hides_none(question: str) -> None:
    snap, code = WRONG[question]
    overridden = replace(snap, holds=(hold(code, "released", release="override"),))
    closed = replace(snap, holds=(hold(code, "released", release="matched"),))
    assert propose(CROSSCHECK, overridden).objections == ()
    assert len(propose(CROSSCHECK, closed).objections) == 1


@pytest.mark.parametrize(
    "snap",
    [
        snapshot(document(gross=None)),
        snapshot(document(line(net=None))),
        snapshot(document(type="credit_note"), receipts=()),
        snapshot(orders=(), allocations=()),
        snapshot(document(account=Account())),
        snapshot(vendor=None),
        snapshot(siblings=(sibling("INV-1", state="void", issue_date=ISSUED),)),
        snapshot(orders=(order(ordered(net=None), net=None),)),
        snapshot(allocations=(allocated(quantity="60"),), receipts=(receipt("60"),)),
    ],
)
def test_what_cannot_be_derived_a_second_time_is_no_objection(snap: Snapshot) -> None:
    assert propose(CROSSCHECK, snap).objections == ()


# --- finance.payment -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("holds", "outcome"),
    [
        ((), "approve"),
        ((hold("price_over", "released"),), "approve"),
        ((hold("over_threshold"),), "approve"),
        ((hold("no_receipt", "waiting"),), "wait"),
        ((hold("price_over"),), "hold"),
        ((hold("price_over"), hold("no_receipt", "waiting")), "hold"),
    ],
)
def test_release_is_asked_for_when_nobody_else_holds(holds: tuple, outcome: str) -> None:  # type: ignore[type-arg]
    assert propose(PAYMENT, snapshot(holds=holds)).outcome == outcome


def test_the_request_is_as_sure_as_the_least_sure_answer() -> None:
    positions = (
        position("finance.validation", "0.99"),
        position("procurement.matching", "0.88"),
        position(PAYMENT, "0.10"),
    )
    assert propose(PAYMENT, snapshot(positions=positions)).confidence == Decimal("0.88")


# --- support.status --------------------------------------------------------------------------------


def test_every_state_has_words() -> None:
    assert set(BY_STATE) == set(State.values)


@pytest.mark.parametrize(
    ("state", "holds", "response", "reasons", "actions"),
    [
        ("received", (), "AB", (), ()),
        ("matched", (), "IP", (), ()),
        ("received", (hold("po_unknown"),), "UQ", ("REF",), ("PIN",)),
        ("delivered", (hold("price_over"),), "UQ", ("PRI",), ("CNP",)),
        ("delivered", (hold("qty_over_received"),), "UQ", ("DEL",), ("CNP",)),
        ("received", (hold("totals_unbalanced"),), "UQ", ("OTH",), ("NIN",)),
        ("matched", (hold("no_receipt", "waiting"),), "IP", ("DEL",), ("NOA",)),
        ("received", (hold("price_over"), hold("po_closed")), "UQ", ("PRI", "REF"), ("CNP", "PIN")),
        ("received", (hold("duplicate_suspect"),), "AB", (), ()),
        ("received", (hold("suspicious_text"),), "AB", (), ()),
        ("cleared", (), "AP", (), ()),
        ("scheduled", (), "AP", (), ()),
        ("paid", (), "PD", (), ()),
        ("rejected", (hold("price_over", "released", release="rejected"),), "RE", ("PRI",), ("CNF", "NIN")),
        ("rejected", (), "RE", ("OTH",), ("NOA",)),
        ("rejected", (hold("po_unknown", "released", release="rejected"),), "RE", ("REF",), ("CNF", "NIN")),
        ("rejected", (hold("price_over", "released", release="matched"),), "RE", ("OTH",), ("NOA",)),
        ("rejected", (hold("suspicious_text", "released", release="rejected"),), "RE", ("OTH",), ("NOA",)),
        ("void", (), "RE", ("OTH",), ("NOA",)),
        ("void", (hold("price_over", "released", release="rejected"),), "RE", ("OTH",), ("NOA",)),
    ],
)
def test_the_vendor_is_told_in_the_words_of_peppol(
    state: str, holds: Any, response: str, reasons: Any, actions: Any
) -> None:
    told = describe(snapshot(state=state, holds=holds))
    assert (told.response, told.reasons, told.actions) == (response, reasons, actions)
    assert told.text


@pytest.mark.parametrize(
    "code", ["duplicate_suspect", "suspicious_text", "split_suspect", "supplier_blocked"]
)
def test_why_a_fraud_hold_stands_is_not_told(code: str) -> None:
    assert CATALOGUE[code].vendor is None
    told = describe(snapshot(holds=(hold(code),)))
    assert told.text == "The invoice is being checked."
    assert (told.reasons, told.actions) == ((), ())


def test_the_status_moves_nothing() -> None:
    assert propose("support.status", snapshot(state="received", holds=(hold(),))).outcome == "note"
