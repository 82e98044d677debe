"""What a request says of list, moment, verdict, theme and place: read where it means something."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from coordination.templatetags import shell
from reviews import views
from reviews.open_lists import Filters
from reviews.pages import answer, go, wants_fragment

REQUESTS = RequestFactory()
HTMX = {"HX-Request": "true"}
RESTORED = HTMX | {"HX-History-Restore-Request": "true"}


# --- the list -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        ({}, Filters()),
        ({"queue": "finance", "cause": "price_over", "sort": "age"}, Filters("finance", "price_over", "age")),
        ({"sort": "amount"}, Filters(sort="amount")),
        ({"sort": "colour"}, Filters()),  # an order that does not exist is the usual one
        ({"sort": ""}, Filters()),
        ({"sort": "-opened_at"}, Filters()),
        ({"queue": "q" * 41, "cause": "c" * 40}, Filters("q" * 40, "c" * 40)),
    ],
)
def test_a_list_is_narrowed_and_sorted_as_its_address_says(query: dict[str, str], filters: Filters) -> None:
    assert views.filters_of(REQUESTS.get("/inbox/", query)) == filters


@pytest.mark.parametrize(
    ("as_of", "moment"),
    [
        ("2026-11-20T12:00:00+00:00", datetime(2026, 11, 20, 12, tzinfo=UTC)),
        ("2026-11-20T13:00:00.25+01:00", datetime(2026, 11, 20, 12, 0, 0, 250_000, UTC)),
        ("2026-11-20 12:00:00Z", datetime(2026, 11, 20, 12, tzinfo=UTC)),
        ("", None),
        ("yesterday", None),
        ("2026-11-20", None),
        ("2026-11-20T12:00:00", None),  # of which zone?
        ("2026-02-30T12:00:00+00:00", None),
        ("0001-01-01T00:00:00+14:00", None),  # before the calendar begins
        ("9999-12-31T23:59:59-14:00", None),
        ("1899-12-31T23:59:59+00:00", None),
        ("2199-12-31T23:59:59+00:00", datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2200-01-01T00:00:00+00:00", None),
    ],
)
def test_the_moment_of_a_list_is_one_that_somebody_may_mean(as_of: str, moment: datetime | None) -> None:
    assert views.moment_of(REQUESTS.get("/inbox/", {"as_of": as_of})) == moment


# --- a verdict ----------------------------------------------------------------------------------------------


def verdict(**form: str) -> dict[str, Any]:
    return views.answer_of(REQUESTS.post("/decide", form))


def test_a_form_without_anything_says_nothing() -> None:
    assert verdict() == {
        "verdict": "",
        "reason": "",
        "comment": "",
        "seen_version": None,
        "remedy": "",
        "terms": {},
        "payload_hash": "",
        "click": "",
        "overrides": "",
        "shown": "",
        "via": "page",
    }


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("approve:evidence_complete", "evidence_complete"),  # as the page's choices are named
        ("evidence_complete", "evidence_complete"),
        ("a:b:c", "c"),
        ("approve:", ""),
        ("x" * 61, "x" * 60),
    ],
)
def test_a_reason_is_the_code_behind_its_verdict(reason: str, code: str) -> None:
    assert verdict(reason=reason)["reason"] == code


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("", None),
        ("3", 3),
        ("0", 0),
        ("-1", -1),
        ("three", -1),
        ("³", -1),
        ("1e3", -1),
        (" 3", -1),
        ("9" * 9, -1),
    ],
)
def test_a_version_that_is_no_number_was_never_shown(sent: str, seen: int | None) -> None:
    """None says that nothing was sent; -1 is no version of any question."""
    assert verdict(seen_version=sent)["seen_version"] == seen


def test_codes_are_cut_and_a_persons_words_are_not() -> None:
    long = "ü" * 5000
    found = verdict(verdict=long, payload_hash=long, shown=long, comment=long, click=long, overrides=long)
    assert {name: len(found[name]) for name in ("verdict", "payload_hash", "shown")} == {
        "verdict": 20,
        "payload_hash": 100,
        "shown": 200,
    }
    assert found["comment"] == found["click"] == found["overrides"] == long  # the service refuses these


# --- page and part ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("headers", "part"), [({}, False), (HTMX, True), (RESTORED, False)])
def test_a_page_that_the_browser_restores_is_whole(headers: dict[str, str], part: bool) -> None:
    request = REQUESTS.get("/inbox/", headers=headers)
    assert wants_fragment(request) is part
    found = answer(request, "shell/_notice.html", "shell/_notice.html", {"message": "Hello."})
    assert (found["Vary"], found["Cache-Control"]) == ("HX-Request", "no-store")


@pytest.mark.parametrize(("headers", "status", "header"), [({}, 302, "Location"), (HTMX, 204, "HX-Redirect")])
def test_after_a_write_one_goes_on_by_redirect_or_by_the_header(
    headers: dict[str, str], status: int, header: str
) -> None:
    found: HttpResponse = go(REQUESTS.post("/", headers=headers), "coordination:payment_batch", 7)
    assert (found.status_code, found[header]) == (status, "/payments/7/")


# --- the frame ----------------------------------------------------------------------------------------------


def request(path: str = "/", **cookies: str) -> Any:
    found = REQUESTS.get(path)
    found.COOKIES.update(cookies)
    return found


@pytest.mark.parametrize(
    ("cookie", "theme"),
    [("dark", "dark"), ("light", "light"), ("system", "system"), ("", "system"), ('"><b>', "system")],
)
def test_a_theme_is_one_of_three(cookie: str, theme: str) -> None:
    assert shell.theme_of(request(theme=cookie)) == theme
    assert shell.theme_of(None) == "system"


@pytest.mark.parametrize(("cookie", "on"), [("off", False), ("on", True), ("", True), ("OFF", True)])
def test_keys_work_unless_they_were_turned_off(cookie: str, on: bool) -> None:
    assert shell.keys_on(request(keys=cookie)) is on
    assert shell.keys_on(request()) is shell.keys_on(None) is True


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/", "overview"),
        ("/inbox/", "inbox"),
        ("/inbox/5/decide/", "inbox"),
        ("/invoices", "invoices"),
        ("/invoicesque/", ""),  # no entry begins so
        ("/login/", ""),
        ("//inbox//", "inbox"),
        ("/Inbox/", ""),
    ],
)
def test_a_page_belongs_to_the_entry_that_its_address_begins_with(path: str, place: str) -> None:
    found = request()
    found.path = path
    assert shell.place_of(found) == place
