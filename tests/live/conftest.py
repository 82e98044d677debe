"""Sockets against the real server."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.conftest import Server
from tests.project.running import wait_until


class Page:
    """A browser page's socket."""

    def __init__(self, user: User, cookie: str, socket: ClientConnection) -> None:
        self.user = user
        self.cookie = cookie
        self.socket = socket
        self.seen: list[dict[str, Any]] = []

    def subscribe(self, *topics: str) -> dict[str, Any]:
        """Ask for topics and return the answer, leaving out what else arrives before it."""
        self.socket.send(json.dumps({"subscribe": topics}))
        return self.next(lambda message: "subscribed" in message)

    def next(self, wanted: Callable[[dict[str, Any]], bool], seconds: float = 8) -> dict[str, Any]:
        """Return the next message of a kind."""
        while True:
            message: dict[str, Any] = json.loads(self.socket.recv(timeout=seconds))
            self.seen.append(message)
            if wanted(message):
                return message

    def next_id(self) -> tuple[str, str]:
        message = self.next(lambda message: "id" in message)
        return message["topic"], message["id"]

    def next_resync(self) -> None:
        self.next(lambda message: bool(message.get("resync")))

    def close_code(self) -> int | None:
        """Read to the end and return the code the server closed with."""
        return read_to_end(self.socket)

    def sign_out(self) -> None:
        Session.objects.filter(pk=self.cookie).delete()


def read_to_end(socket: ClientConnection) -> int | None:
    """Read until the server closes and return the code it gave."""
    with suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=8)
    return socket.close_code


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(server: Server) -> Iterator[OpenPage]:
    """Open a socket as a new person of a group; the relay is listening when it returns."""
    with ExitStack() as stack:
        yield lambda group="specialist": open_at(server, group, stack)


def open_at(server: Server, group: str, stack: ExitStack) -> Page:
    """Open a socket at a server as a new person of a group."""
    user = User.objects.create_user(f"{group}-{User.objects.count()}")
    user.groups.add(Group.objects.get(name=group))
    browser = Client()
    browser.force_login(user)
    cookie = browser.cookies["sessionid"].value
    socket = stack.enter_context(
        connect(
            server.socket_url, origin=Origin(server.url), additional_headers={"Cookie": f"sessionid={cookie}"}
        )
    )
    page = Page(user, cookie, socket)
    page.subscribe()
    wait_until(relay_pids, "the relay listens")
    return page


def relay_pids() -> list[int]:
    """Return the relay's database connections (one) once they listen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'countersign-live'"
            " AND datname = current_database() AND query LIKE 'SELECT clock%'"
        )
        return [pid for (pid,) in cursor.fetchall()]


def announce(*payloads: object) -> None:
    """Commit notifications, all in one transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_notify('countersign', payload) FROM unnest(%s::text[]) AS payload",
            [[json.dumps(payload) for payload in payloads]],
        )
