"""The doorbell rings once for a transaction, with ids only; where there are too many it asks to look anew."""

from __future__ import annotations

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coordination.tasks.announce import CHANNEL, LIMIT, WORK, announce
from coordination.tasks.sql import grouped, rows

pytestmark = pytest.mark.django_db


def rung(*topics: tuple[str, str], work: bool = False) -> list[tuple[str, str]]:
    """Channel and payload of each bell."""
    with CaptureQueriesContext(connection) as seen:
        announce(topics, work=work)
    found = [re.fullmatch(r"SELECT pg_notify\('(.*?)', '(.*)'\)", q["sql"]) for q in seen]
    return [(m[1], m[2]) for m in found if m]


def test_each_topic_is_named_once_and_in_order() -> None:
    [(channel, payload)] = rung(("inbox", "7"), ("flow", ""), ("inbox", "7"), ("inbox", "3"))
    assert channel == CHANNEL
    assert json.loads(payload) == {"topics": [["flow", ""], ["inbox", "3"], ["inbox", "7"]]}


def test_nothing_to_say_rings_no_bell() -> None:
    assert rung() == []


def test_workers_are_rung_apart_and_only_for_work() -> None:
    assert rung(work=True) == [(WORK, "")]
    assert [channel for channel, _ in rung(("inbox", ""), work=True)] == [CHANNEL, WORK]


def test_too_many_topics_ask_to_look_anew() -> None:
    one = len(json.dumps({"topics": [["inbox", f"{0:036}"]]}, separators=(",", ":")))
    each = len(json.dumps(["inbox", f"{0:036}"], separators=(",", ":"))) + 1
    most = 1 + (LIMIT - one) // each
    topics = [("inbox", f"{n:036}") for n in range(most + 1)]
    [(_, fits)] = rung(*topics[:most])
    assert LIMIT - each < len(fits) <= LIMIT
    [(_, over)] = rung(*topics)
    assert json.loads(over) == {"resync": True}


def test_letters_beyond_ascii_count_by_their_bytes() -> None:
    [(_, payload)] = rung(*((f"map/{n:03}", "ü" * 60) for n in range(60)))  # 4,800 letters, 8,400 bytes
    assert json.loads(payload) == {"resync": True}


def test_letters_beyond_ascii_reach_the_database_whole() -> None:
    [(_, payload)] = rung(("invoice/Müller", "Łódź"))
    assert json.loads(payload) == {"topics": [["invoice/Müller", "Łódź"]]}


def test_rows_are_all_rows_and_are_parted_by_their_first_column() -> None:
    found = rows("SELECT mod(n, 2), n, %s FROM generate_series(1, 5) n ORDER BY n", "x")
    assert found == [(1, 1, "x"), (0, 2, "x"), (1, 3, "x"), (0, 4, "x"), (1, 5, "x")]
    assert grouped(found) == {1: [(1, "x"), (3, "x"), (5, "x")], 0: [(2, "x"), (4, "x")]}
    assert grouped([]) == {}
    assert rows("SELECT 1 WHERE false") == []
