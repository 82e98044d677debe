"""The coding page: what needs a look, one form for each line, and what became of it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from coordination.models import Coding, CodingExample
from coordination.selectors.coding import VIEWS
from coordination.services.coding import confirm
from coordination.services.coding.confirm import Choice
from tests import cast
from tests.cast import Cast

from .conftest import HTMX, client, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(people: Cast) -> Client:
    """Finance."""
    return client(people.bob)


def learned(count: int = 1) -> None:
    """A cleared invoice of a vendor with some history."""
    cast.take_in(cast.table("codings", *cast.coded(count)))
    cast.trade()


def page(browser: Client, **query: str) -> str:
    found = browser.get(reverse("coordination:coding"), query)
    assert found.status_code == 200
    return read(found)


def send(
    browser: Client, account: str = "4400", cost_centre: str = "CC-1", version: str = "1", **rest: object
):
    url = reverse("coordination:coding_confirm", args=[cast.invoice().pk, 1])
    data = {"account": account, "cost_centre": cost_centre, "version": version}
    return browser.post(url, data, **({"headers": HTMX} | rest))


def test_a_proposal_waits_with_what_it_rests_on(bob: Client) -> None:
    learned(12)
    text = page(bob)
    assert "12 of 12 lines of this item" in text
    assert "0.76 sure" in text
    assert 'name="account" list="accounts" value="4400"' in text
    assert "Hartmann GmbH" in text
    assert '<option value="CC-1"></option>' in text


def test_what_the_agent_set_waits_for_nobody_and_can_be_looked_at(bob: Client) -> None:
    learned(20)
    assert "No proposal waits for a person." in page(bob)
    assert "set, 0.84 sure" in page(bob, view="set")


def test_a_line_without_history_can_be_coded(bob: Client) -> None:
    cast.trade()
    assert "nothing like it was coded before" in page(bob, view="open")
    assert send(bob, "4711", "", "0").status_code == 200
    assert "Every booked line has a coding." in page(bob, view="open")


def test_confirming_answers_with_the_line_as_it_is_now(bob: Client) -> None:
    learned()
    found = send(bob)
    text = found.content.decode()
    assert found.status_code == 200
    assert "Confirmed by Bob" in text
    assert "<html" not in text
    assert 'class="coding-line done"' in text
    assert "<input" not in text
    assert Coding.objects.get().status == "confirmed"


def test_a_correction_says_what_the_agent_had_said(bob: Client) -> None:
    learned()
    text = read(send(bob, "4410", ""))
    assert "Corrected by Bob" in text
    assert "the agent had said 4400 / CC-1" in text


def test_who_comes_second_keeps_what_was_typed_and_sees_the_new_version(people: Cast, bob: Client) -> None:
    learned()
    confirm.confirm(cast.invoice().pk, 1, Choice("4499", "", 1), by=people.carol)
    found = send(bob, "4410", "CC-7")
    text = found.content.decode()
    assert found.status_code == 409
    assert "Carol put it to 4499" in text
    assert 'value="4410"' in text
    assert 'value="CC-7"' in text
    assert 'name="version" value="2"' in text
    assert send(bob, "4410", "CC-7", "2").status_code == 200


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999"])
def test_a_form_without_the_version_that_was_seen_loses(version: str, bob: Client) -> None:
    learned()
    assert send(bob, version=version).status_code == 409


def test_a_refusal_says_what_to_do_and_keeps_what_was_typed(bob: Client) -> None:
    learned()
    found = send(bob, "=SUM(A1)")
    text = found.content.decode()
    assert found.status_code == 422
    assert "The account is not a code of letters, digits and . _ / - (at most 40)." in text
    assert 'value="=SUM(A1)"' in text
    assert 'aria-invalid="true"' in text


def test_without_script_a_form_leads_back_to_the_list_or_to_a_page_with_the_words(bob: Client) -> None:
    learned()
    refused = send(bob, "", headers={})
    assert refused.status_code == 422
    assert "Name an account." in refused.content.decode()
    assert "<html" in refused.content.decode()
    done = send(bob, headers={}, follow=True)
    assert done.redirect_chain == [(reverse("coordination:coding"), 302)]
    assert "Line 1 is booked on 4400 / CC-1." in done.content.decode()


def test_finance_and_managers_code_others_read(people: Cast) -> None:
    learned()
    for who, status in (("alice", 403), ("erin", 403), ("frank", 403)):
        assert send(client(getattr(people, who))).status_code == status
    assert Coding.objects.get().status == "proposed"
    seen = {
        who: client(getattr(people, who)).get(reverse("coordination:coding")).status_code
        for who in vars(people)
    }
    assert seen == {"alice": 200, "bob": 200, "carol": 200, "dave": 200, "erin": 200, "frank": 403}
    text = page(client(people.alice))
    assert "Lines are coded by finance and by managers." in text
    assert 'name="account"' not in text
    assert send(client(people.carol)).status_code == 200


def test_nothing_is_coded_by_a_get_or_from_another_site(people: Cast) -> None:
    learned()
    url = reverse("coordination:coding_confirm", args=[cast.invoice().pk, 1])
    assert client(people.bob).get(url).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people.bob)
    assert strict.post(url, {"account": "1", "version": "1"}).status_code == 403
    assert not CodingExample.objects.filter(document=None).exists()


def test_how_often_people_agree_is_shown_with_its_interval(people: Cast, bob: Client) -> None:
    cast.take_in(cast.table("codings", *cast.coded(1)))
    bills = [
        cast.bill(invoice_number=f"INV-{n}", quantity=str(10 + n), issue_date=f"2026-09-0{n}")
        for n in range(1, 5)
    ]
    cast.trade(*bills)
    assert "no proposal confirmed or corrected yet" in page(bob)
    for n in range(1, 5):
        row = Coding.objects.get(invoice__number=f"INV-{n}")
        choice = Choice("4410" if n == 4 else row.account, row.cost_centre, row.version)
        confirm.confirm(row.invoice_id, 1, choice, by=people.bob)
        cast.drain()
    text = page(bob)
    assert "3 of 4, 95 %: 30.1–95.4" in text
    assert "75.0" in text


def test_lines_coded_by_hand_are_no_evidence_for_the_agent(people: Cast, bob: Client) -> None:
    cast.trade()
    send(bob, version="0")
    assert "no proposal confirmed or corrected yet" in page(bob)


def test_a_vendors_markup_stays_text(bob: Client) -> None:
    cast.take_in(cast.table("codings", *cast.coded(1)))
    cast.trade(cast.bill(description="<u>Bolt</u>"), vendors=(cast.vendor(name="<b>x</b>"),))
    text = page(bob)
    assert "<u>Bolt" not in text
    assert "<b>x</b>" not in text
    assert "&lt;b&gt;x&lt;/b&gt;" in text


def test_lines_of_one_vendor_can_be_looked_at_alone(bob: Client) -> None:
    learned()
    assert "Bolt M8" in page(bob, vendor="V-1")
    assert "No line of this vendor is here." in page(bob, vendor="V-2")


def test_a_nonsense_address_shows_the_first_page(bob: Client) -> None:
    learned()
    for query in ({"view": "nonsense"}, {"page": "-4"}, {"page": "x"}, {"page": "0"}):
        assert "12 of 12" in page(bob, **query) or "1 of 1 line of this item" in page(bob, **query)


def test_a_long_list_comes_in_pages_and_costs_as_many_queries_as_a_short_one(
    people: Cast, bob: Client, django_assert_max_num_queries: object
) -> None:
    lines = [
        cast.bill(
            line=str(n),
            item=f"X-{n}",
            description=f"Part {n}",
            quantity="1",
            unit_price="1.00",
            net="60.00",
            tax="11.40",
            gross="71.40",
            order_line="",
        )
        for n in range(1, 61)
    ]
    cast.trade(*lines)
    cast.answer(cast.question(), "approve", by=people.carol)
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        text = page(bob, view="open")
    assert text.count('class="coding-line ') == 50
    assert 'rel="next"' in text
    assert page(bob, view="open", page="2").count('class="coding-line ') == 10


def test_the_coding_stands_on_the_invoice_and_in_its_history(people: Cast, bob: Client) -> None:
    learned(12)
    url = reverse("coordination:invoice", args=[cast.invoice().pk])
    before = bob.get(url).content.decode()
    assert "12 of 12 lines of this item, 0.76 sure" in before
    assert "Coding worked out" in before
    send(bob, "4410", "")
    after = bob.get(url).content.decode()
    assert "Coding corrected" in after
    assert "line 1: 4410, proposed was 4400 / CC-1" in after
    assert "Corrected by Bob" in after


def test_an_invoice_that_is_not_cleared_shows_no_coding(bob: Client) -> None:
    cast.trade(cast.bill(unit_price="11.00"))
    text = bob.get(reverse("coordination:invoice", args=[cast.invoice().pk])).content.decode()
    assert "No coding" not in text


def test_the_navigation_counts_what_waits(bob: Client) -> None:
    learned()
    assert 'title="to confirm">1<' in page(bob)
    send(bob)
    assert 'title="to confirm"' not in page(bob)


def test_the_strip_above_the_list_is_fetched_by_itself(bob: Client) -> None:
    learned()
    found = bob.get(reverse("coordination:coding_figures"), headers=HTMX).content.decode()
    assert found.startswith("<section")
    assert "To confirm" in found


def test_every_view_has_a_title_and_its_own_lines(bob: Client) -> None:
    learned()
    shown = {view: page(bob, view=view).count("coding-line ") for view in VIEWS}
    assert shown == {"confirm": 1, "open": 0, "set": 0, "confirmed": 0}
