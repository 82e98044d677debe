"""What a policy says of how people answer: when the books of a month are closed, and which
department answers in the place of which. All of it may be left out."""

from __future__ import annotations

from typing import Any

from ..domain.policy import PolicyInvalid
from .policy_fields import decimal

DEPARTMENTS = ("finance", "procurement", "operations")
"""Those with a queue of their own that they answer."""
MOST_DAYS = 20
"""Business days after the month's end by which its books are closed."""


def period_close(data: Any) -> int | None:
    """`{"days": "2"}`: how many business days after the last one of a month its books are closed; null: no
    question waits for that; without the section none after. Raises `PolicyInvalid`."""
    where = "period_close"
    if not isinstance(data, dict) or set(data) - {"days"}:
        raise PolicyInvalid(f'{where}: {data!r} is no section such as {{"days": "2"}}.')
    text = data.get("days", "0")
    if text is None:
        return None
    days = decimal(text, f"{where}.days")
    if not 0 <= days <= MOST_DAYS or days != int(days):
        raise PolicyInvalid(f"{where}.days: {text} is no whole number from 0 to {MOST_DAYS}.")
    return int(days)


def backups(data: Any) -> tuple[tuple[str, str], ...]:
    """`{"finance": "procurement"}`: the questions of finance are answered by procurement, too, once their
    time is over. Raises `PolicyInvalid`."""
    where = "backup"
    if not isinstance(data, dict):
        raise PolicyInvalid(f'{where}: {data!r} is no section such as {{"finance": "procurement"}}.')
    for queue, other in data.items():
        for name in (queue, other):
            if name not in DEPARTMENTS:
                raise PolicyInvalid(f"{where}.{queue}: {name!r} is none of {', '.join(DEPARTMENTS)}.")
        if queue == other:
            raise PolicyInvalid(f"{where}.{queue}: a department is no backup for itself.")
    return tuple(sorted(data.items()))
