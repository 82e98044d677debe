"""A world as files: which document is written where, under what name, and what stands in a table's cells."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.translation.canonical import (
    Account,
    Invoice,
    Order,
    OrderLine,
    Receipt,
    ReceiptLine,
    Statement,
    StatementLine,
    Vendor,
)
from coordination.world import Expected, Label, World, generate, tables
from coordination.world.case import SCENARIOS, Case, Syntax
from coordination.world.claim import Claim
from coordination.world.files import FORMATS, one, write
from coordination.world.folder import FolderInUse, documents
from coordination.world.folder import labels as labels_of
from coordination.world.folder import write as write_folder
from coordination.world.generate import case_of
from coordination.world.labels import as_lines, counted_as, from_json
from tests.world.line import LINE

DAY = date(2026, 11, 20)
D = Decimal
BILL = Invoice(
    number="INV-1",
    vendor_id="V-1",
    issue_date=date(2026, 9, 5),
    currency="EUR",
    account=Account("DE89370400440532013000"),
    net=D("1000.00"),
    tax=D("190.00"),
    gross=D("1190.00"),
    lines=(LINE,),
)
ORDER = Order(
    number="PO-1",
    message_id="PO-1",
    vendor_id="V-1",
    order_date=date(2026, 9, 1),
    currency="EUR",
    lines=(OrderLine(line="10", item="A-1", quantity=D(100), unit="EA", price=D("10.00"), tax_rate=D(19)),),
)
RECEIPT = Receipt(
    number="GR-1",
    received_date=date(2026, 9, 4),
    order_number="PO-1",
    lines=(
        ReceiptLine(
            line="1", order_number="PO-1", order_line="10", quantity=D(100), accepted=None, unit="EA"
        ),
    ),
)


def of(*invoices: Invoice, **changes: Any) -> Case:
    """A case of one order, its receipt and these invoices."""
    claims = tuple(Claim(invoice, invoice.vendor_id, "auto") for invoice in invoices)
    return replace(Case((ORDER,), (RECEIPT,), claims), **changes)


def written(*cases: Case, formats: Sequence[str] = ("csv",), syntax: Syntax = "any", **more: Any) -> World:
    return write(
        [(case, syntax) for case in cases],
        vendors=more.get("vendors", [Vendor("V-1", "Hartmann GmbH")]),
        moved=more.get("moved", []),
        statements=more.get("statements", []),
        labels=(),
        formats=formats,
        chance=random.Random(1),
    )


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


# --- which file ---------------------------------------------------------------------------------------------


def test_each_kind_of_document_is_a_table_of_its_own_and_no_table_is_empty() -> None:
    assert sorted(written(of(BILL)).files) == ["invoices.csv", "orders.csv", "receipts.csv", "vendors.csv"]
    assert sorted(written(Case(claims=of(BILL).claims)).files) == ["invoices.csv", "vendors.csv"]
    assert sorted(written().files) == ["vendors.csv"]


def test_in_ubl_each_document_is_a_file_and_the_vendors_are_a_table_all_the_same() -> None:
    assert sorted(written(of(BILL), formats=("ubl",)).files) == [
        "ubl/invoice-INV-1.xml",
        "ubl/order-PO-1.xml",
        "ubl/receipt-GR-1.xml",
        "vendors.csv",
    ]


def test_what_only_ubl_can_say_is_written_so_even_where_tables_are_asked_for() -> None:
    assert "ubl/invoice-INV-1.xml" in written(of(BILL), formats=("csv", "ubl"), syntax="ubl").files


def test_with_both_formats_order_receipt_and_invoice_are_chosen_one_by_one() -> None:
    cases = [of(replace(BILL, number=f"INV-{n}")) for n in range(40)]
    files = written(*cases, formats=("csv", "ubl")).files
    for kind in ("order", "receipt", "invoice"):
        assert f"{kind}s.csv" in files
        assert any(name.startswith(f"ubl/{kind}-") for name in files)


def test_a_second_document_under_a_number_of_its_vendor_is_in_a_second_table() -> None:
    """Rows of one number in one table would be one document."""
    other = replace(BILL, gross=D("5.00"))
    files = written(of(BILL, other)).files
    assert [r["gross"] for r in rows(files["invoices.csv"])] == ["1190.00"]
    assert [r["gross"] for r in rows(files["invoices_again.csv"])] == ["5.00"]


@pytest.mark.parametrize("changes", [{"vendor_id": "V-2"}, {"type": "credit_note"}, {"number": "INV-2"}])
def test_another_vendor_type_or_number_may_stand_in_the_same_table(changes: dict[str, Any]) -> None:
    files = written(of(BILL, replace(BILL, **changes))).files
    assert "invoices_again.csv" not in files
    assert len(rows(files["invoices.csv"])) == 2


def test_a_copy_is_counted_and_comes_again_in_other_bytes() -> None:
    world = written(of(BILL, copies=(BILL,)))
    assert world.copies == 1
    assert rows(world.files["invoices_again.csv"]) == rows(world.files["invoices.csv"])
    in_ubl = written(of(BILL, copies=(BILL,)), formats=("ubl",))
    assert in_ubl.copies == 1
    first, again = (in_ubl.files[f"ubl/invoice-INV-1{end}.xml"] for end in ("", "-again"))
    assert first != again
    assert b"".join(first.split()) == b"".join(again.split())


def test_vendors_that_move_come_later_and_only_where_there_are_some() -> None:
    assert written(of(BILL)).later == {}
    moved = Vendor("V-1", "Hartmann GmbH", iban="DE75512108001245126199")
    later = written(of(BILL), moved=[moved]).later
    assert [r["iban"] for r in rows(later["vendors.csv"])] == ["DE75512108001245126199"]


def test_statements_are_written_in_a_format_that_was_asked_for() -> None:
    line = StatementLine("INV-1", date(2026, 9, 5), "Invoice", D("1190.00"))
    found = Statement("ST-1", DAY, "EUR", vendor_id="V-1", balance=D("1190.00"), lines=(line,))
    assert "statements.csv" in written(statements=[found]).files
    assert "ubl/statement-ST-1.xml" in written(statements=[found], formats=("ubl",)).files


# --- names --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("RE2026/100000017", "ubl/invoice-RE2026_100000017.xml"),
        ("F 100000017/26", "ubl/invoice-F_100000017_26.xml"),
        ("../../etc/passwd", "ubl/invoice-_etc_passwd.xml"),
        ("Müller 7", "ubl/invoice-M_ller_7.xml"),
        ("A//B", "ubl/invoice-A_B.xml"),
    ],
)
def test_a_file_is_named_by_its_number_as_far_as_a_name_can_hold_it(number: str, name: str) -> None:
    files = one(Case(claims=of(replace(BILL, number=number)).claims))
    assert list(files) == [name]


def test_numbers_that_make_one_name_get_names_of_their_own() -> None:
    numbers = ("A/B", "A B", "A_B", "A-B")
    files = one(Case(claims=of(*(replace(BILL, number=n) for n in numbers)).claims))
    assert list(files) == [
        "ubl/invoice-A_B.xml",
        "ubl/invoice-A_B_2.xml",
        "ubl/invoice-A_B_3.xml",
        "ubl/invoice-A-B.xml",
    ]
    for number, data in zip(numbers, files.values(), strict=True):
        assert f"<cbc:ID>{number}</cbc:ID>".encode() in data


def test_a_message_about_an_order_is_named_by_its_own_number() -> None:
    change = replace(ORDER, message="change", message_id="PO-1-C1")
    assert list(one(Case(orders=(ORDER, change)))) == ["ubl/order-PO-1.xml", "ubl/order-PO-1-C1.xml"]


def test_what_comes_late_stands_apart_from_what_comes_at_once() -> None:
    files = one(of(BILL, late=(replace(RECEIPT, number="GR-2"),)))
    assert [name for name in files if name.startswith("late/")] == ["late/ubl/receipt-GR-2.xml"]
    assert "ubl/receipt-GR-1.xml" in files


@settings(max_examples=40)
@given(st.sampled_from(sorted(SCENARIOS)), st.integers(0, 10**6))
def test_no_document_of_a_case_is_lost_to_another_of_its_name(name: str, seed: int) -> None:
    case = case_of(name, str(seed), 3, DAY)
    count = sum(map(len, (case.orders, case.receipts, case.claims, case.copies, case.late)))
    files = one(case)
    assert len(files) == count
    assert all(".." not in file and " " not in file for file in files)


# --- cells --------------------------------------------------------------------------------------------------


def test_an_invoice_has_its_header_on_every_line() -> None:
    second = replace(LINE, position=2, line="2", order_number="PO-2", order_line="20", quantity=D("0.5"))
    first_row, second_row = rows(tables.invoices([replace(BILL, lines=(LINE, second))]))
    for row in (first_row, second_row):
        assert (row["invoice_number"], row["type"], row["vendor_id"]) == ("INV-1", "invoice", "V-1")
        assert (row["net"], row["tax"], row["gross"]) == ("1000.00", "190.00", "1190.00")
        assert row["iban"] == "DE89370400440532013000"
    assert (first_row["order_number"], first_row["quantity"]) == ("PO-1", "100")
    assert (second_row["order_number"], second_row["order_line"], second_row["quantity"]) == (
        "PO-2",
        "20",
        "0.5",
    )


def test_what_is_not_stated_is_an_empty_cell_and_a_nought_is_none() -> None:
    bare = replace(BILL, issue_date=None, gross=None, lines=(replace(LINE, quantity=None, net=D("0.00")),))
    [row] = rows(tables.invoices([bare]))
    assert (row["issue_date"], row["due_date"], row["gross"], row["quantity"]) == ("", "", "", "")
    assert row["line_net"] == "0.00"


@pytest.mark.parametrize(
    ("preceding", "cell"), [((), ""), (("INV-0",), "INV-0"), (("INV-0", "INV-00"), "INV-0")]
)
def test_a_table_names_the_first_invoice_that_a_credit_takes_back(
    preceding: tuple[str, ...], cell: str
) -> None:
    [row] = rows(tables.invoices([replace(BILL, type="credit_note", preceding=preceding)]))
    assert (row["type"], row["preceding_invoice"]) == ("credit_note", cell)


def test_an_order_states_its_price_and_a_receipt_what_was_accepted() -> None:
    [order] = rows(tables.orders([ORDER]))
    assert order == {
        "order_number": "PO-1",
        "line": "10",
        "vendor_id": "V-1",
        "order_date": "2026-09-01",
        "currency": "EUR",
        "item": "A-1",
        "description": "",
        "quantity": "100",
        "unit": "EA",
        "unit_price": "10.00",
        "tax_rate": "19",
    }
    short = replace(RECEIPT, lines=(replace(RECEIPT.lines[0], accepted=D(90)),))
    all_of_it, some_of_it = rows(tables.receipts([RECEIPT, short]))
    assert (all_of_it["quantity"], all_of_it["accepted"]) == ("100", "")
    assert (some_of_it["quantity"], some_of_it["accepted"]) == ("100", "90")


def test_a_statement_has_its_balance_on_every_line() -> None:
    lines = tuple(
        StatementLine(n, date(2026, 9, 5), "Invoice", D(a)) for n, a in (("A", "7.00"), ("B", "-2.00"))
    )
    found = rows(tables.statements([Statement("ST-1", DAY, "EUR", balance=D("5.00"), lines=lines)]))
    assert [(r["reference"], r["amount"], r["balance"]) for r in found] == [
        ("A", "7.00", "5.00"),
        ("B", "-2.00", "5.00"),
    ]


@pytest.mark.parametrize(
    "words", ['Bolt "M8", 3 × 2', "Schraube; verzinkt", "ボルト", "two\nlines", " leading", "=1+1"]
)
def test_words_with_the_signs_of_a_table_come_back_as_they_are(words: str) -> None:
    [row] = rows(tables.invoices([replace(BILL, lines=(replace(LINE, description=words),))]))
    assert row["description"] == words


# --- labels -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "counted"),
    [
        ({}, ("invoice", "1190.00")),
        ({"gross": D("-1190.00")}, ("credit_note", "1190.00")),
        ({"gross": D("-0.01")}, ("credit_note", "0.01")),
        ({"gross": D("0.00")}, ("invoice", "0.00")),
        ({"type": "credit_note"}, ("credit_note", "1190.00")),
        ({"type": "credit_note", "gross": D("-5")}, ("credit_note", "5.00")),
        ({"gross": None}, ("invoice", "")),
        ({"type": "credit_note", "gross": None}, ("credit_note", "")),
    ],
)
def test_a_claim_below_zero_is_labelled_as_the_credit_that_it_becomes(
    changes: dict[str, Any], counted: tuple[str, str]
) -> None:
    assert counted_as(replace(BILL, **changes)) == counted


def test_a_line_of_the_labels_keeps_every_letter_and_says_null_for_nobody() -> None:
    label = Label("RE/1 Ü", "", "stranger", "escalated", (Expected("supplier_unknown"),), "defect")
    [line] = as_lines([label]).splitlines()
    assert "RE/1 Ü" in line
    assert json.loads(line)["vendor_id"] is None
    assert json.loads(line)["gross"] is None
    assert from_json(json.loads(line)) == label


def test_a_code_expected_on_two_lines_is_one_code() -> None:
    holds = (Expected("no_receipt", 1), Expected("price_over", 1), Expected("no_receipt", 2))
    assert Label("INV-1", "V-1", "case", "escalated", holds).codes == ("no_receipt", "price_over")


# --- a folder -----------------------------------------------------------------------------------------------


def test_a_folder_says_how_its_world_was_made(tmp_path: Path) -> None:
    world = generate(4, 12, DAY, formats=FORMATS)
    count = write_folder(world, tmp_path / "deep" / "down", {"seed": 4})
    folder = tmp_path / "deep" / "down"
    assert count == sum(1 for p in folder.rglob("*") if p.is_file())
    manifest = json.loads((folder / "world.json").read_text())
    assert manifest == {"seed": 4, "invoices": 12, "copies": world.copies}


def test_documents_are_taken_in_by_name_and_the_folder_of_ubl_last(tmp_path: Path) -> None:
    for name in ("vendors.csv", "invoices.csv", "labels.jsonl", "world.json", "ubl/invoice-1.xml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    found = [p.name for p in documents(tmp_path)]
    assert found == ["invoices.csv", "vendors.csv", "ubl"]


def test_a_folder_without_ubl_has_tables_only(tmp_path: Path) -> None:
    (tmp_path / "vendors.csv").write_text("")
    assert [p.name for p in documents(tmp_path)] == ["vendors.csv"]


def test_a_smaller_world_is_not_written_over_a_larger_one(tmp_path: Path) -> None:
    """Its folder would then hold documents without a label."""
    write_folder(generate(4, 30, DAY, formats=("ubl",)), tmp_path, {})
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    with pytest.raises(FolderInUse, match=r"not of this world\. Name an empty folder"):
        write_folder(generate(4, 3, DAY, formats=("ubl",)), tmp_path, {})
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_labels_with_any_letters_survive_the_folder(tmp_path: Path) -> None:
    label = Label("RE 1\u2028Ü", "V-1", "clean", "auto", gross="1.00")
    write_folder(World({}, (label,)), tmp_path, {})
    assert labels_of(tmp_path) == (label,)
