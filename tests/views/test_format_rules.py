"""What holds of every number, day and duration that a page shows."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from coordination.display import format as shown
from coordination.domain.key_figures import Share
from coordination.templatetags import measures
from reviews import selectors

AMOUNTS = st.decimals(min_value=-(10**20), max_value=10**20, places=2)
ANYTHING = st.one_of(
    st.none(), st.text(), st.integers(), st.floats(), st.decimals(), st.dates(), st.booleans()
)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"])
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


def read(text: str) -> Decimal:
    """The number that a person reads."""
    return Decimal(text.replace(",", "").replace("−", "-"))


# --- numbers ------------------------------------------------------------------------------------------------


@given(AMOUNTS)
def test_an_amount_loses_no_cent(value: Decimal) -> None:
    text = shown.amount(value)
    assert read(text) == value
    assert re.fullmatch(r"−?\d{1,3}(,\d{3})*\.\d\d", text)
    assert "-" not in text


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_an_amount_of_more_places_is_rounded_half_up(value: Decimal) -> None:
    assert read(shown.amount(value)) == value.quantize(Decimal("0.01"), ROUND_HALF_UP)


@pytest.mark.parametrize("value", ["-0.001", "0.004", "-0.00"])
def test_nought_has_no_sign(value: str) -> None:
    assert (shown.amount(value), shown.signed(value)) == ("0.00", "0.00")


@given(AMOUNTS.filter(bool))
def test_a_variance_says_its_direction(value: Decimal) -> None:
    assert shown.signed(value)[0] == ("+" if value > 0 else "−")
    assert abs(read(shown.signed(value).lstrip("+"))) == abs(value)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6))
def test_a_quantity_and_a_price_are_what_was_given(value: Decimal) -> None:
    assert read(shown.quantity(value)) == read(shown.price(value)) == value
    assert not shown.quantity(value).endswith(".")
    assert not re.search(r"\.\d*0$", shown.quantity(value))
    assert len(shown.price(value).partition(".")[2]) >= 2


@given(st.integers(-(10**15), 10**15))
def test_a_count_is_a_whole_number(value: int) -> None:
    assert read(shown.count(value)) == value
    assert "." not in shown.count(value)


@given(ANYTHING)
def test_whatever_is_no_number_is_a_dash_or_stays_as_it_is(value: object) -> None:
    for show in (shown.amount, shown.count, shown.sure, shown.signed):
        try:
            number = shown.decimal(value)
        except (ValueError, OverflowError):  # pragma: no cover - would be a fault
            pytest.fail(f"{value!r} breaks it")
        if number is None:
            assert show(value) == "–"
    if shown.decimal(value) is None:
        assert shown.quantity(value) in {str(value or ""), "–"}


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_share_is_between_nothing_and_all_with_its_interval_around_it(part: int, base: int) -> None:
    share = Share(min(part, base), base)
    rate = float(measures.rate(share))
    low, high = (float(x) for x in measures.between(share).split("–"))
    assert 0 <= low <= rate <= high <= 100
    assert measures.format_share(share) == f"{min(part, base):,} of {base:,}"


@given(st.integers(0, 9))
def test_a_share_of_nothing_is_a_dash(part: int) -> None:
    assert (measures.rate(Share(part, 0)), shown.percent(part, 0)) == ("–", "–")


def test_an_amount_never_looks_like_one_of_another_currency() -> None:
    assert "EUR" not in shown.money("1", "")
    assert measures.sums({"SEK": Decimal(1), "EUR": Decimal(2)}).count('class="cur"') == 2
    assert measures.sums({}) == '<span class="num">0.00</span>'


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)


@given(st.text(max_size=60))
def test_a_text_with_bold_amounts_makes_no_element_but_bold(text: str) -> None:
    parser = Tags()
    parser.feed(shown.bold_amounts(f"{text} EUR 1,190.00 {text}"))
    assert set(parser.seen) == {"b"}


@given(st.text(max_size=40))
def test_an_account_is_shown_so_that_nobody_can_copy_it(number: str) -> None:
    told = shown.masked_account(number)
    assert len(number) <= 10 or (len(told) == 11 and told[:4] == number[:4] and told[-4:] == number[-4:])


# --- time ---------------------------------------------------------------------------------------------------


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_a_day_reads_the_same_from_a_date_and_from_its_text(on: date) -> None:
    assert shown.day(on) == shown.day(on.isoformat())
    assert shown.day(on).startswith(f"{on.day} ")
    assert shown.weekday(on).endswith(shown.day(on))


@given(INSTANTS, ZONES)
def test_a_moment_is_shown_in_the_zone_of_the_page_and_of_its_text_the_same(at: datetime, zone: str) -> None:
    with timezone.override(zone):
        local = timezone.localtime(at)
        for value in (at, at.isoformat()):
            assert shown.clock_time(value) == f"{local:%H:%M}"
            assert shown.day(value) == f"{local.day} {local:%b %Y}"
            assert shown.exact_time(value).startswith(f"{local:%H:%M:%S}.")
            assert f"{local:%H:%M}" in shown.when(value)


@given(st.one_of(st.none(), st.text(max_size=20), st.integers(), st.just(datetime(2026, 1, 1))))
def test_what_is_no_moment_is_a_dash(value: object) -> None:
    for show in (shown.clock_time, shown.exact_time, shown.when, shown.when_zoned, shown.age):
        if shown._instant(value) is None:
            assert show(value) == "–"


SECONDS = st.integers(0, 400 * 86_400)


def seconds_of(text: str) -> int:
    units = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
    return sum(int(n) * units[unit] for n, unit in re.findall(r"(\d+) ([dhms])", text))


@given(SECONDS)
def test_a_duration_leaves_out_less_than_its_smallest_unit(seconds: int) -> None:
    text = shown.duration(timedelta(seconds=seconds))
    smallest = {"d": 3_600, "h": 60, "m": 60, "s": 1}[text.split()[1]]
    assert 0 <= seconds - seconds_of(text) < smallest
    assert len(text.split()) <= 4


@given(SECONDS, SECONDS)
def test_the_longer_of_two_durations_never_reads_as_the_shorter(one: int, other: int) -> None:
    short, long = sorted((one, other))
    assert seconds_of(shown.duration(timedelta(seconds=short))) <= seconds_of(
        shown.duration(timedelta(seconds=long))
    )


@given(SECONDS)
def test_the_desk_and_the_pages_say_a_duration_alike_from_a_minute_on(seconds: int) -> None:
    left = timedelta(seconds=seconds)
    assert selectors.span(left) == shown.duration(left) or seconds < 60


@given(st.integers(0, 3_599))
def test_how_long_somebody_looked_is_said_to_the_second(seconds: int) -> None:
    assert seconds_of(shown.lasting(str(seconds))) == seconds


@given(st.one_of(st.none(), st.text(max_size=8)))
def test_what_is_no_number_of_seconds_is_a_dash(value: object) -> None:
    assert str(value).isdecimal() or shown.lasting(value) == "–"
