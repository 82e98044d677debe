"""Amounts of UBL invoices that stand in more than one place: tax, what is withheld, and totals left out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation.canonical import AllowanceCharge, Invoice, TaxSubtotal

from .make import LINE, TAX, TOTALS, invoice, invoice_xml

D = Decimal
OIOUBL = "<cbc:CustomizationID>OIOUBL-2.02</cbc:CustomizationID>"


def total(**amounts: str) -> str:
    inside = "".join(f'<cbc:{name} currencyID="EUR">{text}</cbc:{name}>' for name, text in amounts.items())
    return f"<cac:LegalMonetaryTotal>{inside}</cac:LegalMonetaryTotal>"


def subtotal(base: str, tax: str, category: str, currency: str = "EUR") -> str:
    return (
        f'<cac:TaxSubtotal><cbc:TaxableAmount currencyID="{currency}">{base}</cbc:TaxableAmount>'
        f'<cbc:TaxAmount currencyID="{currency}">{tax}</cbc:TaxAmount>{category}</cac:TaxSubtotal>'
    )


def category(code: str, percent: str = "", scheme: str = "VAT") -> str:
    rate = f"<cbc:Percent>{percent}</cbc:Percent>" if percent else ""
    return (
        f"<cac:TaxCategory><cbc:ID>{code}</cbc:ID>{rate}"
        f"<cac:TaxScheme><cbc:ID>{scheme}</cbc:ID></cac:TaxScheme></cac:TaxCategory>"
    )


def taxed(*rows: str, amount: str = "19.00") -> Invoice:
    tax = f'<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">{amount}</cbc:TaxAmount>{"".join(rows)}</cac:TaxTotal>'
    return invoice(invoice_xml(tax=tax))


# --- tax ----------------------------------------------------------------------------------------------------


def test_without_a_tax_total_a_plain_invoice_states_no_tax() -> None:
    """Only OIOUBL writes its tax where others write the total without it."""
    plain = total(LineExtensionAmount="100", TaxExclusiveAmount="100", TaxInclusiveAmount="119")
    assert invoice(invoice_xml(tax="", totals=plain)).tax is None


def test_oioubl_with_a_tax_total_has_the_tax_of_that() -> None:
    other = total(LineExtensionAmount="100", TaxExclusiveAmount="18", TaxInclusiveAmount="119")
    assert invoice(invoice_xml(head=OIOUBL, totals=other)).tax == D("19.00")


@pytest.mark.parametrize(
    ("word", "code"), [("StandardRated", "S"), ("ZeroRated", "Z"), ("ReverseCharge", "AE")]
)
def test_danish_words_for_a_category_are_its_code(word: str, code: str) -> None:
    assert [row.category for row in taxed(subtotal("100", "19", category(word, "19"))).taxes] == [code]


@pytest.mark.parametrize(
    ("row", "rate"),
    [
        (subtotal("100", "19", category("S", "19")), "19"),
        (subtotal("100", "19", category("S") + "<cbc:Percent>19</cbc:Percent>"), "19"),
        (subtotal("100", "19", category("S", "19") + "<cbc:Percent>7</cbc:Percent>"), "19"),
        (subtotal("100", "19", category("S")), None),
    ],
)
def test_a_rate_stands_with_the_category_or_else_in_the_row(row: str, rate: str | None) -> None:
    [found] = taxed(row).taxes
    assert found.rate == (None if rate is None else D(rate))


def test_a_row_in_the_currency_of_the_tax_office_is_no_row_of_ours() -> None:
    ours, theirs = (
        subtotal("100", "19", category("S", "19")),
        subtotal("1120", "210", category("S", "19"), "SEK"),
    )
    assert taxed(ours, theirs).taxes == (TaxSubtotal("S", D(19), D(100), D(19)),)


def test_a_tax_of_which_a_part_cannot_be_read_is_not_known() -> None:
    second = '<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">two</cbc:TaxAmount></cac:TaxTotal>'
    found = invoice(invoice_xml(tax=TAX + second))
    assert found.tax is None
    assert [(p.field, p.raw) for p in found.unreadable] == [("tax", "two")]


# --- what is withheld ---------------------------------------------------------------------------------------


def withholding(*amounts: str, currency: str = "EUR") -> Invoice:
    middle = "".join(
        f'<cac:WithholdingTaxTotal><cbc:TaxAmount currencyID="{currency}">{a}</cbc:TaxAmount></cac:WithholdingTaxTotal>'
        for a in amounts
    )
    return invoice(invoice_xml(middle=middle))


@pytest.mark.parametrize(
    ("amounts", "withheld"),
    [
        ((), None),
        (("20.00",), "20.00"),
        (("20.00", "5.50"), "25.50"),
        (("-20.00",), "20.00"),
        (("0.00",), None),
        (("20.00", "0.00"), "20.00"),
    ],
)
def test_taxes_that_the_payer_keeps_back_are_one_sum_whatever_their_sign(
    amounts: tuple[str, ...], withheld: str | None
) -> None:
    assert withholding(*amounts).withheld == (None if withheld is None else D(withheld))


def test_one_that_cannot_be_read_is_named_beside_the_others() -> None:
    found = withholding("20.00", "five")
    assert found.withheld == D("20.00")
    assert [(p.field, p.raw) for p in found.unreadable] == [("withheld", "five")]


def test_one_in_another_currency_cannot_be_used() -> None:
    found = withholding("20.00", currency="SEK")
    assert found.withheld is None
    assert [p.reason for p in found.unreadable] == ["in SEK where the document is in EUR"]


# --- totals -------------------------------------------------------------------------------------------------


def test_an_invoice_without_a_total_has_the_tax_of_its_tax_total_alone() -> None:
    found = invoice(invoice_xml(totals=""))
    assert (found.lines_net, found.net, found.gross, found.payable) == (None, None, None, None)
    assert found.tax == D("19.00")


@pytest.mark.parametrize(
    ("stated", "net"),
    [
        ({"LineExtensionAmount": "100"}, "100"),
        ({"LineExtensionAmount": "100", "AllowanceTotalAmount": "10"}, "90"),
        ({"LineExtensionAmount": "100", "ChargeTotalAmount": "5"}, "105"),
        ({"AllowanceTotalAmount": "10", "ChargeTotalAmount": "5"}, None),
        ({"LineExtensionAmount": "100", "TaxExclusiveAmount": "77"}, "77"),
    ],
)
def test_a_net_that_is_left_out_is_that_of_the_lines_with_allowances_and_charges(
    stated: dict[str, str], net: str | None
) -> None:
    assert invoice(invoice_xml(totals=total(**stated))).net == (None if net is None else D(net))


def test_a_net_that_is_stated_and_cannot_be_read_is_not_worked_out() -> None:
    found = invoice(invoice_xml(totals=total(LineExtensionAmount="100", TaxExclusiveAmount="x")))
    assert found.net is None
    assert [(p.field, p.raw) for p in found.unreadable] == [("net", "x")]


CENTS = st.decimals("2", "99999", places=2)


@given(CENTS, st.decimals("0", "99999", places=2), st.decimals("-1", "1", places=2))
def test_a_gross_that_is_left_out_is_what_is_asked_for_before_advance_and_rounding(
    payable: Decimal, prepaid: Decimal, rounding: Decimal
) -> None:
    stated = total(
        PrepaidAmount=str(prepaid), PayableRoundingAmount=str(rounding), PayableAmount=str(payable)
    )
    found = invoice(invoice_xml(totals=stated))
    assert found.gross == payable + prepaid - rounding
    assert (found.payable, found.prepaid, found.rounding) == (payable, prepaid, rounding)


# --- allowances ---------------------------------------------------------------------------------------------


def allowance(indicator: str, amount: str, more: str = "") -> str:
    said = f"<cbc:ChargeIndicator>{indicator}</cbc:ChargeIndicator>" if indicator else ""
    return f"<cac:AllowanceCharge>{said}{more}<cbc:Amount>{amount}</cbc:Amount></cac:AllowanceCharge>"


@pytest.mark.parametrize(
    ("indicator", "amount", "found"),
    [
        ("false", "5.00", [(False, "5.00")]),
        ("true", "5.00", [(True, "5.00")]),
        ("0", "-5.00", [(True, "5.00")]),
        ("1", "-5.00", [(False, "5.00")]),
        ("true", "0.00", [(True, "0.00")]),
        ("", "5.00", []),
        ("maybe", "5.00", []),
        ("true", "five", []),
    ],
)
def test_an_allowance_of_a_line_or_of_the_document_is_read_alike(
    indicator: str, amount: str, found: list[tuple[bool, str]]
) -> None:
    one = allowance(indicator, amount)
    of_document = invoice(invoice_xml(middle=one)).allowances
    [line] = invoice(invoice_xml(lines=LINE.replace("<cac:Item>", f"{one}<cac:Item>"))).lines
    for read in (of_document, line.allowances):
        assert [(a.charge, f"{a.amount:.2f}") for a in read] == found


def test_an_allowance_says_why_and_how_it_is_taxed() -> None:
    why = (
        "<cbc:AllowanceChargeReasonCode>95</cbc:AllowanceChargeReasonCode>"
        "<cbc:AllowanceChargeReason>Bonus</cbc:AllowanceChargeReason>"
    )
    one = allowance("false", "5.00", why).replace("</cac:Allow", f"{category('S', '19')}</cac:Allow")
    [found] = invoice(invoice_xml(middle=one)).allowances
    assert found == AllowanceCharge(False, D("5.00"), "Bonus", "95", "S", D(19))


def test_an_allowance_in_another_currency_is_none_of_ours() -> None:
    one = allowance("true", "5.00").replace("<cbc:Amount>", '<cbc:Amount currencyID="SEK">')
    found = invoice(invoice_xml(middle=one))
    assert found.allowances == ()
    assert [p.reason for p in found.unreadable] == ["in SEK where the document is in EUR"]


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
def test_amounts_of_any_currency_keep_their_decimals(currency: str) -> None:
    stated = {"JPY": ("1000", "1190"), "KWD": ("1000.505", "1190.601")}[currency]
    totals = (
        TOTALS.replace('Amount currencyID="EUR">100.00', f'Amount currencyID="EUR">{stated[0]}')
        .replace("119.00", stated[1])
        .replace("EUR", currency)
    )
    code = f"<cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>"
    found = invoice(invoice_xml(currency=code, totals=totals, tax="", lines=LINE.replace("EUR", currency)))
    assert (found.currency, str(found.net), str(found.gross)) == (currency, *stated)
