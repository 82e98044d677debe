"""Moments, money and actors as reports say them: in UTC and in full, the same on whatever day they are
printed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from reviews.selectors import Person


def stamp(at: datetime | None) -> str:
    """2026-03-31 14:03:07.204 UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3] + " UTC" if at else "–"


def format_money(amount: Any, currency: str) -> str:
    """EUR 1,190.00."""
    return "–" if amount is None else f"{currency} {amount:,.2f}".strip()


def person_name(actor: str, known: Mapping[str, Person]) -> str:
    """A person by name and key, an agent with its version."""
    kind, _, rest = actor.partition(":")
    person = known.get(actor)
    return f"{person.name} (person {rest})" if kind == "human" and person else f"{kind} {rest}".strip()


def span(time: timedelta) -> str:
    """2 d 3 h 4 m 5 s, without what is nought."""
    seconds = max(0, int(time.total_seconds()))
    parts = [
        (seconds // 86400, "d"),
        (seconds // 3600 % 24, "h"),
        (seconds // 60 % 60, "m"),
        (seconds % 60, "s"),
    ]
    return " ".join(f"{n} {unit}" for n, unit in parts if n) or "under a second"
