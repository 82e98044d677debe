"""How long a case was on a person's page is part of their answer, and nobody makes it up."""

from __future__ import annotations

import re
import time

import pytest
from django.core.signing import b62_encode
from django.test import Client
from django.urls import reverse

from audit.ledger import data_of
from audit.models import Entry
from reviews import exposure
from reviews.models import Verdict
from tests import cast
from tests.cast import Cast, bill

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def asked(people: Cast) -> None:
    cast.trade(bill(unit_price="12.00"))


def seen() -> dict[str, str]:
    entry = Entry.objects.filter(type="verdict.given").latest("id")
    found: dict[str, str] = data_of(entry.body)["seen"]
    return found


def before(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """Stamps are made as if so many seconds ago."""
    monkeypatch.setattr(exposure._signer, "timestamp", lambda: b62_encode(int(time.time()) - seconds))


def test_the_page_says_how_long_the_case_was_on_it(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    question, browser = cast.question(), Client()
    browser.force_login(people.alice)
    before(monkeypatch, 207)
    page = browser.get(reverse("reviews:case", args=[question.id])).content.decode()
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    answer = {"verdict": "approve", "reason": "approve:evidence_complete", "comment": ""}
    browser.post(reverse("reviews:decide", args=[question.id]), fields | answer)
    assert 207 <= int(seen()["seconds"]) < 240
    assert seen()["shown_at"].endswith("Z")
    assert str(Verdict.objects.get().seconds) == seen()["seconds"]
    history = Client()
    history.force_login(people.erin)
    entry = Entry.objects.filter(type="verdict.given").latest("id")
    told = history.get(reverse("coordination:entry", args=[cast.invoice().id, entry.seq])).content.decode()
    assert re.search(r"3 m \d+ s on the page", told)


def test_a_stamp_of_another_person_question_or_version_says_nothing(people: Cast) -> None:
    row = cast.question()
    mine = exposure.stamp(row, people.bob)
    assert exposure.shown_at(mine, row, people.bob) is not None
    assert exposure.shown_at(mine, row, people.alice) is None
    row.version += 1
    assert exposure.shown_at(mine, row, people.bob) is None
    assert exposure.shown_at(mine[:-1], row, people.bob) is None
    assert exposure.shown_at("", row, people.bob) is None


def test_a_stamp_from_yesterday_says_nothing(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    before(monkeypatch, 25 * 3600)
    row = cast.question()
    assert exposure.shown_at(exposure.stamp(row, people.bob), row, people.bob) is None


def test_an_answer_without_the_page_says_no_time(people: Cast) -> None:
    cast.answer(cast.question(), "approve", by=people.alice)
    assert seen() == {}
    cast.trade(
        bill(invoice_number="INV-2", order_number="PO-2", unit_price="12.00"),
        orders=(cast.order(order_number="PO-2"),),
    )
    cast.answer(cast.question("INV-2"), "approve", by=people.bob, shown="made:up:stamp")
    assert seen() == {}
