"""Doses in force, by queue, and what they ask of whoever answers. Nothing is worked out here: a job finds the
falls (`services.catch_rate_falls`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reviews.kinds import Wait
from reviews.models import Escalation
from reviews.queues import titles

from ..domain.doses import Dose, longest_dwell
from ..governance import oversight_rows
from ..models import CatchRateFall


def in_force() -> Mapping[str, tuple[Dose, ...]]:
    """Queue -> the doses that are in force there."""
    found = CatchRateFall.objects.filter(ended_at=None)
    return {queue: oversight_rows.doses(rows) for queue, rows in found.values_list("queue", "doses")}


def rows(stored: list[dict[str, Any]]) -> tuple[Dose, ...]:
    """Doses as a fall keeps them, typed."""
    return oversight_rows.doses(stored)


def dwell(e: Escalation) -> Wait | None:
    """How long a question's page has to have been shown before money is let go; None: no least time."""
    found = CatchRateFall.objects.filter(queue=e.queue, ended_at=None).values_list("doses", flat=True)
    dose = longest_dwell(rows(found[0]), e.amount_company) if found else None
    if dose is None:
        return None
    title = dict(titles()).get(e.queue, e.queue).lower()
    return Wait(dose.seconds, f"{dose.id}, while the catch rate of {title} is below the goal")
