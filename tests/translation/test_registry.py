"""The registry: one table, one line for a format, and modules that need neither Django nor a database."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from coordination.translation import Unreadable, registry, translate, ubl
from coordination.translation.canonical import Answer, Canonical
from coordination.translation.csv import LAYOUTS

from .conftest import only

PACKAGE = Path(registry.__file__).parent
CHECKOUT = PACKAGE.parents[1]


def test_a_new_format_is_one_line_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(element: etree._Element, path: str) -> tuple[str, tuple[Canonical, ...]]:
        return "note-1.0", (Answer(element.get("id", ""), text=path),)

    monkeypatch.setitem(registry.XML_READERS, "{urn:example}Note", read)
    translation = translate(b'<n:Note xmlns:n="urn:example" id="7"/>', "note")
    assert translation.source_format == "note-1.0"
    assert only(translation, Answer) == Answer("7", text="/Note")


def test_all_kinds_that_the_interface_names_have_a_reader() -> None:
    assert set(ubl.READERS) == {
        "Order",
        "OrderChange",
        "OrderCancellation",
        "OrderResponse",
        "OrderResponseSimple",
        "DespatchAdvice",
        "ReceiptAdvice",
        "Invoice",
        "CreditNote",
        "DebitNote",
        "SelfBilledInvoice",
        "SelfBilledCreditNote",
        "Statement",
        "ApplicationResponse",
        "RemittanceAdvice",
        "Reminder",
    }
    assert {layout.name for layout in LAYOUTS} == {
        "vendors",
        "orders",
        "receipts",
        "invoices",
        "statements",
        "rates",
        "conversions",
        "codings",
    }


def test_every_column_of_a_layout_is_a_key_a_header_or_a_line_value() -> None:
    for layout in LAYOUTS:
        assert layout.key in layout.columns
        assert set(layout.shared) < set(layout.columns)
        assert not layout.line or layout.line in layout.columns


@pytest.mark.parametrize("kind", ["FreightInvoice", "Quotation", "Catalogue", "UtilityStatement"])
def test_kinds_without_a_reader_are_named(kind: str) -> None:
    content = f'<a:{kind} xmlns:a="urn:oasis:names:specification:ubl:schema:xsd:{kind}-2"/>'
    with pytest.raises(Unreadable, match=kind):
        translate(content.encode(), "x.xml")


def test_what_is_no_invoice_of_ours_is_refused_with_what_to_do() -> None:
    content = b'<FreightInvoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:FreightInvoice-2"/>'
    with pytest.raises(Unreadable, match="ask the carrier for an Invoice"):
        translate(content, "x.xml")


def test_translation_needs_neither_django_nor_a_database() -> None:
    code = (
        "import sys, coordination.translation.identity, coordination.translation.pain001; "
        "unwanted = {'django', 'psycopg', 'procrastinate'}; "
        "print([name for name in sys.modules if name.split('.')[0] in unwanted])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT
    )
    assert found.stdout.strip() == "[]"


def test_there_is_one_xml_parser_and_nobody_goes_round_it() -> None:
    for call in ("XMLParser(", "etree.fromstring("):
        assert [path.name for path in PACKAGE.rglob("*.py") if call in path.read_text()] == ["xml.py"]
    assert [path.name for path in PACKAGE.rglob("*.py") if "etree.parse(" in path.read_text()] == []


def test_no_float_is_ever_made_of_money() -> None:
    assert [path.name for path in PACKAGE.rglob("*.py") if "float(" in path.read_text()] == []
