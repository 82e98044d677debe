"""Changed facts: which agents look whether a change concerns what they answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from audit import clock, ledger, trail
from audit.subjects import Subject

from ..agents import ADVISORY, REGISTRY, ready
from ..facts import addressees, loader, preceding_invoices, related_invoices, vendor_directory
from ..facts.documents import contents
from ..facts.taken import ACTOR
from ..models import FINAL, Hold, Invoice, InvoiceFacts
from ..tasks import statement_changes, work_queue
from ..tasks.announce import announce
from ..translation.identity import registered_number
from . import loop_guard, restated

CLAIM = """
SELECT w.id, w.invoice_id, w.kind, w.cause, w.fact
  FROM coordination_wake w JOIN coordination_invoice i ON i.id = w.invoice_id
 ORDER BY w.id LIMIT %s FOR UPDATE OF w SKIP LOCKED FOR NO KEY UPDATE OF i SKIP LOCKED
"""
MOVES = ("vendor_id", "version")
POLICY = "policy"
"""Kind of fact: the rules in force. Every answer stands on them."""
SUPPLIED = "supplied"
"""Kind of fact: what a person supplied above the document, which every agent is given."""


@dataclass
class Changes:
    """What was noted of one invoice: kinds of facts with their causes, and the newest of these facts."""

    kinds: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    fact: int = 0

    @property
    def causes(self) -> list[str]:
        return sorted({c for causes in self.kinds.values() for c in causes})


def process_changes(limit: int = 200) -> int:
    """Work through noted changes: open a task for each agent that reads what changed. Returns how many were
    taken up.

    No answer is touched. An agent whose facts are the same as before ends its task without a decision.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, [limit])
            notes = cursor.fetchall()
            cursor.execute("DELETE FROM coordination_wake WHERE id = ANY(%s)", [[n[0] for n in notes]])
        by_invoice: dict[UUID, Changes] = defaultdict(Changes)
        for _, invoice, kind, cause, fact in notes:
            by_invoice[invoice].kinds[kind].add(cause)
            by_invoice[invoice].fact = max(by_invoice[invoice].fact, fact)
        if by_invoice:
            _look(by_invoice, clock.now())
    return len(notes)


def _look(notes: dict[UUID, Changes], now: datetime) -> None:
    rows = loader.invoices(sorted(notes))
    looped = _looped([r.id for r in rows])
    _know_vendors([r for r in rows if r.state not in FINAL], notes, now)
    told = [r for r in rows if "vendor" in notes[r.id].kinds]
    restated.set_aside(told, ACTOR, max((notes[r.id].fact for r in told), default=0), now)
    tasks = []
    for row in rows:
        kinds = set(notes[row.id].kinds)
        names = set(advisory_readers(kinds))
        if row.state not in FINAL:
            asked = set(row.answered)
            # what was dropped when it did not come to rest is looked at again
            everybody = row.id in looped or not kinds.isdisjoint({POLICY, SUPPLIED})
            names |= {n for n in asked if everybody or REGISTRY[n].contract.reads & kinds}
            names |= set(ready(frozenset(asked)))
        tasks += [(name, row.id, ", ".join(notes[row.id].causes)) for name in sorted(names)]
    work_queue.open_tasks(tasks, {key: n.fact for key, n in notes.items()})
    announce([], work=True)


def _looped(ids: Sequence[UUID]) -> set[UUID]:
    """Of these invoices, those that are held because their agents did not come to rest."""
    live = Hold.objects.live().filter(invoice__in=ids, detail__rule=loop_guard.RULE)
    return set(live.values_list("invoice_id", flat=True))


def _know_vendors(rows: Sequence[Invoice], notes: dict[UUID, Changes], now: datetime) -> None:
    """Invoices of a seller whom nobody knew, or who is one of several with one VAT id: who is it, as things
    stand now?

    An order, an account or a name that comes late may point to another one than what was there before.
    """
    unsure = _unsure(rows, notes)
    known = vendor_directory.Directory.load() if unsure else None
    before = related_invoices.alike_now([r.id for r in unsure if r.vendor_id is not None])
    was = {r.id: r.vendor_id for r in unsure}
    found = [r for r in unsure if known is not None and vendor_directory.resolve_invoice(r, known)]
    if not found:
        return
    for row in found:
        row.version += 1
    changes = trail.update(found, MOVES, trail.Stamp(ACTOR, now, "vendor known"))
    ledger.append(
        [
            ledger.Event(
                row.subject,
                "facts.changed",
                ACTOR,
                now,
                {"kinds": ["vendor"], "causes": notes[row.id].causes, "vendor": str(row.vendor_id or "")},
                [change],
            )
            for row, change in zip(found, changes, strict=True)
        ]
    )
    for row in found:
        notes[row.id].kinds["vendor"].add("vendor known")
    # with its vendor an invoice may be the first of two: those that resemble it are asked as if it had just
    # come in
    newest = max(notes[row.id].fact for row in found)
    moved = any(was[row.id] is not None for row in found)
    others = {*related_invoices.alike_now([row.id for row in found]), *(before if moved else ())}
    work_queue.invalidate(sorted(others), "siblings", "vendor known", newest)
    work_queue.invalidate(
        preceding_invoices.naming([row.id for row in found]), "billing", "vendor known", newest
    )
    stated = contents([row.id for row in found])
    work_queue.invalidate(
        addressees.doubted(c.invoice for c in stated.values()), "siblings", "vendor known", newest
    )
    statement_changes.changed(
        (key for row in found for key in (row.vendor_id, was[row.id]) if key), "vendor known"
    )
    announce([("flow", "")] + [(Subject.of("invoice", row.id), str(row.id)) for row in found], work=True)


def _unsure(rows: Sequence[Invoice], notes: dict[UUID, Changes]) -> list[Invoice]:
    """Those whose vendor may be another by what was noted."""
    told = [r for r in rows if {"vendor", "order"} & set(notes[r.id].kinds)]
    if not told:
        return []
    stated = InvoiceFacts.objects.filter(invoice__in=[r.id for r in told], vendor_ref="")
    keys = {
        key: registered_number(vat_id or "")
        for key, vat_id in stated.values_list("invoice_id", "seller__vat_id")
    }
    shared = vendor_directory.shared_keys(set(keys.values()))
    return [
        r for r in told if keys.get(r.id) in shared or (r.vendor_id is None and "vendor" in notes[r.id].kinds)
    ]


def advisory_readers(kinds: Iterable[str]) -> frozenset[str]:
    """Agents beside the chain that read facts of these kinds: asked in any state, and the invoice stays where
    it is."""
    return frozenset(name for name in ADVISORY if REGISTRY[name].contract.reads & set(kinds))


OVERDUE = """
SELECT DISTINCT h.invoice_id, h.raised_by FROM coordination_hold h JOIN coordination_invoice i
    ON i.id = h.invoice_id
 WHERE h.status = 'waiting' AND h.until <= %s AND i.state <> ALL(%s)
   AND NOT EXISTS (SELECT 1 FROM coordination_task t WHERE t.invoice_id = h.invoice_id
       AND t.agent = h.raised_by)
"""


@transaction.atomic
def ask_overdue(now: datetime) -> int:
    """Ask again about invoices that waited for a fact past its time. Silence never approves: they
    escalate."""
    with connection.cursor() as cursor:
        cursor.execute(OVERDUE, [now, list(FINAL)])
        overdue = cursor.fetchall()
    if overdue:
        work_queue.open_tasks([(agent, key, "time is up") for key, agent in overdue])
        announce([], work=True)
    return len(overdue)
