"""The worked examples of the field, with the result under our default policy."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from coordination.domain.facts import Snapshot
from coordination.domain.payment_terms import discount, due_date
from coordination.domain.policy import Tolerance
from coordination.translation.canonical import AllowanceCharge

from .make import billed, codes, document, line, matched, order, ordered, propose, receipt, snapshot, vendor

MATCHING, DELIVERY, FINANCE = "procurement.matching", "operations.delivery", "finance.validation"


def trade(wanted: str, agreed: str, quantity: str, price: str, **changes: object) -> Snapshot:
    """One line ordered and one line billed, nothing received."""
    own = line(quantity=quantity, price=price)
    return snapshot(
        document(own),
        **{"orders": (order(ordered(quantity=wanted, price=agreed)),), "receipts": ()} | changes,
    )


@pytest.mark.parametrize("price", ["1.10", "1.05"])
def test_batteries_are_over_by_ten_and_by_five_per_cent(price: str) -> None:
    assert codes(MATCHING, trade("1000", "1.00", "1000", price)) == ["price_over"]


@pytest.mark.parametrize(
    ("quantity", "before", "expected"),
    [
        ("800", (), ["price_over"]),
        ("100", (billed("800"),), ["price_over"]),
        ("200", (billed("800"), billed("100", invoice="2")), ["price_over", "qty_over_ordered"]),
    ],
)
def test_usb_sticks_are_over_by_eight_per_cent_and_the_third_invoice_by_quantity(
    quantity: str, before: Any, expected: list[str]
) -> None:
    wanted = ordered(quantity="1000", price="10.00", billed=before)
    assert codes(MATCHING, trade("1000", "10.00", quantity, "10.80", orders=(order(wanted),))) == expected


def test_the_machine_is_over_by_500_on_the_line_and_carries_a_charge() -> None:
    charge = AllowanceCharge(charge=True, amount=Decimal("4000.00"), reason="Installation")
    own = line(quantity="5", price="8100")
    snap = trade("5", "8000", "5", "8100", document=document(own, net="44500.00", allowances=(charge,)))
    assert codes(MATCHING, snap) == ["charge_unplanned", "price_over"]
    assert snap.document.net == Decimal("44500.00")


def test_the_mouse_is_over_by_two_and_a_half_per_cent_and_waits_for_its_receipt() -> None:
    snap = replace(trade("2", "40", "2", "41"), now=datetime(2026, 9, 6, tzinfo=UTC))
    assert codes(MATCHING, snap) == ["price_over"]
    assert codes(DELIVERY, matched(snap)) == ["no_receipt"]


def test_the_drive_is_within_half_a_per_cent_and_ten() -> None:
    assert codes(MATCHING, trade("200", "10.00", "200", "10.05")) == []


def test_the_computer_waits_five_days_and_then_is_asked_about() -> None:
    snap = matched(trade("2", "2500", "2", "2500"))
    assert codes(MATCHING, snap) == []
    for moment, until in (
        (datetime(2026, 9, 6, tzinfo=UTC), date(2026, 9, 11)),
        (datetime(2026, 9, 12, tzinfo=UTC), None),
    ):
        [finding] = propose(DELIVERY, replace(snap, now=moment)).findings
        assert finding.code == "no_receipt"
        assert (finding.until.date() if finding.until else None) == until


def test_a_line_charge_is_named_as_a_charge_and_not_hidden_in_the_price() -> None:
    charge = AllowanceCharge(charge=True, amount=Decimal("50.00"))
    own = line(quantity="4", price="55.40", net="271.60", allowances=(charge,))
    snap = snapshot(document(own), orders=(order(ordered(quantity="4", price="55.38")),))
    assert codes(MATCHING, snap) == ["charge_unplanned"]
    assert codes(FINANCE, snap) == []


@pytest.mark.parametrize(("total", "breached"), [("105", False), ("150", True), ("205", True)])
def test_price_totals_of_ten_per_cent_and_100(total: str, breached: bool) -> None:
    rule = Tolerance("T-05", "price totals", Decimal(10), Decimal(100))
    assert rule.breached(Decimal(total) - 100, Decimal(100)) is breached


def test_the_second_of_two_invoices_is_over_received_until_ten_more_arrive() -> None:
    wanted = order(ordered(quantity="100", billed=(billed("50"),)))
    snap = trade("100", "10.00", "20", "10.00", orders=(wanted,), receipts=(receipt("60"),))
    assert codes(DELIVERY, matched(snap)) == ["qty_over_received"]
    more = replace(snap, receipts=(receipt("60"), receipt("10", id="R2")))
    assert codes(DELIVERY, matched(more)) == []


@pytest.mark.parametrize(("price", "held"), [("10.20", []), ("10.201", ["price_over"])])
def test_two_per_cent_exactly_is_no_hold(price: str, held: list[str]) -> None:
    assert codes(MATCHING, trade("10", "10.00", "10", price)) == held


@pytest.mark.parametrize(("tax", "held"), [("6.35", []), ("6.36", ["tax_mismatch"])])
def test_tax_of_19_per_cent_on_33_33(tax: str, held: list[str]) -> None:
    assert codes(FINANCE, snapshot(document(line(quantity="1", price="33.33"), tax=tax))) == held


def test_two_ten_net_thirty_saves_twenty_until_the_eleventh() -> None:
    doc = document(line(quantity="1", price="1000.00"), rate="0", issue_date=date(2026, 3, 1), due_date=None)
    offer = discount(doc, vendor(payment_terms="2/10 net 30"))
    assert offer is not None
    assert (offer.amount, offer.until) == (Decimal("20.00"), date(2026, 3, 11))
    assert due_date(doc.due_date, doc.issue_date, "2/10 net 30") == date(2026, 3, 31)


@pytest.mark.parametrize("terms", ["net 30", "", "on receipt", "2/10"])
def test_other_terms_give_no_discount(terms: str) -> None:
    assert discount(document(), vendor(payment_terms=terms)) is None


def test_an_invoice_cannot_grant_itself_terms() -> None:
    assert discount(document(payment_terms="50/10 net 30"), vendor()) is None
    assert discount(document(), None) is None
