"""One step of an agent: stopped, throttled, watched more closely. Its row, its history and its entry move
together."""

from __future__ import annotations

from collections.abc import Mapping

from audit import clock, ledger, trail
from audit.subjects import Subject

from ..models import Agent
from ..tasks.announce import announce


def step(
    row: Agent,
    type_: str,
    why: str,
    actor: str,
    values: Mapping[str, object],
    door: Mapping[str, object] | None = None,
) -> None:
    """Write these values of a locked agent. `why` as the ledger keeps it; `door`: by which one a person
    came; none for the monitor."""
    now = clock.now()
    before = {name: _text(getattr(row, name)) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    row.changed_at = now
    changes = trail.update([row], (*values, "changed_at"), trail.Stamp(actor, now, type_))
    data = {
        "before": before,
        "after": {n: _text(v) for n, v in values.items()},
        "reason": why,
        **(door or {}),
    }
    ledger.append([ledger.Event(Subject.of("agent", row.name), type_, actor, now, data, changes)])
    announce([("agents", row.name)], work=True)


def _text(value: object) -> str:
    return "" if value is None else str(value)
