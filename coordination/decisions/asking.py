"""Whom an event asks beside the chain: advisory agents, by their contracts."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from ..agents import REGISTRY, asked_on
from ..facts import coding_history
from ..models import Invoice

STATUS = "status"
"""What an invoice is, or is held for, has changed."""
CLEARED = "cleared"
"""An invoice may be paid from now on."""

Task = tuple[str, UUID, str]


def tasks_on(event: str, invoices: Iterable[Invoice], cause: str) -> list[Task]:
    """(Agent, invoice, cause) of the agents that this event asks.

    An agent that reads nothing but codings is asked only where there are any for it to learn from.
    """
    rows = list(invoices)
    tasks = []
    for name in asked_on(event):
        learns = REGISTRY[name].contract.reads == {"codings"}
        found = coding_history.with_history(rows) if learns else rows
        tasks += [(name, row.id, cause) for row in found]
    return tasks
