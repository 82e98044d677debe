"""The doorbell: one NOTIFY per transaction at most, with ids only. Whoever missed it polls."""

from __future__ import annotations

from collections.abc import Iterable

import orjson
from django.db import connection

CHANNEL = "countersign"
WORK = "countersign_work"
LIMIT = 7000
"""Bytes of a payload; PostgreSQL refuses 8,000."""


def announce(topics: Iterable[tuple[str, str]], *, work: bool = False) -> None:
    """Tell pages what changed and, with `work`, workers that a task is open. Sent when the transaction
    commits."""
    unique = sorted(set(topics))
    payload = orjson.dumps({"topics": unique})
    if len(payload) > LIMIT:
        payload = b'{"resync":true}'
    with connection.cursor() as cursor:
        if unique:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload.decode()])
        if work:
            cursor.execute("SELECT pg_notify(%s, '')", [WORK])
