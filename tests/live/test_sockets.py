"""The socket, as a browser sees it: a real server, a real client."""

from contextlib import ExitStack

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from coordination.live.consumers import MALFORMED, SIGNED_OUT
from coordination.management.commands.dburl import url
from reviews.models import SigningProfile
from tests.conftest import Server
from tests.live.conftest import OpenPage, Page, announce, open_at, read_to_end, relay_pids
from tests.project.running import free_port, wait_until, web_server


def test_a_page_hears_what_it_follows_and_nothing_else(open_page: OpenPage) -> None:
    page = open_page()
    assert page.subscribe("inbox", "invoice/1") == {"subscribed": ["inbox", "invoice/1"], "refused": []}

    announce({"topics": [["invoice", "2"], ["inbox", "7"]]})
    announce({"topics": [["invoice", "1"]]})

    assert [page.next_id(), page.next_id()] == [("inbox", "7"), ("invoice", "1")]


def test_two_pages_hear_the_same(open_page: OpenPage) -> None:
    pages = [open_page(), open_page("manager")]
    for page in pages:
        page.subscribe("inbox")

    announce({"topics": [["inbox", "7"]]})

    assert [page.next_id() for page in pages] == [("inbox", "7")] * 2


def test_a_specialist_may_not_follow_the_ledger(open_page: OpenPage) -> None:
    assert open_page().subscribe("audit", "no-such-thing")["refused"] == ["audit", "no-such-thing"]
    assert open_page("auditor").subscribe("audit")["subscribed"] == ["audit"]


def test_each_role_follows_what_its_pages_show(open_page: OpenPage) -> None:
    assert open_page("admin").subscribe("inbox", "invoice/1", "flow")["subscribed"] == ["flow"]
    assert open_page().subscribe("payments", "inbox")["subscribed"] == ["inbox"]
    assert open_page("manager").subscribe("payments", "inbox")["subscribed"] == ["inbox", "payments"]


@pytest.mark.parametrize(
    "origin",
    [
        *("https://evil.example", "null", None),
        *("http://127.0.0.1:9", "http://127.0.0.1", "http://localhost:{port}", "https://127.0.0.1:{port}"),
        *("ws://127.0.0.1:{port}", "http://127.0.0.1:{port}.evil.example", "http://evil@127.0.0.1:{port}"),
    ],
)
def test_a_foreign_origin_is_refused(server: Server, origin: str | None) -> None:
    with pytest.raises(InvalidStatus, match=r"40[03]"):
        connect(
            server.socket_url, origin=Origin(origin.replace("{port}", str(server.port))) if origin else None
        )


def test_another_address_is_refused(server: Server) -> None:
    with pytest.raises(InvalidStatus, match=r"40[03]"):
        connect(f"ws://127.0.0.1:{server.port}/elsewhere/", origin=Origin(server.url))


def test_a_stranger_is_told_to_sign_in(server: Server) -> None:
    with connect(server.socket_url, origin=Origin(server.url)) as socket:
        assert read_to_end(socket) == SIGNED_OUT


def test_signing_out_closes_the_socket(open_page: OpenPage) -> None:
    page = open_page()
    page.sign_out()
    assert page.close_code() == SIGNED_OUT


def test_deactivation_closes_the_socket(open_page: OpenPage) -> None:
    page = open_page()
    User.objects.filter(pk=page.user.pk).update(is_active=False)
    assert page.close_code() == SIGNED_OUT


def sign_out(page: Page) -> None:
    browser = Client()
    browser.cookies["sessionid"] = page.cookie
    assert browser.post("/logout/").status_code == 302


def deactivate(page: Page) -> None:
    page.user.is_active = False
    page.user.save()


def change_password(page: Page) -> None:
    page.user.set_password("another one")
    page.user.save()


def end_access(page: Page) -> None:
    SigningProfile.objects.create(user=page.user, until=timezone.now())


def test_what_ends_access_closes_a_persons_sockets_at_once(transactional_db: None) -> None:
    """On a server that looks by itself only once in an hour; what happens here, happens in another
    process."""
    settings = {"DATABASE_URL": url(connection.get_connection_params()), "COUNTERSIGN_RECHECK": "3600"}
    patient = Server(free_port())
    with web_server(patient.port, settings), ExitStack() as stack:
        bystander = open_at(patient, "manager", stack)
        for end in (sign_out, deactivate, change_password, end_access):
            page = open_at(patient, "specialist", stack)
            end(page)
            assert page.close_code() == SIGNED_OUT, end.__name__
        assert bystander.subscribe("flow")["subscribed"] == ["flow"]
        bystander.user.groups.clear()
        wait_until(lambda: bystander.subscribe("inbox")["refused"], "the lost group is noticed")


def test_a_lost_group_takes_its_topics_along(open_page: OpenPage) -> None:
    page = open_page("auditor")
    page.subscribe("audit")
    page.user.groups.clear()

    wait_until(lambda: page.subscribe("inbox")["refused"], "the check sees the change")
    announce({"topics": [["audit", "1"]]}, {"resync": True})

    assert page.next(lambda message: "id" in message or "resync" in message) == {"topic": "*", "resync": True}


@pytest.mark.parametrize(
    "text", ["", "no json", "[]", '{"subscribe": "inbox"}', '{"write": 1}', "x" * 70_000]
)
def test_any_other_message_closes_the_socket(open_page: OpenPage, text: str) -> None:
    page = open_page()
    page.socket.send(text)
    assert page.close_code() == MALFORMED


def test_too_many_announcements_become_one_resync(open_page: OpenPage) -> None:
    page = open_page()
    page.subscribe("inbox")
    announce({"topics": [["inbox", "first"]]})
    assert page.next_id() == ("inbox", "first")

    announce(*({"topics": [["inbox", f"{batch}-{number}"] for number in range(100)]} for batch in range(9)))

    page.next_resync()


def test_an_unreadable_notification_makes_pages_reload(open_page: OpenPage) -> None:
    page = open_page()
    announce([1, 2])
    page.next_resync()


def test_after_a_cut_database_connection_pages_reload_and_hear_again(open_page: OpenPage) -> None:
    page = open_page()
    page.subscribe("inbox")
    (before,) = relay_pids()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [before])

    page.next_resync()
    announce({"topics": [["inbox", "after"]]})

    assert page.next_id() == ("inbox", "after")
    assert relay_pids() != [before]


def test_the_heartbeat_carries_the_time_of_the_database(open_page: OpenPage) -> None:
    open_page()
    later = open_page()  # learns it while subscribing, from the last heartbeat
    assert any(message.get("at", "").endswith("+00:00") for message in later.seen)
