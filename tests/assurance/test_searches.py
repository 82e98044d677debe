"""A search as an auditor writes it: nothing of it is passed over in silence, its bounds are meant with what
lies on them, and what it finds is weighed as a sample needs it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from coordination.assurance import population_query
from coordination.assurance.population_query import (
    MOST_QUERY,
    BadQuery,
    in_words,
    members,
    search_of,
    taken,
    totals,
    zone_named,
)
from coordination.assurance.search import Search
from coordination.models import Invoice
from tests import cast
from tests.cast import bill, credit_of, order, table, take_in, vendor

# --- how it is written --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", Search()),
        ("?", Search()),
        ("?text=bolt", Search(text="bolt")),
        ("text=bolt+M8", Search(text="bolt M8")),
        ("text=bolt%20M8", Search(text="bolt M8")),
        ("text=%20bolt%20", Search(text="bolt")),  # space around it is nobody's
        ("text=", Search()),
        ("text=M%C3%BCller", Search(text="Müller")),
        ("text=a%26code%3Dx", Search(text="a&code=x")),  # a sign that is written out parts nothing
        ("code=price_over&rule=T-01", Search(code="price_over", rule="T-01")),
        ("rule=T-01&code=price_over", Search(code="price_over", rule="T-01")),
        ("text=%2B5", Search(text="+5")),
    ],
)
def test_a_query_string_is_read_as_the_web_writes_it(query: str, wanted: Search) -> None:
    assert search_of(query) == wanted


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("text", "Write a search as name=value&name=value."),
        ("text=a&", "Write a search as name=value&name=value."),
        ("=a", " is no part of a search"),
        ("Text=a", "Text is no part of a search; there are text, code, actor, rule, least"),
        ("__class__=a", "__class__ is no part of a search"),
        ("query=a", "query is no part of a search"),  # a name of the class, and no field
        ("text=a&text=a", "text is given twice."),
        ("text=&text=", "text is given twice."),
        ("text=a%00b", "text has a NUL character"),
        ("actor=%00", "actor has a NUL character"),
    ],
)
def test_what_is_no_search_is_refused_with_what_to_do(query: str, why: str) -> None:
    with pytest.raises(BadQuery) as refused:
        search_of(query)
    assert why in refused.value.message
    assert refused.value.exit_code == 2


def test_an_unknown_name_is_repeated_no_longer_than_a_line() -> None:
    with pytest.raises(BadQuery) as refused:
        search_of("x" * 1000 + "=1")
    assert len(refused.value.message) < 200


def test_the_longest_search_is_read_and_one_sign_more_is_refused() -> None:
    longest = "text=" + "x" * (MOST_QUERY - len("text="))
    assert len(search_of(longest).text) == MOST_QUERY - 5
    with pytest.raises(BadQuery, match="too long"):
        search_of(longest + "x")


WRITTEN = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20).map(
    str.strip
)


@given(st.builds(Search, *[WRITTEN] * len(Search.__slots__)))
def test_a_search_is_read_back_as_it_was_written(wanted: Search) -> None:
    assert search_of(wanted.query) == wanted
    assert wanted.empty == (wanted.query == "")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Search(), "all invoices"),
        (Search(text="bolt"), "text bolt"),
        (Search(least="100.00", most="200.00"), "gross from 100.00, gross to 200.00"),
        (
            Search(until="2026-03-31", since="2026-01-01"),
            "received from 2026-01-01, received until 2026-03-31",
        ),
        (Search(code="price_over", actor="Bob", rule="T-01"), "reason price_over, decided by Bob, rule T-01"),
        (Search(least="0"), "gross from 0"),
    ],
)
def test_a_search_in_words_names_all_that_narrows_it(wanted: Search, words: str) -> None:
    assert in_words(wanted) == words


def test_every_field_of_a_search_has_words() -> None:
    assert set(population_query.NAMES) == set(Search.__slots__)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "x" * 200])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(BadQuery, match="no time zone"):
        zone_named(name)


def test_a_time_zone_holds_while_it_is_meant_and_no_longer() -> None:
    before = timezone.get_current_timezone_name()
    with zone_named("Pacific/Kiritimati"):
        assert timezone.get_current_timezone_name() == "Pacific/Kiritimati"
    assert timezone.get_current_timezone_name() == before


# --- what it finds ------------------------------------------------------------------------------------------


@pytest.fixture
def pile(db: None) -> None:
    """Four claims that nobody has worked on: of 119.00, 1,190.00 and 11,900.00, and a credit of 11.90; and
    one of 5,000 yen."""
    take_in(
        table("vendors", vendor(name="Müller & Söhne GmbH")),
        table("orders", order()),
        table(
            "invoices",
            bill(quantity="10"),
            bill(invoice_number="INV-2"),
            bill(invoice_number="INV-3", quantity="1000"),
            credit_of("INV-2", "CN-1", "1"),
            bill(invoice_number="JP-1", currency="JPY", quantity="5", unit_price="1000", tax_rate="0"),
        ),
    )


def found(query: str) -> set[str]:
    return set(members(search_of(query)).values_list("number", flat=True))


EVERYTHING = {"INV-1", "INV-2", "INV-3", "CN-1", "JP-1"}
FINDS = {
    "least=119.00": {"INV-1", "INV-2", "INV-3", "JP-1"},  # the bound itself is in
    "least=119.01": {"INV-2", "INV-3", "JP-1"},
    "most=1190.00": {"INV-1", "INV-2", "CN-1"},
    "most=1,190.00": {"INV-1", "INV-2", "CN-1"},  # as a person writes it
    "most=1189.99": {"INV-1", "CN-1"},
    "least=119&most=119": {"INV-1"},
    "least=200&most=100": set(),
    "least=0": EVERYTHING,
    "most=-1": set(),
    "text=inv-2": {"INV-2"},
    "text=INV": {"INV-1", "INV-2", "INV-3"},
    "text=inv2": {"INV-2"},  # another spelling of the number
    "text=po 1": EVERYTHING,  # the order that they bill
    "text=müller": EVERYTHING,
    "text=v-1": EVERYTHING,
    "text=V-": {"INV-1", "INV-2", "INV-3"},  # a part of a number; the vendor's is compared whole
    "text=%25": set(),  # a per cent sign is no wildcard
    "text=_": set(),
    "text='; drop table x; --": set(),
    "code=price_over": set(),
    "actor=nobody": set(),
}


def test_bounds_are_in_and_text_is_found_in_number_order_and_vendor(pile: None) -> None:
    assert {query: found(query) for query in FINDS} == FINDS


@pytest.mark.parametrize(
    "query", ["least=much", "most=NaN", "least=1e400", "since=2026-02-30", "until=today"]
)
def test_a_bound_that_is_none_is_refused(query: str) -> None:
    with pytest.raises(BadQuery, match=r"Write amounts as 1000\.00 and days as 2026-03-31"):
        members(search_of(query))


def test_a_day_of_receipt_is_in_from_its_first_to_its_last_moment(pile: None) -> None:
    received = cast.invoice().received_at
    with zone_named("Pacific/Kiritimati"):
        here = timezone.localtime(received).date().isoformat()
        assert found(f"since={here}&until={here}") == found("")
    with zone_named("UTC"):
        assert found(f"until={(received.date()).isoformat()}") == found("")
    assert found("since=9999-12-31") == set()
    assert found("until=0001-01-01") == set()


def test_a_population_weighs_credits_below_nothing_and_sums_each_currency(pile: None) -> None:
    whole = taken(Search())
    keys = {str(i.id): i.number for i in Invoice.objects.all()}
    weights = {keys[item.id]: item.amount for item in whole.items}
    assert weights == {
        "INV-1": Decimal("119.00"),
        "INV-2": Decimal("1190.00"),
        "INV-3": Decimal("11900.00"),
        "CN-1": Decimal("-11.90"),
        "JP-1": Decimal("5000.00"),
    }
    assert whole.sums == {"EUR": "13197.10", "JPY": "5000.00"}
    assert [i.id for i in whole.items] == sorted(i.id for i in whole.items)


def test_a_population_of_one_currency_has_no_sum_of_another(pile: None) -> None:
    assert taken(Search(), "JPY").sums == {"JPY": "5000.00"}
    assert taken(Search(), "USD").items == []
    assert taken(Search(), "USD").sums == {}


def test_the_database_counts_credits_among_all_and_once_more_beside(pile: None) -> None:
    count, by_currency = totals(Search())
    assert count == 5
    assert by_currency == [
        {
            "currency": "EUR",
            "count": "4",
            "gross": "13220.90",
            "credit_notes": "1",
            "credit_gross": "11.90",
        },
        {"currency": "JPY", "count": "1", "gross": "5000.00", "credit_notes": "0", "credit_gross": "0.00"},
    ]


def test_a_population_is_found_again_by_its_keys_and_what_is_gone_is_left_out(
    pile: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(population_query, "CHUNK", 2)
    whole = taken(Search())
    keys = [i.id for i in whole.items]
    gone = "00000000-0000-7000-8000-000000000000"
    assert population_query.of_keys([*keys, gone]) == whole.items
    assert population_query.of_keys([]) == []
