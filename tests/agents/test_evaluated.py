"""Cases that the evaluation on made-up worlds found, each told once for the agent that got it wrong."""

from __future__ import annotations

from decimal import Decimal

import pytest

from .make import allocated, codes, document, hold, line, matched, order, ordered, propose, receipt, snapshot

MATCHING, DELIVERY, CROSSCHECK = "procurement.matching", "operations.delivery", "control.crosscheck"


def halves(quantity: str, rest: str) -> tuple[list[str], list[int | None]]:
    """Codes and lines when 100 are ordered on one line and billed on two lines of one invoice."""
    doc = document(line(quantity=quantity), line(2, quantity=rest, item="A-1", order_line="10"))
    found = [f for f in propose(MATCHING, snapshot(doc)).findings if f.code]
    return [f.code for f in found], [f.line for f in found]


@pytest.mark.parametrize(("quantity", "rest"), [("51", "51"), ("60", "60"), ("100", "0.5")])
def test_two_lines_of_one_invoice_for_one_order_line_count_together(quantity: str, rest: str) -> None:
    assert halves(quantity, rest) == (["qty_over_ordered"], [2])


def test_two_lines_that_together_bill_what_was_ordered_are_in_order() -> None:
    assert halves("60", "40") == ([], [])


def test_the_line_that_goes_over_is_told_what_stands_above_it() -> None:
    doc = document(line(quantity="60"), line(2, quantity="50", item="A-1", order_line="10"))
    [finding] = [f for f in propose(MATCHING, snapshot(doc)).findings if f.code]
    assert (finding.found, finding.excess, finding.money) == ("110", "+10", Decimal("100.00"))


def test_figures_of_two_currencies_are_not_compared() -> None:
    """Billed in kronor at 11.50 for an order in euro: finance asks about the currency, and nobody about the
    price."""
    doc = document(line(price="115.00"), currency="SEK")
    assert codes(MATCHING, snapshot(doc)) == []
    assert codes("finance.validation", snapshot(doc)) == ["currency_diff"]
    settled = matched(snapshot(doc, holds=(hold("currency_diff"),)))
    assert propose(CROSSCHECK, settled).objections == ()


def test_the_same_currency_is_compared_and_one_that_is_not_stated_too() -> None:
    for currency in ("EUR", ""):
        assert codes(MATCHING, snapshot(document(line(price="115.00"), currency=currency))) == ["price_over"]


def test_what_is_billed_in_an_undeclared_unit_is_held_once_and_not_counted() -> None:
    """2 tonnes ordered and received, 2,000 kilograms billed: the unit is the question, not the quantity."""
    wanted = ordered(quantity="2", price="1280.00", unit="TNE")
    doc = document(line(quantity="2000", price="1.28", unit="KGM"))
    snap = matched(snapshot(doc, orders=(order(wanted),), receipts=(receipt("2", unit="TNE"),)))
    assert codes(MATCHING, snap) == ["uom_mismatch"]
    assert codes(DELIVERY, snap) == []


def test_other_lines_of_the_invoice_are_counted_as_ever() -> None:
    wanted = ordered(quantity="2", price="1280.00", unit="TNE"), ordered(2)
    doc = document(line(quantity="2000", price="1.28", unit="KGM"), line(2))
    snap = snapshot(
        doc,
        orders=(order(*wanted),),
        receipts=(receipt("2", unit="TNE"), receipt("90", position=2)),
        allocations=(allocated(1, "2000"), allocated(2)),
    )
    [finding] = [f for f in propose(DELIVERY, snap).findings if f.code]
    assert (finding.code, finding.line) == ("qty_over_received", 2)
