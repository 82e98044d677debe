"""Key figures: what they count, over which period, and that a share never stands without its base."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from coordination.assurance.evaluations import policy
from coordination.domain.key_figures import (
    PUBLISHED,
    Costs,
    Paid,
    Share,
    costs_of,
    discount_taken,
    due_on,
    on_time,
    paid_twice,
    total,
)
from coordination.models import Invoice
from coordination.selectors.kpis import Kpis, first_key, kpis
from coordination.services import payments
from coordination.world import trial
from tests import cast
from tests.cast import Cast, bill, order, receipt, vendor

from .conftest import HTMX, client

DAY = date(2026, 3, 11)

# --- formulas --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "discount", "became"),
    [
        (DAY, None, "open"),
        (date(2026, 3, 10), None, "lost"),
        (date(2026, 3, 10), "20.00", "captured"),
        (date(2026, 4, 1), "20.00", "captured"),
        (DAY, "0", "open"),
    ],
)
def test_a_discount_is_taken_lost_or_still_open(until: date, discount: str | None, became: str) -> None:
    assert discount_taken(until, None if discount is None else Decimal(discount), DAY) == became


def test_a_due_date_is_the_printed_one_or_else_the_agreed_one() -> None:
    printed, issued = date(2026, 3, 20), date(2026, 3, 1)
    assert due_on(printed, issued, 30) == printed
    assert due_on(None, issued, 30) == date(2026, 3, 31)
    assert due_on(None, issued, None) is None
    assert due_on(None, None, 30) is None
    assert [on_time(date(2026, 3, 31) + timedelta(days=d), date(2026, 3, 31)) for d in (-1, 0, 1)] == [
        True,
        True,
        False,
    ]


def paid(number: str, day: int = 1, *, cleared_up: bool = False) -> Paid:
    return Paid(number, number, date(2026, 3, day), cleared_up)


def test_what_was_paid_twice_is_told_from_what_only_looks_like_it() -> None:
    pairs = [
        (paid("RE-104", 1), paid("re 104", 28)),  # the same number, whenever
        (paid("RE-104", 1), paid("RE-1O4", 6)),  # similar and close
        (paid("RE-104", 1), paid("RE-105", 7)),  # similar, and six days apart
        (paid("RE-104", 1), paid("RE-977", 1)),  # the same day, and other numbers
        (paid("RE-200", 1, cleared_up=True), paid("RE-201", 1)),
    ]
    assert paid_twice(pairs, 5) == (2, 1)


def test_the_cost_of_an_invoice_is_people_models_and_the_rest() -> None:
    costs = Costs(Decimal(60), Decimal(6), Decimal("0.002"), Decimal("0.10"))
    assert costs.of(100, 20, 600) == Decimal("1.31")  # 20 x 6.00 and 600 x 0.002, on 100, and 0.10 each
    assert costs.of(0, 0, 0) is None
    assert (Costs().of(100, 20, 600), Costs().stated) == (Decimal("0.00"), False)


def test_costs_are_those_the_policy_states() -> None:
    assert costs_of({}) == Costs()
    assert costs_of({"costs": {"person_hour": "45.00"}}) == Costs(person_hour=Decimal(45))
    assert costs_of({"costs": {"per_invoice": "0.20"}}).stated


@given(st.lists(st.tuples(st.sampled_from(["EUR", "SEK", "DKK"]), st.decimals(0, 1000, places=2))))
def test_sums_lose_nothing_and_name_our_own_currency_first(rows: list[tuple[str, Decimal]]) -> None:
    sums = total(rows)
    assert sum(sums.values()) == sum(amount for _, amount in rows)
    assert "EUR" not in sums or next(iter(sums)) == "EUR"


def test_every_published_figure_names_its_source() -> None:
    assert all(p.average and p.best and p.source for p in PUBLISHED.values())


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_share_lies_in_its_own_interval(part: int, more: int) -> None:
    share = Share(part, part + more)
    found = share.interval()
    if found is None:
        assert share.value is None
    else:
        assert 0 <= found[0] <= (share.value or 0) + 1e-9
        assert (share.value or 0) - 1e-9 <= found[1] <= 1


# --- counting --------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


def number(n: int) -> str:
    return f"INV-{n * 1117:05d}"


def trades(*numbers: int, **changes: Any) -> tuple[list[Any], dict[str, Any]]:
    """Bills of orders PO-n with their receipts, under numbers that do not resemble each other."""
    bills = [bill(invoice_number=number(n), order_number=f"PO-{n}", **changes) for n in numbers]
    return bills, {
        "orders": tuple(order(order_number=f"PO-{n}") for n in numbers),
        "receipts": tuple(receipt(receipt_number=f"GR-{n}", order_number=f"PO-{n}") for n in numbers),
    }


def pay(people: Cast) -> None:
    """Pay what is cleared, by two people."""
    for batch in payments.propose(f"human:{people.carol.pk}").batches:
        payments.approve(batch.number, by=people.dave)
        payments.export(batch.number)
        payments.confirm(batch.number, by=people.dave)


def found(days: int = 30) -> Kpis:
    return kpis(days)


def test_touchless_is_counted_of_order_based_and_of_all() -> None:
    bills, rest = trades(1, 2)
    bills += [bill(invoice_number="A-3", order_number="", order_line="")]
    bills += [bill(invoice_number="Z-77", order_number="PO-1", unit_price="11.00")]
    cast.trade(*bills, **rest)
    clearing = found().clearing
    assert (clearing.received, clearing.touchless) == (4, Share(2, 4))
    assert clearing.touchless_ordered == Share(2, 3)


def test_what_waits_is_not_ruled_on_yet_but_was_held() -> None:
    cast.trade(bill(issue_date=cast.days_ago(1)), receipts=(receipt(order_number="PO-9"),))
    clearing = found().clearing
    assert (clearing.touchless, clearing.exceptions, clearing.first_match) == (
        Share(0, 0),
        Share(1, 1),
        Share(0, 1),
    )


def test_a_receipt_that_comes_late_makes_it_touchless_and_no_first_time_match() -> None:
    cast.trade(bill(issue_date=cast.days_ago(1)), receipts=(receipt(order_number="PO-9"),))
    cast.take_in(cast.table("receipts", receipt(receipt_number="GR-2")))
    cast.drain()
    clearing = found().clearing
    assert (clearing.touchless_ordered, clearing.first_match) == (Share(1, 1), Share(0, 1))


def test_a_finance_hold_is_an_exception_and_still_matched_at_first() -> None:
    bills, rest = trades(1, tax="170.00", gross="1170.00")
    cast.trade(*bills, **rest)
    clearing = found().clearing
    assert (clearing.exceptions, clearing.first_match) == (Share(1, 1), Share(1, 1))


def test_the_cycle_runs_from_receipt_to_the_last_clearing(people: Cast) -> None:
    bills, rest = trades(1, unit_price="11.00")
    cast.trade(*bills, **rest)
    assert found().cycle.count == 0
    cast.answer(cast.question(number(1)), "approve", by=people.carol)
    cycle = found().cycle
    assert cycle.count == 1
    assert cycle.median == cycle.p95
    row = Invoice.objects.get()
    assert cycle.median is not None
    assert abs(cycle.median - (row.state_since - row.received_at)) < timedelta(seconds=1)


def test_a_period_leaves_out_what_is_older() -> None:
    cast.trade()
    later = kpis(7, now=cast.moment() + timedelta(days=8))
    assert (later.clearing.received, later.cycle.count, later.cost.decisions) == (0, 0, 0)
    assert kpis(30, now=cast.moment() + timedelta(days=8)).clearing.received == 1


def test_a_key_of_a_moment_is_never_younger_than_a_row_of_it() -> None:
    before = cast.moment()
    cast.trade()
    assert first_key(before) <= Invoice.objects.get().id
    assert first_key(cast.moment() + timedelta(milliseconds=2)) > Invoice.objects.get().id


def test_discounts_are_captured_lost_or_open_in_money_of_each_currency(people: Cast) -> None:
    for n, days in ((1, 2), (2, 15), (3, 3)):
        bills, rest = trades(n, issue_date=cast.days_ago(days), unit_price="10.00" if n < 3 else "11.00")
        cast.trade(*bills, **rest, vendors=(vendor(payment_terms="2/10 net 30"),))
    pay(people)
    d = found().discounts
    assert d.captured == {"EUR": Decimal("23.80")}  # 2 % of 1,190.00, paid in time
    assert d.lost == {"EUR": Decimal("23.80")}
    assert d.open == {"EUR": Decimal("26.18")}  # held, and still to be had
    assert (d.invoices, d.still_open) == (Share(1, 2), 1)


def test_paid_on_time_is_by_the_printed_or_the_agreed_day(people: Cast) -> None:
    late, rest = trades(1, issue_date=cast.days_ago(60), due_date=cast.days_ago(30))
    cast.trade(*late, **rest)
    agreed, rest = trades(2, issue_date=cast.days_ago(3), due_date="")
    cast.trade(*agreed, **rest)
    pay(people)
    assert (found().punctual, found().no_due_date) == (Share(1, 2), 0)


def test_two_claims_that_a_person_told_apart_are_not_paid_twice(people: Cast) -> None:
    bills, rest = trades(1, 2)
    bills[1] = dict(bills[1]) | {"invoice_number": f"{number(1)}A", "issue_date": "2026-09-06"}
    cast.trade(*bills, **rest)
    cast.answer(cast.question(f"{number(1)}A"), "approve", by=people.carol, reason="not_a_duplicate")
    cast.drain()
    pay(people)
    twice = found().twice
    assert (twice.share, twice.cleared_up) == (Share(0, 2), 1)


def test_the_cost_takes_its_prices_from_the_policy(people: Cast) -> None:
    bills, rest = trades(1, unit_price="11.00")
    cast.trade(*bills, **rest)
    cast.answer(cast.question(number(1)), "approve", by=people.carol)
    cost = found().cost
    assert (cost.amount, cost.stated, cost.invoices, cost.answers) == (Decimal("0.00"), False, 1, 1)
    assert cost.decisions > 3
    stated = json.loads(policy().text) | {"costs": {"person_hour": "60", "minutes_per_answer": "5"}}
    trial.adopt(json.dumps(stated, sort_keys=True, separators=(",", ":")), 2)
    assert (found().cost.amount, found().cost.stated) == (Decimal("5.00"), True)


def test_a_list_of_holds_says_its_causes_in_words(people: Cast) -> None:
    bills, rest = trades(1, unit_price="11.00")
    cast.trade(*bills, **rest)
    for address in ("/kpis/holds/procurement/", "/kpis/holds/procurement.csv"):
        found = client(people.alice).get(address).content.decode()
        assert "price over" in found
        assert "price_over" not in found


def test_the_age_of_holds_is_told_for_every_owner() -> None:
    bills, rest = trades(1, unit_price="11.00")
    cast.trade(*bills, **rest)
    in_three_days = kpis(30, now=cast.moment() + timedelta(days=3))
    ages = {h.owner: h for h in in_three_days.holds}
    assert list(ages) == ["finance", "procurement", "operations", "governance"]
    assert (ages["procurement"].count, ages["finance"].count) == (1, 0)
    assert ages["procurement"].oldest is not None
    assert 2.9 < ages["procurement"].oldest / timedelta(days=1) < 3.1
    assert ages["finance"].median is None


def test_the_figures_take_a_handful_of_queries_however_much_there_is(
    people: Cast, django_assert_max_num_queries: Any
) -> None:
    bills, rest = trades(*range(1, 13))
    cast.trade(*bills, **rest)
    pay(people)
    with django_assert_max_num_queries(12):
        kpis(90)


# --- the page --------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["alice", "carol", "erin", "frank"])
def test_the_page_opens_for_everybody_who_is_signed_in(who: str, people: Cast) -> None:
    assert client(getattr(people, who)).get(reverse("coordination:kpis")).status_code == 200


def test_a_stranger_is_sent_to_sign_in() -> None:
    assert Client().get(reverse("coordination:kpis")).status_code == 302


def words(page: str) -> str:
    return " ".join(re.sub("<[^>]+>", "", page).split())


def test_every_share_on_the_page_stands_with_what_it_is_of(people: Cast) -> None:
    bills, rest = trades(1, 2, 3)
    bills[2] = dict(bills[2]) | {"invoice_number": f"{number(1)}A"}
    cast.trade(*bills, **rest)
    page = client(people.carol).get(reverse("coordination:kpis")).content.decode()
    assert "2 of 3" in words(page)
    assert "66.7 %" in page
    assert "24.2 % (2019)" in page
    assert "Ardent Partners" in page
    assert "The policy states no costs, so that it is not known." in page


def test_an_empty_house_has_dashes_and_no_errors(people: Cast) -> None:
    page = client(people.erin).get(reverse("coordination:kpis")).content.decode()
    assert "– %" in page
    assert "0 of 0 paid look like another paid one" in words(page)


@pytest.mark.parametrize(("asked", "shown"), [("7", "7"), ("90", "90"), ("8", "30"), ("x", "30"), ("", "30")])
def test_the_period_is_one_of_three(asked: str, shown: str, people: Cast) -> None:
    page = (
        client(people.erin).get(reverse("coordination:kpis"), {"days": asked}, headers=HTMX).content.decode()
    )
    assert f"Last {shown} days" in page
    assert "<html" not in page


def test_every_number_of_money_leads_to_what_it_counts(people: Cast) -> None:
    for n, days in ((1, 2), (2, 15)):
        bills, rest = trades(n, issue_date=cast.days_ago(days))
        cast.trade(*bills, **rest, vendors=(vendor(payment_terms="2/10 net 30"),))
    pay(people)
    browser = client(people.carol)
    page = browser.get(reverse("coordination:kpis")).content.decode()
    told = words(page)
    assert "1 of 2 discounts that were taken or lapsed: EUR 23.80" in told
    assert "2 of 2 paid were paid by the due date printed or agreed, 0 late" in told
    for name in re.findall(r'href="/kpis/figures/([a-z-]+)/\?days=30"', page):
        opened = browser.get(reverse("coordination:figure", args=[name]))
        assert opened.status_code == 200, name
    lost = browser.get(reverse("coordination:figure", args=["discounts-lost"])).content.decode()
    assert "In all EUR 23.80." in words(lost)
    csv = browser.get(reverse("coordination:figure_csv", args=["discounts-lost"])).content.decode()
    assert csv.splitlines()[0] == (
        "invoice_number,vendor_name,currency,gross,at,to_be_had_until,discount,invoice"
    )


def test_what_people_answered_is_listed_for_who_sees_who_answered(people: Cast) -> None:
    seen = {
        who: client(getattr(people, who)).get(reverse("coordination:figure", args=["answers"])).status_code
        for who in ("alice", "carol", "erin", "frank")
    }
    assert seen == {"alice": 403, "carol": 200, "erin": 200, "frank": 403}
    link = reverse("coordination:figure", args=["answers"])
    assert link in client(people.erin).get(reverse("coordination:kpis")).content.decode()
    assert link not in client(people.alice).get(reverse("coordination:kpis")).content.decode()
