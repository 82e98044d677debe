"""What a UBL invoice means: dialects, absent values, unreadable values, references, accounts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation.canonical import Account, Invoice, TaxSubtotal

from .make import LINE, SELLER, TAX, TOTALS, invoice, invoice_xml


def total(**amounts: str) -> str:
    inner = "".join(f'<cbc:{name} currencyID="EUR">{text}</cbc:{name}>' for name, text in amounts.items())
    return f"<cac:LegalMonetaryTotal>{inner}</cac:LegalMonetaryTotal>"


def problems(found: Invoice) -> list[tuple[str, str]]:
    return [(problem.field, problem.raw) for problem in found.unreadable]


def test_a_plain_invoice_is_read_whole() -> None:
    made = invoice(invoice_xml())
    line = made.lines[0]
    assert (made.number, made.type, made.type_code, made.currency) == ("INV-1", "invoice", "380", "EUR")
    assert (made.lines_net, made.net, made.tax, made.gross) == (
        Decimal(100),
        Decimal(100),
        Decimal(19),
        Decimal(119),
    )
    assert (made.prepaid, made.rounding, made.payable) == (Decimal(0), Decimal(0), Decimal(119))
    assert made.taxes == (TaxSubtotal("S", Decimal(19), Decimal(100), Decimal(19)),)
    assert (line.position, line.line, line.item, line.description) == (1, "1", "N-1", "Nails")
    assert (line.quantity, line.unit, line.price, line.net) == (Decimal(10), "C62", Decimal(10), Decimal(100))
    assert (line.tax_rate, line.tax_category, line.order_line) == (Decimal(19), "S", "1")
    assert made.unreadable == ()


def test_amounts_are_decimals_as_written() -> None:
    made = invoice(invoice_xml())
    assert str(made.gross) == "119.00"


def test_a_missing_gross_is_what_is_payable_without_prepayment_and_rounding() -> None:
    totals = total(
        TaxExclusiveAmount="100", PrepaidAmount="20", PayableRoundingAmount="0.5", PayableAmount="99.5"
    )
    made = invoice(invoice_xml(totals=totals))
    assert made.gross == Decimal(119)
    assert made.provenance["gross"].path.endswith("cbc:PayableAmount")


def test_a_gross_that_nothing_states_is_missing_and_not_our_sum() -> None:
    assert invoice(invoice_xml(totals=total(TaxExclusiveAmount="100"))).gross is None


def test_an_unreadable_gross_is_not_replaced_by_another_amount() -> None:
    made = invoice(invoice_xml(totals=total(TaxInclusiveAmount="119,00", PayableAmount="119.00")))
    assert (made.gross, made.payable) == (None, Decimal(119))
    assert problems(made) == [("gross", "119,00")]


def test_a_missing_net_follows_from_lines_allowances_and_charges() -> None:
    totals = total(
        LineExtensionAmount="100", AllowanceTotalAmount="10", ChargeTotalAmount="5", PayableAmount="113.05"
    )
    assert invoice(invoice_xml(totals=totals)).net == Decimal(95)


def test_a_net_that_rests_on_something_unreadable_is_unknown() -> None:
    made = invoice(invoice_xml(totals=total(LineExtensionAmount="100", AllowanceTotalAmount="ten")))
    assert made.net is None
    assert problems(made) == [("net", "ten")]


@pytest.mark.parametrize("customisation", ["OIOUBL-2.01", "OIOUBL-2.02", "OIOUBL-2.1", " oioubl-2.1 "])
def test_oioubl_is_known_by_its_customisation(customisation: str) -> None:
    head = f"<cbc:CustomizationID>{customisation}</cbc:CustomizationID>"
    totals = total(
        LineExtensionAmount="100",
        TaxExclusiveAmount="19",
        TaxInclusiveAmount="119",
        PayableAmount="119",
    )
    made = invoice(invoice_xml(head=head, totals=totals))
    assert (made.net, made.tax, made.gross) == (Decimal(100), Decimal(19), Decimal(119))


def test_the_same_totals_elsewhere_are_read_as_they_stand() -> None:
    totals = total(LineExtensionAmount="100", TaxExclusiveAmount="19", TaxInclusiveAmount="119")
    assert invoice(invoice_xml(totals=totals)).net == Decimal(19)


def test_oioubl_without_a_tax_total_has_its_tax_in_the_total() -> None:
    head = "<cbc:CustomizationID>OIOUBL-2.02</cbc:CustomizationID>"
    totals = total(LineExtensionAmount="100", TaxExclusiveAmount="19", TaxInclusiveAmount="119")
    assert invoice(invoice_xml(head=head, tax="", totals=totals)).tax == Decimal(19)


def test_without_a_currency_code_the_currency_of_the_amounts_holds() -> None:
    made = invoice(invoice_xml(currency=""))
    assert made.currency == "EUR"
    assert made.provenance["currency"].path.endswith("cbc:PayableAmount")


def test_a_currency_that_is_no_code_is_a_problem() -> None:
    made = invoice(invoice_xml(currency="<cbc:DocumentCurrencyCode>Euro</cbc:DocumentCurrencyCode>"))
    assert (made.currency, problems(made)) == ("", [("currency", "Euro")])


def test_an_amount_in_another_currency_is_not_taken_for_one_in_this() -> None:
    content = invoice_xml().replace(b'PriceAmount currencyID="EUR"', b'PriceAmount currencyID="USD"')
    made = invoice(content)
    assert made.lines[0].price is None
    assert problems(made) == [("lines/1/price", "10.00")]
    assert made.unreadable[0].reason == "in USD where the document is in EUR"


def test_tax_totals_in_the_same_currency_are_added_up() -> None:
    second = '<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">1.50</cbc:TaxAmount></cac:TaxTotal>'
    assert invoice(invoice_xml(tax=TAX + second)).tax == Decimal("20.50")


def test_a_tax_total_in_another_currency_is_no_tax() -> None:
    second = '<cac:TaxTotal><cbc:TaxAmount currencyID="SEK">210</cbc:TaxAmount></cac:TaxTotal>'
    made = invoice(invoice_xml(tax=TAX + second))
    assert (made.tax, made.unreadable) == (Decimal(19), ())


@pytest.mark.parametrize(
    "text",
    ["NaN", "Infinity", "-INF", "1e309", "1E2", "1,00", "1.000,00", "1 000", "١٢", "€5", "0x10", "--1"],
)
def test_what_is_no_decimal_is_recorded_and_never_guessed(text: str) -> None:
    content = invoice_xml().replace(b">10</cbc:InvoicedQuantity", f">{text}</cbc:InvoicedQuantity".encode())
    made = invoice(content)
    assert made.lines[0].quantity is None
    (problem,) = made.unreadable
    assert (problem.field, problem.raw) == ("lines/1/quantity", text)
    assert problem.path == "/Invoice/cac:InvoiceLine/cbc:InvoicedQuantity"
    assert problem.line


@pytest.mark.parametrize("text", ["2026-02-30", "01.03.2026", "2026-3-1", "yesterday", "2026-03-01T00:00:00"])
def test_what_is_no_date_is_recorded(text: str) -> None:
    made = invoice(invoice_xml(head=f"<cbc:IssueDate>{text}</cbc:IssueDate>"))
    assert made.issue_date is None
    assert problems(made) == [("issue_date", text)]


@pytest.mark.parametrize("text", ["2026-03-01Z", "2026-03-01+01:00"])
def test_a_time_zone_does_not_change_the_day(text: str) -> None:
    made = invoice(invoice_xml(head=f"<cbc:IssueDate>{text}</cbc:IssueDate>"))
    assert str(made.issue_date) == "2026-03-01"


def test_a_value_stated_twice_and_differently_is_no_value() -> None:
    made = invoice(
        invoice_xml(totals=TOTALS.replace("<cbc:Pay", "<cbc:PayableAmount>1</cbc:PayableAmount><cbc:Pay"))
    )
    assert made.payable is None
    assert made.unreadable[0].reason.startswith("stated more than once")


def test_prepaid_that_cannot_be_read_leaves_a_problem() -> None:
    made = invoice(invoice_xml(totals=total(TaxInclusiveAmount="119", PrepaidAmount="half")))
    assert (made.prepaid, problems(made)) == (Decimal(0), [("prepaid", "half")])


@pytest.mark.parametrize("filler", ["n/a", "N/A", "NA", "na", "-", "Dummywert", " - "])
def test_a_filler_is_no_key(filler: str) -> None:
    references = f"<cac:OrderReference><cbc:ID>{filler}</cbc:ID></cac:OrderReference>"
    content = invoice_xml(references=references).replace(b">N-1<", f">{filler}<".encode())
    made = invoice(content)
    assert (made.order_numbers, made.lines[0].item) == ((), "")
    assert "lines/1/item" not in made.provenance


def test_free_text_that_looks_like_a_filler_stays_text() -> None:
    assert invoice(invoice_xml(middle="<cbc:Note>n/a</cbc:Note>")).note == "n/a"


def test_orders_of_header_and_lines_are_listed_once_each() -> None:
    on_line = "<cac:OrderReference><cbc:ID>{}</cbc:ID></cac:OrderReference></cac:OrderLineReference>"
    lines = "".join(
        LINE.replace("</cac:OrderLineReference>", on_line.format(n)) for n in ("PO-2", "PO-1", "PO-3")
    )
    made = invoice(invoice_xml(lines=lines))
    assert made.order_numbers == ("PO-1", "PO-2", "PO-3")
    assert [line.order_number for line in made.lines] == ["PO-2", "PO-1", "PO-3"]
    assert [line.position for line in made.lines] == [1, 2, 3]


def test_preceding_invoices_are_found_in_header_and_lines() -> None:
    reference = (
        "<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>{}</cbc:ID>"
        "</cac:InvoiceDocumentReference></cac:BillingReference>"
    )
    line = LINE.replace("<cac:Item>", reference.format("INV-B") + "<cac:Item>")
    made = invoice(invoice_xml(references=reference.format("INV-A"), lines=line))
    assert made.preceding == ("INV-A", "INV-B")


def test_despatch_and_receipt_references_are_kept() -> None:
    references = (
        "<cac:DespatchDocumentReference><cbc:ID>D-1</cbc:ID></cac:DespatchDocumentReference>"
        "<cac:ReceiptDocumentReference><cbc:ID>R-1</cbc:ID></cac:ReceiptDocumentReference>"
    )
    made = invoice(invoice_xml(references=references))
    assert (made.despatch_numbers, made.receipt_numbers) == (("D-1",), ("R-1",))


def means(number: str, branch: str = "") -> str:
    held = (
        f"<cac:FinancialInstitutionBranch><cbc:ID>{branch}</cbc:ID></cac:FinancialInstitutionBranch>"
        if branch
        else ""
    )
    return (
        "<cac:PaymentMeans><cbc:PaymentMeansCode>58</cbc:PaymentMeansCode>"
        f"<cac:PayeeFinancialAccount><cbc:ID>{number}</cbc:ID>{held}</cac:PayeeFinancialAccount>"
        "</cac:PaymentMeans>"
    )


@pytest.mark.parametrize(
    ("number", "branch", "account"),
    [
        ("DE89370400440532013000", "", Account("DE89370400440532013000")),
        ("DE89 3704 0044 0532 0130 00", "COBADEFFXXX", Account("DE89 3704 0044 0532 0130 00", "COBADEFFXXX")),
        ("12345678", "10-26-58", Account("12345678", "", "10-26-58")),
        ("1234567890", "1234", Account("1234567890", "", "1234")),
    ],
)
def test_an_account_is_kept_as_printed(number: str, branch: str, account: Account) -> None:
    assert invoice(invoice_xml(middle=means(number, branch))).account == account


def test_every_other_account_is_kept_once() -> None:
    made = invoice(invoice_xml(middle=means("A1") + means("A2") + means("A1") + means("A1", "77")))
    assert made.account == Account("A1")
    assert made.other_accounts == (Account("A2"), Account("A1", "", "77"))


def test_due_date_may_stand_with_the_payment() -> None:
    middle = "<cac:PaymentMeans><cbc:PaymentDueDate>2026-03-31</cbc:PaymentDueDate></cac:PaymentMeans>"
    assert str(invoice(invoice_xml(middle=middle)).due_date) == "2026-03-31"


def test_payment_terms_are_the_notes() -> None:
    middle = "<cac:PaymentTerms><cbc:Note>2/10 net 30</cbc:Note></cac:PaymentTerms>"
    assert invoice(invoice_xml(middle=middle)).payment_terms == "2/10 net 30"


def test_the_vat_id_is_not_the_other_tax_number_whatever_their_order() -> None:
    other = (
        "<cac:PartyTaxScheme><cbc:CompanyID>201/113/40209</cbc:CompanyID>"
        "<cac:TaxScheme><cbc:ID>FC</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
    )
    first = SELLER.replace("<cac:PartyTaxScheme>", other + "<cac:PartyTaxScheme>", 1)
    last = SELLER.replace("</cac:Party>", other + "</cac:Party>")
    for seller in (first, last):
        found = invoice(invoice_xml(seller=seller)).seller
        assert (found.vat_id, found.tax_number) == ("DE136695976", "201/113/40209")


def allowance(charge: str, amount: str) -> str:
    return (
        f"<cac:AllowanceCharge><cbc:ChargeIndicator>{charge}</cbc:ChargeIndicator>"
        f'<cbc:Amount currencyID="EUR">{amount}</cbc:Amount></cac:AllowanceCharge>'
    )


@pytest.mark.parametrize(
    ("charge", "amount", "expected"),
    [
        ("false", "5", (False, Decimal(5))),
        ("true", "5", (True, Decimal(5))),
        ("0", "5", (False, Decimal(5))),
        ("1", "5", (True, Decimal(5))),
        ("false", "-5", (True, Decimal(5))),
        ("true", "-5", (False, Decimal(5))),
    ],
)
def test_allowances_and_charges_have_positive_amounts(
    charge: str, amount: str, expected: tuple[bool, Decimal]
) -> None:
    (found,) = invoice(invoice_xml(middle=allowance(charge, amount))).allowances
    assert (found.charge, found.amount) == expected


@pytest.mark.parametrize(("charge", "amount"), [("perhaps", "5"), ("false", "five")])
def test_an_allowance_that_cannot_be_read_is_left_out_with_a_problem(charge: str, amount: str) -> None:
    made = invoice(invoice_xml(middle=allowance(charge, amount)))
    assert made.allowances == ()
    assert len(made.unreadable) == 1


@pytest.mark.parametrize("base", ["0", "-1", "none"])
def test_a_price_per_nothing_is_no_price(base: str) -> None:
    price = f"</cbc:PriceAmount><cbc:BaseQuantity>{base}</cbc:BaseQuantity>"
    made = invoice(invoice_xml(lines=LINE.replace("</cbc:PriceAmount>", price)))
    assert (made.lines[0].price, made.lines[0].base_quantity) == (None, Decimal(1))
    assert made.unreadable[0].field == "lines/1/base_quantity"


def test_the_unit_of_the_price_is_kept_beside_that_of_the_quantity() -> None:
    price = '</cbc:PriceAmount><cbc:BaseQuantity unitCode="XBX">12</cbc:BaseQuantity>'
    line = invoice(invoice_xml(lines=LINE.replace("</cbc:PriceAmount>", price))).lines[0]
    assert (line.unit, line.base_quantity, line.base_unit) == ("C62", Decimal(12), "XBX")


def test_type_381_in_an_invoice_is_a_credit_note() -> None:
    made = invoice(invoice_xml(head="<cbc:InvoiceTypeCode>381</cbc:InvoiceTypeCode>"))
    assert (made.type, made.gross) == ("credit_note", Decimal(119))


@given(st.decimals(min_value="0.01", max_value="999999", places=2))
def test_an_invoice_of_negative_amounts_becomes_a_credit_of_positive_ones(amount: Decimal) -> None:
    lines = LINE.replace(">10<", ">-10<").replace(">100.00<", f">-{amount}<")
    totals = total(
        TaxExclusiveAmount=f"-{amount}", TaxInclusiveAmount=f"-{amount}", PayableAmount=f"-{amount}"
    )
    made = invoice(invoice_xml(lines=lines, totals=totals, tax=""))
    assert made.type == "credit_note"
    assert (made.net, made.gross, made.payable) == (amount, amount, amount)
    assert (made.lines[0].quantity, made.lines[0].price, made.lines[0].net) == (
        Decimal(10),
        Decimal(10),
        amount,
    )


def test_a_negative_price_is_turned_instead_of_the_quantity() -> None:
    lines = LINE.replace(">10.00<", ">-10.00<").replace(">100.00<", ">-100.00<")
    made = invoice(invoice_xml(lines=lines, totals=total(TaxInclusiveAmount="-119")))
    assert (made.lines[0].quantity, made.lines[0].price, made.lines[0].net) == (
        Decimal(10),
        Decimal(10),
        Decimal(100),
    )


def test_a_negative_credit_note_is_left_to_a_person() -> None:
    content = invoice_xml(kind="CreditNote", lines="", totals=total(TaxInclusiveAmount="-119"))
    made = invoice(content)
    assert (made.type, made.gross) == ("credit_note", Decimal(119))
    assert [problem.field for problem in made.unreadable] == ["gross"]


def test_every_value_has_its_origin() -> None:
    made = invoice(invoice_xml(lines=LINE + LINE.replace(">10<", ">11<")))
    origin = made.provenance["lines/2/quantity"]
    assert (origin.path, origin.raw) == ("/Invoice/cac:InvoiceLine[2]/cbc:InvoicedQuantity", "11")
    tax = made.provenance["taxes/1/base"]
    assert tax.path == "/Invoice/cac:TaxTotal/cac:TaxSubtotal/cbc:TaxableAmount"
    vat = made.provenance["seller/vat_id"]
    assert vat.path == "/Invoice/cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID"
