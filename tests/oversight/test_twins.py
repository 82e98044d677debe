"""The documents of twins: everything adds up but what is wrong, and nothing else of the real ones is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban

from coordination.domain.oversight import Defect
from coordination.oversight.twins import Chance, NoTwin, Source, TwinDocuments, make_twin, other_iban
from coordination.translation.canonical import (
    Account,
    Invoice,
    InvoiceLine,
    Order,
    OrderLine,
    Receipt,
    ReceiptLine,
    TaxSubtotal,
)
from tests.cast import IBAN

TODAY = date(2026, 11, 30)
SEEDS = st.integers(0, 10_000).map(str)
MADE = [d for d in Defect if d is not Defect.DUPLICATE]


def source(number: str = "INV-1047") -> Source:
    """100 bolts at 10.00 and 40 nuts at 2.50 on PO-77, delivered on GR-9 and billed, all in September."""
    day = date(2026, 9, 5)
    lines = (
        InvoiceLine(
            1,
            "1",
            "A-1",
            quantity=Decimal(100),
            unit="EA",
            price=Decimal("10.00"),
            net=Decimal("1000.00"),
            tax_rate=Decimal(19),
            tax_category="S",
            order_number="PO-77",
            order_line="10",
        ),
        InvoiceLine(
            2,
            "2",
            "A-2",
            quantity=Decimal(40),
            unit="EA",
            price=Decimal("2.50"),
            net=Decimal("100.00"),
            tax_rate=Decimal(19),
            tax_category="S",
            order_number="PO-77",
            order_line="20",
        ),
    )  # fmt: skip - one line of the invoice each
    invoice = Invoice(
        number,
        issue_date=day,
        due_date=day + timedelta(days=30),
        currency="EUR",
        vendor_id="V-1",
        account=Account(IBAN, "COBADEFFXXX"),
        order_numbers=("PO-77",),
        despatch_numbers=("DN-1",),
        payment_reference="R-1",
        lines_net=Decimal("1100.00"),
        net=Decimal("1100.00"),
        tax=Decimal("209.00"),
        gross=Decimal("1309.00"),
        payable=Decimal("1309.00"),
        lines=lines,
        taxes=(TaxSubtotal("S", Decimal(19), Decimal("1100.00"), Decimal("209.00")),),
    )
    ordered = tuple(
        OrderLine(x.order_line, x.item, quantity=x.quantity, unit="EA", price=x.price) for x in lines
    )
    arrived = tuple(
        ReceiptLine(
            x.line, "PO-77", x.order_line, x.item, quantity=x.quantity, accepted=x.quantity, unit="EA"
        )
        for x in lines
    )
    order = Order("PO-77", order_date=day - timedelta(days=9), currency="EUR", vendor_id="V-1", lines=ordered)
    return Source(invoice, order, (Receipt("GR-9", received_date=day, lines=arrived),), date(2026, 9, 6))


def twin(defect: Defect, seed: str, *, alike: bool = False, of: Source | None = None) -> TwinDocuments:
    chance = Chance(seed)
    return make_twin(of or source(), defect, chance, chance, TODAY, lambda _: False, alike=alike)


@given(SEEDS, st.sampled_from(MADE))
def test_totals_and_taxes_follow_from_the_lines(seed: str, defect: Defect) -> None:
    invoice = twin(defect, seed).invoice
    assert sum(x.net or 0 for x in invoice.lines) == invoice.net == invoice.lines_net
    assert invoice.net is not None
    assert invoice.tax == (invoice.net * 19 / 100).quantize(Decimal("0.01"))
    assert invoice.gross == invoice.net + invoice.tax == invoice.payable
    [tax] = invoice.taxes
    assert (tax.base, tax.tax) == (invoice.net, invoice.tax)


@given(SEEDS, st.sampled_from(MADE))
def test_a_twin_has_other_numbers_throughout_and_days_of_its_own(seed: str, defect: Defect) -> None:
    found = twin(defect, seed)
    [order] = found.orders
    assert order.number != "PO-77"
    assert found.invoice.number != "INV-1047"
    assert {x.order_number for x in found.invoice.lines} == {order.number} == set(found.invoice.order_numbers)
    for receipt in found.receipts:
        assert receipt.number != "GR-9"
        assert {x.order_number for x in receipt.lines} == {order.number}
    assert not found.invoice.despatch_numbers
    assert not found.invoice.payment_reference
    assert found.invoice.issue_date == date(2026, 11, 29)
    assert found.invoice.due_date == date(2026, 12, 29)


@given(SEEDS)
def test_a_wrong_price_is_over_the_order_by_8_to_35_per_cent_and_nothing_else_is(seed: str) -> None:
    found = twin(Defect.PRICE, seed)
    [order] = found.orders
    over = [
        (x.price or 0) / (o.price or 1) - 1 for x, o in zip(found.invoice.lines, order.lines, strict=True)
    ]
    [wrong] = [share for share in over if share]
    assert Decimal("0.07") < wrong < Decimal("0.36")


@given(SEEDS)
def test_of_what_is_short_a_part_arrived_and_the_rest_in_full(seed: str) -> None:
    found = twin(Defect.QUANTITY, seed)
    arrived = [x for r in found.receipts for x in r.lines]
    short = [(x.quantity or 0) - (a.accepted or 0) for x, a in zip(found.invoice.lines, arrived, strict=True)]
    [missing] = [n for n in short if n]
    assert missing >= 1
    assert all((a.accepted or 0) >= 1 for a in arrived)


@given(SEEDS)
def test_another_account_is_one_that_could_exist(seed: str) -> None:
    found = twin(Defect.BANK, seed).invoice.account.number
    assert found != IBAN
    assert iban.is_valid(found)
    assert found[4:12] == IBAN[4:12]


@given(SEEDS)
def test_a_clean_twin_agrees_with_its_order_and_its_receipts(seed: str) -> None:
    found = twin(Defect.CLEAN, seed)
    [order] = found.orders
    arrived = [x for r in found.receipts for x in r.lines]
    for x, o, a in zip(found.invoice.lines, order.lines, arrived, strict=True):
        assert (x.price, x.quantity) == (o.price, o.quantity)
        assert x.quantity == a.accepted


@given(SEEDS)
def test_a_lookalike_is_the_real_invoice_under_a_number_one_digit_away(seed: str) -> None:
    found = twin(Defect.DUPLICATE, seed)
    real = source().invoice
    assert (found.orders, found.receipts) == ((), ())
    assert sum(a != b for a, b in zip(found.invoice.number, real.number, strict=True)) == 1
    assert found.invoice.number > real.number
    assert replace(found.invoice, number=real.number) == real


@given(SEEDS)
def test_a_clean_lookalike_has_an_order_of_its_own_and_comes_a_little_later(seed: str) -> None:
    found, real = twin(Defect.CLEAN, seed, alike=True), source().invoice
    assert found.orders
    assert found.invoice.gross == real.gross
    assert found.invoice.issue_date is not None
    assert real.issue_date is not None
    assert timedelta(0) < found.invoice.issue_date - real.issue_date <= timedelta(days=3)


@given(SEEDS)
def test_the_same_seed_makes_the_same_twin_and_other_numbers_another_copy_of_it(seed: str) -> None:
    assert twin(Defect.PRICE, seed) == twin(Defect.PRICE, seed)
    chance = Chance(seed)
    again = make_twin(
        source(), Defect.PRICE, chance, Chance(f"{seed}/again"), TODAY, lambda _: False, alike=False
    )
    assert again.invoice.gross == twin(Defect.PRICE, seed).invoice.gross


def test_a_number_that_is_in_use_is_not_taken() -> None:
    seen: list[str] = []

    def taken(number: str) -> bool:
        seen.append(number)
        return len(seen) < 4

    chance = Chance("1")
    found = make_twin(source(), Defect.DUPLICATE, chance, chance, TODAY, taken, alike=False)
    assert found.invoice.number == seen[-1]


@pytest.mark.parametrize("number", ["INV-ABC", "INV-99"])
def test_of_a_number_that_nothing_can_resemble_no_lookalike_is_made(number: str) -> None:
    with pytest.raises(NoTwin):
        twin(Defect.DUPLICATE, "1", of=source(number))


def test_where_nobody_says_an_account_none_can_be_wrong() -> None:
    real = source()
    without = replace(real, invoice=replace(real.invoice, account=Account()))
    with pytest.raises(NoTwin):
        twin(Defect.BANK, "1", of=without)


@pytest.mark.parametrize(
    "account", ["DE89370400440532013000", "GB29NWBK60161331926819", "NL91ABNA0417164300"]
)
def test_check_digits_are_right_in_every_country(account: str) -> None:
    for n in range(30):
        assert iban.is_valid(other_iban(account, Chance(str(n))), check_country=False)
