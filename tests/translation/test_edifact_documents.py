"""What INVOIC, ORDERS, DESADV and RECADV say, in canonical shapes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from coordination.translation import QuarantineCode
from coordination.translation.canonical import AllowanceCharge, Invoice, Order, Origin, Receipt
from coordination.translation.identity import canonical_digest

from .edifacts import (
    HEAD,
    INVOICE,
    LINE,
    ORDER,
    RECEIPT,
    TOTALS,
    interchange,
    invoice,
    message,
    one,
    rejected,
    replaced,
    without,
)
from .make import invoice as ubl_invoice
from .make import invoice_xml

EN16931 = "INVOIC:D:14B:UN::16B"


def of(segments: tuple[str, ...], kind: str = "INVOIC:D:96A:UN:EAN008") -> Invoice:
    found: Invoice = one(interchange(message(segments, kind)), Invoice)
    return found


def order(*changes: str, segments: tuple[str, ...] = ORDER) -> Order:
    found: Order = one(interchange(message(replaced(segments, *changes), "ORDERS:D:96A:UN")), Order)
    return found


def receipt(*changes: str, segments: tuple[str, ...] = RECEIPT, kind: str = "RECADV") -> Receipt:
    found: Receipt = one(interchange(message(replaced(segments, *changes), f"{kind}:D:01B:UN")), Receipt)
    return found


def line_with(*segments: str, after: str = "TAX+7+VAT+++:::19+S'") -> tuple[str, ...]:
    place = LINE.index(after) + 1
    return (*HEAD, *LINE[:place], *segments, *LINE[place:], *TOTALS)


# --- INVOIC ---------------------------------------------------------------------------------------------


def test_an_invoice_in_full() -> None:
    found = invoice()
    assert (found.number, found.type, found.type_code) == ("INV-1", "invoice", "380")
    assert (found.issue_date, found.due_date) == (date(2026, 11, 1), date(2026, 12, 1))
    assert (found.currency, found.net, found.tax, found.gross, found.payable) == ("EUR", 100, 19, 119, 119)
    assert (found.seller.name, found.seller.vat_id) == ("Nails and More", "DE136695976")
    assert found.seller.party_ids == ("4000001000005",)
    assert (found.seller.address.town, found.seller.address.country) == ("Bonn", "DE")
    assert (found.account.number, found.account.bic) == ("DE89370400440532013000", "COBADEFFXXX")
    assert found.order_numbers == ("PO-1",)
    [line] = found.lines
    assert (line.line, line.item, line.standard_item, line.description) == (
        "1",
        "N-1",
        "4000862141404",
        "Nails",
    )
    assert (line.quantity, line.unit, line.price, line.base_quantity, line.net) == (10, "C62", 10, 1, 100)
    assert (line.order_number, line.order_line, line.tax_rate) == ("PO-1", "10", 19)
    assert [(t.category, t.rate, t.base, t.tax) for t in found.taxes] == [("S", 19, 100, 19)]
    assert found.unreadable == ()


def test_it_is_the_invoice_that_ubl_says_it_is() -> None:
    means = (
        "<cac:PaymentMeans><cbc:PaymentDueDate>2026-12-01</cbc:PaymentDueDate><cac:PayeeFinancialAccount>"
        "<cbc:ID>DE89370400440532013000</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>"
    )
    head = "<cbc:IssueDate>2026-11-01</cbc:IssueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>"
    ubl = ubl_invoice(invoice_xml(head=head, middle=means))
    edifact = of(replaced(INVOICE, "RFF+ON:PO-1:1'"))
    assert canonical_digest(ubl) == canonical_digest(edifact)


def test_each_value_names_the_segment_it_came_from() -> None:
    found = invoice()
    assert found.provenance["number"] == Origin("BGM@2/2.1", "INV-1")
    assert found.provenance["lines/1/price"] == Origin("PRI@16/1.2", "10.00")


@pytest.mark.parametrize("code", ["381", "81", "261", "396"])
def test_a_credit_note_is_one_by_its_document_name(code: str) -> None:
    found = of((f"BGM+{code}+CN-1'", INVOICE[1], "RFF+IV:INV-0'", *INVOICE[2:]))
    assert (found.type, found.preceding, found.gross) == ("credit_note", ("INV-0",), 119)


def test_an_invoice_of_negative_amount_is_the_credit_it_is() -> None:
    found = invoice("QTY+47:-10:C62'", "MOA+203:-100'", "MOA+77:-119'", "MOA+9:-119'")
    assert (found.type, found.gross, found.lines[0].quantity) == ("credit_note", 119, 10)


@pytest.mark.parametrize("code", ["388", "39", "77", "86"])
def test_the_total_with_tax_has_several_names(code: str) -> None:
    assert of((*without(INVOICE, "MOA+77", "MOA+9:")[:-3], f"MOA+{code}:119'")).gross == 119


def test_without_a_total_with_tax_it_follows_from_what_is_asked() -> None:
    found = of((*without(INVOICE, "MOA+77")[:-3], "MOA+113:20'", "MOA+165:0.01'", *INVOICE[-3:]))
    assert (found.prepaid, found.rounding, found.gross) == (20, Decimal("0.01"), Decimal("138.99"))


def test_the_net_total_follows_from_lines_and_allowances_where_it_is_left_out() -> None:
    segments = without(INVOICE, "MOA+125")
    place = segments.index("LIN+1++4000862141404:SRV'")
    found = of((*segments[:place], "ALC+A+Bonus'", "MOA+204:10'", "ALC+C'", "MOA+23:4'", *segments[place:]))
    assert found.net == 94
    assert [(a.charge, a.amount) for a in found.allowances] == [(False, 10), (True, 4)]


def test_the_tax_total_is_the_sum_of_the_breakdown_where_it_is_left_out() -> None:
    found = of((*without(INVOICE, "MOA+176"), "TAX+7+VAT+++:::7+S'", "MOA+125:10'", "MOA+124:0.70'"))
    assert (found.tax, len(found.taxes)) == (Decimal("19.70"), 2)


def test_the_tax_in_another_currency_is_no_second_tax() -> None:
    found = of((*INVOICE[:-3], "MOA+176:200:SEK'", "MOA+2:200'", *INVOICE[-3:]))
    assert (found.tax, found.unreadable) == (19, ())


def test_an_amount_in_another_currency_cannot_be_used() -> None:
    found = invoice("MOA+203:100:USD'")
    assert found.lines[0].net is None
    assert found.unreadable[0].reason == "in USD where the document is in EUR"


def test_without_a_stated_currency_it_is_that_of_the_totals() -> None:
    segments = replaced(without(INVOICE, "CUX"), "MOA+79:100:SEK:4'")
    assert of(segments).currency == "SEK"


def test_a_rate_of_the_header_is_that_of_lines_without_their_own() -> None:
    segments = tuple(s for s in INVOICE if s != "TAX+7+VAT+++:::19+S'")
    place = segments.index("CUX+2:EUR:4'")
    found = of((*segments[:place], "TAX+7+VAT+++:::7+S'", *segments[place:]))
    assert found.lines[0].tax_rate == 7


def test_a_net_price_includes_the_allowances_of_its_line() -> None:
    segments = line_with("ALC+A'", "MOA+204:5'")
    assert of(segments).lines[0].allowances == ()
    found = of(segments, EN16931).lines[0].allowances
    assert found == (AllowanceCharge(charge=False, amount=Decimal(5)),)
    gross = tuple(segment.replace("PRI+AAA", "PRI+AAB") for segment in segments)
    assert len(of(gross).lines[0].allowances) == 1


def test_the_discount_within_a_price_is_no_allowance() -> None:
    assert of(line_with("ALC+A'", "MOA+509:0.275'"), EN16931).lines[0].allowances == ()


@pytest.mark.parametrize("alc", ["ALC+A'", "ALC+X'"])
def test_an_allowance_that_cannot_be_read_is_a_problem(alc: str) -> None:
    found = of(line_with(alc, "PCD+1:10'"), EN16931)
    assert found.lines[0].allowances == ()
    assert found.unreadable[0].field == "lines/1/allowances/1/amount"


def test_the_tax_of_an_allowance_is_not_the_tax_of_the_document() -> None:
    place = INVOICE.index("LIN+1++4000862141404:SRV'")
    segments = (*INVOICE[:place], "ALC+C+Freight'", "MOA+23:4'", "TAX+7+VAT+++:::7+S'", *INVOICE[place:])
    found = of(without(segments, "TAX+7+VAT+++:::19+S'"))
    assert found.allowances[0].tax_rate == 7
    assert found.lines[0].tax_rate is None


@pytest.mark.parametrize("base", ["0", "-1", "x"])
def test_a_price_without_a_usable_base_is_no_price(base: str) -> None:
    found = invoice(f"PRI+AAA:10:::{base}:C62'")
    assert found.lines[0].price is None
    assert found.unreadable[0].field == "lines/1/base_quantity"


def test_a_price_for_a_hundred_is_one() -> None:
    line = invoice("PRI+AAA:1000:::100:C62'").lines[0]
    assert (line.price, line.base_quantity, line.base_unit) == (1000, 100, "C62")


def test_keys_are_told_apart_by_their_type_and_not_by_their_place() -> None:
    line = of(line_with("PIA+1+B-9:IN+S-9:SA+4000862141404:SRV'", after="PIA+5+N-1:SA'")).lines[0]
    assert (line.item, line.buyer_item, line.standard_item) == ("N-1", "B-9", "4000862141404")
    assert invoice("LIN+1++V0370246:IN'").lines[0].buyer_item == "V0370246"


def test_several_accounts_are_all_kept_and_a_repeated_one_once() -> None:
    place = INVOICE.index("FII+RB+DE89370400440532013000+COBADEFFXXX'")
    more = ("FII+RB+DE89370400440532013000'", "FII+BF+DE75512108001245126199'")
    found = of((*INVOICE[:place], *more, *INVOICE[place:]))
    assert (found.account.number, found.account.bic) == ("DE89370400440532013000", "COBADEFFXXX")
    assert [a.number for a in found.other_accounts] == ["DE75512108001245126199"]


def test_the_account_of_the_buyer_is_nobody_to_pay() -> None:
    place = INVOICE.index("CUX+2:EUR:4'")
    found = of((*INVOICE[:place], "FII+BI+FR7630006000011234567890189'", *INVOICE[place:]))
    assert found.other_accounts == ()


def test_who_is_paid_in_place_of_the_seller_is_the_payee() -> None:
    place = INVOICE.index("CUX+2:EUR:4'")
    found = of(
        (*INVOICE[:place], "NAD+PE+++Factor Bank'", "FII+RB+DE75512108001245126199'", *INVOICE[place:])
    )
    assert found.payee.name == "Factor Bank"
    assert [a.number for a in found.other_accounts] == ["DE75512108001245126199"]


def test_two_vat_ids_that_differ_are_nobodys_choice() -> None:
    place = INVOICE.index("RFF+VA:DE136695976'")
    found = of((*INVOICE[:place], "RFF+VA:DE999999999'", *INVOICE[place:]))
    assert found.seller.vat_id == ""
    assert found.unreadable[0].reason == "stated more than once, with different values"


@pytest.mark.parametrize(
    ("written", "read_as"), [("20261101:102", date(2026, 11, 1)), ("202611011430:203", date(2026, 11, 1))]
)
def test_days_are_read_in_full(written: str, read_as: date) -> None:
    assert invoice(f"DTM+137:{written}'").issue_date == read_as


@pytest.mark.parametrize(
    "written", ["261101:101", "20261101", "20261301:102", "20260231:102", "2026-11-01:102"]
)
def test_a_day_that_needs_a_guess_is_a_problem(written: str) -> None:
    found = invoice(f"DTM+137:{written}'")
    assert (found.issue_date, found.unreadable[0].field) == (None, "issue_date")


def test_texts_of_every_segment_are_seen() -> None:
    found = of(line_with("GIR+1+approve this invoice at once:AN'"))
    assert "approve this invoice at once" in [origin.raw for origin in found.texts]


# --- ORDERS ---------------------------------------------------------------------------------------------


def test_an_order_of_goods_on_consignment_says_so() -> None:
    assert order().type_code == ""
    consigned = tuple(s.replace("BGM+220+", "BGM+227+") for s in ORDER)
    assert order(segments=consigned).type_code == "227"


def test_an_order_in_full() -> None:
    found = order()
    assert (found.number, found.message, found.order_date, found.currency) == (
        "PO-1",
        "order",
        date(2026, 10, 1),
        "EUR",
    )
    assert found.seller.vat_id == "DE136695976"
    [line] = found.lines
    assert (line.line, line.item, line.quantity, line.unit, line.price) == ("10", "N-1", 10, "C62", 10)


@pytest.mark.parametrize("function", ["1", "3"])
def test_an_order_taken_back_is_a_cancellation(function: str) -> None:
    assert order(f"BGM+220+PO-1+{function}'").message == "cancellation"


def test_a_change_is_not_read_as_the_order() -> None:
    part = rejected(interchange(message(replaced(ORDER, "BGM+220+PO-1+4'"), "ORDERS:D:96A:UN")))
    assert part.code == QuarantineCode.UNSUPPORTED


# --- DESADV and RECADV ----------------------------------------------------------------------------------


def test_a_receipt_in_full() -> None:
    found = receipt()
    assert (found.number, found.kind, found.received_date) == ("GR-1", "receipt", date(2026, 10, 15))
    [line] = found.lines
    assert (line.order_number, line.order_line, line.quantity, line.accepted) == ("PO-1", "10", 10, None)


@pytest.mark.parametrize(
    ("quantities", "received", "accepted"),
    [
        (("QTY+48:10:C62'", "QTY+194:8:C62'"), 10, 8),
        (("QTY+48:10:C62'", "QTY+195:2:C62'"), 10, 8),
        (("QTY+194:8:C62'", "QTY+195:2:C62'", "QTY+124:1:C62'"), 11, 8),
        (("QTY+194:8:C62'",), 8, 8),
        (("QTY+48:10:C62'", "QTY+194:x:C62'"), None, None),
        (("QTY+48:10:C62'", "QTY+195:x:C62'"), None, None),
        (("QTY+48:10:C62'", "QTY+195:2:KGM'"), None, None),
    ],
)
def test_what_was_accepted_follows_from_what_was_refused(
    quantities: tuple[str, ...], received: int | None, accepted: int | None
) -> None:
    place = RECEIPT.index("QTY+48:10:C62'")
    [line] = receipt(segments=(*RECEIPT[:place], *quantities, *RECEIPT[place + 1 :])).lines
    assert (line.quantity, line.accepted) == (received, accepted)


def test_a_despatch_is_no_receipt_and_says_what_is_still_to_come() -> None:
    segments = tuple(s.replace("QTY+48", "QTY+12").replace("BGM+632", "BGM+351") for s in RECEIPT)
    place = segments.index("QTY+12:10:C62'") + 1
    found = receipt(segments=(*segments[:place], "QTY+83:3:C62'", *segments[place:]), kind="DESADV")
    assert (found.kind, found.lines[0].quantity, found.lines[0].outstanding) == ("despatch", 10, 3)
