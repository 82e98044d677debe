"""Values that are too long, too large or of no form: one bad row is one line of quarantine, and everything
else goes on."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from coordination.assurance import verification
from coordination.models import Invoice, Quarantine, Vendor
from coordination.services.intake import receive, retry
from coordination.services.intake.receive import SourceTooLong
from coordination.translation import nature
from tests import bank, cast
from tests.cast import COLUMNS, Row, bill, order, receipt, table, take_in, vendor
from tests.intake.test_repeated_intake import ROWS
from tests.translation import make
from tests.translation.natures import Said, ubl

pytestmark = pytest.mark.django_db

BASE: dict[str, Row] = {kind: rows[0] for kind, rows in ROWS.items()}
COLUMNS_OF_ALL = [(kind, column) for kind, row in BASE.items() for column in COLUMNS[kind] if column in row]
LONG = {
    "letters": "Ü" * 5_000,
    "digits": "9" * 5_000,
    "large": "999999999999999",
    "small": "0.0000000001",
    "late": "9999-12-31",
}


@pytest.mark.parametrize("country", ["Germany", "DEU", "D", "D1"])
def test_a_vendor_of_a_country_in_words_is_one_line_of_quarantine(country: str) -> None:
    report = take_in(
        table("vendors", vendor(), vendor(vendor_id="V-2", country=country), vendor(vendor_id="V-3")),
        table("invoices", bill()),
    )
    [told] = report.as_json()["quarantined"]
    assert (told["code"], told["line"]) == ("malformed", 3)
    assert "country in row 3" in told["error"]
    assert "DE" in told["error"]
    assert sorted(Vendor.objects.values_list("vendor_id", flat=True)) == ["V-1", "V-3"]
    assert Invoice.objects.count() == 1


@pytest.mark.parametrize("value", LONG)
@pytest.mark.parametrize(("kind", "column"), COLUMNS_OF_ALL)
def test_no_cell_of_any_table_stops_intake(kind: str, column: str, value: str) -> None:
    take_in(table("vendors", vendor()))
    report = take_in(
        table(kind, {**BASE[kind], column: LONG[value]}), table("orders", order(order_number="PO-9"))
    )
    assert report.lines[-1].result in {"accepted", "quarantined"}
    assert "PO-9" in {line.number for line in report.lines if line.result == "accepted"}
    for line in report.lines:
        if line.result == "quarantined":
            assert line.line == 2
            assert len(line.error) < 400
    cast.drain()
    assert [f.code for f in verification.run().findings if "dated" not in f.code] == []


def test_a_long_unit_names_row_and_column() -> None:
    report = take_in(table("invoices", bill(), bill(invoice_number="INV-2", unit="pieces of something")))
    [told] = report.as_json()["quarantined"]
    assert (told["code"], told["line"], "unit in row 3" in told["error"]) == ("too_large", 3, True)
    assert Invoice.objects.get().number == "INV-1"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('unitCode="C62"', f'unitCode="{"X" * 300}"'),
        ("<cbc:ID>S</cbc:ID>", f"<cbc:ID>{'S' * 300}</cbc:ID>"),
        ("<cbc:Percent>19</cbc:Percent>", "<cbc:Percent>999999999999999</cbc:Percent>"),
        ("<cbc:Name>Nails</cbc:Name>", f"<cbc:Name>{'N' * 200_000}</cbc:Name>"),
        ("<cbc:ID>PO-1</cbc:ID>", f"<cbc:ID>{'P' * 5_000}</cbc:ID>"),
        ("<cbc:ID>INV-1</cbc:ID>", f"<cbc:ID>{'I' * 5_000}</cbc:ID>"),
        ("EUR</cbc:DocumentCurrencyCode>", f"{'E' * 5_000}</cbc:DocumentCurrencyCode>"),
    ],
)
def test_no_value_of_an_xml_document_stops_intake(before: str, after: str) -> None:
    text = make.invoice_xml().decode()
    assert before in text
    report = take_in(text.replace(before, after).encode(), table("orders", order()))
    assert "PO-1" in {line.number for line in report.lines if line.result == "accepted"}
    cast.drain()


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "X" * 5_000])
def test_no_value_of_a_json_document_stops_intake(text: str) -> None:
    document = {
        "_D": "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
        "Invoice": [
            {
                "ID": [{"_": "J-1"}],
                "IssueDate": [{"_": "2026-03-01"}],
                "Note": [{"_": "NOTE"}],
                "BuyerReference": [{"_": "NOTE"}],
            }
        ],
    }
    content = json.dumps(document).replace("NOTE", text).encode()
    report = take_in(content, table("orders", order()))
    assert "PO-1" in {line.number for line in report.lines if line.result == "accepted"}


def test_a_bank_message_with_a_long_number_stops_nothing() -> None:
    report = take_in(
        bank.notice(bank.entry("1.00", bank.detail("X" * 5_000)), number="N" * 5_000),
        table("orders", order()),
    )
    assert [line.number for line in report.lines if line.result == "accepted"] == ["PO-1"]


def test_a_name_that_no_database_keeps_is_kept_legibly() -> None:
    report = receive.take_in(
        [("a\udcff\x00.csv", table("vendors", vendor())), ("b\udcff", b"?")], actor="system:intake"
    )
    assert [line.result for line in report.lines] == ["quarantined", "accepted"]
    assert {line.path for line in report.lines} == {"a??.csv", "b?"}


def test_a_source_with_a_long_name_is_refused_before_anything_is_read() -> None:
    with pytest.raises(SourceTooLong):
        take_in(table("vendors", vendor()), source="x" * 61)
    assert not Vendor.objects.exists()


# --- what nobody foresaw ---------------------------------------------------------------------------


def test_one_document_that_cannot_be_written_is_set_aside_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(number: str) -> str:
        if number == "INV-2":
            raise ZeroDivisionError
        return number

    monkeypatch.setattr("coordination.services.intake.invoices.normalised_number", fails)
    numbers = [f"INV-{n}" for n in range(5)]
    report = take_in(table("invoices", *(bill(invoice_number=n) for n in numbers)))
    [told] = report.as_json()["quarantined"]
    assert (told["code"], told["line"]) == ("malformed", 4)
    assert "INV-2" in told["error"]
    assert sorted(Invoice.objects.values_list("number", flat=True)) == sorted(set(numbers) - {"INV-2"})
    monkeypatch.undo()
    assert [x.result for x in retry(Quarantine.objects.get().pk, actor="system:test")].count("accepted") == 1
    assert not Quarantine.objects.open().exists()
    cast.assert_sound()


def test_a_file_on_which_its_reader_fails_is_set_aside_and_the_next_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("coordination.translation.registry._translate_xml", fails)
    report = take_in(make.invoice_xml(), table("receipts", receipt()))
    assert sorted(line.result for line in report.lines) == ["accepted", "quarantined"]


def test_a_database_that_is_not_there_is_no_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr("coordination.services.intake.invoices.Directory.load", gone)
    with pytest.raises(OperationalError):
        take_in(table("invoices", bill()))
    assert connection.in_atomic_block
    assert not Quarantine.objects.exists()


def test_a_wrong_code_list_is_no_fault_of_the_file(tmp_path: Path) -> None:
    (tmp_path / nature.DOCUMENTS).write_text("[]")
    nature.configure(tmp_path)
    try:
        with pytest.raises(nature.ListError, match="untdid_1001"):
            cast.intake([("a.xml", ubl(Said()))], actor="system:intake", source="test")
        told = StringIO()
        with pytest.raises(SystemExit):
            call_command("code_lists", stderr=told)
        assert "COUNTERSIGN_LISTS: untdid_1001.json: write one object" in told.getvalue()
    finally:
        nature.configure(None)
    assert not Quarantine.objects.exists()
