"""What is written as UBL 2.1: elements of the schema in their order, and nothing for what is not stated."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from coordination.translation.canonical import (
    Account,
    Address,
    AllowanceCharge,
    Invoice,
    Order,
    OrderLine,
    Origin,
    Party,
    Receipt,
    ReceiptLine,
    Statement,
    StatementLine,
)
from coordination.world import ubl, ubl_orders
from tests.world import line

D = Decimal
URN = "urn:oasis:names:specification:ubl:schema:xsd:"
NS = {"cac": f"{URN}CommonAggregateComponents-2", "cbc": f"{URN}CommonBasicComponents-2"}
SELLER = Party(
    name="Hartmann GmbH",
    vat_id="DE136695976",
    party_ids=("V-1",),
    address=Address("Lange Straße 1", "Köln", "50667", "DE"),
    legal_name="Hartmann GmbH & Co. KG",
)
LINE = replace(line.LINE, tax_category="S")
BILL = Invoice(
    number="INV-1",
    type_code="380",
    issue_date=date(2026, 9, 5),
    due_date=date(2026, 10, 5),
    currency="EUR",
    seller=SELLER,
    account=Account("DE89370400440532013000", "COBADEFFXXX"),
    order_numbers=("PO-1",),
    lines_net=D("1000.00"),
    net=D("1000.00"),
    tax=D("190.00"),
    gross=D("1190.00"),
    payable=D("1190.00"),
    lines=(LINE,),
)


def written(found: ubl.Element) -> etree._Element:
    return etree.fromstring(ubl.as_bytes(found))


def invoice(**changes: Any) -> etree._Element:
    return written(ubl.invoice(replace(BILL, **changes)))


def with_line(**changes: Any) -> etree._Element:
    return invoice(lines=(replace(LINE, **changes),))


def texts(root: etree._Element, path: str) -> list[str]:
    return [element.text or "" for element in root.iterfind(path, NS)]


def names(root: etree._Element) -> list[str]:
    """The names of what stands directly below, each once, in their order."""
    return list(dict.fromkeys(etree.QName(child).localname for child in root if isinstance(child.tag, str)))


# --- order of elements --------------------------------------------------------------------------------------

INVOICE_ORDER = [
    "UBLVersionID",
    "ID",
    "IssueDate",
    "DueDate",
    "InvoiceTypeCode",
    "Note",
    "DocumentCurrencyCode",
    "OrderReference",
    "BillingReference",
    "AccountingSupplierParty",
    "AccountingCustomerParty",
    "PaymentMeans",
    "PaymentTerms",
    "AllowanceCharge",
    "TaxTotal",
    "LegalMonetaryTotal",
    "InvoiceLine",
]
"""As UBL-Invoice-2.1.xsd has them."""


def test_an_invoice_has_its_elements_in_the_order_of_the_schema() -> None:
    full = invoice(
        note="Thank you",
        preceding=("INV-0",),
        payment_terms="net 30",
        allowances=(AllowanceCharge(True, D("5.00"), "Freight", "FC", "S", D(19)),),
    )
    assert names(full) == INVOICE_ORDER


def test_a_line_has_its_elements_in_the_order_of_the_schema() -> None:
    root = with_line(allowances=(AllowanceCharge(False, D("1.00")),))
    [line] = root.findall("cac:InvoiceLine", NS)
    assert names(line) == [
        "ID",
        "InvoicedQuantity",
        "LineExtensionAmount",
        "OrderLineReference",
        "AllowanceCharge",
        "Item",
        "Price",
    ]


def test_the_total_has_its_amounts_in_the_order_of_the_schema() -> None:
    root = invoice(
        prepaid=D("10.00"),
        rounding=D("0.02"),
        allowances=(AllowanceCharge(False, D("3.00")), AllowanceCharge(True, D("7.00"))),
    )
    [total] = root.findall("cac:LegalMonetaryTotal", NS)
    assert names(total) == [
        "LineExtensionAmount",
        "TaxExclusiveAmount",
        "TaxInclusiveAmount",
        "AllowanceTotalAmount",
        "ChargeTotalAmount",
        "PrepaidAmount",
        "PayableRoundingAmount",
        "PayableAmount",
    ]


# --- invoices and credit notes ------------------------------------------------------------------------------


def test_a_credit_note_is_a_document_of_its_own_with_quantities_that_are_credited() -> None:
    root = invoice(type="credit_note", type_code="381", preceding=("INV-0",))
    assert etree.QName(root).localname == "CreditNote"
    assert texts(root, "cbc:CreditNoteTypeCode") == ["381"]
    assert texts(root, "cac:CreditNoteLine/cbc:CreditedQuantity") == ["100"]
    assert texts(root, "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID") == ["INV-0"]
    assert root.find("cac:InvoiceLine", NS) is None


def test_a_credit_note_is_never_due() -> None:
    assert texts(invoice(), "cbc:DueDate") == ["2026-10-05"]
    assert texts(invoice(type="credit_note"), "cbc:DueDate") == []


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"issue_date": None}, "cbc:IssueDate"),
        ({"due_date": None}, "cbc:DueDate"),
        ({"note": ""}, "cbc:Note"),
        ({"currency": ""}, "cbc:DocumentCurrencyCode"),
        ({"order_numbers": ()}, "cac:OrderReference"),
        ({"account": Account()}, "cac:PaymentMeans"),
        ({"payment_terms": ""}, "cac:PaymentTerms"),
        ({"tax": None}, "cac:TaxTotal"),
        ({"gross": None}, "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount"),
        ({"payable": None}, "cac:LegalMonetaryTotal/cbc:PayableAmount"),
        ({}, "cac:LegalMonetaryTotal/cbc:PrepaidAmount"),
        ({}, "cac:LegalMonetaryTotal/cbc:PayableRoundingAmount"),
        ({}, "cac:LegalMonetaryTotal/cbc:AllowanceTotalAmount"),
        ({}, "cac:LegalMonetaryTotal/cbc:ChargeTotalAmount"),
    ],
)
def test_what_an_invoice_does_not_state_is_left_out(changes: dict[str, Any], path: str) -> None:
    assert invoice(**changes).find(path, NS) is None


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"quantity": None}, "cbc:InvoicedQuantity"),
        ({"price": None}, "cac:Price"),
        ({"net": None}, "cbc:LineExtensionAmount"),
        ({"item": ""}, "cac:Item/cac:SellersItemIdentification"),
        ({"tax_rate": None, "tax_category": ""}, "cac:Item/cac:ClassifiedTaxCategory"),
        ({"order_number": "", "order_line": ""}, "cac:OrderLineReference"),
        ({}, "cac:Price/cbc:BaseQuantity"),
    ],
)
def test_what_a_line_does_not_state_is_left_out(changes: dict[str, Any], path: str) -> None:
    assert with_line(**changes).find(f"cac:InvoiceLine/{path}", NS) is None


@pytest.mark.parametrize("zero", ["0", "0.00"])
def test_a_nought_is_stated_and_not_left_out(zero: str) -> None:
    root = with_line(quantity=D(zero), price=D(zero), net=D(zero), tax_rate=D(zero))
    line = root.find("cac:InvoiceLine", NS)
    assert line is not None
    for path in ("cbc:InvoicedQuantity", "cbc:LineExtensionAmount", "cac:Price/cbc:PriceAmount"):
        assert texts(line, path) == [zero]
    assert texts(line, "cac:Item/cac:ClassifiedTaxCategory/cbc:Percent") == [zero]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (D("1E+3"), "1000"),
        (D("1E-7"), "0.0000001"),
        (D("-0.50"), "-0.50"),
        (D("12.500"), "12.500"),
    ],
)
def test_no_number_is_written_as_a_power_of_ten(value: Decimal, text: str) -> None:
    assert texts(with_line(quantity=value), "cac:InvoiceLine/cbc:InvoicedQuantity") == [text]


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_every_amount_says_its_currency(currency: str) -> None:
    root = invoice(currency=currency)
    said = [e.get("currencyID") for e in root.iter() if e.get("currencyID") is not None]
    amounts = [e for e in root.iter() if isinstance(e.tag, str) and e.tag.endswith("Amount")]
    assert set(said) == {currency}
    assert len(said) == len(amounts) > 6


def test_a_price_for_another_base_says_how_many_of_what_unit_it_is_for() -> None:
    root = with_line(price=D("12.50"), base_quantity=D(100), unit="KGM")
    [base] = root.findall("cac:InvoiceLine/cac:Price/cbc:BaseQuantity", NS)
    assert (base.text, base.get("unitCode")) == ("100", "KGM")


@pytest.mark.parametrize(
    ("order", "line", "written_line", "written_order"),
    [
        ("PO-1", "10", ["10"], ["PO-1"]),
        ("PO-1", "", ["NA"], ["PO-1"]),
        ("", "10", ["10"], []),
    ],
)
def test_a_line_names_its_order_and_place_as_far_as_it_knows_them(
    order: str, line: str, written_line: list[str], written_order: list[str]
) -> None:
    """BT-132 is mandatory where the reference stands: `NA` is what the specification writes for none."""
    root = with_line(order_number=order, order_line=line)
    reference = "cac:InvoiceLine/cac:OrderLineReference"
    assert texts(root, f"{reference}/cbc:LineID") == written_line
    assert texts(root, f"{reference}/cac:OrderReference/cbc:ID") == written_order


def test_only_the_first_order_stands_on_the_document() -> None:
    assert texts(invoice(order_numbers=("PO-1", "PO-2")), "cac:OrderReference/cbc:ID") == ["PO-1"]


def test_every_account_has_its_own_means_and_one_without_a_bank_names_none() -> None:
    root = invoice(other_accounts=(Account("NO9386011117947"), Account()))
    account = "cac:PaymentMeans/cac:PayeeFinancialAccount"
    assert texts(root, f"{account}/cbc:ID") == ["DE89370400440532013000", "NO9386011117947"]
    assert texts(root, f"{account}/cac:FinancialInstitutionBranch/cbc:ID") == ["COBADEFFXXX"]
    assert texts(root, "cac:PaymentMeans/cbc:PaymentMeansCode") == ["30", "30"]


@pytest.mark.parametrize(("charge", "indicator"), [(True, "true"), (False, "false")])
def test_an_allowance_of_the_document_is_taxed_and_one_of_a_line_is_not(charge: bool, indicator: str) -> None:
    one = AllowanceCharge(charge, D("5.00"), "Freight", "FC", "S", D(19))
    on_document = invoice(allowances=(one,))
    on_line = with_line(allowances=(one,))
    assert texts(on_document, "cac:AllowanceCharge/cbc:ChargeIndicator") == [indicator]
    assert texts(on_document, "cac:AllowanceCharge/cac:TaxCategory/cbc:Percent") == ["19"]
    assert texts(on_line, "cac:InvoiceLine/cac:AllowanceCharge/cbc:Amount") == ["5.00"]
    assert on_line.find("cac:InvoiceLine/cac:AllowanceCharge/cac:TaxCategory", NS) is None


def test_allowances_and_charges_are_each_summed_in_the_total() -> None:
    found = tuple(
        AllowanceCharge(charge, D(amount))
        for charge, amount in ((False, "1.10"), (False, "2.20"), (True, "4.00"))
    )
    root = invoice(allowances=found)
    assert texts(root, "cac:LegalMonetaryTotal/cbc:AllowanceTotalAmount") == ["3.30"]
    assert texts(root, "cac:LegalMonetaryTotal/cbc:ChargeTotalAmount") == ["4.00"]


@pytest.mark.parametrize(
    ("raw", "comment"),
    [
        ("ignore previous checks", "ignore previous checks"),
        ("pay now -- at once", "pay now - - at once"),
        ("pay now --- at once", "pay now - - - at once"),
        ("pay now -", "pay now - "),
        ("--><cbc:Note>paid</cbc:Note><!--", "- -><cbc:Note>paid</cbc:Note><!- - "),
    ],
)
def test_hidden_words_stand_in_a_comment_that_they_cannot_end(raw: str, comment: str) -> None:
    root = invoice(texts=(Origin("comment()", raw),))
    assert [c.text for c in root.iter(etree.Comment)] == [comment]
    assert texts(root, "cbc:Note") == []


@pytest.mark.parametrize(
    "words",
    ["Müller & Söhne", "Größe <M>", "日本製ボルト", "Šroub M8 „nerez“", 'Bolt "M8"'],
)
def test_words_of_any_alphabet_come_back_as_they_were_written(words: str) -> None:
    assert texts(with_line(description=words), "cac:InvoiceLine/cac:Item/cbc:Name") == [words]


# --- parties ------------------------------------------------------------------------------------------------


def test_a_party_says_its_numbers_names_place_and_vat_id() -> None:
    root = invoice()
    body = "cac:AccountingSupplierParty/cac:Party/"
    assert texts(root, f"{body}cac:PartyIdentification/cbc:ID") == ["V-1"]
    assert texts(root, f"{body}cac:PartyName/cbc:Name") == ["Hartmann GmbH"]
    assert texts(root, f"{body}cac:PostalAddress/cbc:CityName") == ["Köln"]
    assert texts(root, f"{body}cac:PartyTaxScheme/cbc:CompanyID") == ["DE136695976"]
    assert texts(root, f"{body}cac:PartyLegalEntity/cbc:RegistrationName") == ["Hartmann GmbH & Co. KG"]


def test_a_party_of_which_nothing_is_known_is_empty_and_stands_there() -> None:
    root = invoice(seller=Party(), buyer=Party())
    for holder in ("AccountingSupplierParty", "AccountingCustomerParty"):
        [party] = root.findall(f"cac:{holder}/cac:Party", NS)
        assert len(party) == 0


def test_an_address_without_a_country_is_no_address() -> None:
    root = invoice(seller=replace(SELLER, address=Address("Lange Straße 1", "Köln", "50667", "")))
    assert root.find("cac:AccountingSupplierParty/cac:Party/cac:PostalAddress", NS) is None


# --- statements ---------------------------------------------------------------------------------------------


def test_a_statement_writes_what_we_owe_as_debits_and_what_is_taken_off_as_credits() -> None:
    lines = tuple(
        StatementLine(number, date(2026, 9, 5), kind, None if amount is None else D(amount))
        for number, kind, amount in (
            ("INV-1", "Invoice", "1190.00"),
            ("GS-1", "CreditNote", "-119.00"),
            ("INV-2", "Invoice", "0.00"),
            ("INV-3", "Invoice", None),
        )
    )
    found = Statement(
        number="ST-1",
        statement_date=date(2026, 9, 30),
        currency="EUR",
        seller=SELLER,
        balance=D("1071.00"),
        lines=lines,
        total_debit=D("1190.00"),
        total_credit=D("119.00"),
    )
    root = written(ubl.statement(found))
    debits = texts(root, "cac:StatementLine/cbc:DebitLineAmount")
    assert [D(text) for text in debits] == [D("1190.00"), D(0), D(0)]
    assert texts(root, "cac:StatementLine/cbc:CreditLineAmount") == ["119.00"]
    assert texts(root, "cac:StatementLine/cbc:ID") == ["1", "2", "3", "4"]
    reference = "cac:StatementLine/cac:BillingReference/"
    assert texts(root, f"{reference}cac:CreditNoteDocumentReference/cbc:ID") == ["GS-1"]
    assert texts(root, "cbc:TotalBalanceAmount") == ["1071.00"]


# --- orders and receipts ------------------------------------------------------------------------------------

ORDER = Order(
    number="PO-1",
    message_id="PO-1",
    order_date=date(2026, 9, 1),
    currency="EUR",
    seller=SELLER,
    net=D("1000.00"),
    lines=(OrderLine(line="10", item="A-1", quantity=D(100), unit="EA", price=D("10.00"), net=D("1000.00")),),
)


@pytest.mark.parametrize(
    ("message", "root_name", "own_number"),
    [
        ("order", "Order", "PO-1"),
        ("change", "OrderChange", "C-1"),
        ("cancellation", "OrderCancellation", "C-1"),
        ("rejection", "OrderResponseSimple", "C-1"),
    ],
)
def test_each_message_about_an_order_is_a_document_of_its_own(
    message: str, root_name: str, own_number: str
) -> None:
    root = written(ubl_orders.order(replace(ORDER, message=message, message_id=own_number)))  # type: ignore[arg-type]
    assert etree.QName(root).localname == root_name
    assert texts(root, "cbc:ID") == [own_number]
    named = texts(root, "cac:OrderReference/cbc:ID")
    assert named == ([] if message == "order" else ["PO-1"])


def test_a_refusal_says_that_the_order_is_not_accepted() -> None:
    root = written(ubl_orders.order(replace(ORDER, message="rejection")))
    assert texts(root, "cbc:AcceptedIndicator") == ["false"]


def test_only_a_changed_line_has_a_status() -> None:
    """UN/EDIFACT 1229: 3 is changed."""
    changed = replace(ORDER.lines[0], line="20", status="changed")
    order = replace(ORDER, message="change", sequence="2", lines=(*ORDER.lines, changed))
    root = written(ubl_orders.order(order))
    items = root.findall("cac:OrderLine/cac:LineItem", NS)
    assert [texts(item, "cbc:LineStatusCode") for item in items] == [[], ["3"]]
    assert texts(root, "cbc:SequenceNumberID") == ["2"]


def test_an_order_of_unknown_worth_is_payable_with_nothing() -> None:
    root = written(ubl_orders.order(replace(ORDER, net=None)))
    assert texts(root, "cac:AnticipatedMonetaryTotal/cbc:PayableAmount") == ["0"]
    assert texts(root, "cac:AnticipatedMonetaryTotal/cbc:TaxExclusiveAmount") == []


ARRIVED = ReceiptLine(line="1", order_number="PO-1", order_line="10", quantity=D(100), unit="EA")
RECEIPT = Receipt(
    number="GR-1", received_date=date(2026, 9, 4), seller=SELLER, order_number="PO-1", lines=(ARRIVED,)
)


@pytest.mark.parametrize(
    ("quantity", "accepted", "rejected"),
    [
        ("100", None, []),
        ("100", "100", []),
        ("100", "90", ["10"]),
        ("100", "0", ["100"]),
        ("12.5", "12.499", ["0.001"]),
    ],
)
def test_a_receipt_says_what_was_rejected_only_where_something_was(
    quantity: str, accepted: str | None, rejected: list[str]
) -> None:
    line = replace(ARRIVED, quantity=D(quantity), accepted=None if accepted is None else D(accepted))
    root = written(ubl_orders.receipt(replace(RECEIPT, lines=(line,))))
    assert texts(root, "cac:ReceiptLine/cbc:ReceivedQuantity") == [quantity]
    assert texts(root, "cac:ReceiptLine/cbc:RejectedQuantity") == rejected
    assert texts(root, "cac:ReceiptLine/cbc:ReceivedDate") == ["2026-09-04"]


def test_an_announcement_is_sent_by_the_vendor_and_a_receipt_is_about_it() -> None:
    vendor = "cac:Party/cac:PartyIdentification/cbc:ID"
    receipt = written(ubl_orders.receipt(RECEIPT))
    despatch = written(ubl_orders.receipt(replace(RECEIPT, kind="despatch", number="DA-1")))
    assert etree.QName(receipt).localname == "ReceiptAdvice"
    assert etree.QName(despatch).localname == "DespatchAdvice"
    for root in (receipt, despatch):
        assert texts(root, f"cac:DespatchSupplierParty/{vendor}") == ["V-1"]
        assert texts(root, f"cac:DeliveryCustomerParty/{vendor}") == []
    assert texts(despatch, "cac:DespatchLine/cbc:DeliveredQuantity") == ["100"]


# --- bytes --------------------------------------------------------------------------------------------------


def test_a_file_names_its_encoding_and_a_pretty_one_has_a_line_for_each_element() -> None:
    plain, pretty = (ubl.as_bytes(ubl.invoice(BILL), pretty=p) for p in (False, True))
    assert plain.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n")
    assert plain.count(b"\n") == 1
    assert pretty.count(b"\n") > 40
