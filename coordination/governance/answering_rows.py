"""What a policy says of how people answer: when the books of a month are closed, and which
department answers in the place of which, and who has to sign. All of it may be left out."""

from __future__ import annotations

from typing import Any

from ..domain.policy import PolicyInvalid
from .policy_fields import decimal

DEPARTMENTS = ("finance", "procurement", "operations")
"""Those with a queue of their own that they answer."""
MOST_DAYS = 20
"""Business days after the month's end by which its books are closed."""


SIGNERS = ("manager", *DEPARTMENTS)
"""What a signature may stand for."""
MOST_SIGNERS = 5


def signers(row: dict[str, Any]) -> tuple[str, ...]:
    """`"signers": ["finance", "manager"]` of a rule: each of them signs, by another person; none where it is
    left out. Raises `PolicyInvalid`."""
    found = row.get("signers", [])
    where = f"rule {row['id']} signers"
    if not isinstance(found, list) or len(found) > MOST_SIGNERS:
        raise PolicyInvalid(f"{where}: a list of up to {MOST_SIGNERS} of {', '.join(SIGNERS)} is needed.")
    for name in found:
        if name not in SIGNERS:
            raise PolicyInvalid(f"{where}: {name!r} is none of {', '.join(SIGNERS)}.")
    return tuple(found)


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
