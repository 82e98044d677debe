"""The ways of the week: each band says its number, its base and what is usual, and opens as many invoices."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from audit import clock
from coordination.models import WayDay
from coordination.selectors.ways import FEWEST_WEEKS, Band, Ways, list_step, ways
from coordination.services.behaviour.day_counts import count_recent
from tests import cast
from tests.cast import Cast, bill, order, receipt, table, take_in

pytestmark = pytest.mark.django_db


def today() -> date:
    return clock.now().astimezone(UTC).date()


def counted(weeks_ago: int, *steps: tuple[str, str, int], gross: str = "10", currency: str = "EUR") -> None:
    """A week as it was counted: from, to, how many, each billing so much."""
    WayDay.objects.bulk_create(
        WayDay(
            day=today() - timedelta(weeks=weeks_ago),
            source=source,
            target=target,
            currency=currency,
            invoices=n,
            gross=n * Decimal(gross),
            until=datetime.now(UTC),
        )
        for source, target, n in steps
    )


def bands(found: Ways) -> dict[str, Band]:
    return {band.title: band for band in found.bands}


def paid_of(paid: int, all_: int) -> tuple[tuple[str, str, int], ...]:
    return (("received", "paid", paid), ("paid", "", paid), ("received", "", all_ - paid))


def test_a_band_says_its_number_its_base_and_what_is_usual() -> None:
    counted(0, *paid_of(41, 182))
    for ago in range(1, 9):
        counted(ago, *paid_of(15, 100))
    found = bands(ways("count"))["Received to paid"]
    assert found.sentence == "41 of 182, 23 %; usually 15 %"
    assert found.difference == "8 points more than usual"
    assert found.usual_week == "15.0 of 100.0"


def test_by_value_it_says_money() -> None:
    counted(0, *paid_of(1, 4), gross="1000")
    for ago in range(1, 9):
        counted(ago, *paid_of(1, 2), gross="2")
    found = bands(ways("value"))["Received to paid"]
    assert found.sentence == "EUR 1,000.00 of 4,000.00, 25 %; usually 50 %"
    assert found.usual_week == "EUR 2.00 of 4.00"


def test_what_is_usual_weighs_weeks_by_what_came_in_and_leaves_empty_ones_out() -> None:
    counted(0, *paid_of(1, 10))
    counted(1, *paid_of(90, 100))
    for ago in (2, 3, 5):
        counted(ago, *paid_of(0, 100))
    counted(9, *paid_of(100, 100))  # before the eight
    found = ways("count")
    assert found.weeks == 4
    assert bands(found)["Received to paid"].usual_share == pytest.approx(Decimal("22.5"))


def test_few_weeks_are_still_being_learned_from_and_nothing_is_called_usual() -> None:
    counted(0, *paid_of(1, 1))
    for ago in range(1, FEWEST_WEEKS):
        counted(ago, *paid_of(1, 1))
    found = bands(ways("count"))["Received to paid"]
    assert found.sentence == "1 of 1, 100 %; still learning what is usual"
    assert (found.usual_week, found.difference) == ("", "still learning")


def test_a_step_that_is_new_is_usually_none() -> None:
    counted(0, *paid_of(4, 4), ("received", "rejected", 0))
    for ago in range(1, 9):
        counted(ago, ("received", "", 10))
    assert bands(ways("count"))["Received to paid"].sentence == "4 of 4, 100 %; usually 0 %"


@pytest.mark.parametrize(
    ("paid", "words"), [(15, "as usual"), (16, "1 point more than usual"), (12, "3 points less than usual")]
)
def test_the_difference_is_said_in_words(paid: int, words: str) -> None:
    counted(0, *paid_of(paid, 100))
    for ago in range(1, 9):
        counted(ago, *paid_of(15, 100))
    assert bands(ways("count"))["Received to paid"].difference == words


def test_currencies_are_added_in_that_of_the_company() -> None:
    from coordination.models import Rate

    cast.trade()  # a policy is in force
    Rate.objects.filter(currency="USD").delete()
    Rate.objects.create(on=date(2026, 1, 1), currency="USD", per_eur=Decimal("2"))
    counted(0, ("received", "", 1), gross="100", currency="USD")
    counted(0, ("received", "", 1), gross="30")
    assert ways("value").base.worth == Decimal("80.00")


def test_until_today_is_counted_the_week_to_yesterday_is_shown() -> None:
    WayDay.objects.create(
        day=today() - timedelta(days=1),
        source="received",
        currency="EUR",
        invoices=2,
        gross=1,
        until=datetime.now(UTC),
    )
    assert ways("count").day == today() - timedelta(days=1)
    assert ways("count").base.invoices == 2


# --- of a trade ---------------------------------------------------------------------------------------------


def traded() -> None:
    """One cleared, one held, one that waits to be read."""
    cast.trade(
        bill(),
        bill(invoice_number="INV-2", order_number="PO-2", quantity="120", issue_date="2026-09-06"),
        orders=(order(), order(order_number="PO-2")),
        receipts=(receipt(), receipt(receipt_number="GR-2", order_number="PO-2")),
    )
    take_in(table("invoices", bill(invoice_number="INV-3", quantity="7", issue_date="2026-09-09")))
    count_recent()


def test_every_band_opens_as_many_invoices_as_it_counts(people: Cast) -> None:
    traded()
    found = ways("count")
    assert found.base.invoices == 3
    for band in found.bands:
        listed = list_step(band.source, band.target)
        assert listed is not None
        assert listed.count() == len(list(listed.all())) == band.much.invoices, band.title
    assert {x.number for x in list_step("cleared", "").all()} == {"INV-1"}  # type: ignore[union-attr]
    # what happens after the count changes neither
    cast.answer(cast.question("INV-2"), "reject", by=people.carol)
    cast.drain()
    for band in ways("count").bands:
        assert list_step(band.source, band.target).count() == band.much.invoices  # type: ignore[union-attr]


@pytest.mark.usefixtures("people")
def test_what_leaves_a_state_or_stands_there_is_what_came_through_it() -> None:
    traded()
    found = ways("count")
    through = {state: much.invoices for state, much in found.through}
    came = {"received": found.base.invoices}
    for band in found.bands:
        if band.target:
            came[band.target] = came.get(band.target, 0) + band.much.invoices
    assert {state: n for state, n in through.items() if n} == came


def test_the_page_says_each_band_in_the_picture_and_in_the_table(people: Cast, client: Client) -> None:
    traded()
    client.force_login(people.alice)
    page = client.get(reverse("coordination:ways")).content.decode()
    for band in ways("count").bands:
        assert page.count(f'href="{reverse("coordination:way", args=[band.source, band.where])}"') == 2
        assert f"{band.title}: {band.sentence}" in page
    assert "still learning what is usual: 0 of 4 weeks" in page
    by_value = client.get(reverse("coordination:ways") + "?by=value").content.decode()
    assert "EUR 1,190.00 of " in by_value
    assert "style=" not in re.sub(r"<link[^>]*>", "", page)


def test_the_files_have_what_the_pages_have(people: Cast, client: Client) -> None:
    traded()
    client.force_login(people.frank)
    lines = list(csv.DictReader(io.StringIO(client.get(reverse("coordination:ways_csv")).content.decode())))
    assert {(x["from"], x["to"], x["invoices"]) for x in lines} == {
        (b.source, b.where, str(b.much.invoices)) for b in ways("count").bands
    }
    address = reverse("coordination:way_csv", args=["cleared", "stand"])
    [line] = csv.DictReader(io.StringIO(client.get(address).content.decode()))
    assert (line["invoice_number"], line["now"], line["how"]) == ("INV-1", "cleared", "auto")


def test_a_step_that_no_state_has_is_no_address(people: Cast, client: Client) -> None:
    client.force_login(people.alice)
    assert client.get("/flow/ways/received/nowhere/").status_code == 404
    assert client.get("/flow/ways/nowhere/stand/").status_code == 404
    page = client.get("/flow/ways/received/paid/").content.decode()
    assert "Nothing is counted here." in page
    assert "no invoice came in this week" in client.get("/flow/ways/").content.decode()
