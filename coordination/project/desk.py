"""What the review queue is told of ours at start: by name. Who carries it out is imported with the first
question, for most commands ask none and most of the house hangs on it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from reviews import policy as answering
from reviews.signals import resolved

LOCKED = (
    "invoice",
    "vendor",
    "payment_batch",
    "payment_file",
    "statement",
    "vendor_master",
    "rates",
    "map",
    "policy",
    "bank_report",
    "paid_elsewhere",
)
"""The keys of `receivers.LOCKS`."""
MADE = ("invoice", "payment_run", "paid_elsewhere")
"""The keys of `receivers.MAKERS`."""


def connect() -> None:
    """Tell the review queue who locks a subject, who made what is asked about, and who carries an answer
    out."""
    answering.LOCKS.update({prefix: partial(_lock, prefix) for prefix in LOCKED})
    answering.MAKERS.update({kind: partial(_makers, kind) for kind in MADE})
    answering.LIMITS[:] = [_limit]
    answering.CURRENCY[:] = [_currency]
    resolved.connect(_receive, dispatch_uid="countersign.verdicts")


def _lock(prefix: str, subject: str) -> None:
    from . import receivers

    receivers.LOCKS[prefix](subject)


def _makers(kind: str, question: Any) -> Mapping[str, str]:
    from . import receivers

    return receivers.MAKERS[kind](question)


def _limit(group: str) -> Decimal | None:
    from ..facts import policies

    return policies.active().limit(group)


def _currency() -> str:
    from ..facts import policies

    return policies.active().company_currency


def _receive(**answer: Any) -> None:
    from . import receivers

    receivers.receive(**answer)
