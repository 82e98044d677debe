"""Observations, streams and simulated decisions for the tests of monitoring."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import orjson

from coordination.monitoring.baselines import Expected, to_log_odds
from coordination.monitoring.observations import Observation, read_stream
from coordination.monitoring.replay import Replayed, replay
from coordination.world.recorded_stream import Shift, Work, business_days, recorded_stream

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)

LINE: dict[str, Any] = {
    "at": "2026-03-02T09:00:00Z",
    "agent": "finance.validation",
    "version": "1",
    "outcome": "approve",
    "confidence": 0.93,
    "amount": "120.00",
    "latency_ms": 1200,
    "po_missing": False,
    "vendor_new": False,
    "doc_type": "invoice",
    "reviewed": "no",
    "verdict": None,
}


def observation(**different: Any) -> Observation:
    usual = Observation(
        position=0,
        at=MONDAY,
        stamp="2026-03-02T09:00:00Z",
        agent="finance.validation",
        version="1",
        outcome="approve",
        confidence=0.93,
        amount=Decimal("120.00"),
        latency_ms=1200,
        po_missing=False,
        vendor_new=False,
        doc_type="invoice",
        reviewed="no",
        verdict=None,
    )
    return usual._replace(**different)


USUAL = Work(per_day=150)


def stream(
    work: Work = USUAL, seed: int = 1, *, lines: int = 12_000, shift: Shift | None = None
) -> list[Observation]:
    """A made stream, read as the command reads it."""
    return read_stream(orjson.dumps(row) for row in recorded_stream(work, seed, lines=lines, shift=shift))


def replayed(observations: list[Observation], learn_days: int = 63) -> Replayed:
    return replay(observations, learn_days=learn_days, sla_ms=10_000)


def daily(
    rates: list[float], cases: int, seed: int = 1, first: date = date(2026, 3, 2)
) -> Iterator[Observation]:
    """So many decisions each business day, of which this share is of a document without an order."""
    random = Random(seed)
    for day, rate in zip(business_days(first), rates, strict=False):
        for second in range(cases):
            at = datetime(day.year, day.month, day.day, 8, tzinfo=UTC) + timedelta(seconds=second)
            yield observation(at=at, stamp=at.isoformat(), po_missing=random.random() < rate)


def known(rate: float) -> Expected:
    """A rate that is known exactly: no guard band."""
    log_odds = to_log_odds(rate)
    return Expected(log_odds, log_odds, log_odds)
