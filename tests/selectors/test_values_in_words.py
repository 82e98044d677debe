"""Values of rows, settings and files as pages say them, each kind once and none as its own notation."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from coordination.models import PaymentBatch, Statement, Vendor
from coordination.selectors import coding, history, invoices, mappings, procedure, run_marks, statements
from coordination.selectors.intake import Source
from coordination.selectors.payments import Line, Run, RunDetail
from coordination.services.payments.next_run import Next, Preview, left_out
from coordination.translation.canonical import QuarantineCode, Rejected

AT = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


# --- changed rows -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "–"),
        ("", "–"),
        ([], "–"),
        ("held", "held"),
        (0, "0"),
        (False, "False"),
        (Decimal("1190.00"), "1190.00"),
        (["PO-1", "PO-2"], "PO-1, PO-2"),
        ([1, 2], "1, 2"),
        (date(2026, 9, 5), "2026-09-05"),
        ("<b>", "<b>"),
    ],
)
def test_a_column_before_and_after_a_change(value: object, said: str) -> None:
    assert history._describe(value) == said


def test_a_moment_in_a_row_is_said_in_the_zone_of_the_page() -> None:
    with timezone.override("Europe/Berlin"):
        assert history._describe(AT) == "21 Nov 2026 00:30:00"
    with timezone.override("UTC"):
        assert history._describe(AT) == "20 Nov 2026 23:30:00"


# --- settings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "on"),
        (False, "off"),
        (0, "0"),  # nought is a number, and not "off"
        (1, "1"),
        (None, "–"),
        ("", "–"),
        ((), "–"),
        ({}, "–"),
        ((8, 17), "8 17"),
        (["a", True, None], "a on –"),
        ({"minute": 5, "day": False}, "minute 5, day off"),
        ({"hours": [8, 17]}, "hours 8 17"),
        ("demo", "demo"),
        (0.02, "0.02"),
    ],
)
def test_a_setting_is_said_without_the_notation_of_a_program(value: Any, said: str) -> None:
    assert procedure._value(value) == said


# --- plurals and counts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "count", "ending"),
    [("invoice", 1, ""), ("invoice", 2, "s"), ("invoice", 0, "s"), ("vendors", 2, ""), ("codings", 1, "")],
)
def test_several_documents_of_a_kind_are_said_in_the_plural(kind: str, count: int, ending: str) -> None:
    assert Source(kind, count, AT).ending == ending


@pytest.mark.parametrize(("numbers", "more"), [(0, 0), (4, 0), (5, 0), (6, 1), (20, 15)])
def test_of_many_that_are_left_out_five_are_named(numbers: int, more: int) -> None:
    assert left_out("not payable by SEPA", [f"INV-{n}" for n in range(numbers)]).more == more


def run(count: int, paid: int, refused: int) -> Run:
    return Run(PaymentBatch(count=count), None, None, Decimal(0), None, paid, refused)


@pytest.mark.parametrize(
    ("count", "paid", "refused", "left"), [(5, 0, 0, 5), (5, 3, 1, 1), (5, 5, 0, 0), (5, 0, 5, 0)]
)
def test_what_the_bank_has_not_answered_is_neither_paid_nor_refused(
    count: int, paid: int, refused: int, left: int
) -> None:
    assert run(count, paid, refused).unanswered == left


@pytest.mark.parametrize(
    ("statuses", "recallable"),
    [
        ([], False),
        (["proposed", "approved"], False),  # the bank has no file yet
        (["exported"], True),
        (["cancelled", "refused"], False),
        (["refused", "paid"], True),  # what is paid may be asked back
    ],
)
def test_only_what_the_bank_has_can_be_called_back(statuses: list[str], recallable: bool) -> None:
    lines = [Line(SimpleNamespace(status=s), None, "", False, [], None) for s in statuses]
    assert RunDetail(run(0, 0, 0), lines, Decimal(0), None, [], 0, []).recallable is recallable


@pytest.mark.parametrize(("abroad", "any_"), [([], False), ([False, False], False), ([False, True], True)])
def test_one_run_abroad_is_enough_to_say_so(abroad: list[bool], any_: bool) -> None:
    day, zero = date(2026, 11, 20), Decimal(0)
    runs = [Next("EUR", away, 1, Decimal(1), zero, zero, day, day) for away in abroad]
    assert Preview(day, tuple(runs), (), ()).abroad is any_


# --- addresses of filtered lists ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "query"),
    [
        (invoices.Filters(), ""),
        (invoices.Filters(page=7), ""),  # a page is of one list; a link that narrows begins anew
        (invoices.Filters("Müller & Söhne", "paid"), "q=M%C3%BCller+%26+S%C3%B6hne&state=paid"),
        (invoices.Filters(text="a&lane=auto"), "q=a%26lane%3Dauto"),
        (statements.Filters(text="7/26#1"), "q=7%2F26%231"),
        (statements.Filters(status="open"), "status=open"),
        (coding.Filters(), "view=confirm"),
        (coding.Filters("set", "V 1", 3), "view=set&vendor=V+1"),
    ],
)
def test_what_is_typed_into_a_filter_stays_one_value_of_the_address(filters: Any, query: str) -> None:
    assert filters.query == query


# --- who stands behind a vendor's statement -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("vendor", "seller", "name"),
    [
        (Vendor(name="Hartmann GmbH"), {"name": "Hartmann"}, "Hartmann GmbH"),
        (None, {"name": "Hartmann"}, "Hartmann"),
        (None, {"name": ""}, "Unknown vendor"),
        (None, {"name": None}, "Unknown vendor"),
        (None, {}, "Unknown vendor"),
    ],
)
def test_a_statement_is_of_our_vendor_else_of_the_name_it_bears(
    vendor: Vendor | None, seller: dict[str, Any], name: str
) -> None:
    assert Statement(vendor=vendor, seller=seller).vendor_name == name


# --- chains that one person brought -------------------------------------------------------------------------


def brought(*facts: tuple[str, str]) -> list[Any]:
    return [SimpleNamespace(kind=kind, actor=actor) for kind, actor in facts]


WHOLE = ("vendor", "account", "order", "receipt", "invoice")


def test_a_chain_is_one_persons_where_they_brought_every_link() -> None:
    assert run_marks._one(brought(*((kind, "human:1") for kind in WHOLE))) == "human:1"


@pytest.mark.parametrize("missing", WHOLE)
def test_a_chain_with_a_link_that_nobody_brought_is_nobodys(missing: str) -> None:
    assert run_marks._one(brought(*((kind, "human:1") for kind in WHOLE if kind != missing))) == ""


@pytest.mark.parametrize("other", WHOLE)
def test_a_second_person_behind_one_link_is_enough(other: str) -> None:
    facts = brought(*((kind, "human:1") for kind in WHOLE), (other, "human:2"))
    assert run_marks._one(facts) == ""


def test_who_brought_something_beside_the_chain_does_not_stand_behind_it() -> None:
    facts = brought(*((kind, "human:1") for kind in WHOLE), ("rate", "human:2"))
    assert run_marks._one(facts) == "human:1"
    assert run_marks._one([]) == ""


# --- rows of a preview --------------------------------------------------------------------------------------


def test_a_row_that_broke_says_why_and_its_neighbours_say_with_which_row() -> None:
    results = mappings._Results()
    broken = Rejected(QuarantineCode.MALFORMED, "the quantity is no number", 3)
    mappings._set_aside(results, (2, 3, 4), broken)
    assert results.of == {
        2: ("quarantined", "set aside with row 3"),
        3: ("quarantined", "the quantity is no number"),
        4: ("quarantined", "set aside with row 3"),
    }


def test_where_no_row_is_to_blame_each_says_what_is_wrong() -> None:
    results = mappings._Results()
    mappings._set_aside(results, (2, 3), Rejected(QuarantineCode.MALFORMED, "the file ends"))
    assert set(results.of.values()) == {("quarantined", "the file ends")}


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["PO-1", "5"], (("PO-1", False), ("5", True))),
        (["PO-1"], (("PO-1", False), ("", True))),  # a row may end before its last column
        ([], (("", False), ("", True))),
    ],
)
def test_a_row_of_a_preview_has_a_cell_for_every_column(cells: list[str], values: Any) -> None:
    results = mappings._Results(of={7: ("read", "")})
    row = mappings._row(7, cells, [(0, False), (1, True)], results)
    assert (row.number, row.cells, row.result, row.reason) == (7, values, "read", "")


def test_an_item_of_our_books_leads_to_its_invoice_or_to_none() -> None:
    key = UUID(int=5)
    item = {
        "number": "INV-1",
        "amount": "-12.50",
        "sentence": "The statement lacks it.",
        "document": str(key),
    }
    found = statements._own(item, {})
    assert (found.number, found.amount, found.invoice) == ("INV-1", Decimal("-12.50"), None)
    assert statements._key(item) == key
    assert statements._key({"document": ""}) is None
    assert statements._key({}) is None
