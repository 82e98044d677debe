"""What holds for every page."""

import datetime as dt
from http import HTTPStatus

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.utils import timezone

from coordination.project.middleware import TimeZoneMiddleware, zone
from tests.cast import Cast


@pytest.mark.parametrize(
    "name", ["", "Nowhere/Town", "../../etc/passwd", "/etc/passwd", "x" * 200, "\0", "Europe"]
)
def test_a_cookie_that_names_no_zone_means_utc(name: str) -> None:
    assert zone(name) is dt.UTC


def test_times_are_shown_in_the_zone_of_the_browser() -> None:
    seen = []

    def view(_: HttpRequest) -> HttpResponse:
        seen.append(timezone.get_current_timezone_name())
        return HttpResponse()

    request = HttpRequest()
    request.COOKIES["tz"] = "Europe/Berlin"
    TimeZoneMiddleware(view)(request)
    TimeZoneMiddleware(view)(HttpRequest())

    assert seen == ["Europe/Berlin", "UTC"]
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.django_db
def test_pages_allow_no_inline_script_or_style_and_no_frame(client: Client) -> None:
    policy = client.get("/login/")["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_static_file_that_is_not_there_is_a_404(client: Client) -> None:
    assert client.get("/static/../manage.py").status_code == HTTPStatus.NOT_FOUND
    assert client.get("/static/nothing.css").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    "address",
    ["/inbox/?queue=a%00b", "/invoices/?q=%00", "/agents/%00/", "/status/?number=%00", "/statements/?q=%00"],
)
def test_a_character_that_no_text_has_is_refused_before_anything_is_looked_up(
    people: Cast, client: Client, address: str
) -> None:
    client.force_login(people.alice)
    found = client.get(address)
    assert found.status_code == HTTPStatus.BAD_REQUEST
    assert "NUL character" in found.content.decode()


def test_such_a_character_in_a_form_is_refused_too(people: Cast, client: Client) -> None:
    client.force_login(people.alice)
    found = client.post(
        "/shell/preferences/", "theme=da%00rk", content_type="application/x-www-form-urlencoded"
    )
    assert found.status_code == HTTPStatus.BAD_REQUEST
