"""Fan-out inside the process."""

import asyncio
import datetime as dt
import json
import re

import pytest

from coordination import rights
from coordination.live.access import allowed
from coordination.live.hub import RESYNC, Hub, Subscriber
from coordination.live.relay import Relay
from coordination.rights import TOPICS
from reviews.grants import ROLES, holders
from tests.project.running import ROOT


def waiting(subscriber: Subscriber) -> list[str]:
    """Return what the subscriber would send next."""
    subscriber._ready.set()
    return asyncio.run(subscriber.take())


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def page(hub: Hub) -> Subscriber:
    subscriber = Subscriber(length=3)
    hub.join(subscriber)
    hub.subscribe(subscriber, ["inbox", "invoice/1"])
    return subscriber


def test_a_kind_and_a_single_thing_can_be_followed(hub: Hub, page: Subscriber) -> None:
    for kind, key in [("inbox", "7"), ("invoice", "1"), ("invoice", "2"), ("audit", "1")]:
        hub.publish(kind, key)
    assert [json.loads(text)["id"] for text in waiting(page)] == ["7", "1"]


def test_a_subject_may_be_announced_as_it_is(hub: Hub, page: Subscriber) -> None:
    hub.publish("invoice/1", "1")
    hub.publish("inbox/7", "")
    assert [json.loads(text) for text in waiting(page)] == [
        {"topic": "invoice", "id": "1"},
        {"topic": "inbox", "id": "7"},
    ]


def test_the_same_announcement_is_sent_once(hub: Hub, page: Subscriber) -> None:
    hub.subscribe(page, ["inbox/7"])
    hub.publish("inbox", "7")
    hub.publish("inbox", "7")
    assert len(waiting(page)) == 1


def test_a_socket_that_cannot_keep_up_is_told_to_reload(hub: Hub, page: Subscriber) -> None:
    for key in range(10):
        hub.publish("inbox", str(key))
    assert waiting(page) == [RESYNC]


def test_after_the_reload_announcements_go_on(hub: Hub, page: Subscriber) -> None:
    hub.broadcast(RESYNC)
    waiting(page)
    hub.publish("inbox", "7")
    assert len(waiting(page)) == 1


def test_who_left_hears_nothing(hub: Hub, page: Subscriber) -> None:
    hub.leave(page)
    hub.publish("inbox", "7")
    hub.broadcast(RESYNC)
    assert waiting(page) == []
    assert len(hub) == 0


def test_who_comes_later_learns_as_of_when_pages_are_live(hub: Hub) -> None:
    hub.beat(dt.datetime(2026, 3, 2, 14, 3, 7, tzinfo=dt.UTC))
    late = Subscriber()
    hub.join(late)
    assert waiting(late) == ['{"topic":"*","at":"2026-03-02T14:03:07+00:00"}']


@pytest.mark.parametrize("payload", ["", "[]", "3", '{"topics": [["one"]]}', '{"topics": 5}'])
def test_what_cannot_be_read_makes_pages_reload(hub: Hub, page: Subscriber, payload: str) -> None:
    Relay(hub).announce(payload)
    assert waiting(page) == [RESYNC]


def test_what_pages_follow_and_writers_announce_is_somebodys() -> None:
    """A word that is missing in TOPICS makes a page that never changes."""
    pages = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html"))
    words = {word for live in re.findall(r'data-live="([^"]*)"', pages) for word in live.split()}
    topics = {word.partition("/")[0] for word in words if re.match(r"[a-z_]+(/|$)", word)}
    engine = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "coordination").rglob("*.py"))
    for call in re.findall(r"announce\(\s*\[(.*?)\]", engine, re.DOTALL):
        topics |= set(re.findall(r'\(f?"([a-z_]+)', call))
    assert topics - {"if", "endif", "standing"} <= set(TOPICS)
    assert "inbox" in topics


def test_each_kind_is_followed_by_somebody() -> None:
    for topic, right in TOPICS.items():
        groups = holders(right).roles
        assert groups
        assert allowed(f"{topic}/1", groups)
        assert not allowed(topic, [])


@pytest.mark.parametrize(
    ("topic", "right"),
    [
        ("inbox", rights.READ_CASES),
        ("escalation/1", rights.READ_CASES),
        ("invoice/1", rights.READ_AUDIT),
        ("statement/1", rights.READ_CASES),
        ("coding", rights.READ_CASES),
        ("payments", rights.READ_PAYMENTS),
        ("payment_batch/1", rights.READ_PAYMENTS),
        ("flow", rights.SEE),
        ("agents", rights.SEE),
    ],
)
def test_a_topic_is_followed_by_those_who_may_open_its_page(topic: str, right: rights.Right) -> None:
    assert {group for group in ROLES if allowed(topic, [group])} == holders(right).roles
