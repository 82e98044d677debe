"""Taking documents in: once, in any order, whole or not at all; what cannot be read is kept with its
place."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import Entry
from coordination.models import Content, Document, Invoice, Order, Quarantine, Receipt, Task, Vendor
from coordination.services.intake import dismiss, invoices, quarantine, receive, retry
from coordination.services.intake.parts import Line, Origin, Part
from coordination.services.intake.quarantine import NotInQuarantine
from tests import cast
from tests.cast import bill, order, receipt, standing, table, take_in, vendor

pytestmark = pytest.mark.django_db


def results(*files: bytes) -> list[str]:
    return [line.result for line in take_in(*files).lines]


# --- once ------------------------------------------------------------------------------------------


def test_everything_new_is_accepted_and_counted_by_document() -> None:
    report = take_in(
        table("vendors", vendor(), vendor(vendor_id="V-2")),
        table("orders", order(), order(line="20"), order(order_number="PO-2")),
        table("receipts", receipt()),
        table("invoices", bill(), bill(invoice_number="INV-2")),
    )
    assert report.as_json() == {
        "documents": 6,
        "accepted": 6,
        "unchanged": 0,
        "duplicates": 0,
        "quarantined": [],
    }
    assert (
        Vendor.objects.count(),
        Order.objects.count(),
        Receipt.objects.count(),
        Invoice.objects.count(),
    ) == (2, 2, 1, 2)


@pytest.mark.parametrize("kind", ["vendors", "orders", "receipts", "invoices"])
def test_the_same_file_again_changes_nothing(kind: str) -> None:
    rows = {"vendors": vendor(), "orders": order(), "receipts": receipt(), "invoices": bill()}
    assert results(table(kind, rows[kind])) == ["accepted"]
    documents, entries = Document.objects.count(), Entry.objects.count()
    assert results(table(kind, rows[kind])) == ["unchanged"]
    assert (Document.objects.count(), Entry.objects.count()) == (documents, entries)


@pytest.mark.parametrize("kind", ["orders", "receipts", "invoices"])
def test_the_same_content_in_other_bytes_is_a_duplicate(kind: str) -> None:
    rows = {"orders": order(), "receipts": receipt(), "invoices": bill()}
    take_in(table(kind, rows[kind]))
    assert results(table(kind, rows[kind]).replace(b"\n", b"\r\n")) == ["duplicate"]
    assert (Invoice.objects.count(), Order.objects.count(), Receipt.objects.count()).count(1) == 1


def test_numbers_written_otherwise_make_no_second_invoice() -> None:
    take_in(table("invoices", bill()))
    assert results(
        table("invoices", bill(quantity="100.0", unit_price="10", net="1000", gross="1190.0"))
    ) == ["duplicate"]
    [row] = Invoice.objects.all()
    assert Document.objects.filter(subject=row.subject).count() == 2
    assert cast.entries(row.subject) == ["invoice.received"]


def test_the_same_file_twice_in_one_intake_counts_once() -> None:
    assert sorted(results(table("invoices", bill()), table("invoices", bill()))) == ["accepted", "unchanged"]


def test_another_amount_under_the_same_number_is_another_claim() -> None:
    take_in(table("invoices", bill()))
    assert results(table("invoices", bill(unit_price="11.00"))) == ["accepted"]
    assert Invoice.objects.count() == 2


def test_the_bytes_are_kept_as_they_came_and_named_by_their_digest() -> None:
    content = table("invoices", bill())
    take_in(content)
    [row] = Content.objects.all()
    assert bytes(row.data) == content
    assert Document.objects.get().content_id == row.sha256


def test_who_brought_a_document_is_kept() -> None:
    take_in(table("invoices", bill()), actor="human:7", source="upload")
    document = Document.objects.get()
    assert (document.received_by, document.source) == ("human:7", "upload")
    assert Entry.objects.get(subject=document.subject).actor == "human:7"
    assert Invoice.history.get().history_user_id == "human:7"


def test_a_new_invoice_opens_a_task_for_each_agent_whose_turn_it_is() -> None:
    take_in(table("invoices", bill()))
    assert set(Task.objects.values_list("agent", flat=True)) == {"finance.validation", "support.status"}


# --- quarantine ------------------------------------------------------------------------------------

UNREADABLE = [
    (b"", "malformed"),
    (b"<a><b></a>", "malformed"),
    (b"<!DOCTYPE x><x/>", "forbidden_doctype"),
    (b"%PDF-1.7", "malformed"),
    (b"hello", "unsupported"),
    (table("invoices", bill(invoice_number="")), "missing_id"),
    (table("invoices", bill(), bill(line="2", currency="USD")), "mismatch"),
    (b"x" * (25 * 1024 * 1024 + 1), "too_large"),
]


@pytest.mark.parametrize(("content", "code"), UNREADABLE, ids=[c for _, c in UNREADABLE])
def test_what_cannot_be_read_is_set_aside_with_a_code(content: bytes, code: str) -> None:
    report = take_in(content)
    [told] = report.as_json()["quarantined"]
    assert (told["path"], told["code"]) == ("file-1.csv", code)
    row = Quarantine.objects.get()
    assert (row.code, row.status, row.content.size) == (code, "open", len(content))
    assert cast.entries(f"quarantine/{row.id}") == ["document.quarantined"]
    assert not Invoice.objects.exists()


def test_a_broken_file_holds_up_nothing() -> None:
    report = take_in(b"<broken", table("vendors", vendor()), table("invoices", bill()))
    assert (report.count("accepted"), report.count("quarantined")) == (2, 1)


def test_one_document_of_a_file_is_set_aside_alone_with_its_row() -> None:
    rows = [
        bill(),
        bill(invoice_number="INV-2"),
        bill(invoice_number="INV-2", line="2", issue_date="2026-09-06"),
    ]
    report = take_in(table("invoices", *rows))
    assert (report.count("accepted"), Quarantine.objects.get().line) == (1, 4)
    assert [i.number for i in Invoice.objects.all()] == ["INV-1"]


def test_the_same_failure_of_the_same_bytes_is_one_row() -> None:
    take_in(b"<broken")
    assert results(b"<broken") == ["quarantined"]
    assert Quarantine.objects.count() == 1


def test_another_try_that_fails_stays_open_and_is_counted() -> None:
    take_in(b"<broken")
    row = Quarantine.objects.get()
    assert [x.result for x in retry(row.id, actor="human:7")] == ["quarantined"]
    row.refresh_from_db()
    assert (row.status, row.tries) == ("open", 2)
    assert cast.entries(f"quarantine/{row.id}") == ["document.quarantined", "quarantine.retried"]


def test_another_try_that_succeeds_resolves_it() -> None:
    """As after a mended reader: bytes that are fine were set aside."""
    content = table("invoices", bill())
    sha256 = receive.keep([content])[0]
    origin = Origin("system:intake", "test", cast.moment())
    quarantine.set_aside("mended.csv", sha256, "malformed", "could not be read then", None, origin)
    row = Quarantine.objects.get()
    assert [x.result for x in retry(row.id, actor="human:7")] == ["accepted"]
    row.refresh_from_db()
    assert row.status == "resolved"
    assert Document.objects.get().received_by == "human:7"


def test_a_dismissed_row_leaves_the_list_and_keeps_its_bytes() -> None:
    take_in(b"<broken")
    row = Quarantine.objects.get()
    dismiss(row.id, actor="human:7")
    row.refresh_from_db()
    assert row.status == "dismissed"
    assert bytes(Content.objects.get().data) == b"<broken"
    for again in (lambda: dismiss(row.id, actor="human:7"), lambda: retry(row.id, actor="human:7")):
        with pytest.raises(NotInQuarantine):
            again()


# --- whole or not at all ---------------------------------------------------------------------------


class PowerCut(Exception):
    """Something goes wrong after the rows are written."""


def failing(parts: Any, origin: Origin) -> list[Line]:
    invoices.invoices(parts, origin)
    assert Invoice.objects.exists()
    raise PowerCut


def test_nothing_half_written_stays_when_a_handler_fails() -> None:
    content = table("invoices", bill())
    sha256 = receive.keep([content])[0]
    origin = Origin("system:intake", "test", cast.moment())
    parts = list(receive.read_file("file.csv", content, sha256, origin))
    entries = Entry.objects.count()
    assert isinstance(parts[0], Part)
    with pytest.raises(PowerCut):
        receive.write(parts, failing, origin)
    assert [m.objects.count() for m in (Invoice, Document, Task)] == [0, 0, 0]
    assert Entry.objects.count() == entries
    assert [x.result for x in receive.write(parts, invoices.invoices, origin)] == ["accepted"]


# --- in any order ----------------------------------------------------------------------------------

TRADE = {
    "vendor": table("vendors", vendor()),
    "order": table("orders", order(), order(line="20", item="A-2", unit_price="5.00")),
    "receipt": table("receipts", receipt(quantity="60")),
    "more": table("receipts", receipt(receipt_number="GR-2", quantity="30")),
    "other": table("receipts", receipt(receipt_number="GR-3", order_line="20")),
    "first": table("invoices", bill(quantity="50")),
    "second": table("invoices", bill(invoice_number="INV-2", quantity="20", issue_date="2026-09-07")),
    "third": table("invoices", bill(invoice_number="RE-9", quantity="40", issue_date="2026-09-09")),
    "copy": table("invoices", bill(invoice_number="INV-2A", quantity="20", issue_date="2026-09-08")),
    "services": table(
        "invoices", bill(invoice_number="SV-7", order_line="20", item="A-2", unit_price="5.00")
    ),
    "credit": table(
        "invoices",
        bill(
            invoice_number="CN-1",
            type="credit_note",
            quantity="10",
            preceding_invoice="INV-1",
            issue_date="2026-09-10",
        ),
    ),
}


def outcome() -> list[Any]:
    lines = [dict(x) for x in cast.EXPORTS["invoices"]()]
    for line in lines:
        line["holds"] = sorted((h["code"], h["line"] or 0, h["status"]) for h in line["holds"])
    return sorted((x["invoice_number"], x["state"], x["lane"], x["holds"], x["vendor_id"]) for x in lines)


def played(names: list[str], pauses: list[bool]) -> list[Any]:
    """The files one after another, the agents at work wherever there is a pause, and at the end."""
    with transaction.atomic():
        for name, pause in zip(names, pauses, strict=True):
            take_in(TRADE[name])
            if pause:
                cast.drain()
        cast.drain()
        connection.check_constraints()
        found = outcome()
        transaction.set_rollback(True)
    return found


@cache
def straight() -> list[Any]:
    """What the trade comes to when it arrives as a clerk would sort it."""
    return played(list(TRADE), [False] * len(TRADE))


def test_the_trade_comes_to_what_its_documents_say() -> None:
    found = {number: (state, lane, holds) for number, state, lane, holds, _ in straight()}
    assert found["INV-1"] == ("cleared", "auto", [])
    assert found["INV-2"] == ("cleared", "auto", [])
    assert found["SV-7"] == ("cleared", "auto", [])
    assert found["CN-1"] == ("cleared", "auto", [])
    assert found["INV-2A"][1:] == ("escalated", [("duplicate_suspect", 0, "open")])
    assert found["RE-9"][1] == "escalated"
    assert {code for code, *_ in found["RE-9"][2]} <= {"qty_over_ordered", "qty_over_received"}


@given(st.permutations(list(TRADE)), st.lists(st.booleans(), min_size=len(TRADE), max_size=len(TRADE)))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_the_order_of_intake_does_not_matter(db: None, names: list[str], pauses: list[bool]) -> None:
    assert played(names, pauses) == straight()


@pytest.mark.parametrize("spelt", ["po-1", "Po-1", "PO-1 "])
def test_an_order_number_in_other_letters_finds_its_order_whichever_comes_first(spelt: str) -> None:
    take_in(table("vendors", vendor()), table("invoices", bill(order_number=spelt.strip())))
    cast.drain()
    assert standing()[2] == ["po_unknown"]
    take_in(table("orders", order(order_number=spelt.strip().upper() if spelt != "Po-1" else "PO-1")))
    take_in(table("receipts", receipt()))
    cast.drain()
    assert standing() == ("cleared", "auto", [])


def test_a_credit_note_without_an_order_inherits_it_whichever_comes_first() -> None:
    note = bill(invoice_number="CN-1", type="credit_note", order_number="", preceding_invoice="INV-1")
    for file in (
        table("invoices", note),
        TRADE["vendor"],
        table("invoices", bill()),
        table("orders", order()),
    ):
        take_in(file)
        cast.drain()
    assert standing("CN-1") == ("cleared", "auto", [])


def test_an_invoice_before_everything_it_refers_to_finds_it_all() -> None:
    take_in(table("invoices", bill()))
    cast.drain()
    assert standing()[1:] == ("escalated", ["po_unknown", "supplier_unknown"])
    take_in(table("vendors", vendor()))
    cast.drain()
    assert standing()[2] == ["po_unknown"]
    take_in(table("orders", order()))
    cast.drain()
    assert standing()[2] == ["no_receipt"]
    take_in(table("receipts", receipt()))
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    cast.assert_sound()
