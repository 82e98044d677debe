"""What is written where a number is demanded and there is none is no number, in every syntax."""

from __future__ import annotations

import pytest

from coordination.translation import translate
from coordination.translation.canonical import Invoice, Receipt
from coordination.translation.references import INSTEAD, no_number
from tests.cast import bill, receipt, table
from tests.translation.make import LINE, invoice_xml

NONE = [
    "#MULTI#",
    "N/A",
    "n.a.",
    "siehe Anlage",
    "Siehe Anlage 1",
    "see attachment",
    "See attached",
    "various",
    "Diverse",
    "-",
    "---",
    "0000",
    "none",
    "unbekannt",
    "per E-Mail",
    "per Email",
    "mündlich",
    "muendlich",
    "MÜNDLICH",
    "mu\u0308ndlich",
    "voir annexe",
    "zie bijlage",
    "k. A.",
    "keine Angabe",
    "telefonisch",
    "XXX",
    "?",
    "not applicable",
    "TBD",
    "lt. Anlage",
    "Ｎ／Ａ",
    "ohne Bestellnummer",
    "no PO",
]
NUMBERS = [
    "PO-1",
    "4500001234",
    "1",
    "FÄ-12",
    "see PO 4711",
    "N/A-17",
    "00001",
    "Bestellung 12",
    "SE-AB",
    "A",
]


@pytest.mark.parametrize("text", NONE)
def test_a_filler_is_no_number_and_has_a_reason(text: str) -> None:
    assert no_number(text)


@pytest.mark.parametrize("text", ["", *NUMBERS])
def test_a_number_is_one(text: str) -> None:
    assert no_number(text) == ""


def test_a_table_that_says_so_on_each_line_names_no_order() -> None:
    [document] = translate(table("invoices", bill(order_number="siehe Anlage")), "a.csv").documents
    assert isinstance(document, Invoice)
    assert (document.order_numbers, document.lines[0].order_number) == ((), "")
    assert (INSTEAD, "siehe Anlage") in {(t.path, t.raw) for t in document.texts}


def test_ubl_with_a_filler_on_top_keeps_the_orders_of_its_lines() -> None:
    own = "<cac:OrderLineReference><cbc:LineID>1</cbc:LineID><cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference></cac:OrderLineReference>"
    line = LINE.replace("<cac:OrderLineReference><cbc:LineID>1</cbc:LineID></cac:OrderLineReference>", own)
    top = "<cac:OrderReference><cbc:ID>#MULTI#</cbc:ID></cac:OrderReference>"
    [document] = translate(invoice_xml(references=top, lines=line), "a.xml").documents
    assert isinstance(document, Invoice)
    assert document.order_numbers == ("PO-1",)
    assert {x.order_number for x in document.lines} == {"PO-1"}


def test_a_receipt_for_no_order_names_none() -> None:
    [document] = translate(table("receipts", receipt(order_number="N/A")), "a.csv").documents
    assert isinstance(document, Receipt)
    assert document.lines[0].order_number == ""
