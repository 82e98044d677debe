"""What pages say is true: no promise that nobody keeps, no name for what somebody else did, no figure of
nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.canonical import dumps
from audit.models import Entry
from coordination.display.format import limits, when_zoned
from coordination.display.ledger_entries import moment
from coordination.display.words import QUARANTINE
from coordination.questions import invoice
from coordination.views.payments import _left
from reviews.models import Escalation
from reviews.urgency import loss_of
from tests import cast
from tests.cast import Cast

from .conftest import HTMX, answer, client, read


def page(browser: Client, name: str, *args: object, **query: str) -> str:
    return read(browser.get(reverse(name, args=args), query))


def told(type_: str, **data: Any) -> str:
    """An entry as a line of the timeline, by Sofie."""
    line = moment(Entry(type=type_, body=dumps({"data": data}).decode(), seq=1))
    return f"{line.title} {line.by} Sofie"


def test_a_rejection_promises_no_message_to_the_vendor(case: Escalation) -> None:
    said = {c["verdict"]: c["text"] for c in case.case["consequences"]}["reject"]
    assert "is told" not in said
    assert "Nothing is sent" in said


def test_nobody_paid_what_the_bank_says_was_paid() -> None:
    bank = {"document": {"number": "P2-1"}, "run": "3"}
    assert told("payment.executed", **bank) == "Paid according to a file of the bank, taken in by Sofie"
    assert "taken in by Sofie" in told("payment.refused", **bank)
    assert "taken in by Sofie" in told("payment.reported", **bank)
    assert told("payment.executed", run="3") == "Paid as confirmed by Sofie"
    assert told("payment.approved", number="3") == "Payment approved by Sofie"


def test_costs_that_no_policy_states_are_not_nothing(people: Cast) -> None:
    cast.trade()
    shown = page(client(people.carol), "coordination:kpis")
    row = shown.partition("<b>Cost per invoice</b>")[2].partition("</tr>")[0]
    assert "0.00" not in row
    assert "it is not known" in row


def test_the_key_figures_quote_no_figure_without_a_study(people: Cast) -> None:
    shown = page(client(people.carol), "coordination:kpis")
    assert "unverified" not in shown
    assert "no study" not in shown


def test_what_a_run_leaves_out_is_counted_by_reason() -> None:
    rows = [
        SimpleNamespace(why=why)
        for why in ("not payable by SEPA", "netted by credits", "not payable by SEPA")
    ]
    assert _left(rows) == "2 not payable by SEPA; 1 netted by credits"  # type: ignore[arg-type]


def test_what_cannot_be_read_is_said_once(people: Cast) -> None:
    [line] = cast.take_in(b"just some words\n").as_json()["quarantined"]
    assert line["code"] == "unsupported"
    assert "not a" not in line["error"]
    assert QUARANTINE["unsupported"] == "not a supported document"


def test_a_code_is_said_in_words_on_a_page_and_as_a_code_by_command(case: Escalation, people: Cast) -> None:
    data = answer(case, reason="approve:not_so")
    url = reverse("reviews:decide", args=[case.pk])
    shown = client(people.alice).post(url, data, headers=HTMX).content.decode()
    assert "Difference accepted" in shown
    assert "difference_accepted" not in shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2 % or 100.00", "2 %, at most 100.00"),
        ("received + 0", "received + 0"),
        ("100.00", "100.00"),
        ("–", "–"),
    ],
)
def test_of_two_bounds_the_first_that_comes_counts(given: str, shown: str) -> None:
    assert limits(given) == shown


def test_a_line_with_nothing_to_compare_is_not_called_within_tolerance() -> None:
    lines = [
        {"result": [], "ordered": {"order": "PO-1"}, "received": {"accepted": "5"}},
        {"result": [], "ordered": {"order": "PO-1"}, "received": {"accepted": "0"}},
        {"result": [], "ordered": None, "received": None},
        {"result": [{"code": "price_over"}], "ordered": {"order": "PO-1"}, "received": {"accepted": "5"}},
    ]
    found = invoice.compared_lines({"lines": lines})
    assert [len(x) for x in (found.within, found.alone, found.off)] == [1, 2, 1]


def _open() -> Escalation:
    at = datetime(2026, 11, 19, 9, tzinfo=UTC)
    return Escalation(opened_at=at, due_at=at, clock="desk time")


# --- time --------------------------------------------------------------------------------------------


def test_every_page_names_its_time_zone(people: Cast) -> None:
    browser = client(people.carol)
    for name in ("coordination:overview", "reviews:inbox", "coordination:invoices", "coordination:payments"):
        assert "Times are those of UTC" in page(browser, name)
    browser.cookies["tz"] = "Europe/Berlin"
    shown = page(browser, "coordination:overview")
    assert re.search(r"Times are those of Europe/Berlin, CES?T", shown)
    assert 'data-zone="Europe/Berlin"' in shown


def test_the_company_sets_one_time_zone_for_all(people: Cast, settings: Any) -> None:
    settings.COUNTERSIGN_TIME_ZONE = ZoneInfo("Asia/Kolkata")
    browser = client(people.carol)
    browser.cookies["tz"] = "Europe/Berlin"
    assert "Times are those of Asia/Kolkata, IST" in page(browser, "coordination:overview")


def test_the_moment_to_decide_by_has_its_zone(people: Cast) -> None:
    cast.trade(cast.bill(unit_price="11.00", due_date=cast.days_ago(-60)))
    shown = page(client(people.alice), "reviews:case", cast.question().pk)
    assert re.search(r"Decide by [^<]*\d\d:\d\d UTC", shown)
    with timezone.override(ZoneInfo("America/Sao_Paulo")):  # no letters of its own
        assert when_zoned("2026-01-05T12:00:00+00:00").endswith("09:00 UTC-03:00")


def test_an_overdue_invoice_is_called_so_in_list_and_case(people: Cast) -> None:
    cast.trade(cast.bill(unit_price="11.00", due_date=cast.days_ago(5)))
    browser = client(people.alice)
    for shown in (page(browser, "reviews:inbox"), page(browser, "reviews:case", cast.question().pk)):
        assert "Overdue 5 d" in shown
    loss = loss_of(invoice.KIND.deadlines, cast.question().case, timezone.localdate())
    assert loss is not None
    assert loss.is_overdue
