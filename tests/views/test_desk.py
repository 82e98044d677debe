"""The desk: the list as of a moment, a verdict from the page, and what is told when it is refused."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reviews import selectors
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast, bill, table, take_in, vendor

from .conftest import HTMX, answer, client


@pytest.fixture
def alice(people: Cast) -> Client:
    return client(people.alice)


def test_page_and_fragment_come_from_one_view(case: Escalation, alice: Client) -> None:
    url = reverse("reviews:case", args=[case.pk])
    page, part = alice.get(url), alice.get(url, headers=HTMX)
    assert page.content.lstrip().startswith(b"<!doctype html>")
    assert b"<html" not in part.content
    assert b"Hartmann GmbH" in part.content
    assert "HX-Request" in page["Vary"]
    assert "HX-Request" in part["Vary"]


def test_a_page_restored_from_the_browsers_history_is_whole(case: Escalation, alice: Client) -> None:
    headers = HTMX | {"HX-History-Restore-Request": "true"}
    assert b"<html" in alice.get(reverse("reviews:case", args=[case.pk]), headers=headers).content


def test_a_case_shows_the_three_documents_what_is_off_and_what_each_key_does(
    case: Escalation, alice: Client
) -> None:
    page = alice.get(reverse("reviews:case", args=[case.pk])).content.decode()
    for shown in ("INV-1", "PO-1", "GR-1", "11.00", "10.00", "price over", "+10.0", "Approving", "Rejecting"):
        assert shown in page
    assert "procurement.matching" in page


def test_no_answer_is_chosen_for_the_person(case: Escalation, alice: Client) -> None:
    page = alice.get(reverse("reviews:case", args=[case.pk]), headers=HTMX).content.decode()
    form = page[page.index("data-verdicts") :]
    reasons = form[: form.index("</select>")]
    assert "selected" not in reasons
    assert "autofocus" not in form
    assert "solid" not in form


def test_who_may_not_sign_is_told_before_anything_is_typed(people: Cast) -> None:
    cast.trade(cast.bill(unit_price="300.00"), orders=(cast.order(unit_price="299.00"),))
    page = (
        client(people.bob)
        .get(reverse("reviews:case", args=[cast.question().pk]), headers=HTMX)
        .content.decode()
    )
    assert "is over your limit of EUR 25,000.00. Hand over to Carol or Dave." in page
    assert "data-verdicts" not in page
    other = client(people.carol).get(reverse("reviews:case", args=[cast.question().pk]), headers=HTMX)
    assert b"data-verdicts" in other.content


def test_a_verdict_leads_to_the_next_case(people: Cast, alice: Client) -> None:
    cast.trade(
        cast.bill(unit_price="11.00"),
        cast.bill(invoice_number="INV-2", order_number="PO-2", unit_price="12.00"),
        orders=(cast.order(), cast.order(order_number="PO-2")),
        receipts=(cast.receipt(), cast.receipt(receipt_number="GR-2", order_number="PO-2")),
    )
    first, second = cast.question("INV-1"), cast.question("INV-2")
    found = alice.post(reverse("reviews:decide", args=[first.pk]), answer(first), headers=HTMX)
    assert found.status_code == 200
    assert str(second.pk) in found["HX-Push-Url"]
    assert b"INV-2" in found.content


def test_after_the_last_case_the_desk_is_empty(case: Escalation, alice: Client) -> None:
    alice.post(reverse("reviews:decide", args=[case.pk]), answer(case))
    page = alice.get(reverse("reviews:inbox")).content.decode()
    assert "Nothing to countersign." in page
    assert "You decided 1 today." in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": ""}, "reason code"),
        ({"verdict": "reject", "reason": "reject:price_not_agreed", "comment": " "}, "own words"),
        ({"reason": "reject:price_not_agreed"}, "reason code"),
    ],
)
def test_an_incomplete_answer_is_refused_in_place(
    change: dict[str, str], words: str, case: Escalation, alice: Client
) -> None:
    found = alice.post(reverse("reviews:decide", args=[case.pk]), answer(case) | change, headers=HTMX)
    assert (found.status_code, found["HX-Retarget"]) == (422, "#refusal")
    assert words in found.content.decode()
    case.refresh_from_db()
    assert case.status == "open"


def test_without_scripts_the_refused_text_comes_back(case: Escalation, alice: Client) -> None:
    change = {"reason": "", "comment": "typed with care"}
    found = alice.post(reverse("reviews:decide", args=[case.pk]), answer(case) | change)
    assert found.status_code == 422
    assert "typed with care" in found.content.decode()


def test_the_loser_of_a_race_hears_who_and_when(case: Escalation, people: Cast, alice: Client) -> None:
    url = reverse("reviews:decide", args=[case.pk])
    assert client(people.carol).post(url, answer(case, "reject", by="carol")).status_code == 302
    found = alice.post(url, answer(case, click="click-2"), headers=HTMX)
    told = alice.get(reverse("reviews:standing", args=[case.pk])).content.decode()
    assert found.status_code == 409
    assert "Carol" in found.content.decode()
    assert "Carol" in told
    assert "data-closed" in told


def test_an_answer_to_another_version_is_stale(case: Escalation, alice: Client) -> None:
    found = alice.post(
        reverse("reviews:decide", args=[case.pk]), answer(case, seen_version="99"), headers=HTMX
    )
    assert found.status_code == 409


def test_arrivals_are_counted_and_shown_only_when_asked_for(case: Escalation, alice: Client) -> None:
    before = {"as_of": (case.opened_at - timedelta(seconds=1)).isoformat()}
    url, row = reverse("reviews:inbox"), f"row-{case.pk}"
    held = alice.get(url, before, headers=HTMX).content.decode()
    shown = alice.get(url, headers=HTMX).content.decode()
    assert "1 new" in held
    assert row not in held
    assert row in shown


def test_a_case_that_another_decides_stays_in_its_place_and_says_so(
    case: Escalation, people: Cast, alice: Client
) -> None:
    as_of = timezone.now().isoformat()
    client(people.carol).post(reverse("reviews:decide", args=[case.pk]), answer(case, by="carol"))
    theirs = alice.get(reverse("reviews:inbox"), {"as_of": as_of}, headers=HTMX).content.decode()
    own = client(people.carol).get(reverse("reviews:inbox"), {"as_of": as_of}, headers=HTMX).content.decode()
    assert f"row-{case.pk}" in theirs
    assert "by Carol" in theirs
    assert f"row-{case.pk}" not in own


def test_a_claim_is_shown_and_given_back(case: Escalation, people: Cast, alice: Client) -> None:
    taken = alice.post(reverse("reviews:claim", args=[case.pk]), headers=HTMX).content.decode()
    other = client(people.bob).get(reverse("reviews:case", args=[case.pk])).content.decode()
    mine = alice.get(reverse("reviews:inbox"), {"queue": "mine"}).content.decode()
    given = alice.post(reverse("reviews:release", args=[case.pk]), headers=HTMX).content.decode()
    assert "Claimed by you" in taken
    assert "Claimed by Alice" in other
    assert f"row-{case.pk}" in mine
    assert "Claimed" not in given


def test_the_list_narrows_by_queue_and_cause(case: Escalation, alice: Client) -> None:
    def rows(**query: str) -> bool:
        return f"row-{case.pk}" in alice.get(reverse("reviews:inbox"), query, headers=HTMX).content.decode()

    assert rows(queue="procurement", cause="price_over", sort="amount")
    assert not rows(queue="finance")
    assert not rows(cause="no_receipt")


def test_a_list_that_is_cut_says_that_more_come_after(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    bills = [bill(invoice_number=f"INV-{n}", order_number="") for n in range(3)]
    take_in(table("vendors", vendor()), table("invoices", *bills))
    cast.drain()
    browser = client(people.carol)
    assert "These come first." not in browser.get(reverse("reviews:inbox")).content.decode()
    listing = selectors.listing
    monkeypatch.setattr(selectors, "listing", partial(listing, at_most=2))
    page = browser.get(reverse("reviews:inbox")).content.decode()
    assert 'class="count">first 2</span>' in page
    assert "These come first." in page
    assert "3 open" in page
