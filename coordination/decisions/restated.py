"""One claim that came twice before its vendor was known: once as a table, once as another document.

At intake a table that says the same as another document of its vendor makes no second invoice. Before the
vendor is known nobody can see that, since a table names it by our number and the other by its VAT id; so it
is seen now, and the end is the same whatever came first. The document stays, and its invoice is void: it asks
for nothing that the other does not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from audit import ledger, trail
from reviews import services as reviews

from ..facts import related_invoices
from ..facts.documents import Content, contents
from ..models import FINAL, Hold, Invoice, Lane, State
from ..tasks import statement_changes, work_queue
from ..translation.identity import normalised_number, restates
from . import holds
from .transition import MOVED, transition

WHY = "another document says the same claim"
STANDING = (State.PAID, State.SCHEDULED, State.CLEARED)
UNDECIDED = frozenset({State.RECEIVED, State.VALIDATED, State.MATCHED, State.DELIVERED})


def set_aside(rows: Sequence[Invoice], actor: str, fact: int, now: datetime) -> None:
    """Void what claims the same as another invoice of its vendor, among these locked invoices and those
    beside them, before any agent compares the two. One that somebody else has in hand is noted and looked at
    again."""
    mine = [row for row in rows if row.vendor_id is not None and row.state not in FINAL]
    groups = _groups(mine) if mine else []
    twins = {row.id: twin for group in groups for row, twin in _repeated(group)}
    if not twins:
        return
    own = {row.id: row for row in mine}
    beside = Invoice.objects.locked(passing=True)
    held = own | {row.id: row for row in beside.filter(id__in=twins.keys() - own.keys())}
    work_queue.invalidate(sorted(twins.keys() - held.keys()), "vendor", "restated", fact)
    ended = [held[key] for key in sorted(twins.keys() & held.keys()) if held[key].state in UNDECIDED]
    if ended:
        _void(ended, twins, actor, fact, now)


def _repeated(group: Sequence[Invoice]) -> Iterator[tuple[Invoice, Invoice]]:
    """What nobody has decided on and says the same as one that stays, with that one."""
    documents = contents([row.id for row in group])
    kept: list[Invoice] = []
    for row in sorted(group, key=_rank):
        twin = next((k for k in kept if _same(documents[row.id], documents[k.id])), None)
        if twin is None:
            kept.append(row)
        elif row.state in UNDECIDED:
            yield row, twin


def _groups(mine: Sequence[Invoice]) -> list[list[Invoice]]:
    """All that is not ended under the vendors and numbers of these."""
    keys = {normalised_number(r.number) for r in mine}
    rows = Invoice.objects.filter(vendor__in={r.vendor_id for r in mine}, facts__number_key__in=keys).exclude(
        state__in=(State.REJECTED, State.VOID)
    )
    groups: dict[tuple[UUID | None, str], list[Invoice]] = defaultdict(list)
    for row in rows:
        groups[row.vendor_id, normalised_number(row.number)].append(row)
    wanted = {(r.vendor_id, normalised_number(r.number)) for r in mine}
    return [group for key, group in groups.items() if key in wanted and len(group) > 1]


def _rank(row: Invoice) -> tuple[int, datetime, UUID]:
    """What is paid or cleared stays; of two that are not, the one that came first."""
    place = STANDING.index(State(row.state)) if row.state in STANDING else len(STANDING)
    return place, row.received_at, row.id


def _same(one: Content, other: Content) -> bool:
    apart = one.source_format.startswith("csv") != other.source_format.startswith("csv")
    return apart and restates(one.invoice, other.invoice)


def _void(rows: Sequence[Invoice], twins: dict[UUID, Invoice], actor: str, fact: int, now: datetime) -> None:
    behind = {
        other
        for others in related_invoices.billing_siblings([r.id for r in rows]).values()
        for other in others
    }
    alike = related_invoices.alike_now([r.id for r in rows])
    for row in rows:
        transition(row, State.VOID, now, lane=Lane.VOID, anew=True)
    stamp = trail.Stamp(actor, now, WHY)
    changes = {r.id: [c] for r, c in zip(rows, trail.update(list(rows), MOVED, stamp), strict=True)}
    live = list(Hold.objects.live().filter(invoice__in=rows))
    holds.release(live, Hold.Release.MATCHED, actor, WHY, now)
    for hold, change in zip(live, trail.update(live, holds.RELEASED, stamp), strict=True):
        changes[hold.invoice_id].append(change)
    ledger.append(
        [
            ledger.Event(
                row.subject,
                "invoice.restated",
                actor,
                now,
                {"repeats": twins[row.id].subject},
                changes[row.id],
            )
            for row in rows
        ]
    )
    reviews.withdraw([row.subject for row in rows], by=actor, why=WHY, at=now)
    work_queue.invalidate(sorted(behind), "billing", "restated", fact)
    work_queue.invalidate(alike, "siblings", "restated", fact)
    statement_changes.changed((row.vendor_id for row in rows if row.vendor_id), "restated")
