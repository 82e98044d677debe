"""Which page may open a socket here, and what a message on it may ask for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from coordination import rights
from coordination.live.access import allowed
from coordination.live.consumers import LONGEST_MESSAGE, _topics
from coordination.live.origin import same_origin
from reviews.grants import ROLES, holders

HOSTS = ["countersign.example.com", "127.0.0.1", "[::1]"]
PROXY = ("HTTP_X_FORWARDED_PROTO", "https")


def scope(origin: str | None, host: str | None, scheme: str = "ws", **headers: str) -> dict[str, Any]:
    found = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    found += [(b"origin", origin.encode())] if origin is not None else []
    found += [(b"host", host.encode())] if host is not None else []
    return {"scheme": scheme, "headers": found}


@pytest.mark.parametrize(
    ("origin", "host", "scheme", "same"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", "ws", True),
        ("http://127.0.0.1", "127.0.0.1", "ws", True),
        ("http://127.0.0.1:80", "127.0.0.1", "ws", True),
        ("http://127.0.0.1", "127.0.0.1:80", "ws", True),
        ("http://[::1]:8000", "[::1]:8000", "ws", True),
        ("https://countersign.example.com", "countersign.example.com", "wss", True),
        ("https://countersign.example.com:443", "countersign.example.com", "wss", True),
        ("HTTPS://Countersign.Example.COM", "countersign.example.com", "wss", True),
        ("http://127.0.0.1:8001", "127.0.0.1:8000", "ws", False),
        ("https://127.0.0.1:8000", "127.0.0.1:8000", "ws", False),
        ("http://countersign.example.com", "countersign.example.com", "wss", False),
        ("http://countersign.example.com:443", "countersign.example.com", "ws", False),
        ("http://evil.example", "127.0.0.1:8000", "ws", False),
        ("http://evil.example", "evil.example", "ws", False),
        ("http://127.0.0.1.evil.example", "127.0.0.1", "ws", False),
        ("null", "127.0.0.1", "ws", False),
        ("", "127.0.0.1", "ws", False),
        ("127.0.0.1", "127.0.0.1", "ws", False),
        ("http://127.0.0.1/", "127.0.0.1", "ws", False),
        (None, "127.0.0.1", "ws", False),
        ("http://127.0.0.1", None, "ws", False),
        ("http://127.0.0.1", "", "ws", False),
    ],
)
@override_settings(ALLOWED_HOSTS=HOSTS, SECURE_PROXY_SSL_HEADER=None)
def test_a_page_is_of_this_site_by_scheme_name_and_port(
    origin: str | None, host: str | None, scheme: str, same: bool
) -> None:
    assert same_origin(scope(origin, host, scheme)) is same


@pytest.mark.parametrize("name", [b"origin", b"host"])
@override_settings(ALLOWED_HOSTS=HOSTS, SECURE_PROXY_SSL_HEADER=None)
def test_a_header_that_is_there_twice_says_nothing(name: bytes) -> None:
    found = scope("http://127.0.0.1", "127.0.0.1")
    assert same_origin(found)
    found["headers"] += [header for header in found["headers"] if header[0] == name]
    assert not same_origin(found)


@pytest.mark.parametrize(
    ("said", "origin", "same"),
    [
        ("https", "https://countersign.example.com", True),
        ("https, http", "https://countersign.example.com", True),
        ("https", "http://countersign.example.com", False),
        ("http", "http://countersign.example.com", True),
        ("http", "https://countersign.example.com", False),
        ("http, https", "https://countersign.example.com", False),
    ],
)
@pytest.mark.parametrize("scheme", ["ws", "wss"])
@override_settings(ALLOWED_HOSTS=HOSTS, SECURE_PROXY_SSL_HEADER=PROXY)
def test_behind_a_proxy_the_scheme_is_the_one_that_it_says(
    said: str, origin: str, same: bool, scheme: str
) -> None:
    assert same_origin(scope(origin, "countersign.example.com", scheme, x_forwarded_proto=said)) is same


@override_settings(ALLOWED_HOSTS=HOSTS, SECURE_PROXY_SSL_HEADER=None)
def test_without_a_proxy_nobody_says_the_scheme() -> None:
    told = scope("https://127.0.0.1", "127.0.0.1", "ws", x_forwarded_proto="https")
    assert not same_origin(told)


@given(st.text(max_size=30), st.text(max_size=30))
@override_settings(ALLOWED_HOSTS=HOSTS, SECURE_PROXY_SSL_HEADER=None)
def test_no_text_as_origin_opens_a_socket_but_the_sites_own(origin: str, port: str) -> None:
    found = scope(None, "127.0.0.1:8000")
    found["headers"].append((b"origin", (origin + port).encode("utf-8", "replace")))
    assert not same_origin(found)


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ('{"subscribe": ["inbox"]}', {"inbox"}),
        ('{"subscribe": ["inbox", "inbox", "invoice/7"]}', {"inbox", "invoice/7"}),
        ('{"subscribe": []}', set()),
        ('{"subscribe": ["a"], "more": 1}', {"a"}),
        (None, None),
        ("", None),
        ("inbox", None),
        ("[]", None),
        ('["inbox"]', None),
        ("null", None),
        ("{}", None),
        ('{"subscribe": "inbox"}', None),
        ('{"subscribe": null}', None),
        ('{"subscribe": {"inbox": 1}}', None),
        ('{"subscribe": ["inbox", 7]}', None),
        ('{"subscribe": [null]}', None),
        ('{"subscribe": [["inbox"]]}', None),
        ('{"subscribe": ["inbox"]', None),
        ('{"unsubscribe": ["inbox"]}', None),
    ],
)
def test_a_message_is_a_list_of_topics_or_no_message(text: str | None, topics: set[str] | None) -> None:
    assert _topics(text) == topics


def test_a_message_is_no_longer_than_it_may_be() -> None:
    frame = len(json.dumps({"subscribe": [""]}))
    longest = json.dumps({"subscribe": ["x" * (LONGEST_MESSAGE - frame)]})
    assert len(longest) == LONGEST_MESSAGE
    assert _topics(longest) is not None
    assert _topics(f"{longest} ") is None


@given(st.lists(st.text(max_size=12), max_size=12))
def test_what_is_asked_for_is_what_is_understood(topics: list[str]) -> None:
    assert _topics(json.dumps({"subscribe": topics})) == set(topics)


@pytest.mark.parametrize("kind", sorted(rights.TOPICS))
def test_one_thing_of_a_kind_is_followed_by_those_who_follow_the_kind(kind: str) -> None:
    for group in ROLES:
        may = group in holders(rights.TOPICS[kind]).roles
        assert (
            allowed(kind, [group]) is allowed(f"{kind}/7", [group]) is allowed(f"{kind}/a/b", [group]) is may
        )
    assert not allowed(kind, [])
    assert not allowed(kind, ["stranger"])
    assert not allowed(f" {kind}", list(ROLES))
    assert not allowed(f"x/{kind}", list(ROLES))
