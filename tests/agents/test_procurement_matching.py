"""procurement.matching: the order of each line, its price and its quantity, all invoices together."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain.amounts import ordered_price
from coordination.domain.facts import Snapshot
from coordination.domain.policy import Tolerance
from coordination.translation.canonical import AllowanceCharge

from .make import (
    POLICY,
    billed,
    codes,
    document,
    hold,
    line,
    order,
    ordered,
    propose,
    sibling,
    snapshot,
    vendor,
)

MATCHING = "procurement.matching"


def case(
    quantity: object = "100", price: object = "10.00", wanted: object = "100", agreed: object = "10.00"
) -> Snapshot:
    """One line billed against one line ordered."""
    return snapshot(
        document(line(quantity=quantity, price=price)),
        orders=(order(ordered(quantity=wanted, price=agreed)),),
    )


def test_a_clean_invoice_matches_line_by_line() -> None:
    proposal = propose(MATCHING, snapshot())
    assert (proposal.outcome, proposal.findings) == ("approve", ())
    assert proposal.allocations is not None
    [pair] = proposal.allocations
    assert (pair.position, pair.order_line, pair.quantity, pair.amount, pair.by) == (
        1,
        "L1",
        Decimal(100),
        Decimal(1000),
        "reference",
    )


# --- price -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "quantity", "held"),
    [
        ("10.00", "100", False),
        ("9.00", "100", False),
        ("10.20", "100", False),
        ("10.21", "100", True),
        ("10.201", "1", True),
        ("10.10", "1000", False),
        ("10.1001", "1000", True),
        ("10.20", "499", False),
        ("10.20", "500", False),
        ("10.20", "501", True),
    ],
)
def test_a_price_is_held_over_two_per_cent_or_over_100_on_the_line(
    price: str, quantity: str, held: bool
) -> None:
    assert codes(MATCHING, case(quantity, price, wanted=quantity)) == (["price_over"] if held else [])


def test_a_cheaper_price_is_recorded_and_not_held() -> None:
    [finding] = propose(MATCHING, case(price="9.00")).findings
    assert (finding.question, finding.code, finding.money) == ("price", "", Decimal(-100))


def test_prices_are_compared_per_unit() -> None:
    per_hundred = ordered(price="1000.00", base_quantity="100")
    assert codes(MATCHING, snapshot(orders=(order(per_hundred),))) == []
    wanted = ordered(price="0.9", base_quantity="10", quantity="500")
    doc = document(line(quantity="500", price="0.09"))
    assert codes(MATCHING, snapshot(doc, orders=(order(wanted),))) == []


def test_an_order_line_that_contradicts_itself_is_read_by_its_amount() -> None:
    """The OASIS order: 100 at 100.00 each, line amount 100.00."""
    odd = ordered(price="100.00", net="100.00")
    proposal = propose(MATCHING, snapshot(document(line(price="1.00")), orders=(order(odd),)))
    assert ordered_price(odd) == 1
    assert [f.code for f in proposal.findings] == [""]
    assert "contradicts itself" in proposal.findings[0].sentence


def test_a_price_hold_says_what_was_agreed_and_what_is_asked() -> None:
    [finding] = [f for f in propose(MATCHING, case(price="10.60")).findings if f.code]
    assert (finding.expected, finding.found, finding.excess, finding.money, finding.line) == (
        "10.00",
        "10.60",
        "+6.0 %",
        Decimal("60.00"),
        1,
    )
    assert finding.rule == "T-01"


@pytest.mark.parametrize("agreed", [None, "0"])
def test_without_an_agreed_price_a_positive_one_is_compared_with_nothing_or_held(agreed: str | None) -> None:
    assert ("price_over" in codes(MATCHING, case(agreed=agreed))) is (agreed is not None)


def test_a_price_tolerance_that_is_not_configured_holds() -> None:
    strict = replace(POLICY, price=Tolerance("T-none", "none", None, None))
    assert codes(MATCHING, replace(case(price="10.01"), policy=strict)) == ["price_over"]
    assert codes(MATCHING, replace(case(), policy=strict)) == []


PRICES = st.integers(1, 100_000).map(lambda n: Decimal(n) / 100)


@given(PRICES, PRICES, st.integers(1, 1000))
def test_price_over_is_exactly_either_breach(asked: Decimal, agreed: Decimal, quantity: int) -> None:
    over = (asked - agreed) * quantity
    expected = over > 100 or (asked - agreed) / agreed > Decimal("0.02")
    held = "price_over" in codes(MATCHING, case(quantity, asked, wanted=quantity, agreed=agreed))
    assert held is expected


@given(PRICES, PRICES, PRICES, st.integers(1, 1000))
def test_a_higher_price_is_never_treated_better(
    agreed: Decimal, one: Decimal, other: Decimal, quantity: int
) -> None:
    low, high = sorted((one, other))
    held = [codes(MATCHING, case(quantity, p, wanted=quantity, agreed=agreed)) for p in (low, high)]
    assert "price_over" not in held[0] or "price_over" in held[1]


# --- quantity --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "others", "held"),
    [
        ("100", (), False),
        ("101", (), True),
        ("100.5", (), True),
        ("40", (billed("60"),), False),
        ("41", (billed("60"),), True),
        ("41", (billed("60", state="rejected"),), False),
        ("41", (billed("60", state="void"),), False),
        ("41", (billed("60", issue_date=date(2026, 9, 9)),), False),
        ("41", (billed("60", issue_date=date(2026, 9, 9), state="paid"),), True),
        ("100", (billed("100"), billed("100", type="credit_note", invoice="cn")), False),
        ("41", (billed("100"), billed("40", type="credit_note", invoice="cn")), True),
        ("100", (billed("100", invoice="this"),), False),
    ],
)
def test_quantity_is_cumulative_over_what_stands_before(own: str, others: tuple, held: bool) -> None:  # type: ignore[type-arg]
    snap = snapshot(document(line(quantity=own)), orders=(order(ordered(billed=others)),))
    assert ("qty_over_ordered" in codes(MATCHING, snap)) is held


def test_a_quantity_hold_says_how_much_it_takes() -> None:
    snap = snapshot(document(line(quantity="70")), orders=(order(ordered(billed=(billed("60"),))),))
    [finding] = [f for f in propose(MATCHING, snap).findings if f.code]
    assert (finding.expected, finding.found, finding.excess, finding.money) == (
        "100",
        "130",
        "+30",
        Decimal(300),
    )
    assert "60 of it before" in finding.sentence


def test_a_suspected_duplicate_is_asked_about_before_its_sums() -> None:
    snap = snapshot(orders=(order(ordered(billed=(billed("100"),))),), holds=(hold("duplicate_suspect"),))
    assert codes(MATCHING, snap) == []
    released = replace(snap, holds=(hold("duplicate_suspect", "released", release="override"),))
    assert codes(MATCHING, released) == ["qty_over_ordered"]


@given(st.lists(st.integers(1, 60), min_size=1, max_size=5), st.integers(1, 120))
def test_over_ordered_sits_on_each_invoice_after_the_order_is_used_up(
    quantities: list[int], wanted: int
) -> None:
    for n, own in enumerate(quantities):
        earlier = tuple(billed(q, invoice=str(i), number=f"INV-0{i}") for i, q in enumerate(quantities[:n]))
        later = tuple(
            billed(q, invoice=f"x{i}", issue_date=date(2026, 10, 1))
            for i, q in enumerate(quantities[n + 1 :])
        )
        lines = order(ordered(quantity=wanted, billed=earlier + later), net=Decimal(10**6))
        snap = snapshot(document(line(quantity=own)), orders=(lines,))
        assert ("qty_over_ordered" in codes(MATCHING, snap)) is (sum(quantities[: n + 1]) > wanted)


# --- the order -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("snap", "expected"),
    [
        (snapshot(document(line(order_number=""), order_numbers=()), orders=()), ["no_po"]),
        (snapshot(orders=()), ["po_unknown"]),
        (snapshot(document(order_numbers=("PO-1", "PO-7"))), ["po_unknown"]),
        (snapshot(document(order_numbers=(" po-1 ",))), []),
        (snapshot(orders=(order(status="closed"),)), ["po_closed"]),
        (snapshot(orders=(order(status="cancelled"),)), ["po_closed"]),
        (snapshot(orders=(order(status="rejected"),)), ["po_closed"]),
        (snapshot(orders=(order(type_code="227"),)), ["po_closed"]),
        (snapshot(document(type_code="389"), orders=(order(type_code="227"),)), []),
        (snapshot(document(type="credit_note"), orders=(order(type_code="227"),)), []),
        (snapshot(orders=(order(type_code="221"),)), []),
        (snapshot(orders=(order(vendor="vendor-2"),)), ["supplier_mismatch"]),
        (snapshot(orders=(order(vendor=""),)), ["missing_data"]),
        (snapshot(orders=(order(vendor="", seller=("V-2",)),)), ["supplier_mismatch"]),
        (snapshot(orders=(order(vendor="", seller=("V-2", "DE999")),)), ["supplier_mismatch"]),
        (snapshot(orders=(order(vendor="", seller=("DE136695976",)),)), ["missing_data"]),
        (snapshot(vendor=None, orders=(order(vendor="", seller=("V-2",)),)), []),
        (snapshot(vendor=None, orders=(order(vendor="vendor-2"),)), []),
        (snapshot(document(line(unit="KGM"))), ["uom_mismatch"]),
        (snapshot(document(line(unit="C62"))), []),
        (snapshot(document(line(unit=""))), []),
        (snapshot(document(line(1), line(2))), ["item_not_ordered"]),
        (snapshot(document(line(1), line(2, quantity="0", price=None, net="0"))), []),
    ],
)
def test_what_is_wrong_with_the_order_is_one_hold(snap: Snapshot, expected: list[str]) -> None:
    assert codes(MATCHING, snap) == expected


def test_nothing_else_is_compared_while_the_order_is_unknown() -> None:
    proposal = propose(MATCHING, snapshot(document(line(price="99.00")), orders=()))
    assert [f.code for f in proposal.findings] == ["po_unknown"]
    assert proposal.allocations == ()


def test_a_credit_note_inherits_the_order_of_what_it_credits_and_needs_no_quantity() -> None:
    doc = document(line(order_number=""), type="credit_note", order_numbers=(), preceding=("INV-0",))
    used_up = order(ordered(billed=(billed("100"),)), status="closed")
    assert codes(MATCHING, snapshot(doc, orders=(used_up,), siblings=(sibling("INV-0"),))) == []


# --- charges and the whole order -------------------------------------------------------------------


def test_a_charge_that_was_not_ordered_is_held_at_header_and_line() -> None:
    charge = AllowanceCharge(charge=True, amount=Decimal("50.00"), reason="Freight")
    off = AllowanceCharge(charge=False, amount=Decimal("50.00"))
    assert codes(MATCHING, snapshot(document(allowances=(charge,)))) == ["charge_unplanned"]
    found = propose(MATCHING, snapshot(document(line(allowances=(charge,))))).findings
    assert [(f.code, f.line, f.money) for f in found] == [("charge_unplanned", 1, Decimal("50.00"))]
    assert codes(MATCHING, snapshot(document(allowances=(off,)))) == []
    assert codes(MATCHING, snapshot(document(allowances=(charge,), type="credit_note"))) == []


@pytest.mark.parametrize(("net", "held"), [("1050.00", False), ("1050.01", True)])
def test_amount_over_the_order_is_five_per_cent_where_no_line_explains_it(net: str, held: bool) -> None:
    doc = document(line(net=net))
    assert codes(MATCHING, snapshot(doc)) == (["amount_over_po"] if held else [])


def test_a_line_that_explains_the_amount_is_the_only_hold() -> None:
    assert codes(MATCHING, case(price="11.00")) == ["price_over"]
    assert codes(MATCHING, case(quantity="110")) == ["qty_over_ordered"]


def test_amounts_of_an_order_are_cumulative() -> None:
    lines = (ordered(1, quantity=None, billed=(billed("60", amount=Decimal(600)),)),)
    doc = document(line(quantity="46"))
    snap = snapshot(doc, orders=(order(*lines, net=Decimal(1000)),))
    assert codes(MATCHING, snap) == ["amount_over_po"]
    assert codes(MATCHING, replace(snap, document=document(line(quantity="45")))) == []


def test_the_vendor_of_the_order_is_named_by_its_key_and_not_its_name() -> None:
    assert codes(MATCHING, snapshot(vendor=vendor(name="Somebody Else"))) == []
