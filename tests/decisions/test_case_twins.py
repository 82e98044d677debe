"""A suspected duplicate is frozen beside the invoices that the agent's finding means."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from coordination.decisions.case_twins import MOST_LINES, first_lines, pair_lines
from coordination.models import Invoice
from coordination.translation.canonical import InvoiceLine
from tests import cast
from tests.cast import bill, question
from tests.decisions import papers
from tests.decisions.test_money_and_goods import CORRECTED, FIRST, WIDE

pytestmark = pytest.mark.django_db


def alike(number: str) -> dict[str, Any]:
    frozen: dict[str, Any] = question(number).case["alike"]
    return frozen


def differing(twin: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {f["field"]: (f["ours"], f["theirs"]) for f in twin["fields"] if f["differs"]}


def test_the_case_names_the_invoice_of_the_finding_and_tells_which_fields_differ() -> None:
    cast.trade(bill(), bill(invoice_number="INV-1A", issue_date="2026-09-06", due_date="2026-10-05"))
    frozen = alike("INV-1A")
    [twin] = frozen["found"]
    assert twin["invoice"] == str(Invoice.objects.get(number="INV-1").id)
    assert twin["why"] == "same amount, similar number, dates close together"
    assert differing(twin) == {"number": ("INV-1A", "INV-1"), "issued": ("2026-09-06", "2026-09-05")}
    assert {"order", "vendor", "currency", "net", "tax", "gross"} <= {f["field"] for f in twin["fields"]}
    assert [pair["differs"] for pair in twin["lines"]] == [[]]
    assert (frozen["more"], frozen["missing"]) == ("", [])


def test_it_says_how_each_of_the_two_came() -> None:
    cast.trade(bill(), bill(invoice_number="INV-1A"))
    frozen = alike("INV-1A")
    for came, number in ((frozen["came"], "INV-1A"), (frozen["found"][0]["came"], "INV-1")):
        row = Invoice.objects.get(number=number)
        assert came["document"] == str(row.document_id)
        assert (came["name"], came["by"]) == (row.document.name, row.document.received_by)
        assert came["at"] == row.document.received_at.isoformat()


def test_accounts_are_kept_masked_and_compared_whole() -> None:
    cast.trade(bill(iban=cast.IBAN), bill(invoice_number="INV-1A", iban=cast.OTHER_IBAN))
    [twin] = alike("INV-1A")["found"]
    [account] = [f for f in twin["fields"] if f["field"] == "account"]
    assert account["differs"] == "yes"
    assert cast.IBAN not in str(question("INV-1A").case["alike"])
    assert "…" in account["ours"]


def test_of_many_look_alikes_three_are_kept_and_the_others_counted() -> None:
    cast.trade(*(bill(invoice_number=f"INV-10{n}") for n in range(6)))
    frozen = alike("INV-105")
    assert len(frozen["found"]) == 3
    assert frozen["more"] == "2"
    named = [r["found"] for r in question("INV-105").reasons if r["code"] == "duplicate_suspect"]
    assert frozen["found"][0]["number"] == named[0]


def test_an_invoice_that_may_replace_another_stands_beside_it() -> None:
    cast.take_in(*WIDE, papers.ubl(FIRST), papers.ubl(CORRECTED))
    cast.drain()
    [twin] = alike("RE-8501-K")["found"]
    assert twin["number"] == "RE-8501"
    assert twin["why"] == ""
    [pair] = twin["lines"]
    assert pair["differs"] == ["price", "amount"]
    assert (pair["ours"]["price"], pair["theirs"]["price"]) == ("8.00", "10.00")
    assert "names" in differing(twin)


BOLT, NUT = (
    InvoiceLine(position=n, line=str(n), item=item, description=words, quantity=Decimal(5), price=Decimal(2))
    for n, item, words in ((1, "A-1", "Bolt"), (2, "A-2", "Nut"))
)


def test_lines_are_paired_by_what_they_say_and_one_without_a_counterpart_is_told() -> None:
    pairs = pair_lines([NUT], [BOLT, NUT])
    assert [(p.ours and p.ours.item, p.theirs and p.theirs.item, p.differs) for p in pairs] == [
        ("A-2", "A-2", []),
        (None, "A-1", ["line"]),
    ]


def test_a_line_of_the_same_goods_is_compared_before_one_at_the_same_place() -> None:
    more = replace(BOLT, quantity=Decimal(6))
    pairs = pair_lines([more, NUT], [NUT, BOLT])
    assert [p.differs for p in pairs] == [["quantity"], []]


def test_of_many_lines_those_that_differ_are_kept_and_the_others_counted() -> None:
    lines = [InvoiceLine(position=n, line=str(n), item=f"A-{n}") for n in range(MOST_LINES + 5)]
    kept, left = first_lines(pair_lines([*lines, BOLT], lines))
    assert (len(kept), len(left)) == (MOST_LINES, 6)
    assert kept[-1].differs == ["line"]
    assert not any(p.differs for p in left)


def test_a_question_about_no_duplicate_has_nothing_beside_it() -> None:
    cast.trade(bill(unit_price="12.00"))
    assert "alike" not in question().case
