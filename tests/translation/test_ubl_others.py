"""Orders, receipts, statements and answers in UBL where a made document shows the rule."""

from __future__ import annotations

from decimal import Decimal

import pytest

from coordination.translation import translate
from coordination.translation.canonical import Answer, Receipt, Statement

from .conftest import only
from .make import document, order

REFERENCE = "<cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>"


def order_line(inner: str, around: str = "") -> str:
    return f"<cac:OrderLine>{around}<cac:LineItem>{inner}</cac:LineItem></cac:OrderLine>"


@pytest.mark.parametrize(
    ("code", "message"),
    [("AP", "acceptance"), ("RE", "rejection"), ("CA", "response"), ("AB", "response"), ("??", "response")],
)
def test_order_response_codes(code: str, message: str) -> None:
    body = f"<cbc:ID>9</cbc:ID><cbc:OrderResponseCode>{code}</cbc:OrderResponseCode>{REFERENCE}"
    assert order(document("OrderResponse", body)).message == message


@pytest.mark.parametrize(("text", "message"), [("true", "acceptance"), ("false", "rejection")])
def test_a_simple_response_is_yes_or_no(text: str, message: str) -> None:
    body = f"<cbc:ID>9</cbc:ID><cbc:AcceptedIndicator>{text}</cbc:AcceptedIndicator>{REFERENCE}"
    assert order(document("OrderResponseSimple", body)).message == message


def test_a_simple_response_that_says_neither_settles_nothing() -> None:
    body = f"<cbc:ID>9</cbc:ID><cbc:AcceptedIndicator>perhaps</cbc:AcceptedIndicator>{REFERENCE}"
    made = order(document("OrderResponseSimple", body))
    assert made.message == "response"
    assert [problem.field for problem in made.unreadable] == ["message"]


def test_a_response_line_is_the_order_line_it_refers_to() -> None:
    reference = "<cac:OrderLineReference><cbc:LineID>7</cbc:LineID></cac:OrderLineReference>"
    body = f"<cbc:ID>9</cbc:ID>{REFERENCE}" + order_line("<cbc:ID>1</cbc:ID>", reference)
    assert order(document("OrderResponse", body)).lines[0].line == "7"


@pytest.mark.parametrize(
    ("code", "status"),
    [("1", "added"), ("2", "deleted"), ("Revised", "changed"), ("NoStatus", ""), ("x", "")],
)
def test_line_status_words(code: str, status: str) -> None:
    line = order_line(f"<cbc:ID>1</cbc:ID><cbc:LineStatusCode>{code}</cbc:LineStatusCode>")
    assert order(document("OrderChange", f"<cbc:ID>9</cbc:ID>{REFERENCE}{line}")).lines[0].status == status


def test_an_order_without_a_currency_takes_that_of_its_lines() -> None:
    line = order_line('<cbc:LineExtensionAmount currencyID="SEK">5</cbc:LineExtensionAmount>')
    assert order(document("Order", f"<cbc:ID>9</cbc:ID>{line}")).currency == "SEK"


def test_an_order_keeps_its_charges() -> None:
    charge = (
        "<cac:AllowanceCharge><cbc:ChargeIndicator>true</cbc:ChargeIndicator>"
        "<cbc:Amount>400.00</cbc:Amount></cac:AllowanceCharge>"
    )
    made = order(document("Order", f"<cbc:ID>9</cbc:ID>{charge}"))
    assert [(one.charge, one.amount) for one in made.allowances] == [(True, Decimal(400))]


def receipt(quantities: str) -> Receipt:
    body = f"<cbc:ID>R-1</cbc:ID>{REFERENCE}<cac:ReceiptLine><cbc:ID>1</cbc:ID>{quantities}</cac:ReceiptLine>"
    return only(translate(document("ReceiptAdvice", body), "r.xml"), Receipt)


def test_accepted_is_received_less_rejected() -> None:
    made = receipt(
        '<cbc:ReceivedQuantity unitCode="KGM">90</cbc:ReceivedQuantity>'
        '<cbc:RejectedQuantity unitCode="KGM">4</cbc:RejectedQuantity>'
    )
    assert (made.lines[0].quantity, made.lines[0].accepted) == (Decimal(90), Decimal(86))


@pytest.mark.parametrize(
    "rejected",
    [
        '<cbc:RejectedQuantity unitCode="KGM">some</cbc:RejectedQuantity>',
        '<cbc:RejectedQuantity unitCode="TNE">1</cbc:RejectedQuantity>',
    ],
)
def test_unknown_rejects_do_not_mean_that_all_was_accepted(rejected: str) -> None:
    made = receipt(f'<cbc:ReceivedQuantity unitCode="KGM">90</cbc:ReceivedQuantity>{rejected}')
    assert (made.lines[0].quantity, made.lines[0].accepted) == (None, None)
    assert [problem.field for problem in made.unreadable] == ["lines/1/accepted"]


def statement(lines: str) -> Statement:
    body = f"<cbc:ID>S-1</cbc:ID><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>{lines}"
    return only(translate(document("Statement", body), "s.xml"), Statement)


def test_a_statement_line_owes_debit_less_credit() -> None:
    amounts = (
        "<cbc:DebitLineAmount>5.00</cbc:DebitLineAmount><cbc:CreditLineAmount>7.50</cbc:CreditLineAmount>"
    )
    assert statement(f"<cac:StatementLine>{amounts}</cac:StatementLine>").lines[0].amount == Decimal("-2.50")


def test_a_statement_line_with_an_unreadable_side_has_no_amount() -> None:
    amounts = (
        "<cbc:DebitLineAmount>5,00</cbc:DebitLineAmount><cbc:CreditLineAmount>7.50</cbc:CreditLineAmount>"
    )
    made = statement(f"<cac:StatementLine>{amounts}</cac:StatementLine>")
    assert made.lines[0].amount is None
    assert [problem.field for problem in made.unreadable] == ["lines/1/amount"]


def test_a_balance_brought_forward_is_no_invoice() -> None:
    inner = (
        "<cbc:BalanceBroughtForwardIndicator>true</cbc:BalanceBroughtForwardIndicator>"
        "<cbc:DebitLineAmount>5</cbc:DebitLineAmount>"
    )
    line = statement(f"<cac:StatementLine>{inner}</cac:StatementLine>").lines[0]
    assert (line.type, line.reference) == ("BalanceBroughtForward", "")


def test_an_application_response_gives_one_answer_for_each_document() -> None:
    response = (
        "<cac:DocumentResponse><cac:Response><cbc:ResponseCode>{}</cbc:ResponseCode></cac:Response>"
        "<cac:DocumentReference><cbc:ID>{}</cbc:ID></cac:DocumentReference></cac:DocumentResponse>"
    )
    body = "<cbc:ID>A-1</cbc:ID>" + response.format("AP", "INV-1") + response.format("RE", "INV-2")
    found = translate(document("ApplicationResponse", body), "a.xml").documents
    answers = [(one.refers_to, one.response_code) for one in found if isinstance(one, Answer)]
    assert answers == [("INV-1", "AP"), ("INV-2", "RE")]


def test_a_response_about_nothing_is_kept_as_well() -> None:
    made = only(translate(document("ApplicationResponse", "<cbc:ID>A-1</cbc:ID>"), "a.xml"), Answer)
    assert (made.number, made.refers_to) == ("A-1", "")
