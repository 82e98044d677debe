"""Words on a case that are true: what is a match, what was confirmed, and per cent of what."""

from __future__ import annotations

from typing import Any

import pytest
from django.template.loader import render_to_string

from audit.canonical import loads
from audit.models import Entry
from coordination.display.ledger_entries import moment
from coordination.models import Decision
from tests.cast import bill, invoice, question, receipt, trade

pytestmark = pytest.mark.django_db


def line() -> dict[str, Any]:
    [shown] = question().case["lines"]
    return dict(shown)


def result(shown: dict[str, Any]) -> str:
    return render_to_string("coordination/questions/_line_result.html", {"line": shown})


def test_a_line_of_which_nothing_was_received_is_no_match() -> None:
    trade(
        bill(iban="DE75512108001245126199", issue_date="2026-01-05"), receipts=(receipt(order_number="PO-9"),)
    )
    shown = line() | {"result": []}
    assert "Match" not in result(shown)
    assert "Nothing received" in result(shown)


def test_a_line_that_came_is_a_match() -> None:
    trade(bill(iban="DE75512108001245126199"))
    assert "Match" in result(line())


@pytest.mark.parametrize(
    ("billed", "received", "percent"),
    [("150", "150", "50.0"), ("100", "50", "50.0"), ("150", "100", "50.0"), ("100", "80", "20.0")],
)
def test_a_quantity_is_over_by_per_cent_of_what_was_ordered(billed: str, received: str, percent: str) -> None:
    trade(bill(quantity=billed), receipts=(receipt(quantity=received),))
    assert line()["variance"]["pct"] == percent
    assert question().case["totals"]["variance"]["pct"] == percent


def titles() -> list[str]:
    rows = Decision.objects.filter(invoice=invoice(), agent="operations.delivery").values_list(
        "entry_id", flat=True
    )
    return [moment(e).title for e in Entry.objects.filter(id__in=rows)]


def test_a_delivery_is_confirmed_only_where_an_order_line_was_compared() -> None:
    trade(bill(order_number="", order_line=""))
    assert titles() == ["No delivery to confirm"]


def test_a_delivery_that_was_compared_is_confirmed() -> None:
    trade()
    assert titles() == ["Delivery confirmed"]


@pytest.mark.parametrize(
    ("due", "remarks"), [("2026-10-05", 0), ("2026-09-15", 1), ("2026-12-31", 1), ("", 0)]
)
def test_a_due_date_against_the_terms_is_remarked_and_holds_nothing(due: str, remarks: int) -> None:
    trade(bill(due_date=due))
    assert invoice().state == "cleared"
    entry = Decision.objects.get(invoice=invoice(), agent="finance.validation").entry_id
    found = loads(Entry.objects.get(id=entry).body)["data"]["findings"]
    assert sum("the terms agreed with" in f["sentence"] for f in found) == remarks
