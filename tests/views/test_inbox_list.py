"""The list of the inbox as a file: what its page shows, in its order, for who may see it; nothing in it is a
formula, and nothing tells a known-answer case apart."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook  # type: ignore[import-untyped]

from audit import clock
from coordination.domain.oversight import Defect
from coordination.models import KNOWN_ANSWER
from coordination.oversight import planting
from coordination.reports.inbox_list import COLUMNS, inbox_csv, inbox_xlsx
from coordination.selectors import inbox_export
from reviews import assignment, handling
from reviews.models import Escalation
from reviews.names import person
from reviews.open_lists import Filters
from reviews.selectors import listing
from tests import cast
from tests.cast import Cast, bill
from tests.oversight.trade import trade as twinned
from tests.reviews.test_groups import open_questions, several
from tests.views.conftest import client

pytestmark = pytest.mark.django_db
NAMES = [name for name, _ in COLUMNS]
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "＝1", ' "=1', "a;=1")


def taken(browser: Client, **filters: str) -> list[dict[str, str]]:
    found = browser.get("/inbox/list.csv", filters)
    assert found.status_code == 200
    return list(csv.DictReader(io.StringIO(found.content.decode())))


def sheet(browser: Client, **filters: str) -> list[list[Any]]:
    book = load_workbook(io.BytesIO(browser.get("/inbox/list.xlsx", filters).content))
    return [[cell.value for cell in row] for row in book["Inbox"].iter_rows()]


def test_it_has_what_a_specialist_asks_of_a_list(people: Cast) -> None:
    several(1)
    row = open_questions()[0]
    assignment.claim(row.pk, by=people.alice)
    [line] = taken(client(people.alice))
    assert list(line) == NAMES
    assert (line["number"], line["vendor_or_subject"], line["about"]) == (
        "INV-V-1-1",
        "Hartmann GmbH",
        "invoice",
    )
    assert (line["queue"], line["causes"]) == ("Procurement", "price over +10.0 %")
    assert (line["currency"], Decimal(line["amount"])) == ("EUR", row.amount)
    assert (line["company_currency"], Decimal(line["amount_company"])) == ("EUR", row.amount_company)
    assert datetime.fromisoformat(line["due_at"]) == row.due_at
    assert line["claimed_by"] == "Alice"
    assert line["agent"] == "procurement.matching"
    assert line["question"] == row.question
    assert line["link"] == f"http://testserver/inbox/{row.pk}/"


@pytest.mark.parametrize("sort", ["clock", "amount", "age"])
def test_it_stands_in_the_order_of_the_page(people: Cast, sort: str) -> None:
    several(3)
    page = listing(Filters(sort=sort), person(people.carol))
    shown = [row.number for group in page.groups for row in group.rows]
    assert [line["number"] for line in taken(client(people.carol), sort=sort)] == shown


def test_it_is_narrowed_as_the_page_is(people: Cast) -> None:
    several(2)
    cast.take_in(cast.table("invoices", bill(invoice_number="INV-9", order_number="", order_line="")))
    cast.drain()
    browser = client(people.carol)
    first = open_questions()[0]
    handling.put_aside(first.pk, clock.now() + timedelta(days=2), by=people.carol)
    assert len(taken(browser)) == 2
    assert [line["causes"] for line in taken(browser, cause="no_po")] == ["no order named"]
    [away] = taken(browser, aside="1")
    assert away["put_aside_until"].endswith("Z")
    assert [line["link"].split("/")[-2] for line in taken(browser, queue="mine", aside="1")] == [
        str(first.pk)
    ]
    assert taken(browser, queue="operations") == []


def test_kinds_that_somebody_may_not_see_are_not_in_it(people: Cast) -> None:
    several(1)
    assert len(taken(client(people.erin))) == 1
    assert client(people.frank).get("/inbox/list.csv").status_code == 403
    hidden = inbox_export.lines(Filters(), person(people.alice), ["invoice"])
    assert hidden == []


def test_the_workbook_says_the_same_with_numbers_and_days(people: Cast) -> None:
    several(2)
    rows, lines = sheet(client(people.alice)), taken(client(people.alice))
    assert rows[0] == NAMES
    for row, line in zip(rows[1:], lines, strict=True):
        cells = dict(zip(NAMES, row, strict=True))
        assert (cells["number"], cells["causes"]) == (line["number"], line["causes"])
        assert Decimal(str(cells["amount"])) == Decimal(line["amount"])
        assert isinstance(cells["due_at"], datetime)
        assert cells["link"] == line["link"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_of_a_stranger_is_a_formula(text: str) -> None:
    row = [text if name in {"number", "vendor_or_subject", "causes", "question"} else None for name in NAMES]
    [_, line] = list(csv.reader(io.StringIO(inbox_csv([row]).decode())))
    assert not any(cell.lstrip(' "').startswith(("=", "+", "-", "@", "＝")) for cell in line)
    assert not any(part.lstrip(' "').startswith("=") for cell in line for part in cell.split(";"))
    book = load_workbook(io.BytesIO(inbox_xlsx([row], [("About", text)])))
    for cells in (*book["Inbox"].iter_rows(min_row=2), *book["About"].iter_rows()):
        assert all(cell.data_type in {"s", "n"} for cell in cells if cell.value is not None)


def test_more_than_a_file_holds_is_refused_and_says_what_to_do(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    several(2)
    monkeypatch.setattr(inbox_export, "MOST", 1)
    found = client(people.alice).get("/inbox/list.csv")
    assert found.status_code == 422
    assert "more than 1 cases" in found.content.decode()
    assert "Choose a queue or a cause" in found.content.decode()


def test_a_known_answer_case_stands_in_it_as_an_invoice_does(people: Cast) -> None:
    twinned(12, wrong={3: "price"})
    [known] = planting.by_hand(1, by="system:test", defect=Defect.PRICE).cases
    real = Escalation.objects.filter(kind="invoice", status="open")[0]
    text = client(people.alice).get("/inbox/list.csv").content.decode()
    assert KNOWN_ANSWER not in text
    lines = {line["link"].split("/")[-2]: line for line in taken(client(people.alice))}
    one, other = lines[str(known.question_id)], lines[str(real.pk)]
    assert [name for name in NAMES if bool(one[name]) != bool(other[name])] == []
    for name in ("about", "queue", "currency", "company_currency", "clock", "agent"):
        assert one[name] == other[name], name


def test_a_long_list_is_read_in_portions(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    several(3)
    monkeypatch.setattr(inbox_export, "CHUNK", 2)
    assert len(taken(client(people.alice))) == 3
