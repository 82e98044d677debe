"""Which clock runs for a question and how much of it is left, to the minute and in the zone of the page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from reviews import selectors
from reviews.models import Escalation
from reviews.open_lists import Filters
from reviews.selectors import Clock, Listing
from reviews.urgency import Loss

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday
DISCOUNT, DESK = "discount", "desk time"


def question(
    due: datetime, *, opened: datetime = NOON - timedelta(hours=1), clock: str = DISCOUNT
) -> Escalation:
    return Escalation(opened_at=opened, due_at=due, clock=clock)


def told(due: datetime, *, now: datetime = NOON, clock: str = DISCOUNT, zone: str = "UTC") -> str:
    with timezone.override(zone):
        return selectors.clock_of(question(due, clock=clock), now).text


# --- how much is left ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(minutes=9), "9 m · discount"),
        (timedelta(seconds=59), "0 m · discount"),
        (timedelta(hours=1), "1 h 0 m · discount"),
        (timedelta(hours=11, minutes=59), "11 h 59 m · discount"),
        (timedelta(0), "overdue 0 m"),
        (timedelta(seconds=-1), "overdue 0 m"),
        (timedelta(minutes=-61), "overdue 1 h 1 m"),
        (timedelta(days=-6, hours=-4), "overdue 6 d 4 h"),
    ],
)
def test_what_is_left_of_today_is_said_in_hours_and_minutes(left: timedelta, text: str) -> None:
    assert told(NOON + left) == text


@pytest.mark.parametrize(
    ("due", "clock", "text"),
    [
        (datetime(2026, 11, 20, 23, 59, tzinfo=UTC), DESK, "11 h 59 m · desk time"),
        (datetime(2026, 11, 21, 0, 0, tzinfo=UTC), DESK, "tomorrow 00:00"),
        (datetime(2026, 11, 21, 9, 5, tzinfo=UTC), DISCOUNT, "tomorrow 09:05 · discount"),
        (datetime(2026, 11, 23, 12, 0, tzinfo=UTC), DESK, "Mon 12:00"),  # over the weekend
        (datetime(2026, 11, 23, 12, 0, tzinfo=UTC), DISCOUNT, "Mon 12:00 · discount"),
        (datetime(2026, 11, 26, 9, 5, tzinfo=UTC), DESK, "Thu 09:05"),
        (datetime(2026, 11, 27, 9, 5, tzinfo=UTC), DESK, "Fri 27 Nov"),  # a week on: there are two Fridays
        (datetime(2026, 11, 30, 23, 59, tzinfo=UTC), DISCOUNT, "Mon 30 Nov · discount"),
        (datetime(2027, 1, 4, 9, 5, tzinfo=UTC), "due date", "Mon 4 Jan · due date"),
    ],
)
def test_a_later_day_is_named_and_the_plain_clock_is_not(due: datetime, clock: str, text: str) -> None:
    assert told(due, clock=clock) == text


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("UTC", "11 h 30 m · desk time"),
        ("Europe/Berlin", "tomorrow 00:30"),
        ("America/New_York", "11 h 30 m · desk time"),
        ("Asia/Tokyo", "tomorrow 08:30"),
        ("Pacific/Kiritimati", "11 h 30 m · desk time"),  # there both moments are on the 21st
    ],
)
def test_where_the_day_ends_is_for_the_zone_of_the_page_to_say(zone: str, text: str) -> None:
    assert told(datetime(2026, 11, 20, 23, 30, tzinfo=UTC), clock=DESK, zone=zone) == text


def test_a_night_that_is_an_hour_longer_leaves_as_many_hours_as_pass() -> None:
    """On 25 October 2026 clocks in Berlin go back at three: from one to four are four hours."""
    start = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)
    assert told(start + timedelta(hours=4), now=start, zone="Europe/Berlin") == "4 h 0 m · discount"


# --- when it warns ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "passed", "level"),
    [
        (4, timedelta(0), ""),
        (4, timedelta(hours=1, minutes=59, seconds=59), ""),
        (4, timedelta(hours=2), "warn"),  # half of it is over
        (4, timedelta(hours=3, minutes=59, seconds=59), "warn"),
        (4, timedelta(hours=4), "bad"),
        (400, timedelta(hours=199), ""),
        (400, timedelta(hours=200), "warn"),
    ],
)
def test_a_clock_warns_from_half_of_its_time_on(hours: int, passed: timedelta, level: str) -> None:
    row = question(NOON + timedelta(hours=hours), opened=NOON)
    assert selectors.clock_of(row, NOON + passed).level == level


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(minutes=59, seconds=59), "59 m"),
        (timedelta(minutes=60), "1 h 0 m"),
        (timedelta(hours=23, minutes=59), "23 h 59 m"),
        (timedelta(hours=24), "1 d 0 h"),
        (timedelta(days=1, hours=23, minutes=59), "1 d 23 h"),
        (timedelta(0), "0 m"),
    ],
)
def test_a_time_that_is_left_has_two_units_at_most(left: timedelta, text: str) -> None:
    assert selectors.span(left) == text


# --- under which heading ------------------------------------------------------------------------------------

TODAY = date(2026, 11, 20)
LOST_TODAY, LOST_LATER = Loss(TODAY, 0, "due"), Loss(date(2026, 11, 22), 2, "due")
PASSED = Loss(date(2026, 11, 19), -1, "due")


@pytest.mark.parametrize(
    ("due", "loss", "heading"),
    [
        (NOON, None, "Decide today"),
        (NOON - timedelta(days=3), None, "Decide today"),  # the desk's time is over, and nothing is lost yet
        (NOON + timedelta(days=1), None, "Tomorrow"),
        (NOON + timedelta(hours=12), None, "Tomorrow"),
        (NOON + timedelta(hours=12, minutes=-1), None, "Decide today"),
        (NOON + timedelta(days=2), None, "Later"),
        (NOON + timedelta(days=9), LOST_TODAY, "Decide today"),
        (NOON + timedelta(days=9), LOST_LATER, "Decide today"),  # within days is now
        (NOON + timedelta(days=9), PASSED, "Overdue"),
        (NOON, PASSED, "Overdue"),
    ],
)
def test_a_question_stands_under_the_day_by_which_something_is_lost(
    due: datetime, loss: Loss | None, heading: str
) -> None:
    with timezone.override("UTC"):
        assert selectors._heading(Clock(due, "", "", loss), TODAY) == heading


@pytest.mark.parametrize(("loss", "overdue"), [(None, False), (LOST_TODAY, False), (PASSED, True)])
def test_only_a_day_that_has_passed_is_overdue(loss: Loss | None, overdue: bool) -> None:
    assert Clock(NOON, "", "bad", loss).is_overdue is overdue


# --- what a list is narrowed to -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "query"),
    [
        (Filters(), ""),
        (Filters(sort="clock"), ""),  # the order that every list has
        (Filters("mine", "price_over", "age"), "queue=mine&cause=price_over&sort=age"),
        (Filters(cause="no_receipt"), "cause=no_receipt"),
        (Filters(queue="a&sort=age"), "queue=a%26sort%3Dage"),
        (Filters(queue="Größe 1"), "queue=Gr%C3%B6%C3%9Fe+1"),
        (Filters(cause="a\r\nSet-Cookie: b"), "cause=a%0D%0ASet-Cookie%3A+b"),
        (Filters(cause="50 %#top"), "cause=50+%25%23top"),
    ],
)
def test_what_a_list_is_narrowed_to_stays_one_value_of_its_address(filters: Filters, query: str) -> None:
    assert filters.query() == query


def test_a_list_without_a_group_is_empty_whatever_has_come_since() -> None:
    some = selectors.Group("All", [])
    assert Listing("", Filters(), [], NOON, 0, 0, 5, 0).empty
    assert not Listing("", Filters(), [some], NOON, 0, 0, 0, 0).empty


# --- names --------------------------------------------------------------------------------------------------


@given(st.text(max_size=20), st.sampled_from(["human", "agent", "system"]))
def test_a_person_keeps_one_colour(name: str, kind: str) -> None:
    one, other = selectors.Person("human:1", name, kind), selectors.Person("human:2", name, "human")
    assert one.tint == other.tint


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Łukasz Żak", "ŁŻ"),
        ("ørsted", "Ø"),
        ("Ιωάννα Παπαδοπούλου", "ΙΠ"),
        ("  Alice   Adams  ", "AA"),
        ("a.b.c.d", "AD"),
    ],
)
def test_letters_of_every_alphabet_are_initials(name: str, initials: str) -> None:
    assert selectors.Person("human:1", name, "human").initials == initials
