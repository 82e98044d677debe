"""New facts from outside: which answers they make stale, and who is asked again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from audit import ledger, trail

from ..agents import BESIDE, REGISTRY, ready, stale
from ..governance import progress
from ..models import FINAL, Hold, Invoice
from . import brake, claim, snapshot, statements, vendors
from .announce import announce

ACTOR = "system:facts"
CLAIM = """
SELECT w.id, w.invoice_id, w.kind, w.cause FROM coordination_wake w JOIN coordination_invoice i ON i.id = w.invoice_id
 ORDER BY w.id LIMIT %s FOR UPDATE OF w SKIP LOCKED FOR NO KEY UPDATE OF i SKIP LOCKED
"""
MOVES = ("vendor_id", "state", "lane", "version", "facts_version", "answered", "state_since", "stirred")


def take_up(limit: int = 200) -> int:
    """Work through noted facts: reset stale answers and open tasks. Returns how many notes were taken up."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, [limit])
            notes = cursor.fetchall()
            cursor.execute("DELETE FROM coordination_wake WHERE id = ANY(%s)", [[n[0] for n in notes]])
        by_invoice: dict[UUID, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for _, invoice, kind, cause in notes:
            by_invoice[invoice][kind].add(cause)
        if by_invoice:
            _touch(by_invoice, timezone.now())
    return len(notes)


def _touch(notes: dict[UUID, dict[str, set[str]]], now: datetime) -> None:
    found = snapshot.invoices(sorted(notes))
    rows = [r for r in found if r.state not in FINAL or beside(notes[r.id])]
    holds = (
        Hold.objects.filter(invoice__in=rows)
        .exclude(status=Hold.Status.RELEASED)
        .values_list("invoice_id", "raised_by")
    )
    holding: dict[UUID, set[str]] = defaultdict(set)
    for key, agent in holds:
        holding[key].add(agent)
    touched, events, tasks = [], [], []
    for row in rows:
        kinds, noted = notes[row.id], beside(notes[row.id])
        causes = {c for cs in kinds.values() for c in cs}
        read = {*kinds, "billing"} if brake.lifted(row, causes) else kinds
        gone = stale(frozenset(read)) & set(row.answered) if row.state not in FINAL else frozenset()
        mapped = row.vendor_id is None and "vendor" in kinds and vendors.resolve_invoice(row)
        if not (gone or mapped or noted):
            continue
        row.answered = sorted(set(row.answered) - gone)
        row.facts_version, row.version = row.facts_version + 1, row.version + 1
        if gone or mapped:
            brake.note(row, causes)
            _step_back(row, holding[row.id], now)
            tasks += [(a, row.id, "facts") for a in ready(frozenset(row.answered))]
        tasks += [(a, row.id, "facts") for a in noted]
        touched.append(row)
        data = {
            "kinds": sorted(kinds),
            "causes": sorted(causes),
            "asked_again": sorted(gone | noted),
        }
        events.append((row, data))
    changes = trail.update(touched, MOVES, trail.Stamp(ACTOR, now, "new facts"))
    ledger.append(
        [
            ledger.Event(r.subject, "facts.changed", ACTOR, now, d, [c])
            for (r, d), c in zip(events, changes, strict=True)
        ]
    )
    claim.open_tasks(tasks)
    statements.changed((r.vendor_id for r in touched if "vendor" in notes[r.id]), "vendor known")
    announce([("flow", "")] + [(f"invoice/{r.id}", str(r.id)) for r in touched], work=True)


def beside(kinds: Iterable[str]) -> frozenset[str]:
    """Agents beside the chain that read facts of these kinds: asked again in any state, and the invoice stays where it is."""
    return frozenset(name for name in BESIDE if REGISTRY[name].contract.reads & set(kinds))


def _step_back(row: Invoice, holding: set[str], now: datetime) -> None:
    state = progress.stage(row.answered, holding)
    if state != row.state:
        row.state, row.state_since = state, now
    if row.lane in {"auto", "human"}:
        row.lane = "open"


def wake_waiting(now: datetime) -> int:
    """Ask again about invoices that waited for a fact past its time. Silence never approves: they escalate."""
    overdue = list(
        Hold.objects.filter(status=Hold.Status.WAITING, until__lte=now)
        .values_list("invoice_id", "raised_by")
        .distinct()
    )
    rows = {r.id: r for r in Invoice.objects.filter(id__in=[k for k, _ in overdue])}
    for key, agent in overdue:
        if rows[key].state not in FINAL:
            claim.wake([key], _kind_of(agent), "time is up")
    return len(overdue)


def _kind_of(agent: str) -> str:
    """A kind of fact that this agent and those behind it read, and as few others as possible."""
    return min(REGISTRY[agent].contract.reads, key=lambda kind: (len(stale(frozenset({kind}))), kind))
