"""Which sign an amount has: credits written with a minus, tax that is kept back, what both leave unchanged."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation.canonical import AllowanceCharge, Invoice, InvoiceLine, Origin, TaxSubtotal
from coordination.translation.credit import as_credit_if_negative
from coordination.translation.settlement import settled
from coordination.translation.withholding import Row, breakdown, without
from coordination.translation.withholding import settled as withheld_settled

D = Decimal


def line(
    quantity: str | None = "-10", price: str | None = "10.00", net: str | None = "-100.00"
) -> InvoiceLine:
    def number(text: str | None) -> Decimal | None:
        return None if text is None else D(text)

    return InvoiceLine(1, "1", quantity=number(quantity), price=number(price), net=number(net))


NEGATIVE = Invoice(
    "INV-1",
    type_code="380",
    lines_net=D("-100.00"),
    net=D("-100.00"),
    tax=D("-19.00"),
    gross=D("-119.00"),
    payable=D("-119.00"),
    lines=(line(),),
    taxes=(TaxSubtotal("S", D(19), D("-100.00"), D("-19.00")),),
)


# --- credits ------------------------------------------------------------------------------------------------


def test_an_invoice_below_zero_is_a_credit_note_of_positive_amounts() -> None:
    found = as_credit_if_negative(NEGATIVE)
    assert (found.type, found.type_code) == ("credit_note", "380")
    assert (found.lines_net, found.net, found.tax, found.gross, found.payable) == (
        D("100.00"),
        D("100.00"),
        D("19.00"),
        D("119.00"),
        D("119.00"),
    )
    [turned] = found.lines
    assert (turned.quantity, turned.price, turned.net) == (D(10), D("10.00"), D("100.00"))
    assert found.taxes == (TaxSubtotal("S", D(19), D("100.00"), D("19.00")),)
    assert found.unreadable == ()


@pytest.mark.parametrize(
    ("gross", "credit"), [("-0.01", True), ("0", False), ("-0.00", False), ("0.01", False), (None, False)]
)
def test_only_a_gross_below_zero_makes_a_credit(gross: str | None, credit: bool) -> None:
    document = replace(NEGATIVE, gross=None if gross is None else D(gross))
    found = as_credit_if_negative(document)
    assert (found.type == "credit_note") is credit
    assert credit or found is document


def test_an_advance_above_the_gross_makes_no_credit() -> None:
    document = replace(NEGATIVE, gross=D("119.00"), prepaid=D("200.00"), payable=D("-81.00"))
    assert as_credit_if_negative(document) is document


@pytest.mark.parametrize(
    ("stated", "turned"),
    [
        (line("-10", "10.00"), ("10", "10.00")),
        (line("10", "-10.00"), ("10", "10.00")),
        (line("-10", None), ("10", None)),
        (line(None, "-10.00"), (None, "10.00")),
        (line("10", "10.00", "100.00"), ("-10", "10.00")),
        (line("-10", "0.00", "0.00"), ("10", "0.00")),
        (line("0", "10.00", "0.00"), ("0", "10.00")),
    ],
)
def test_a_line_is_turned_by_its_price_where_that_is_negative_and_else_by_its_quantity(
    stated: InvoiceLine, turned: tuple[str | None, str | None]
) -> None:
    [found] = as_credit_if_negative(replace(NEGATIVE, lines=(stated,))).lines
    said = tuple(None if v is None else D(v) for v in turned)
    assert (found.quantity, found.price) == said


def test_a_nought_has_no_sign_after_it_was_turned() -> None:
    found = as_credit_if_negative(replace(NEGATIVE, tax=D("0.00"), lines=(line(net="0.00"),)))
    assert [str(n) for n in (found.tax, found.lines[0].net)] == ["0.00", "0.00"]
    assert [str(n) for n in (found.prepaid, found.rounding)] == ["0", "0"]


def test_what_was_a_charge_of_the_document_below_zero_is_an_allowance_of_the_credit() -> None:
    one = AllowanceCharge(True, D("5.00"), "Freight")
    nothing = AllowanceCharge(True, D("0.00"))
    document = replace(
        NEGATIVE, allowances=(one, nothing), collected=(one,), lines=(replace(line(), allowances=(one,)),)
    )
    found = as_credit_if_negative(document)
    assert [a.charge for a in found.allowances] == [False, True]
    assert [a.charge for a in found.collected] == [False]
    assert [a.charge for a in found.lines[0].allowances] == [False]
    assert found.allowances[0].amount == D("5.00")


def test_a_credit_note_below_zero_is_turned_and_a_person_is_asked_which_it_is() -> None:
    stated = {"gross": Origin("/CreditNote/gross", "-119.00")}
    found = as_credit_if_negative(replace(NEGATIVE, type="credit_note", provenance=stated))
    assert (found.type, found.gross) == ("credit_note", D("119.00"))
    [problem] = found.unreadable
    assert (problem.field, problem.path, problem.raw) == ("gross", "/CreditNote/gross", "-119.00")
    assert problem.reason == "negative on a credit note: a credit, or one taken back?"


AMOUNTS = st.decimals("-9999", "9999", places=2)


@given(AMOUNTS, AMOUNTS, st.decimals("-9999", "-0.01", places=2))
def test_turning_keeps_every_sum(net: Decimal, tax: Decimal, gross: Decimal) -> None:
    document = replace(NEGATIVE, net=net, tax=tax, gross=gross, prepaid=D("1.00"), rounding=D("0.02"))
    found = as_credit_if_negative(document)
    assert (found.net, found.tax, found.gross) == (-net, -tax, -gross)
    assert (found.prepaid, found.rounding) == (D("-1.00"), D("-0.02"))


# --- tax that is kept back ----------------------------------------------------------------------------------

PLUS = Row(TaxSubtotal("S", D(22), D("1000.00"), D("220.00")), "VAT")
BACK = Row(TaxSubtotal("", D(20), D("1000.00"), D("-200.00")), "IRPF")


def row(base: str | None, tax: str | None, scheme: str) -> Row:
    return Row(
        TaxSubtotal("", D(20), None if base is None else D(base), None if tax is None else D(tax)), scheme
    )


@pytest.mark.parametrize(
    ("base", "tax", "scheme", "kept"),
    [
        ("1000", "-200", "IRPF", True),
        ("1000", "-0.01", "RITENUTA", True),
        ("0.01", "-200", "IRPF", True),
        ("0", "-200", "IRPF", False),
        ("-1000", "-200", "IRPF", False),
        ("1000", "0", "IRPF", False),
        ("1000", "200", "IRPF", False),
        ("1000", "-200", "VAT", False),
        ("1000", "-200", " vat ", False),
        ("1000", "-200", "", False),
        ("1000", "-200", "IVA", False),
        ("1000", "-200", "MwSt", False),
        (None, "-200", "IRPF", False),
        ("1000", None, "IRPF", False),
    ],
)
def test_a_tax_is_kept_back_that_is_negative_on_a_positive_base_and_no_value_added_tax(
    base: str | None, tax: str | None, scheme: str, kept: bool
) -> None:
    one = row(base, tax, scheme)
    assert one.kept_back is kept
    assert breakdown([PLUS, one]) == ((PLUS.subtotal,) if kept else (PLUS.subtotal, one.subtotal))


def claim(**changes: Any) -> Invoice:
    """1,000.00 with 220.00 of tax, of which 200.00 are kept back."""
    stated: dict[str, Any] = {"net": D("1000.00"), "tax": D("220.00"), "gross": D("1220.00")}
    return Invoice("INV-1", **stated | changes)


@pytest.mark.parametrize(
    ("stated", "tax", "gross"),
    [
        ({}, "220.00", "1220.00"),
        ({"tax": D("20.00"), "gross": D("1020.00")}, "220.00", "1220.00"),
        ({"gross": D("1020.00")}, "220.00", "1220.00"),
        ({"gross": D("999.00")}, "220.00", "999.00"),
        ({"gross": None}, "220.00", None),
        ({"tax": D("20.00"), "net": None, "gross": D("1020.00")}, "220.00", "1020.00"),
    ],
)
def test_totals_are_those_without_what_is_kept_back_as_far_as_it_was_taken_off_them(
    stated: dict[str, Any], tax: str, gross: str | None
) -> None:
    found = without(claim(**stated), [PLUS, BACK])
    assert found.withheld == D("200.00")
    assert found.tax == D(tax)
    assert found.gross == (None if gross is None else D(gross))


def test_nothing_kept_back_leaves_the_document_as_it_was() -> None:
    document = claim()
    assert without(document, [PLUS]) is document
    assert without(document, []) is document


def test_two_rows_that_are_kept_back_are_one_sum_beside_what_is_stated() -> None:
    half = replace(BACK, subtotal=replace(BACK.subtotal, tax=D("-50.00")))
    assert without(claim(withheld=D("1.00")), [PLUS, BACK, half]).withheld == D("251.00")


@pytest.mark.parametrize(
    ("stated", "prepaid", "payable"),
    [
        ({"payable": None}, "0", "1020.00"),
        ({"payable": D("1020.00")}, "0", "1020.00"),
        ({"payable": D("1020.00"), "prepaid": D("200.00")}, "0", "1020.00"),
        ({"payable": D("820.00"), "prepaid": D("200.00")}, "200.00", "820.00"),
        ({"payable": None, "prepaid": D("100.00")}, "100.00", "920.00"),
        ({"payable": None, "rounding": D("0.02")}, "0", "1020.02"),
        ({"payable": D("1070.00"), "prepaid": D("150.00")}, "150.00", "1070.00"),
    ],
)
def test_what_is_withheld_is_told_apart_from_an_advance(
    stated: dict[str, Any], prepaid: str, payable: str
) -> None:
    found = withheld_settled(claim(withheld=D("200.00"), **stated))
    assert (found.prepaid, found.payable) == (D(prepaid), D(payable))
    assert found.withheld == D("200.00")


@pytest.mark.parametrize("nothing", [None, D(0), D("0.00")])
def test_nothing_withheld_is_not_said(nothing: Decimal | None) -> None:
    found = withheld_settled(claim(withheld=nothing, payable=None))
    assert (found.withheld, found.payable) == (None, None)


def test_without_a_gross_nobody_can_say_what_is_payable() -> None:
    found = withheld_settled(claim(withheld=D("200.00"), gross=None, payable=None))
    assert (found.payable, found.withheld) == (None, D("200.00"))


# --- both together ------------------------------------------------------------------------------------------


def test_a_credit_with_tax_kept_back_is_turned_as_a_whole() -> None:
    document = claim(net=D("-1000.00"), tax=D("-220.00"), gross=D("-1220.00"), withheld=D("-200.00"))
    found = settled(document)
    assert (found.type, found.gross, found.withheld, found.payable) == (
        "credit_note",
        D("1220.00"),
        D("200.00"),
        D("1020.00"),
    )


@pytest.mark.parametrize(
    ("rounding", "kept"),
    [("1.00", True), ("1.01", False), ("-1.00", True), ("-1.01", False), ("0", True)],
)
def test_a_rounding_of_a_whole_unit_is_the_largest(rounding: str, kept: bool) -> None:
    found = settled(claim(rounding=D(rounding)))
    assert found.rounding == (D(rounding) if kept else 0)
    assert [p.field for p in found.unreadable] == ([] if kept else ["rounding"])
    assert found.gross == D("1220.00")


@pytest.mark.parametrize(("prepaid", "kept"), [("0", True), ("0.01", True), ("-0.01", False)])
def test_an_advance_below_nothing_is_none(prepaid: str, kept: bool) -> None:
    found = settled(claim(prepaid=D(prepaid)))
    assert found.prepaid == (D(prepaid) if kept else 0)
    assert [p.reason for p in found.unreadable] == (
        [] if kept else ["below zero: that asks for more than was billed"]
    )


def test_a_gross_worked_out_with_an_advance_that_cannot_be_read_is_not_known() -> None:
    same, other = Origin("payable@2", "100"), Origin("gross@2", "1220")
    worked_out = {"gross": same, "payable": same}
    assert settled(claim(prepaid=D(-1), provenance=worked_out)).gross is None
    assert settled(claim(prepaid=D(-1), provenance=worked_out | {"gross": other})).gross == D("1220.00")
    assert settled(claim(prepaid=D(1), provenance=worked_out)).gross == D("1220.00")


def test_a_number_that_a_spreadsheet_has_shortened_is_named_and_kept() -> None:
    found = settled(replace(claim(), number="2.02612E+11"))
    assert found.number == "2.02612E+11"
    assert [(p.field, p.raw) for p in found.unreadable] == [("number", "2.02612E+11")]
