"""A recorded sample drawn again: from the population as it was recorded, and from what the same search finds
now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from audit import sampling
from audit.canonical import loads
from audit.models import Entry
from audit.sampling import Item, NoSample

from ..models import AuditSample, Invoice
from . import population_query
from .samples import DRAWS, as_json, entry_of, unpacked

MOST = 50


@dataclass(frozen=True, slots=True)
class Moved:
    """An invoice that is in one population and not in the other, and why."""

    id: UUID | None
    number: str
    why: str


@dataclass(frozen=True, slots=True)
class Redrawn:
    """What a second draw says. `changes` are the first of `changed`; `problem`: why today's search draws
    nothing."""

    recorded: bool
    whole: bool
    again: bool
    today: bool
    same_today: bool
    count: int
    sums: dict[str, str]
    changed: int
    changes: Sequence[Moved]
    problem: str = ""

    @property
    def sound(self) -> bool:
        """Is the record itself beyond doubt? What the search finds today may well differ."""
        return self.recorded and self.whole and self.again


def redraw(sample: AuditSample) -> Redrawn:
    """Draw the sample again, twice; nothing is written."""
    keys = unpacked(sample.members)
    before = population_query.of_keys(keys)
    with population_query.zone_named(sample.zone):
        now = population_query.taken(population_query.search_of(sample.query), sample.currency)
    added, gone = _differences(keys, now.items)
    problem, today = "", []  # type: str, list[dict[str, str]]
    try:
        today = _drawn(sample, now.items)
    except NoSample as error:
        problem = error.message
    return Redrawn(
        recorded=_as_in_the_ledger(sample),
        whole=sampling.digest(before) == sample.population_digest and len(keys) == sample.population_count,
        again=_drawn_or_none(sample, before) == sample.drawn,
        today=sampling.digest(now.items) == sample.population_digest,
        same_today=today == sample.drawn,
        count=len(now.items),
        sums=now.sums,
        changed=len(added) + len(gone),
        changes=_moved(added, gone, sample.at),
        problem=problem,
    )


def _drawn(sample: AuditSample, items: Sequence[Item]) -> list[dict[str, str]]:
    bounds = [Decimal(b) for b in sample.parameters.get("bounds", ())]
    return [as_json(d) for d in DRAWS[sample.method](items, sample.size, sample.seed, bounds)]


def _drawn_or_none(sample: AuditSample, items: Sequence[Item]) -> list[dict[str, str]] | None:
    try:
        return _drawn(sample, items)
    except NoSample:
        return None


def _as_in_the_ledger(sample: AuditSample) -> bool:
    """Does the row say what its entry says?"""
    body = (
        Entry.objects.filter(subject=sample.subject, type="sample.drawn")
        .values_list("body", flat=True)
        .first()
    )
    if body is None:
        return False
    data: dict[str, Any] = loads(body)["data"]
    return {name: data.get(name) for name in entry_of(sample)} == entry_of(sample)


def _differences(before: Iterable[str], now: Sequence[Item]) -> tuple[list[str], list[str]]:
    old, new = set(before), {i.id for i in now}
    return sorted(new - old), sorted(old - new)


def _moved(added: list[str], gone: list[str], drawn_at: datetime) -> list[Moved]:
    shown = [*added[:MOST], *gone[:MOST]][:MOST]
    rows = {str(r.id): r for r in Invoice.objects.filter(pk__in=shown).only("id", "number", "received_at")}
    come = set(added)
    return [_why(rows.get(key), key, key in come, drawn_at) for key in shown]


def _why(row: Invoice | None, key: str, came: bool, drawn_at: datetime) -> Moved:
    if row is None:
        return Moved(None, key, "is gone from the database")
    if not came:
        return Moved(row.id, row.number, "no longer matches the search")
    late = row.received_at > drawn_at
    return Moved(
        row.id, row.number, "was received after the draw" if late else "matches the search since the draw"
    )
