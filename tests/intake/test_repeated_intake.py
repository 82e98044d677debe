"""The same facts once more: in the same bytes, in other bytes, in part, with more, in another order. Nothing
cries wolf."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import Entry
from coordination.assurance import verification
from coordination.models import (
    CodingExample,
    Document,
    Invoice,
    Order,
    Rate,
    Receipt,
    Statement,
    UnitConversion,
    Vendor,
)
from tests import cast
from tests.cast import Row, bill, order, receipt, table, take_in, vendor
from tests.translation import make

pytestmark = pytest.mark.django_db


def stated(reference: str) -> Row:
    return {
        "statement_number": "ST-1",
        "vendor_id": "V-1",
        "date": "2026-11-20",
        "currency": "EUR",
        "reference": reference,
        "reference_date": "2026-09-05",
        "type": "invoice",
        "amount": "1190.00",
        "balance": "",
    }


ROWS: dict[str, Sequence[Row]] = {
    "vendors": [vendor(), vendor(vendor_id="V-2", iban=cast.OTHER_IBAN), vendor(vendor_id="V-3", iban="")],
    "orders": [order(), order(line="20"), order(order_number="PO-2")],
    "receipts": [receipt(), receipt(receipt_number="GR-2"), receipt(receipt_number="GR-3")],
    "invoices": [bill(), bill(invoice_number="INV-2"), bill(invoice_number="C-1", type="credit_note")],
    "rates": [{"date": f"2026-11-0{n}", "currency": "SEK", "rate_per_eur": "11.20"} for n in (1, 2, 3)],
    "conversions": [
        {"vendor_id": "V-1", "item": f"A-{n}", "unit": "BX", "per": "EA", "factor": "12"} for n in (1, 2, 3)
    ],
    "codings": [*cast.coded(2), *cast.coded(1, vendor_id="V-2")],
    "statements": [stated("INV-1"), stated("INV-2"), stated("INV-3")],
}

VARIANTS: dict[str, Callable[[str, Sequence[Row]], bytes]] = {
    "the same bytes": lambda kind, rows: table(kind, *rows),
    "other line ends": lambda kind, rows: table(kind, *rows).replace(b"\n", b"\r\n"),
    "a byte order mark": lambda kind, rows: b"\xef\xbb\xbf" + table(kind, *rows),
    "another order": lambda kind, rows: table(kind, *reversed(rows)),
    "a part": lambda kind, rows: table(kind, rows[0]),
    "the other part": lambda kind, rows: table(kind, *rows[1:]),
}


TOLD_OTHERWISE = {("orders", "another order"), ("statements", "another order")}
"""The order of lines belongs to such a document: it is another message about the same thing."""


def facts() -> list[int]:
    """How much is known; a repetition adds nothing to it. Statements in part are statements of their own."""
    return [
        model.objects.count()
        for model in (Vendor, Order, Receipt, Invoice, Rate, UnitConversion, CodingExample, Statement)
    ]


def clean() -> None:
    assert [(f.code, f.subject, f.detail) for f in verification.run().findings if "dated" not in f.code] == []


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("kind", ROWS)
def test_a_list_taken_in_again_leaves_the_history_clean(kind: str, variant: str) -> None:
    take_in(table("vendors", *ROWS["vendors"]), table(kind, *ROWS[kind]))
    before = facts()
    report = take_in(VARIANTS[variant](kind, ROWS[kind]))
    assert report.count("quarantined") == 0
    if variant not in {"a part", "the other part"} and (kind, variant) not in TOLD_OTHERWISE:
        assert report.count("accepted") == 0
        assert facts() == before
    clean()
    take_in(VARIANTS[variant](kind, ROWS[kind]))
    clean()


XML = {
    "invoice": make.invoice_xml(),
    "vendor list and invoice": table("vendors", vendor()),
}


@pytest.mark.parametrize("name", XML)
def test_a_document_in_other_bytes_leaves_the_history_clean(name: str) -> None:
    take_in(XML[name])
    again = XML[name].replace(b"?>", b"?><!-- again -->", 1) if b"?>" in XML[name] else XML[name] + b"\n"
    assert take_in(again).count("accepted") == 0
    clean()


ANSWER = make.document(
    "ApplicationResponse",
    "<cbc:ID>AR-1</cbc:ID><cbc:IssueDate>2026-11-20</cbc:IssueDate>"
    "<cac:DocumentResponse><cac:Response><cbc:ResponseCode>AB</cbc:ResponseCode></cac:Response>"
    "<cac:DocumentReference><cbc:ID>INV-1</cbc:ID></cac:DocumentReference></cac:DocumentResponse>",
)


def test_information_that_comes_twice_leaves_the_history_clean() -> None:
    assert take_in(ANSWER).count("accepted") == 1
    take_in(ANSWER + b"\n")
    clean()


POOL = [(kind, variant) for kind in ROWS for variant in VARIANTS]


@given(st.lists(st.sampled_from(POOL), min_size=2, max_size=8))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_lists_in_any_order_parts_and_repetition_leave_the_history_clean(
    db: None, chosen: list[tuple[str, str]]
) -> None:
    from django.db import transaction

    with transaction.atomic():
        for kind, variant in chosen:
            assert take_in(VARIANTS[variant](kind, ROWS[kind])).count("quarantined") == 0
        clean()
        transaction.set_rollback(True)


def test_what_is_called_unchanged_adds_no_entry() -> None:
    files = [table(kind, *rows) for kind, rows in ROWS.items()]
    take_in(*files)
    entries, documents = Entry.objects.count(), Document.objects.count()
    assert {line.result for line in take_in(*files).lines} == {"unchanged"}
    assert (Entry.objects.count(), Document.objects.count()) == (entries, documents)


def test_of_two_lists_in_one_intake_both_are_heard_and_kept() -> None:
    old, new = table("vendors", vendor()), table("vendors", vendor(country="AT"))
    take_in(old, new)
    assert Vendor.objects.get().country == "AT"
    assert Document.objects.filter(kind="vendor").count() == 2
    assert {line.result for line in take_in(old, new).lines} == {"unchanged"}
    clean()


def test_a_unit_factor_counts_once_its_vendor_is_known() -> None:
    take_in(table("conversions", ROWS["conversions"][0]))
    assert not UnitConversion.objects.exists()
    take_in(table("vendors", vendor()))
    assert UnitConversion.objects.get().vendor == Vendor.objects.get()
    clean()


def test_the_same_coded_lines_in_another_order_teach_nothing_new() -> None:
    rows = [*cast.coded(1), *cast.coded(1, item="B-1")]
    take_in(table("codings", *rows))
    assert [x.result for x in take_in(table("codings", *reversed(rows))).lines] == ["duplicate"]
    assert CodingExample.objects.count() == 2


@pytest.mark.parametrize("kind", ["vendors", "rates", "conversions"])
def test_an_older_list_sent_again_in_the_same_bytes_has_its_effect(kind: str) -> None:
    """“Unchanged” is said relative to what is known, not to what was ever taken in."""
    first = ROWS[kind][0]
    other = {
        "vendors": {"country": "AT"},
        "rates": {"rate_per_eur": "11.30"},
        "conversions": {"factor": "10"},
    }
    second = {**first, **other[kind]}
    take_in(table("vendors", vendor()), table(kind, first))
    take_in(table(kind, second))
    assert [x.result for x in take_in(table(kind, first)).lines] == ["accepted"]
    assert [x.result for x in take_in(table(kind, first)).lines] == ["unchanged"]
    clean()
