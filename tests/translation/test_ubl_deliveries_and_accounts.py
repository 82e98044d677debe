"""UBL orders, deliveries, statements and answers: which party, day, line and sign a document states."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation import QuarantineCode, Unreadable, translate
from coordination.translation.canonical import Answer, Information, Order, Receipt, Statement, StatementLine

from .conftest import only
from .make import document

D = Decimal
NUMBER = "<cbc:ID>N-1</cbc:ID>"
ORDER = "<cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>"


def read(kind: str, body: str, shape: type[Any], number: str = NUMBER) -> Any:
    return only(translate(document(kind, number + body), "made.xml"), shape)


def party(holder: str, name: str) -> str:
    return f"<cac:{holder}><cac:Party><cac:PartyName><cbc:Name>{name}</cbc:Name></cac:PartyName></cac:Party></cac:{holder}>"


# --- orders -------------------------------------------------------------------------------------------------


def order(kind: str, body: str) -> Order:
    found: Order = read(kind, body, Order)
    return found


def line(inner: str) -> str:
    return f"<cac:OrderLine><cac:LineItem><cbc:ID>10</cbc:ID>{inner}</cac:LineItem></cac:OrderLine>"


@pytest.mark.parametrize(
    ("kind", "more", "message"),
    [
        ("OrderChange", "", "change"),
        ("OrderResponse", "", "response"),
        ("OrderCancellation", "", "cancellation"),
        ("OrderResponseSimple", "<cbc:AcceptedIndicator>true</cbc:AcceptedIndicator>", "acceptance"),
        ("OrderResponseSimple", "<cbc:AcceptedIndicator>0</cbc:AcceptedIndicator>", "rejection"),
    ],
)
def test_a_message_about_an_order_has_its_own_number_and_that_of_the_order(
    kind: str, more: str, message: str
) -> None:
    found = order(kind, more + ORDER)
    assert (found.number, found.message_id, found.message) == ("PO-1", "N-1", message)


def test_an_order_is_the_message_about_itself() -> None:
    found = order("Order", "")
    assert (found.number, found.message_id, found.message) == ("N-1", "N-1", "order")


@pytest.mark.parametrize("kind", ["OrderChange", "OrderResponse", "OrderCancellation", "OrderResponseSimple"])
@pytest.mark.parametrize("reference", ["", "<cac:OrderReference><cbc:ID>n/a</cbc:ID></cac:OrderReference>"])
def test_a_message_about_no_order_is_refused_with_what_to_ask(kind: str, reference: str) -> None:
    with pytest.raises(Unreadable) as refused:
        order(kind, reference)
    assert refused.value.code == QuarantineCode.MISSING_ID
    assert f"the {kind} names no order" in refused.value.error
    assert refused.value.error.endswith("ask which order is meant")


@pytest.mark.parametrize(
    ("kind", "body", "note"),
    [
        ("OrderCancellation", "<cbc:CancellationNote>Too late</cbc:CancellationNote>", "Too late"),
        ("OrderCancellation", "<cbc:Note>Sorry</cbc:Note>", "Sorry"),
        (
            "OrderCancellation",
            "<cbc:Note>Sorry</cbc:Note><cbc:CancellationNote>Too late</cbc:CancellationNote>",
            "Too late",
        ),
        (
            "OrderResponseSimple",
            (
                "<cbc:AcceptedIndicator>false</cbc:AcceptedIndicator>"
                "<cbc:RejectionNote>No steel</cbc:RejectionNote>"
            ),
            "No steel",
        ),
    ],
)
def test_why_an_order_ended_is_said_before_any_other_note(kind: str, body: str, note: str) -> None:
    assert order(kind, body + ORDER).note == note


def test_changes_follow_each_other_by_their_sequence() -> None:
    assert order("OrderChange", f"<cbc:SequenceNumberID>2</cbc:SequenceNumberID>{ORDER}").sequence == "2"


def test_the_sellers_own_number_is_of_his_answer_or_repeated_in_the_reference() -> None:
    repeated = ORDER.replace("</cac:Order", "<cbc:SalesOrderID>SO-7</cbc:SalesOrderID></cac:Order")
    assert order("OrderResponse", repeated).sales_order == "SO-7"
    own = f"<cbc:SalesOrderID>SO-8</cbc:SalesOrderID>{repeated}"
    assert order("OrderResponse", own).sales_order == "SO-8"


def test_the_totals_of_an_order_are_net_tax_and_gross() -> None:
    money = 'currencyID="EUR"'
    totals = (
        f"<cac:TaxTotal><cbc:TaxAmount {money}>19.00</cbc:TaxAmount></cac:TaxTotal>"
        "<cac:AnticipatedMonetaryTotal>"
        f"<cbc:LineExtensionAmount {money}>100.00</cbc:LineExtensionAmount>"
        f"<cbc:TaxExclusiveAmount {money}>100.00</cbc:TaxExclusiveAmount>"
        f"<cbc:TaxInclusiveAmount {money}>119.00</cbc:TaxInclusiveAmount>"
        f"<cbc:PayableAmount {money}>119.00</cbc:PayableAmount></cac:AnticipatedMonetaryTotal>"
    )
    found = order("Order", totals)
    assert (found.net, found.tax, found.gross) == (D("100.00"), D("19.00"), D("119.00"))
    assert {"lines_net", "payable"} & set(found.provenance) == set()


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("3", "changed"),
        ("5", "accepted"),
        ("7", "rejected"),
        ("42", "delivered"),
        ("Added", "added"),
        ("Cancelled", "deleted"),
        ("Disputed", "rejected"),
        ("added", ""),
        ("", ""),
    ],
)
def test_the_status_of_a_line_is_a_code_of_peppol_or_a_word_of_ubl(code: str, status: str) -> None:
    found = order("OrderChange", ORDER + line(f"<cbc:LineStatusCode>{code}</cbc:LineStatusCode>"))
    assert found.lines[0].status == status


@pytest.mark.parametrize(
    ("price", "amount", "base", "problems"),
    [
        ("<cbc:PriceAmount>12.50</cbc:PriceAmount>", "12.50", "1", 0),
        (
            '<cbc:PriceAmount>12.50</cbc:PriceAmount><cbc:BaseQuantity unitCode="C62">100</cbc:BaseQuantity>',
            "12.50",
            "100",
            0,
        ),
        ("<cbc:PriceAmount>12.50</cbc:PriceAmount><cbc:BaseQuantity>0</cbc:BaseQuantity>", None, "1", 1),
        ("<cbc:PriceAmount>12,50</cbc:PriceAmount>", None, "1", 1),
        ("<cbc:PriceAmount>12.50</cbc:PriceAmount><cbc:BaseQuantity></cbc:BaseQuantity>", "12.50", "1", 0),
    ],
)
def test_the_price_of_an_order_is_for_its_base_quantity(
    price: str, amount: str | None, base: str, problems: int
) -> None:
    found = order("Order", line(f"<cac:Price>{price}</cac:Price>"))
    [one] = found.lines
    assert (one.price, one.base_quantity) == (None if amount is None else D(amount), D(base))
    assert len(found.unreadable) == problems


def test_an_item_has_the_numbers_of_seller_buyer_and_the_world() -> None:
    item = (
        "<cac:Item><cbc:Description>Bolt of steel</cbc:Description><cbc:Name>Bolt M8</cbc:Name>"
        "<cac:BuyersItemIdentification><cbc:ID>B-1</cbc:ID></cac:BuyersItemIdentification>"
        "<cac:SellersItemIdentification><cbc:ID>S-1</cbc:ID></cac:SellersItemIdentification>"
        "<cac:StandardItemIdentification><cbc:ID>4000862141404</cbc:ID></cac:StandardItemIdentification>"
        "</cac:Item>"
    )
    [one] = order("Order", line(item)).lines
    assert (one.item, one.buyer_item, one.standard_item) == ("S-1", "B-1", "4000862141404")
    assert one.description == "Bolt M8"


# --- receipts and despatches --------------------------------------------------------------------------------


def receipt(body: str, kind: str = "ReceiptAdvice") -> Receipt:
    found: Receipt = read(kind, body, Receipt)
    return found


def received(quantity: str = "90", more: str = "", number: str = "1") -> str:
    return (
        f"<cac:ReceiptLine><cbc:ID>{number}</cbc:ID>"
        f'<cbc:ReceivedQuantity unitCode="KGM">{quantity}</cbc:ReceivedQuantity>{more}</cac:ReceiptLine>'
    )


@pytest.mark.parametrize(
    ("more", "accepted"),
    [
        ("", None),
        ("<cbc:RejectedQuantity></cbc:RejectedQuantity>", None),
        ("<cbc:RejectedQuantity>0</cbc:RejectedQuantity>", "90"),
        ("<cbc:RejectedQuantity>90</cbc:RejectedQuantity>", "0"),
        ('<cbc:RejectedQuantity unitCode="KGM">0.001</cbc:RejectedQuantity>', "89.999"),
    ],
)
def test_what_was_not_rejected_was_accepted(more: str, accepted: str | None) -> None:
    [one] = receipt(received(more=more)).lines
    assert one.quantity == D(90)
    assert one.accepted == (None if accepted is None else D(accepted))


def test_rejects_of_an_unknown_number_of_pieces_leave_nothing_accepted() -> None:
    [one] = receipt(received("many", "<cbc:RejectedQuantity>4</cbc:RejectedQuantity>")).lines
    assert (one.quantity, one.accepted) == (None, None)


@pytest.mark.parametrize(
    ("days", "day"),
    [
        (("", ""), date(2026, 9, 10)),
        (("2026-09-04", ""), date(2026, 9, 4)),
        (("", "2026-09-05"), date(2026, 9, 5)),
        (("2026-09-04", "2026-09-05"), date(2026, 9, 4)),
    ],
)
def test_goods_were_received_on_the_day_of_the_first_line_that_says_one_or_when_it_was_written(
    days: tuple[str, str], day: date
) -> None:
    lines = "".join(
        received(more=f"<cbc:ReceivedDate>{d}</cbc:ReceivedDate>" if d else "", number=str(n))
        for n, d in enumerate(days, 1)
    )
    assert receipt(f"<cbc:IssueDate>2026-09-10</cbc:IssueDate>{lines}").received_date == day


def test_a_receipt_names_the_despatch_it_confirms_and_the_order() -> None:
    despatch = "<cac:DespatchDocumentReference><cbc:ID>DA-1</cbc:ID></cac:DespatchDocumentReference>"
    found = receipt(ORDER + despatch + received())
    assert (found.kind, found.order_number, found.despatch_number) == ("receipt", "PO-1", "DA-1")


def test_a_line_may_name_its_own_order_and_the_line_of_it() -> None:
    reference = (
        "<cac:OrderLineReference><cbc:LineID>20</cbc:LineID>"
        "<cac:OrderReference><cbc:ID>PO-2</cbc:ID></cac:OrderReference></cac:OrderLineReference>"
    )
    [one] = receipt(ORDER + received(more=reference)).lines
    assert (one.order_number, one.order_line) == ("PO-2", "20")


@pytest.mark.parametrize(
    ("parties", "seller"),
    [
        (party("SellerSupplierParty", "Hartmann") + party("DespatchSupplierParty", "Carrier"), "Hartmann"),
        (party("DespatchSupplierParty", "Carrier"), "Carrier"),
        (party("DeliveryCustomerParty", "Us"), ""),
    ],
)
@pytest.mark.parametrize("kind", ["ReceiptAdvice", "DespatchAdvice"])
def test_who_sold_the_goods_counts_before_who_sent_them(kind: str, parties: str, seller: str) -> None:
    assert receipt(parties, kind).seller.name == seller


def despatched(more: str = "") -> str:
    return (
        '<cac:DespatchLine><cbc:ID>1</cbc:ID><cbc:DeliveredQuantity unitCode="C62">40</cbc:DeliveredQuantity>'
        f"{more}</cac:DespatchLine>"
    )


@pytest.mark.parametrize(
    ("more", "outstanding"),
    [
        ("", None),
        ("<cbc:OutstandingQuantity>60</cbc:OutstandingQuantity>", "60"),
        ("<cbc:BackorderQuantity>50</cbc:BackorderQuantity>", "50"),
        (
            "<cbc:BackorderQuantity>50</cbc:BackorderQuantity><cbc:OutstandingQuantity>60</cbc:OutstandingQuantity>",
            "60",
        ),
        ("<cbc:OutstandingQuantity>0</cbc:OutstandingQuantity>", "0"),
    ],
)
def test_a_despatch_says_what_is_still_to_come(more: str, outstanding: str | None) -> None:
    found = receipt(despatched(more), "DespatchAdvice")
    [one] = found.lines
    assert (found.kind, one.quantity, one.unit, one.accepted) == ("despatch", D(40), "C62", None)
    assert one.outstanding == (None if outstanding is None else D(outstanding))


@pytest.mark.parametrize(
    ("kind", "line", "quantity"),
    [
        ("ReceiptAdvice", "ReceiptLine", "ReceivedQuantity"),
        ("DespatchAdvice", "DespatchLine", "DeliveredQuantity"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line_counted_from_one(
    kind: str, line: str, quantity: str
) -> None:
    lines = "".join(
        f"<cac:{line}><cbc:ID>{n}0</cbc:ID><cbc:{quantity}>{text}</cbc:{quantity}></cac:{line}>"
        for n, text in enumerate(("5", "some"), 1)
    )
    found = receipt(lines, kind)
    assert [x.quantity for x in found.lines] == [D(5), None]
    assert [p.field for p in found.unreadable] == ["lines/2/quantity"]


def test_a_despatch_is_named_by_its_own_number() -> None:
    found = receipt(despatched(), "DespatchAdvice")
    assert (found.number, found.despatch_number) == ("N-1", "N-1")


# --- statements of account ----------------------------------------------------------------------------------


def statement(
    lines: str, head: str = "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
) -> Statement:
    found: Statement = read("Statement", head + lines, Statement)
    return found


def debit(amount: str) -> str:
    return f"<cbc:DebitLineAmount>{amount}</cbc:DebitLineAmount>"


def credit(amount: str) -> str:
    return f"<cbc:CreditLineAmount>{amount}</cbc:CreditLineAmount>"


def about(*references: tuple[str, str]) -> str:
    inside = "".join(
        f"<cac:{kind}DocumentReference><cbc:ID>{number}</cbc:ID></cac:{kind}DocumentReference>"
        for kind, number in references
    )
    return f"<cac:BillingReference>{inside}</cac:BillingReference>"


def account_line(*inside: str) -> StatementLine:
    [found] = statement(f"<cac:StatementLine>{''.join(inside)}</cac:StatementLine>").lines
    return found


@pytest.mark.parametrize(
    ("sides", "amount"),
    [
        (debit("119.00"), "119.00"),
        (credit("119.00"), "-119.00"),
        (debit("119.00") + credit("19.00"), "100.00"),
        (debit("0.00") + credit("19.00"), "-19.00"),
        (debit("-5.00"), "-5.00"),
        (credit("-5.00"), "5.00"),
        ("", None),
    ],
)
def test_a_line_is_what_we_owe_less_what_is_taken_off(sides: str, amount: str | None) -> None:
    assert account_line(sides).amount == (None if amount is None else D(amount))


@pytest.mark.parametrize(
    ("sides", "reference", "kind", "others"),
    [
        (debit("5"), "INV-1", "Invoice", ("CN-1",)),
        (credit("5"), "CN-1", "CreditNote", ("INV-1",)),
    ],
)
def test_a_line_of_two_documents_is_about_the_one_that_its_sign_fits(
    sides: str, reference: str, kind: str, others: tuple[str, ...]
) -> None:
    found = account_line(sides, about(("Invoice", "INV-1"), ("CreditNote", "CN-1")))
    assert (found.reference, found.type, found.other_references) == (reference, kind, others)


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        ("Invoice", "Invoice"),
        ("SelfBilledInvoice", "SelfBilledInvoice"),
        ("DebitNote", "DebitNote"),
        ("Reminder", "Reminder"),
        ("Additional", "Document"),
    ],
)
@pytest.mark.parametrize("sides", [debit("5"), credit("5")])
def test_a_line_about_one_document_is_about_it_whatever_its_sign(sides: str, kind: str, type_: str) -> None:
    found = account_line(sides, about((kind, "X-1")))
    assert (found.reference, found.type, found.other_references) == ("X-1", type_, ())


@pytest.mark.parametrize(("said", "type_"), [("true", True), ("1", True), ("false", False), ("0", False)])
def test_a_balance_brought_forward_is_what_an_xml_boolean_says(said: str, type_: bool) -> None:
    indicator = f"<cbc:BalanceBroughtForwardIndicator>{said}</cbc:BalanceBroughtForwardIndicator>"
    found = account_line(indicator, debit("5"), about(("Invoice", "INV-1")))
    assert found.type == ("BalanceBroughtForward" if type_ else "Invoice")


def test_the_totals_of_a_statement_are_those_it_states() -> None:
    totals = (
        "<cbc:TotalDebitAmount>7.00</cbc:TotalDebitAmount><cbc:TotalCreditAmount>2.00</cbc:TotalCreditAmount>"
        "<cbc:TotalBalanceAmount>999.00</cbc:TotalBalanceAmount>"
    )
    found = statement(totals + f"<cac:StatementLine>{debit('7.00')}</cac:StatementLine>")
    assert (found.total_debit, found.total_credit, found.balance) == (D(7), D(2), D(999))


CENTS = st.decimals("0", "99999", places=2)


@given(st.lists(st.tuples(CENTS, CENTS), max_size=6))
def test_lines_of_a_statement_come_to_debits_less_credits(pairs: list[tuple[Decimal, Decimal]]) -> None:
    lines = "".join(
        f"<cac:StatementLine>{debit(str(d))}{credit(str(c))}</cac:StatementLine>" for d, c in pairs
    )
    found = statement(lines)
    assert sum((x.amount or D(0) for x in found.lines), D(0)) == sum((d - c for d, c in pairs), D(0))


# --- answers and what is only told --------------------------------------------------------------------------


def test_an_answer_says_who_answers_whom_about_what_and_why() -> None:
    status = (
        "<cac:Status><cbc:StatusReasonCode>PRI</cbc:StatusReasonCode>"
        "<cbc:StatusReason>Price too high</cbc:StatusReason></cac:Status>"
        "<cac:Status><cbc:StatusReasonCode>QTY</cbc:StatusReasonCode></cac:Status>"
    )
    body = (
        "<cbc:IssueDate>2026-09-05</cbc:IssueDate><cbc:Note>Please see</cbc:Note>"
        + party("SenderParty", "Hartmann")
        + party("ReceiverParty", "Us")
        + "<cac:DocumentResponse><cac:Response><cbc:ResponseCode>RE</cbc:ResponseCode>"
        f"<cbc:Description>below</cbc:Description>{status}</cac:Response><cac:DocumentReference><cbc:ID>INV-1</cbc:ID>"
        "<cbc:DocumentTypeCode>380</cbc:DocumentTypeCode><cbc:DocumentType>Invoice</cbc:DocumentType>"
        "</cac:DocumentReference></cac:DocumentResponse>"
    )
    found: Answer = read("ApplicationResponse", body, Answer)
    assert (found.refers_to, found.refers_type, found.response_code) == ("INV-1", "380", "RE")
    assert found.reasons == ("PRI", "QTY")
    assert found.text == "Please see\nbelow\nPrice too high"
    assert (found.sender.name, found.receiver.name, found.issue_date) == ("Hartmann", "Us", date(2026, 9, 5))


@pytest.mark.parametrize(
    ("kind", "body", "told", "amount"),
    [
        (
            "RemittanceAdvice",
            '<cbc:TotalPaymentAmount currencyID="EUR">119.00</cbc:TotalPaymentAmount>',
            "remittance",
            "119.00",
        ),
        (
            "Reminder",
            (
                '<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="EUR">129.00</cbc:PayableAmount>'
                "</cac:LegalMonetaryTotal>"
            ),
            "reminder",
            "129.00",
        ),
    ],
)
def test_a_remittance_and_a_reminder_tell_an_amount_and_name_invoices_each_once(
    kind: str, body: str, told: str, amount: str
) -> None:
    lines = "".join(
        f"<cac:{kind}Line>{about(('Invoice', number))}</cac:{kind}Line>"
        for number in ("INV-1", "INV-2", "INV-1")
    )
    found: Information = read(kind, body + lines, Information)
    assert (found.kind, found.amount, found.refers_to) == (told, D(amount), ("INV-1", "INV-2"))
