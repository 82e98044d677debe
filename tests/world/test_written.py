"""Documents of the world read as what they were made: every kind of case, in every format that can express
it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from coordination.translation import translate
from coordination.translation.canonical import Invoice, Order, Party, Receipt, Statement
from coordination.translation.identity import canonical_digest
from coordination.world import generate, tables, ubl, ubl_orders
from coordination.world.case import SCENARIOS
from coordination.world.folder import FolderInUse, documents, labels, write
from coordination.world.generate import case_of
from coordination.world.statements import statements
from coordination.world.traders import traders

DAY = date(2026, 11, 20)
ANY = [name for name, s in SCENARIOS.items() if s.syntax == "any"]
UNSTATED = {"no total", "no currency", "no quantity", "rounding of fifty"}
"""In UBL a total that is not stated follows from others, amounts carry a currency of their own, and a unit
needs a quantity; a rounding of fifty is none that can be read."""


def read(content: bytes) -> object:
    found = translate(content, "x")
    assert found.rejected == ()
    [document] = found.documents
    return document


def as_read(invoice: Invoice) -> Invoice:
    """What a UBL reader should make of it: no number of ours for the vendor, credits with positive
    amounts."""
    return replace(invoice, vendor_id="", buyer=Party())


@pytest.mark.parametrize("name", SCENARIOS)
def test_an_invoice_in_ubl_reads_as_it_was_made(name: str) -> None:
    for claim in case_of(name, "7", 40, DAY).claims:
        made = claim.invoice
        found = read(ubl.as_bytes(ubl.invoice(made)))
        assert isinstance(found, Invoice)
        assert (found.number, found.issue_date, found.account.number) == (
            made.number,
            made.issue_date,
            made.account.number,
        )
        assert [(x.quantity, x.net, x.order_line) for x in found.lines] == [
            (
                None if x.quantity is None else abs(x.quantity) if found.type != made.type else x.quantity,
                None if x.net is None else abs(x.net) if found.type != made.type else x.net,
                x.order_line,
            )
            for x in made.lines
        ]
        if name not in UNSTATED and found.type == made.type and "filler" not in name:
            assert canonical_digest(as_read(found)) == canonical_digest(as_read(made))


@pytest.mark.parametrize("name", ANY)
def test_an_invoice_in_a_table_reads_as_it_was_made(name: str) -> None:
    for claim in case_of(name, "7", 40, DAY).claims:
        made, found = claim.invoice, read(tables.invoices([claim.invoice]))
        assert isinstance(found, Invoice)
        sign = -1 if made.gross is not None and made.gross < 0 else 1
        assert found.gross == (None if made.gross is None else made.gross * sign)
        assert (found.number, found.vendor_id, found.currency) == (made.number, made.vendor_id, made.currency)
        assert [(x.item, x.price, x.tax_rate, x.description) for x in found.lines] == [
            (x.item, x.price, x.tax_rate, x.description) for x in made.lines
        ]


@pytest.mark.parametrize("name", SCENARIOS)
def test_orders_and_receipts_read_as_they_were_made(name: str) -> None:
    case = case_of(name, "7", 40, DAY)
    for order in case.orders:
        found = read(ubl.as_bytes(ubl_orders.order(order)))
        assert isinstance(found, Order)
        assert (found.number, found.message, found.message_id) == (
            order.number,
            order.message,
            order.message_id,
        )
        # UBL states a unit with its quantity, and none without
        assert [(x.line, x.quantity, x.price, x.base_quantity, x.net, x.unit) for x in found.lines] == [
            (x.line, x.quantity, x.price, x.base_quantity, x.net, x.unit if x.quantity is not None else "")
            for x in order.lines
        ]
    for receipt in (*case.receipts, *case.late):
        found_receipt = read(ubl.as_bytes(ubl_orders.receipt(receipt)))
        assert isinstance(found_receipt, Receipt)
        assert (found_receipt.kind, found_receipt.received_date) == (receipt.kind, receipt.received_date)
        assert [_arrived(found_receipt, n) for n in range(len(receipt.lines))] == [
            _arrived(receipt, n) for n in range(len(receipt.lines))
        ]


def _arrived(receipt: Receipt, n: int) -> tuple[object, ...]:
    line = receipt.lines[n]
    accepted = line.quantity if line.accepted is None else line.accepted
    if receipt.kind == "despatch":
        accepted = line.quantity
    return line.order_number, line.order_line, line.quantity, accepted, line.unit


def test_the_same_document_in_other_bytes_is_the_same_document() -> None:
    invoice = case_of("duplicate in other bytes", "7", 40, DAY).claims[0].invoice
    plain, pretty = (ubl.as_bytes(ubl.invoice(invoice), pretty=p) for p in (False, True))
    assert plain != pretty
    first, second = read(plain), read(pretty)
    assert isinstance(first, Invoice)
    assert isinstance(second, Invoice)
    assert canonical_digest(first) == canonical_digest(second)


@pytest.mark.parametrize("formats", [("csv",), ("ubl",), ("csv", "ubl")])
def test_every_file_of_a_world_can_be_read(formats: tuple[str, ...]) -> None:
    world = generate(9, 250, DAY, defect_share=0.6, hard_share=0.8, formats=formats)
    found = 0
    for name, content in {**world.files, **{f"later-{n}": c for n, c in world.later.items()}}.items():
        translation = translate(content, name)
        assert translation.rejected == (), name
        found += sum(isinstance(d, Invoice) for d in translation.documents)
    assert found == len(world.labels) + world.copies


def test_a_statement_says_what_the_vendors_claims_come_to() -> None:
    case = case_of("credit", "7", 40, DAY)
    claims = [c.invoice for c in case.claims]
    [statement] = statements(traders().everybody(), claims, DAY)
    assert statement.balance == 0
    assert [line.type for line in statement.lines] == ["Invoice", "CreditNote"]
    in_ubl, in_table = read(ubl.as_bytes(ubl.statement(statement))), read(tables.statements([statement]))
    for found in (in_ubl, in_table):
        assert isinstance(found, Statement)
        assert [(x.reference, x.amount) for x in found.lines] == [
            (x.reference, x.amount) for x in statement.lines
        ]


def test_a_folder_holds_the_world_and_its_labels(tmp_path: Path) -> None:
    world = generate(4, 120, DAY, defect_share=1, formats=("csv", "ubl"))
    write(world, tmp_path, {"seed": 4})
    assert labels(tmp_path) == world.labels
    assert {p.name for p in documents(tmp_path)} >= {"vendors.csv", "ubl"}
    assert not any(p.suffix in {".json", ".jsonl"} for p in documents(tmp_path))
    again = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    write(world, tmp_path, {"seed": 4})
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == again


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "payroll.csv").write_text("private")
    with pytest.raises(FolderInUse, match=r"payroll\.csv"):
        write(generate(4, 5, DAY), tmp_path, {})
    assert [p.name for p in tmp_path.iterdir()] == ["payroll.csv"]
