"""Lists in pages: nobody is left out, nobody stands twice, whatever is searched for and however many there
are."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from coordination.assurance import search
from coordination.models import Invoice, Lane, State, Statement
from coordination.selectors import auditing, coding, invoices, statements
from coordination.selectors.paging import Lines, UncountedPaginator, days_of
from coordination.translation.identity import normalised_number
from tests import cast
from tests.cast import Cast, bill, table, take_in, vendor

from .conftest import client

pytestmark = pytest.mark.django_db

MANY = 67
NAMES = ("Hartmann GmbH", "Müller & Söhne", "100% Bolzen", "O'Neill", "a_b Handel")


@pytest.fixture(scope="module")
def many(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """67 invoices of five vendors, some held and some not, and as many statements."""
    with django_db_blocker.unblock(), transaction.atomic():
        people = cast.people()
        vendors = [
            vendor(vendor_id=f"V-{n}", name=name, vat_id="", iban="") for n, name in enumerate(NAMES, 1)
        ]
        rows = [
            bill(
                invoice_number=f"RE-{n:03}%_x" if n % 9 == 0 else f"RE-{n:03}",
                vendor_id=f"V-{n % 5 + 1}",
                iban="",
                order_number=f"PO-{n}",
                quantity=str(n + 1),
            )
            for n in range(MANY)
        ]
        stated = [
            {
                "statement_number": f"S-{n:03}",
                "vendor_id": f"V-{n % 5 + 1}",
                "date": f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}",
                "currency": "EUR",
                "reference": f"RE-{n:03}",
                "reference_date": "2026-09-05",
                "type": "invoice",
                "balance": "1.00",
            }
            for n in range(MANY)
        ]
        take_in(table("vendors", *vendors), table("invoices", *rows), table("statements", *stated))
        cast.drain()
        yield people
        transaction.set_rollback(True)


def pages(read: Callable[[int], Any]) -> list[Any]:
    """All pages, from the first on, as one turns them."""
    found, number = [], 1
    while True:
        page = read(number)
        found.append(page)
        if not page.has_next() or len(found) > 20:
            return found
        assert page.next_page_number() == number + 1
        number = page.next_page_number()


def test_every_invoice_is_on_one_page_and_on_one_only(many: Cast) -> None:
    read = pages(lambda n: invoices.page(invoices.Filters(page=n)))
    keys = [line.id for page in read for line in page]
    assert len(read) > 1
    assert sorted(keys) == sorted(Invoice.objects.values_list("id", flat=True))
    assert [p.paginator.count for p in read] == [MANY] * len(read)
    assert [(p.start_index(), p.end_index()) for p in read] == [(1, 50), (51, MANY)]
    assert [p.has_previous() for p in read] == [False, True]
    assert read[1].previous_page_number() == 1


def test_every_statement_is_on_one_page_and_on_one_only(many: Cast) -> None:
    read = pages(lambda n: statements.page(statements.Filters(text="S-", status="", page=n)))
    keys = [row.pk for page in read for row in page]
    assert sorted(keys) == sorted(Statement.objects.values_list("pk", flat=True))
    assert len(keys) == len(set(keys)) == MANY
    assert read[-1].end_index() == read[0].paginator.count == MANY


def test_what_still_counts_and_what_is_superseded_make_up_all_statements(many: Cast) -> None:
    def keys(status: str) -> set[Any]:
        read = pages(lambda n: statements.page(statements.Filters(text="", status=status, page=n)))
        return {row.pk for page in read for row in page}

    by_status = {status: keys(status) for status in statements.STATUSES}
    assert set.union(*by_status.values()) == set(Statement.objects.values_list("pk", flat=True))
    assert sum(len(found) for found in by_status.values()) == MANY
    assert keys("") == set().union(*(v for k, v in by_status.items() if k != "superseded"))


def test_states_and_lanes_divide_the_invoices(many: Cast) -> None:
    for field, values in (("state", State.values), ("lane", Lane.values)):
        totals = {v: invoices.page(invoices.Filters(**{field: v})).paginator.count for v in values}
        assert sum(totals.values()) == MANY
        assert {v: n for v, n in totals.items() if n} == {
            v: n for v in values if (n := Invoice.objects.filter(**{field: v}).count())
        }


@settings(max_examples=40)
@given(
    text=st.one_of(
        st.sampled_from(["RE-0", "%", "_", "\\", "'", "müller", "MÜLLER", "V-3", "PO-7", "100%", "re-00"]),
        st.text("RE-0123456789%_'\\üÜö ", max_size=6),
    )
)
def test_a_search_finds_what_contains_the_text_and_nothing_else(many: Cast, text: str) -> None:
    """`%`, `_` and a backslash are letters like any others. A whole number is found in any spelling."""
    wanted = text.strip()
    key = normalised_number(wanted)
    read = pages(lambda n: invoices.page(invoices.Filters(text=wanted, page=n)))
    found = [line.id for page in read for line in page]
    low = wanted.lower()
    meant = {
        row.pk
        for row in Invoice.objects.select_related("vendor")
        if row.vendor is not None
        if low in row.number.lower()
        or low in row.vendor.name.lower()
        or low == row.vendor.vendor_id.lower()
        or wanted in row.order_numbers
        or (key and key in {normalised_number(row.number), *map(normalised_number, row.order_numbers)})
    }
    assert len(found) == len(set(found))
    assert set(found) == meant
    if wanted:
        assert auditing.search(search.Search(text=wanted)).count == len(meant)


@settings(max_examples=25)
@given(
    least=st.integers(0, 900),
    most=st.integers(0, 900),
    since=st.sampled_from(["", "2020-01-01"]),
    actor=st.sampled_from(["", "finance.validation"]),
)
def test_each_field_of_an_auditors_search_narrows(
    many: Cast, least: int, most: int, since: str, actor: str
) -> None:
    def count(**fields: str) -> int:
        return auditing.search(search.Search(**fields)).count

    fields = {"least": f"{least}.00", "most": f"{most}.00", "since": since, "actor": actor}
    alone = [count(**{name: value}) for name, value in fields.items() if value]
    assert count(**fields) <= min(alone)
    assert count(least=f"{least}.00") + count(most=f"{least - 1}.99" if least else "-0.01") == MANY


def test_sums_of_a_search_are_those_of_what_it_finds(many: Cast) -> None:
    found = auditing.search(search.Search(text="RE-0"))
    assert found.count == len(found.rows) == MANY
    assert dict(found.sums) == {"EUR": sum(row.gross or 0 for row in found.rows)}


@pytest.mark.parametrize("path", ["coordination:invoices", "coordination:statements", "coordination:coding"])
@pytest.mark.parametrize("page", ["0", "-1", "3", "99999", "two", "1e3", "", "²"])
def test_a_page_that_is_not_there_is_an_empty_one_and_no_fault(many: Cast, path: str, page: str) -> None:
    browser: Client = client(many.carol)
    assert browser.get(reverse(path), {"page": page}).status_code == 200


@pytest.mark.parametrize("read", [invoices, statements, coding])
def test_beyond_the_last_page_stands_nothing_and_no_page_follows(many: Cast, read: Any) -> None:
    page = read.page(read.Filters(page=99999))
    assert (list(page), page.has_next(), page.has_previous()) == ([], False, True)
    first = read.page(read.Filters(page=0))
    assert (first.number, first.has_previous()) == (1, False)


def test_a_list_that_is_not_counted_says_so() -> None:
    lines = Lines(lambda start, most: list(range(start, min(start + most, 120))))
    read = pages(lambda n: UncountedPaginator(lines).page(n))
    assert [row for page in read for row in page] == list(range(120))
    assert [(p.start_index(), p.end_index()) for p in read] == [(1, 50), (51, 100), (101, 120)]
    with pytest.raises(TypeError, match="not counted"):
        _ = UncountedPaginator(lines).count


def turned(browser: Client, rel: str, address: str) -> Iterator[str]:
    """The pages of the list of invoices that one sees who follows their links."""
    while address:
        body = browser.get(reverse("coordination:invoices") + address).content.decode()
        yield body
        found = re.search(f'href="([^"]+)" rel="{rel}"', body)
        address = html.unescape(found[1]) if found else ""


def shown(body: str) -> list[str]:
    return re.findall(r'<tr id="invoice-([0-9a-f-]{36})"', body)


def test_who_turns_pages_by_their_links_sees_every_invoice_once(many: Cast) -> None:
    seen = [key for body in turned(client(many.erin), "next", "?") for key in shown(body)]
    assert len(seen) == len(set(seen)) == MANY


def test_who_turns_pages_while_invoices_come_misses_none_and_sees_none_twice(many: Cast) -> None:
    browser, seen, before = client(many.erin), list[str](), invoice_keys()
    pages_ = turned(browser, "next", "?")
    seen += shown(next(pages_))
    with transaction.atomic():
        take_in(table("invoices", *(bill(invoice_number=f"NEW-{n}", vendor_id="V-1") for n in range(60))))
        for body in pages_:
            assert "in all" in body
            seen += shown(body)
        last = f"?after={invoices.page(invoices.Filters(page=2))[-1].place.replace('+', '%2B')}"
        assert len(seen) == len(set(seen))
        assert set(seen) == before
        back = [key for body in turned(browser, "prev", last) for key in shown(body)]
        assert len(back) == len(set(back))
        assert invoice_keys() - before <= set(back)
        transaction.set_rollback(True)


def invoice_keys() -> set[str]:
    return {str(key) for key in Invoice.objects.values_list("pk", flat=True)}


@pytest.mark.parametrize("place", ["~", "x", "2026-01-01~y", "2026-01-01T00:00:00~" + "0" * 32, "9" * 90])
@pytest.mark.parametrize("side", ["after", "before"])
def test_a_place_that_is_none_is_the_beginning(many: Cast, side: str, place: str) -> None:
    page = invoices.page(invoices.Filters(**{side: place}))
    assert (page.number, len(page)) == (1, 50)
    assert client(many.erin).get(reverse("coordination:invoices"), {side: place}).status_code == 200


@pytest.mark.parametrize(
    "moment", ["2026-01-01T00:00:00+23:59", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
@pytest.mark.parametrize("name", ["after", "before", "as_of"])
def test_a_moment_with_an_offset_that_is_none_is_no_fault(many: Cast, name: str, moment: str) -> None:
    address = reverse("reviews:inbox" if name == "as_of" else "coordination:invoices")
    place = moment if name == "as_of" else f"{moment}~{'0' * 32}"
    assert client(many.carol).get(address, {name: place}).status_code == 200


def test_before_the_first_stands_the_first_page(many: Cast) -> None:
    first = invoices.page(invoices.Filters())
    page = invoices.page(invoices.Filters(before=first[10].place))
    assert [line.id for line in page] == [line.id for line in first]


@pytest.mark.parametrize(
    "fields", [{}, {"state": "matched"}, {"lane": "escalated"}, {"state": "x"}, {"text": "RE"}]
)
def test_a_list_says_how_many_there_are(many: Cast, fields: dict[str, str]) -> None:
    read = pages(lambda n: invoices.page(invoices.Filters(**fields, page=n)))  # type: ignore[arg-type]
    assert read[0].paginator.count == sum(len(page) for page in read)


@pytest.mark.parametrize("name", ["invoices", "statements", "coding"])
def test_a_page_beyond_the_last_says_so_and_leads_to_the_first(many: Cast, name: str) -> None:
    """A list may shrink while somebody is on its last page; that nothing came in would be untrue."""
    page = client(many.carol).get(reverse(f"coordination:{name}"), {"page": 99}).content.decode()
    assert "This page of the list is empty now." in page
    assert ">First page</a>" in page
    assert not any(text in page for text in ("has come in", "No line is here", "a coding.", "waits for a"))


def test_only_the_days_are_read_that_hold_a_part_of_a_list() -> None:
    days = [date(2026, 11, n) for n in (30, 29, 28, 27)]
    counts = list(zip(days, (3, 0, 2, 4), strict=True))
    lines = [day for day, count in counts for _ in range(count)]
    for start in range(11):
        for most in range(1, 11):
            found, wanted = days_of(counts, start, most), lines[start : start + most]
            if not wanted:
                assert found is None
                continue
            assert found is not None
            assert (found.first, found.last) == (min(wanted), max(wanted))
            held = [day for day in lines if found.first <= day <= found.last]
            assert held[found.skipped : found.skipped + most] == wanted
    assert days_of([], 0, 50) is None
