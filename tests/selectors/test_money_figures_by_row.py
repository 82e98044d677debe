"""Key figures about money, row by row: which invoice counts, in which currency, on which day; and that the
lists behind them are of the same rows."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from coordination.domain.key_figures import Discounts, Share
from coordination.models import Invoice, Payment, PaymentTerms
from coordination.selectors import kpis_money, money_lists
from coordination.selectors.counted_lists import CountedList, Item
from tests.models import rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("undone")]

TODAY, DAY = date(2026, 11, 20), timedelta(days=1)
SINCE = TODAY - 30 * DAY
TWO_PERCENT = "2/10 net 30"


@pytest.fixture
def vendor(undone: None) -> Any:
    """A vendor with two per cent within ten days, else thirty days net."""
    found = rows.vendor(payment_terms=TWO_PERCENT)
    terms = kpis_money.terms_of_vendors()
    assert (terms.vendors, terms.net, terms.pct, terms.days) == ([found.pk], [30], [Decimal(2)], [10])
    return found


def bill(vendor: Any, issued: date = TODAY, payable: str | None = None, **changes: Any) -> Invoice:
    """An invoice over 1,190.00."""
    payment = changes.pop("payment", {})
    row = rows.invoice(vendor=vendor, issue_date=issued, **changes)
    rows.facts(row, payable=None if payable is None else Decimal(payable), payment=payment)
    return row


def listed(name: str) -> tuple[CountedList, list[Item]]:
    found = money_lists.behind(name, 30, SINCE, TODAY)
    lines = list(found.all())
    assert found.count() == len(lines)
    return found, lines


def discounts() -> Discounts:
    """The figure, which its lists have to say as well."""
    found = kpis_money.discounts(SINCE, TODAY, kpis_money.terms_of_vendors(), "EUR")
    lists = {name: listed(f"discounts-{name}") for name in ("captured", "lost", "open", "ended")}
    assert {name: len(lines) for name, (_, lines) in lists.items()} == {
        "captured": found.invoices.part,
        "lost": found.invoices.rest,
        "open": found.still_open,
        "ended": found.invoices.base,
    }
    for name, (of, lines) in lists.items():
        amounts = [(line.currency, Decimal(line.cells[1])) for line in lines]
        sums = {c: sum(a for own, a in amounts if own == c) for c, _ in amounts}
        assert dict(of.sums()) == sums
        assert name == "ended" or list(of.sums().items()) == list(getattr(found, name).items())
    return found


# --- terms --------------------------------------------------------------------------------------------------


def test_terms_that_nobody_can_read_and_vendors_without_any_are_left_out() -> None:
    for terms in ("", "as agreed", "net 30"):
        rows.vendor(payment_terms=terms)
    found = kpis_money.terms_of_vendors()
    assert (found.net, found.pct, found.days) == ([30], [Decimal(0)], [0])


# --- discounts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("issued", "became"),
    [
        (TODAY - 10 * DAY, "open"),  # today is the last day of it
        (TODAY - 11 * DAY, "lost"),
        (SINCE - 10 * DAY, "lost"),  # its last day is the first of the period
        (SINCE - 11 * DAY, ""),
    ],
)
def test_a_discount_belongs_to_the_last_day_on_which_it_could_be_had(
    vendor: Any, issued: date, became: str
) -> None:
    bill(vendor, issued)
    found = discounts()
    sums = {"captured": found.captured, "lost": found.lost, "open": found.open}
    assert {name: dict(s) for name, s in sums.items() if s} == (
        {became: {"EUR": Decimal("23.80")}} if became else {}
    )
    assert found.still_open == (became == "open")
    assert found.invoices == Share(0, int(became == "lost"))


@pytest.mark.parametrize(
    ("payable", "gross", "saved"),
    [
        (None, "1190.00", "23.80"),
        ("1000.00", "1190.00", "20.00"),  # of what is asked for, where that is stated
        (None, "0.25", "0.01"),  # half a cent is rounded up
        (None, "0.24", "0.00"),
    ],
)
def test_a_discount_is_a_share_of_what_is_payable(
    vendor: Any, payable: str | None, gross: str, saved: str
) -> None:
    bill(vendor, payable=payable, gross=Decimal(gross))
    assert discounts().open == {"EUR": Decimal(saved)}


def test_a_discount_that_was_taken_is_what_the_payment_took_off(vendor: Any) -> None:
    one = bill(vendor, TODAY - 20 * DAY)
    rows.payment(one, amount=Decimal("1170.00"), discount=Decimal("20.00"), status="paid")
    two = bill(vendor, TODAY - 20 * DAY)
    rows.payment(two, status="paid")  # paid in full: what could be had is lost
    three = bill(vendor, TODAY - 20 * DAY)
    rows.payment(three, discount=Decimal("23.80"), status="cancelled")  # pays nothing
    found = discounts()
    assert (found.captured, found.lost) == ({"EUR": Decimal("20.00")}, {"EUR": Decimal("47.60")})
    assert found.invoices == Share(1, 3)


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "credit_note"},
        {"state": "rejected"},
        {"state": "void"},
        {"currency": ""},
        {"gross": Decimal("0.00")},
        {"gross": Decimal("-5.00")},
        {"payment": {"instalments": []}},
    ],
    ids=["credit note", "rejected", "void", "no currency", "nothing", "below nothing", "instalments"],
)
def test_what_offers_us_no_discount_counts_for_none(vendor: Any, changes: dict[str, Any]) -> None:
    bill(vendor, **changes)
    found = discounts()
    assert (found.captured, found.lost, found.open) == ({}, {}, {})


def test_discounts_of_each_currency_stand_apart_and_ours_first(vendor: Any) -> None:
    bill(vendor, currency="JPY", gross=Decimal("100000"))
    bill(vendor, currency="SEK", gross=Decimal("500.00"))
    bill(vendor)
    bill(vendor)
    found = discounts()
    assert list(found.open.items()) == [
        ("EUR", Decimal("47.60")),
        ("JPY", Decimal("2000.00")),
        ("SEK", Decimal("10.00")),
    ]
    assert found.still_open == 4


# --- on time ------------------------------------------------------------------------------------------------


def paid(of: Invoice, on: date, **changes: Any) -> Payment:
    return rows.payment(of, batch=rows.run(execute_on=on), status="paid", **changes)


def punctual() -> tuple[Share, int]:
    """The figure, which its lists have to say as well."""
    share, unknown = kpis_money.punctual(SINCE, kpis_money.terms_of_vendors())
    names = ("on-time", "late", "with-due-date", "without-due-date")
    counts = [len(listed(f"paid-{name}")[1]) for name in names]
    assert counts == [share.part, share.rest, share.base, unknown]
    assert len(listed("paid")[1]) == share.base + unknown
    return share, unknown


@pytest.mark.parametrize(
    ("due", "on", "good"),
    [
        (TODAY, TODAY, 1),  # on the day is on time
        (TODAY, TODAY - DAY, 1),
        (TODAY - DAY, TODAY, 0),
        (None, TODAY, 1),  # by our terms: issued thirty days before
        (None, TODAY + DAY, 0),
    ],
)
def test_paid_on_time_is_paid_by_the_day_that_is_printed_or_agreed(
    vendor: Any, due: date | None, on: date, good: int
) -> None:
    paid(bill(vendor, TODAY - 30 * DAY, due_date=due), on)
    assert punctual() == (Share(good, 1), 0)


def test_a_part_is_due_on_a_day_of_its_own(vendor: Any) -> None:
    row = bill(vendor, TODAY - 90 * DAY, due_date=TODAY - 60 * DAY)
    for part, due in ((1, TODAY - 5 * DAY), (2, TODAY + 5 * DAY)):
        rows.made(
            PaymentTerms, payment=paid(row, TODAY, part=part), execute_on=TODAY, basis="due", due_on=due
        )
    assert punctual() == (Share(1, 2), 0)


def test_without_a_day_and_without_terms_nobody_knows(vendor: Any) -> None:
    paid(bill(rows.vendor(), due_date=None), TODAY)
    paid(bill(vendor, due_date=TODAY), TODAY)
    assert punctual() == (Share(1, 1), 1)


@pytest.mark.parametrize(("on", "counted"), [(SINCE, 1), (SINCE - DAY, 0)])
def test_a_payment_counts_on_the_day_of_its_run(vendor: Any, on: date, counted: int) -> None:
    paid(bill(vendor, due_date=TODAY), on)
    assert punctual()[0].base == counted
    assert kpis_money.paid_twice(SINCE).share.base == counted


# --- paid twice ---------------------------------------------------------------------------------------------


def claim(vendor: Any, number: str, issued: date = TODAY, gross: str = "1190.00") -> Invoice:
    row = rows.invoice(vendor=vendor, number=number, issue_date=issued, gross=Decimal(gross), state="paid")
    rows.facts(row, number_key=number.replace("-", ""))
    paid(row, TODAY)
    return row


def twice() -> tuple[int, int, int]:
    """The figure, which its lists have to say as well."""
    found = kpis_money.paid_twice(SINCE)
    counts = [len(listed(name)[1]) for name in ("paid-twice", "paid", "paid-told-apart")]
    assert counts == [found.share.part, found.share.base, found.cleared_up]
    return found.share.part, found.share.base, found.cleared_up


@pytest.mark.parametrize(
    ("number", "issued", "gross", "pairs"),
    [
        ("RE-1", TODAY - 400 * DAY, "7.00", 1),  # one number is one claim, whatever its sum and day
        ("RE1", TODAY, "1190.00", 1),  # as it is compared, but for signs
        ("900/26-X", TODAY, "1190.00", 0),  # the same sum and day under quite another number
        ("RE-11", TODAY, "1190.01", 0),
    ],
)
def test_a_claim_is_paid_twice_where_two_that_were_paid_are_one(
    vendor: Any, number: str, issued: date, gross: str, pairs: int
) -> None:
    claim(vendor, "RE-1")
    claim(vendor, number, issued, gross)
    assert twice() == (pairs, 2, 0)


def test_two_vendors_may_have_one_number(vendor: Any) -> None:
    claim(vendor, "RE-1")
    claim(rows.vendor(), "RE-1")
    assert twice() == (0, 2, 0)


def test_a_pair_that_a_person_told_apart_is_counted_beside(vendor: Any) -> None:
    claim(vendor, "RE-1")
    other = claim(vendor, "RE-1", gross="5.00")
    rows.hold(other, code="duplicate_suspect", status="released", release="override")
    assert twice() == (0, 2, 1)


@pytest.mark.parametrize(
    ("code", "release"),
    [("duplicate_suspect", "matched"), ("price_over", "override"), ("duplicate_suspect", "")],
)
def test_only_an_override_of_that_suspicion_tells_them_apart(vendor: Any, code: str, release: str) -> None:
    claim(vendor, "RE-1")
    rows.hold(claim(vendor, "RE-1", gross="5.00"), code=code, status="released", release=release)
    assert twice() == (1, 2, 0)


def test_three_payments_of_one_claim_are_three_pairs_however_they_were_found(vendor: Any) -> None:
    for _ in range(3):
        claim(vendor, "RE-1")
    assert twice() == (3, 3, 0)


def test_an_older_payment_is_the_other_half_of_a_pair(vendor: Any) -> None:
    old = rows.invoice(vendor=vendor, number="RE-1", state="paid", issue_date=TODAY - 400 * DAY)
    rows.facts(old, number_key="RE1")
    paid(old, SINCE - DAY)
    claim(vendor, "RE-1")
    assert twice() == (1, 1, 0)


# --- what a row of a list says ------------------------------------------------------------------------------


def test_a_row_says_until_when_a_discount_could_be_had_and_how_much_it_is(vendor: Any) -> None:
    bill(vendor, TODAY - 3 * DAY)
    _, [line] = listed("discounts-open")
    assert [(c.head, c.holds, cell) for c, cell in line.labelled_cells] == [
        ("To be had until", "day", "2026-11-27"),
        ("Discount", "money", "23.80"),
    ]


def test_a_row_says_when_a_payment_was_made_and_when_it_was_due(vendor: Any) -> None:
    paid(bill(vendor, TODAY - 30 * DAY, due_date=None), TODAY)
    paid(bill(rows.vendor(), due_date=None), TODAY)
    _, lines = listed("paid")
    assert sorted(line.cells for line in lines) == [["2026-11-20", ""], ["2026-11-20", "2026-11-20"]]


def test_a_pair_is_a_row_of_its_later_invoice_and_names_the_other(vendor: Any) -> None:
    claim(vendor, "RE-1", gross="5.00")
    claim(vendor, "RE1", TODAY - DAY)
    found, [line] = listed("paid-twice")
    assert (line.number, line.cells) == ("RE1", ["RE-1", "2026-11-20", "EUR 5.00"])
    assert "nobody has said" in found.sentence
