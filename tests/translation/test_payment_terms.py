"""How documents say they are to be paid: instalments, discounts, withheld tax, the same from every syntax."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation import payment_terms
from coordination.translation.canonical import DiscountTerm, Instalment, Invoice
from coordination.translation.identity import canonical_digest, restates
from coordination.translation.payment_terms import Part

from . import ciis, edifacts, make
from .ciis import cii_xml, due, partial, trade_terms
from .make import TOTALS, invoice_xml

HALVES = (Instalment(Decimal("59.50"), date(2026, 12, 15)), Instalment(Decimal("59.50"), date(2027, 2, 15)))


def terms(*inside: str) -> str:
    return "".join(f"<cac:PaymentTerms>{one}</cac:PaymentTerms>" for one in inside)


def amount(text: str) -> str:
    return f'<cbc:Amount currencyID="EUR">{text}</cbc:Amount>'


def ubl(middle: str, **changes: str) -> Invoice:
    return make.invoice(invoice_xml(middle=middle, **changes))


def cii(*inside: str, **changes: str) -> Invoice:
    return ciis.invoice(cii_xml(settlement=trade_terms(*inside), **changes))


def edifact(*segments: str) -> Invoice:
    """The plain INVOIC with these terms of payment in place of its own."""
    head = edifacts.without(edifacts.HEAD, "PAT", "DTM+13:")
    message = edifacts.message((*head, *segments, *edifacts.LINE, *edifacts.TOTALS))
    found: Invoice = edifacts.one(edifacts.interchange(message), Invoice)
    return found


# --- instalments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["InstallmentDueDate", "PaymentDueDate"])
def test_ubl_terms_with_amounts_and_days_are_instalments(day: str) -> None:
    found = ubl(
        terms(
            f"{amount('59.50')}<cbc:{day}>2027-02-15</cbc:{day}>",
            f"{amount('59.50')}<cbc:{day}>2026-12-15</cbc:{day}>",
        )
    )
    assert found.instalments == HALVES
    assert found.due_date == date(2026, 12, 15)


def test_oioubl_terms_are_due_when_the_means_that_they_name_are() -> None:
    means = "".join(
        f"<cac:PaymentMeans><cbc:ID>{n}</cbc:ID><cbc:PaymentMeansCode>42</cbc:PaymentMeansCode>"
        f"<cbc:PaymentDueDate>{day}</cbc:PaymentDueDate></cac:PaymentMeans>"
        for n, day in ((1, "2026-12-15"), (2, "2027-02-15"))
    )
    parts = [
        f"<cbc:ID>{n}</cbc:ID><cbc:PaymentMeansID>{n}</cbc:PaymentMeansID>{amount('59.50')}" for n in (1, 2)
    ]
    assert ubl(means + terms(*parts)).instalments == HALVES


def test_instalments_in_per_cent_of_what_is_payable_leave_the_cents_to_the_last() -> None:
    share = "<cbc:PaymentPercent>{}</cbc:PaymentPercent><cbc:PaymentDueDate>2026-1{}-15</cbc:PaymentDueDate>"
    found = ubl(terms(share.format("33.33", 0), share.format("33.33", 1), share.format("33.34", 2)))
    assert [str(i.amount) for i in found.instalments] == ["39.66", "39.66", "39.68"]


def test_ubl_in_json_says_the_same() -> None:
    money = [{"_": "59.50", "currencyID": "EUR"}]
    parts = [
        {"Amount": money, "InstallmentDueDate": [{"_": "2026-12-15"}]},
        {"Amount": money, "InstallmentDueDate": [{"_": "2027-02-15"}]},
    ]
    space = "urn:oasis:names:specification:ubl:schema:xsd:"
    total = [{"PayableAmount": [{"_": "119.00", "currencyID": "EUR"}]}]
    body = {
        "ID": [{"_": "INV-1"}],
        "DocumentCurrencyCode": [{"_": "EUR"}],
        "PaymentTerms": parts,
        "LegalMonetaryTotal": total,
    }
    content = {
        "_D": f"{space}Invoice-2",
        "_A": f"{space}CommonAggregateComponents-2",
        "_B": f"{space}CommonBasicComponents-2",
        "Invoice": [body],
    }
    assert make.invoice(json.dumps(content).encode()).instalments == HALVES


def test_cii_terms_with_partial_amounts_are_instalments() -> None:
    found = cii(due("20261215") + partial("59.50"), due("20270215") + partial("59.50"))
    assert (found.instalments, found.due_date) == (HALVES, date(2026, 12, 15))
    assert (
        ciis.invoice(
            ciis.zugferd_1(
                trade_terms(due("20261215") + partial("59.50"), due("20270215") + partial("59.50"))
            )
        ).instalments
        == HALVES
    )


@pytest.mark.parametrize("kind", ["21", "3", "1"])
@pytest.mark.parametrize("tag", ["PAT", "PYT"])
def test_edifact_terms_with_amounts_and_days_are_instalments(tag: str, kind: str) -> None:
    found = edifact(
        f"{tag}+{kind}'",
        "DTM+13:20261215:102'",
        "MOA+9:59.50'",
        f"{tag}+{kind}'",
        "DTM+140:20270215:102'",
        "MOA+9:59.50'",
    )
    assert (found.instalments, found.due_date) == (HALVES, date(2026, 12, 15))
    assert found.payable == Decimal("119.00")


def test_edifact_instalments_may_be_shares() -> None:
    found = edifact(
        "PAT+21'", "DTM+13:20261215:102'", "PCD+9:50'", "PAT+21'", "DTM+13:20270215:102'", "PCD+9:50'"
    )
    assert found.instalments == HALVES


def test_one_term_of_all_that_is_payable_is_no_instalment() -> None:
    assert ubl(terms(amount("119.00"))).instalments == ()
    assert ubl(terms(amount("2.00"))).instalments == ()  # what single terms are about, whatever that is
    assert cii(due("20261215") + partial("119.00")).instalments == ()
    assert edifact("PAT+3'", "DTM+13:20261215:102'").instalments == ()


def test_terms_that_each_name_the_whole_sum_are_ways_to_pay_it_once() -> None:
    assert ubl(terms(amount("119.00"), amount("119.00"))).instalments == ()


def test_a_single_part_that_is_not_the_whole_is_kept_so_that_a_person_is_asked() -> None:
    assert [i.amount for i in cii(due("20261215") + partial("59.50")).instalments] == [Decimal("59.50")]


def test_an_instalment_that_cannot_be_read_is_named_with_its_place() -> None:
    found = cii(due("20261215") + partial("59,50 Euro"), due("20270215") + partial("59.50"))
    assert [(p.field, p.raw) for p in found.unreadable] == [("instalments", "59,50 Euro")]


@given(
    st.lists(st.decimals("0.01", "9999", places=2), min_size=2, max_size=6),
    st.lists(st.dates(date(2026, 1, 1), date(2028, 1, 1)), min_size=6, max_size=6),
)
def test_instalments_are_those_that_are_stated_in_the_order_of_their_days(
    amounts: list[Decimal], days: list[date]
) -> None:
    whole = sum(amounts, Decimal(0))
    found = payment_terms.instalments([Part(a, None, d) for a, d in zip(amounts, days, strict=False)], whole)
    assert sum((i.amount for i in found), Decimal(0)) == whole
    assert sorted(i.amount for i in found) == sorted(amounts)
    assert [i.due for i in found] == sorted(days[: len(amounts)])


# --- discounts ------------------------------------------------------------------------------------------

LADDER = "#SKONTO#TAGE=7#PROZENT=3.00#\n#SKONTO#TAGE=14#PROZENT=2.00#BASISBETRAG=100.00#\n#SKONTO#TAGE=30#PROZENT=0.00#\n"
STEPS = (
    DiscountTerm(percent=Decimal("3.00"), days=7),
    DiscountTerm(percent=Decimal("2.00"), days=14, base=Decimal("100.00")),
)


def test_the_lines_of_xrechnung_are_offers_and_one_of_nought_is_none() -> None:
    assert ubl(terms(f"<cbc:Note>Zahlbar in 30 Tagen netto.\n{LADDER}</cbc:Note>")).discounts == STEPS
    assert cii(f"<ram:Description>{LADDER}</ram:Description>").discounts == STEPS
    spoken = (*edifacts.HEAD[:2], "FTX+AAB+++#SKONTO#TAGE=7#PROZENT=3.00#'", *edifacts.INVOICE[2:])
    found = edifacts.one(edifacts.interchange(edifacts.message(spoken)), Invoice)
    assert found.discounts == STEPS[:1]


@pytest.mark.parametrize(
    "line",
    [
        "3% Skonto in 7 Tagen",
        "#SKONTO#TAGE=7#PROZENT=3#",
        "#SKONTO#TAGE=7#PROZENT=3,00#",
        "#skonto#TAGE=7#PROZENT=3.00#",
        "#SKONTO#TAGE=7#PROZENT=3.00",
        "#VERZUG#TAGE=7#PROZENT=3.00#",
        "#SKONTO#TAGE=-7#PROZENT=3.00#",
        "bis dann #SKONTO#TAGE=7#PROZENT=3.00#",
    ],
)
def test_what_is_not_written_as_the_standard_says_offers_nothing(line: str) -> None:
    assert payment_terms.skonto(line) == []


def discount(*inside: str, day: str = "") -> str:
    offer = "".join(inside)
    return f"{day}<ram:ApplicableTradePaymentDiscountTerms>{offer}</ram:ApplicableTradePaymentDiscountTerms>"


BASIS = f"<ram:BasisDateTime>{ciis.day('20260306')}</ram:BasisDateTime>"
TEN = '<ram:BasisPeriodMeasure unitCode="{}">{}</ram:BasisPeriodMeasure>'
TWO = "<ram:CalculationPercent>2.00</ram:CalculationPercent>"


@pytest.mark.parametrize(
    ("offer", "until"),
    [
        (discount(BASIS, TEN.format("DAY", 10), TWO), "2026-03-16"),
        (discount(TEN.format("DAY", 10), TWO), "2026-03-11"),  # from the issue date
        (discount(TEN.format("WEE", 2), TWO), "2026-03-15"),
        (discount(TEN.format("MON", 1), TWO), "2026-04-01"),
        (discount(BASIS, TWO), "2026-03-06"),  # BT-170: the last day itself
        (discount(TWO, day=due("20260315")), "2026-03-15"),
        (
            discount(TEN.format("DAY", 30), TWO, day=due("20260315")),
            "2026-03-15",
        ),  # the earlier of what it says
    ],
)
def test_a_cii_discount_ends_on_the_day_its_terms_make(offer: str, until: str) -> None:
    found = cii(offer, due("20260331"))
    assert found.discounts == (DiscountTerm(percent=Decimal("2.00"), until=date.fromisoformat(until)),)
    assert found.due_date == date(2026, 3, 31)


def test_a_cii_discount_may_be_an_amount_of_a_basis() -> None:
    found = cii(
        discount(
            BASIS,
            "<ram:BasisAmount>100.00</ram:BasisAmount>",
            TWO,
            "<ram:ActualDiscountAmount>2.00</ram:ActualDiscountAmount>",
        )
    )
    two = Decimal("2.00")
    assert found.discounts == (DiscountTerm(two, two, None, date(2026, 3, 6), Decimal("100.00")),)


@pytest.mark.parametrize(
    ("period", "until"),
    [
        ("<cbc:EndDate>2026-03-11</cbc:EndDate>", date(2026, 3, 11)),
        ('<cbc:DurationMeasure unitCode="DAY">10</cbc:DurationMeasure>', date(2026, 3, 11)),
        ('<cbc:DurationMeasure unitCode="Days">10.0</cbc:DurationMeasure>', date(2026, 3, 11)),
        ("", None),
    ],
)
def test_a_ubl_discount_ends_with_its_period(period: str, until: date | None) -> None:
    settlement = f"<cac:SettlementPeriod>{period}</cac:SettlementPeriod>"
    percent = "<cbc:SettlementDiscountPercent>2</cbc:SettlementDiscountPercent>"
    assert ubl(terms(percent + settlement)).discounts == (DiscountTerm(percent=Decimal(2), until=until),)


def test_a_ubl_discount_of_nought_beside_an_amount_is_no_offer() -> None:
    found = ubl(
        terms(f"<cbc:SettlementDiscountPercent>0.00</cbc:SettlementDiscountPercent>{amount('119.00')}")
    )
    assert (found.discounts, found.instalments) == ((), ())


@pytest.mark.parametrize(
    ("head", "until"),
    [
        ("PAT+22++5:3:D:10'", date(2026, 11, 11)),
        ("PYT+22++5+3+D+10'", date(2026, 11, 11)),
        ("PAT+22++5:3:M:1'", date(2026, 12, 1)),
        ("PAT+22++29:3:D:10'", None),  # counted from a day we do not know
        ("PAT+8++5:3:D:10'", date(2026, 11, 11)),
    ],
)
def test_an_edifact_discount_is_counted_from_the_invoice(head: str, until: date | None) -> None:
    found = edifact("PAT+1'", "DTM+13:20261201:102'", head, "PCD+12:2.5:13'")
    assert found.discounts == (DiscountTerm(percent=Decimal("2.5"), until=until),)
    assert found.due_date == date(2026, 12, 1)


def test_an_edifact_discount_may_name_its_day_and_its_amount() -> None:
    found = edifact("PAT+22'", "DTM+12:20261111:102'", "MOA+52:2.38'", "PAT+3'", "DTM+13:20261201:102'")
    assert found.discounts == (DiscountTerm(amount=Decimal("2.38"), until=date(2026, 11, 11)),)
    assert found.due_date == date(2026, 12, 1)


def test_a_credit_has_no_terms_of_payment() -> None:
    found = make.invoice(
        invoice_xml(
            head="<cbc:IssueDate>2026-03-01</cbc:IssueDate><cbc:InvoiceTypeCode>381</cbc:InvoiceTypeCode>",
            middle=terms(f"<cbc:Note>{LADDER}</cbc:Note>{amount('59.50')}", amount("59.50")),
        )
    )
    assert (found.type, found.instalments, found.discounts) == ("credit_note", (), ())


# --- withheld tax ---------------------------------------------------------------------------------------

KEPT = """<cac:WithholdingTaxTotal><cbc:TaxAmount currencyID="EUR">20.00</cbc:TaxAmount><cac:TaxSubtotal>
  <cbc:TaxableAmount currencyID="EUR">100.00</cbc:TaxableAmount><cbc:TaxAmount currencyID="EUR">20.00</cbc:TaxAmount>
  <cac:TaxCategory><cbc:Percent>20</cbc:Percent><cac:TaxScheme><cbc:ID>RT01</cbc:ID></cac:TaxScheme></cac:TaxCategory>
</cac:TaxSubtotal></cac:WithholdingTaxTotal>"""


def payable(text: str, prepaid: str = "") -> str:
    paid = f'<cbc:PrepaidAmount currencyID="EUR">{prepaid}</cbc:PrepaidAmount>' if prepaid else ""
    return TOTALS.replace(
        '<cbc:PayableAmount currencyID="EUR">119.00', f'{paid}<cbc:PayableAmount currencyID="EUR">{text}'
    )


@pytest.mark.parametrize("totals", [payable("99.00"), payable("99.00", "20.00")])
def test_withheld_tax_is_told_apart_from_what_was_prepaid(totals: str) -> None:
    found = ubl(KEPT, totals=totals)
    assert (found.withheld, found.payable, found.gross, found.prepaid) == (20, 99, 119, 0)
    assert len(found.taxes) == 1


def test_a_real_advance_beside_withheld_tax_stays_one() -> None:
    found = ubl(KEPT, totals=payable("89.00", "10.00"))
    assert (found.withheld, found.prepaid, found.payable) == (20, 10, 89)


def irpf(*, total: str, apart: bool = False) -> str:
    row = """<cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">100.00</cbc:TaxableAmount>
      <cbc:TaxAmount currencyID="EUR">{}</cbc:TaxAmount><cac:TaxCategory>{}<cbc:Percent>{}</cbc:Percent>
      <cac:TaxScheme><cbc:ID>{}</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal>"""
    vat = row.format("19.00", "<cbc:ID>S</cbc:ID>", "19", "VAT")
    kept = row.format("-15.00", "", "-15", "IRPF")
    group = '<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">{}</cbc:TaxAmount>{}</cac:TaxTotal>'
    return (
        group.format("19.00", vat) + group.format("-15.00", kept)
        if apart
        else group.format(total, vat + kept)
    )


@pytest.mark.parametrize("tax", [irpf(total="4.00"), irpf(total="19.00"), irpf(total="", apart=True)])
@pytest.mark.parametrize("gross", ["119.00", "104.00"])
def test_a_negative_row_of_another_tax_is_withheld(tax: str, gross: str) -> None:
    totals = payable("104.00").replace(
        'TaxInclusiveAmount currencyID="EUR">119.00', f'TaxInclusiveAmount currencyID="EUR">{gross}'
    )
    found = ubl("", tax=tax, totals=totals)
    assert (found.withheld, found.tax, found.gross, found.payable) == (15, 19, 119, 104)
    assert [row.category for row in found.taxes] == ["S"]


def test_a_negative_row_of_another_tax_is_withheld_in_cii_too() -> None:
    kept = ciis.TAX.replace("19.00", "-15.00").replace("VAT", "IRPF").replace(">19<", ">-15<")
    totals = ciis.TOTALS.replace("DuePayableAmount>119", "DuePayableAmount>104")
    found = ciis.invoice(cii_xml(tax=ciis.TAX + kept, totals=totals))
    assert (found.withheld, found.tax, found.gross, found.payable, len(found.taxes)) == (15, 19, 119, 104, 1)


def test_a_negative_row_of_value_added_tax_is_none_withheld() -> None:
    found = ubl("", tax=irpf(total="4.00").replace("IRPF", "VAT"))
    assert (found.withheld, len(found.taxes)) == (None, 2)


# --- the same claim or another one ----------------------------------------------------------------------


def test_what_differs_in_its_instalments_its_offer_or_what_is_withheld_is_another_claim() -> None:
    plain = ubl("")
    halves = cii(due("20261215") + partial("59.50"), due("20270215") + partial("59.50"))
    later = cii(due("20261215") + partial("59.50"), due("20270315") + partial("59.50"))
    made = [
        plain,
        halves,
        later,
        ubl(terms(f"<cbc:Note>{LADDER}</cbc:Note>")),
        ubl(KEPT, totals=payable("99.00")),
    ]
    assert len({canonical_digest(one) for one in made}) == len(made)
    assert not restates(plain, halves)


def test_two_syntaxes_of_one_plan_are_one_claim() -> None:
    day = "<cbc:InstallmentDueDate>{}</cbc:InstallmentDueDate>"
    one = ubl(terms(amount("59.50") + day.format("2026-12-15"), amount("59.50") + day.format("2027-02-15")))
    other = cii(due("20270215") + partial("59.5"), due("20261215") + partial("59.50"))
    assert canonical_digest(one) == canonical_digest(other)
    in_words = ubl(
        "<cbc:DueDate>2026-03-31</cbc:DueDate>" + terms("<cbc:Note>#SKONTO#TAGE=10#PROZENT=2.00#</cbc:Note>")
    )
    in_fields = cii(due("20260331"), discount(TEN.format("DAY", 10), TWO))
    assert canonical_digest(in_words) == canonical_digest(in_fields)
