"""Which topic each person may follow: one table, asked over a real socket, and every topic of the product is
in it."""

from __future__ import annotations

import ast
import re
from contextlib import ExitStack

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from websockets.sync.client import connect
from websockets.typing import Origin

from coordination import rights
from coordination.live.consumers import SIGNED_OUT
from reviews.models import SigningProfile
from tests.architecture.modules import modules
from tests.conftest import ROOT, Server
from tests.live.conftest import OpenPage, Page, announce, read_to_end

EVERYBODY = {"specialist", "manager", "auditor", "admin"}
READERS = EVERYBODY - {"admin"}
MONEY = {"manager", "auditor"}
LEADS = MONEY | {"admin"}
TOPICS: dict[str, set[str]] = {
    "inbox": READERS,
    "escalation": READERS,
    "presence": READERS,
    "invoice": READERS,
    "vendor": READERS,
    "document": READERS,
    "coding": READERS,
    "statement": READERS,
    "statements": READERS,
    "flow": EVERYBODY,
    "invoices": EVERYBODY,
    "quarantine": EVERYBODY,
    "maps": EVERYBODY,
    "agent": EVERYBODY,
    "agents": EVERYBODY,
    "payments": MONEY,
    "payment_batch": MONEY,
    "payment_file": MONEY,
    "paid_elsewhere": MONEY,
    "alerts": LEADS,
    "policy": LEADS,
    "audit": LEADS,
}
NO_TOPICS = {
    "",
    "*",
    "payment",
    "inbox ",
    "Inbox",
    "inbox\0",
    "/",
    "/inbox",
    "session",
    "person",
    "user/1",
    "__all__",
}


def test_every_topic_that_may_be_followed_is_in_the_table() -> None:
    assert rights.TOPICS.keys() == TOPICS.keys(), "say in TOPICS which groups may follow it"


def test_every_topic_that_a_page_follows_or_the_engine_announces_is_in_the_table() -> None:
    """A page that follows a topic which is nobody's never hears anything."""
    followed = {
        topic.partition("/")[0]
        for folder in ("templates", "static/js")
        for path in (ROOT / folder).rglob("*.*")
        for found in re.findall(r'data-(?:live|follow)[a-z-]*="([^"{]+)', path.read_text(errors="ignore"))
        for topic in found.split()
    }
    announced = {
        pair.elts[0].value
        for module in modules().values()
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", getattr(call.func, "attr", "")) == "announce"
        for pair in ast.walk(call)
        if isinstance(pair, ast.Tuple) and len(pair.elts) == 2
        if isinstance(pair.elts[0], ast.Constant) and isinstance(pair.elts[0].value, str)
    }
    assert announced >= {"inbox", "payments", "agents"}
    assert followed >= {"inbox", "payments", "flow"}
    assert announced - TOPICS.keys() == set()
    assert {topic for topic in followed if topic.isidentifier()} - TOPICS.keys() == set()


@pytest.mark.parametrize("group", sorted(EVERYBODY))
def test_each_group_is_granted_its_topics_and_refused_all_others(open_page: OpenPage, group: str) -> None:
    page = open_page(group)
    wanted = {*TOPICS, *(f"{topic}/x-1" for topic in TOPICS), *NO_TOPICS}
    granted = {topic for topic in wanted if group in TOPICS.get(topic.partition("/")[0], set())}
    assert page.subscribe(*wanted) == {"subscribed": sorted(granted), "refused": sorted(wanted - granted)}


@pytest.mark.parametrize("group", ["specialist", "admin"])
def test_what_is_announced_reaches_nobody_to_whom_it_was_refused(open_page: OpenPage, group: str) -> None:
    page = open_page(group)
    page.subscribe(*TOPICS, *(f"{topic}/x-1" for topic in TOPICS))
    announce({"topics": [[topic, "x-1"] for topic in sorted(TOPICS) if group not in TOPICS[topic]]})
    announce({"topics": [["flow", "last"]]})
    assert page.next_id() == ("flow", "last")


def socket_of(server: Server, user: User, stack: ExitStack) -> Page:
    browser = Client()
    browser.force_login(user)
    cookie = browser.cookies["sessionid"].value
    headers = {"Cookie": f"sessionid={cookie}"}
    socket = stack.enter_context(
        connect(server.socket_url, origin=Origin(server.url), additional_headers=headers)
    )
    return Page(user, cookie, socket)


def test_who_is_in_no_group_follows_nothing_not_even_djangos_superuser(server: Server) -> None:
    wanted = sorted(TOPICS)
    with ExitStack() as stack:
        for user in (User.objects.create_user("gus"), User.objects.create_superuser("root")):
            page = socket_of(server, user, stack)
            assert page.subscribe(*wanted) == {"subscribed": [], "refused": wanted}, user


def test_who_is_in_two_groups_follows_what_either_may(server: Server) -> None:
    user = User.objects.create_user("both")
    user.groups.set(Group.objects.filter(name__in=["specialist", "admin"]))
    with ExitStack() as stack:
        granted = socket_of(server, user, stack).subscribe(*TOPICS)["subscribed"]
    assert granted == sorted(t for t, groups in TOPICS.items() if groups & {"specialist", "admin"})


def test_neither_an_account_that_is_off_nor_one_whose_time_is_over_opens_a_socket(server: Server) -> None:
    off, over = (User.objects.create_user(name) for name in ("ivan", "eve"))
    for user in (off, over):
        user.groups.set(Group.objects.filter(name="manager"))
    with ExitStack() as stack:
        browsers = {}
        for user in (off, over):
            browsers[user] = Client()
            browsers[user].force_login(user)
        User.objects.filter(pk=off.pk).update(is_active=False)
        SigningProfile.objects.create(user=over, until=timezone.now())
        for browser in browsers.values():
            headers = {"Cookie": f"sessionid={browser.cookies['sessionid'].value}"}
            socket = stack.enter_context(
                connect(server.socket_url, origin=Origin(server.url), additional_headers=headers)
            )
            assert read_to_end(socket) == SIGNED_OUT
