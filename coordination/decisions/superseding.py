"""An invoice takes another one's place: who says so sets the first aside, and the two are never both paid by
that word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection

from audit import trail
from audit.ids import new_id
from audit.trail import Stamp
from reviews import services as reviews

from ..agents import corrections
from ..domain.proposal import HoldDetail
from ..facts import policies, related_invoices
from ..models import LIVE, STATED, Hold, Invoice, Lane, State
from ..tasks import statement_changes, work_queue
from ..tasks.sql import rows
from ..translation import nature
from . import asking, holds
from .bodies import PersonDecision
from .record import PERSON, DecisionRecord, record_decision
from .transition import MOVED, transition

CENT = Decimal("0.01")

REPLACED = """
SELECT x.id, p.id, p.number FROM coordination_invoice x JOIN coordination_invoicefacts f
    ON f.invoice_id = x.id
  JOIN coordination_invoicefacts o ON o.number_key = ANY(f.preceding_keys)
  JOIN coordination_invoice p ON p.id = o.invoice_id AND p.vendor_id = x.vendor_id
 WHERE x.id = ANY(%s) AND p.type = 'invoice' AND p.id <> x.id AND NOT p.type_code = ANY(%s)
     AND p.state NOT IN ('rejected', 'void')
 ORDER BY x.id, p.number
"""


def concerned(invoice: UUID) -> list[UUID]:
    """The invoices that an answer about this one may set aside: locked with it, in one order."""
    return [first for _, first, _ in rows(REPLACED, [invoice], nature.codes("advance"))]


def asked(holds: Iterable[Hold]) -> bool:
    """Do these holds ask whether an invoice replaces the one it names?"""
    return any(HoldDetail.from_json(h.detail).rule == corrections.RULE for h in holds)


def set_aside(row: Invoice, by: str, reason: str, at: datetime) -> None:
    """Set aside what this invoice replaces. What is paid or in a run stays as it is: then a credit note has
    to come."""
    found = Invoice.objects.filter(pk__in=concerned(row.id)).exclude(state__in=[State.SCHEDULED, State.PAID])
    first = list(found.exclude(payments__status__in=LIVE).exclude(paid_elsewhere__status__in=STATED))
    for one in first:
        _void(one, row, by, reason, at)
    if not first:
        return
    ids = [one.id for one in first]
    for others in related_invoices.billing_siblings(ids).values():
        work_queue.invalidate([o for o in others if o != row.id], "billing", row.subject)
    work_queue.invalidate(
        [o for o in related_invoices.alike_now(ids) if o != row.id], "siblings", row.subject
    )
    statement_changes.changed({one.vendor_id for one in first}, "verdict")


def _void(one: Invoice, by_which: Invoice, by: str, reason: str, at: datetime) -> None:
    held = list(Hold.objects.live().filter(invoice=one))
    holds.release(held, Hold.Release.REJECTED, by, reason, at)
    move = transition(one, State.VOID, at, lane=Lane.VOID, anew=True)
    stamp = Stamp(by, at, f"replaced by {by_which.number}")
    changes = trail.update([one], MOVED, stamp) + trail.update(held, holds.RELEASED, stamp)
    policy, key, codes = policies.active(), new_id(), sorted({h.code for h in held})
    body = PersonDecision(
        decision_id=key,
        input={"replaced_by": by_which.subject, "version": str(one.version - 1)},
        result="reject",
        outcome="reject",
        reasoning=f"{by_which.number} replaces it, says the answer about {by_which.number}.",
        reason=reason,
        released=codes,
        policy=policy,
        move=move,
        lane=one.lane,
    )
    decision = DecisionRecord(
        id=key,
        row=one,
        agent=PERSON,
        actor=by,
        outcome="reject",
        body=body.as_json(),
        move=move,
        facts_version=one.facts_version,
        policy=policy.name,
        codes=codes,
        changes=changes,
        clears=False,
    )
    record_decision(decision, at)
    reviews.withdraw([one.subject], by=by, why=f"replaced by {by_which.number}", at=at)
    work_queue.open_tasks(asking.tasks_on(asking.STATUS, [one], "verdict"))


# --- paying -------------------------------------------------------------------------------------------------

CREDITED = """
WITH RECURSIVE pool(first, id) AS (
  SELECT i.id, i.id FROM coordination_invoice i WHERE i.id = ANY(%(ids)s)
   UNION
  SELECT pool.first, q.id FROM pool JOIN coordination_invoice p ON p.id = pool.id
    JOIN coordination_invoicefacts f ON f.invoice_id = p.id
    JOIN coordination_invoicefacts g ON g.preceding_keys @> ARRAY[f.number_key]
    JOIN coordination_invoice c ON c.id = g.invoice_id AND c.vendor_id = p.vendor_id
        AND c.type = 'credit_note'
     AND c.state IN ('cleared', 'scheduled', 'paid')
    JOIN coordination_invoicefacts o ON o.number_key = ANY(g.preceding_keys)
    JOIN coordination_invoice q ON q.id = o.invoice_id AND q.vendor_id = c.vendor_id
     AND q.type = 'invoice' AND q.state NOT IN ('rejected', 'void')
), named AS (
  SELECT DISTINCT pool.first, pool.id, p.currency, p.gross, f.number_key, p.vendor_id
    FROM pool JOIN coordination_invoice p ON p.id = pool.id
    JOIN coordination_invoicefacts f ON f.invoice_id = p.id
), credits AS (
  SELECT n.first, c.id, c.currency, abs(c.gross) AS gross, array_agg(n.id) AS about
    FROM named n JOIN coordination_invoicefacts g ON g.preceding_keys @> ARRAY[n.number_key]
    JOIN coordination_invoice c ON c.id = g.invoice_id AND c.vendor_id = n.vendor_id
        AND c.type = 'credit_note'
     AND c.state IN ('cleared', 'scheduled', 'paid')
   GROUP BY n.first, c.id
)
SELECT i.id,
       i.gross <= %(cent)s + coalesce((SELECT sum(c.gross) FROM credits c
         WHERE c.first = i.id AND c.currency = i.currency AND c.about = ARRAY[i.id]), 0)
    OR (SELECT bool_and(n.gross IS NOT NULL AND n.currency = i.currency) AND sum(n.gross) <= %(cent)s
             + coalesce((SELECT sum(c.gross) FROM credits c WHERE c.first = i.id
                 AND c.currency = i.currency), 0)
          FROM named n WHERE n.first = i.id)
  FROM coordination_invoice i WHERE i.id = ANY(%(ids)s)
"""
"""Is an invoice credited in full? By credits that name it alone; or, where some name others as well, all that
they name is: a credit counts once, whatever it names."""

ANSWERED = """
SELECT DISTINCT ON (h.invoice_id) h.invoice_id, d.outcome, h.released_at FROM coordination_hold h
  JOIN coordination_decision d ON d.invoice_id = h.invoice_id AND d.agent = 'person' AND d.at = h.released_at
 WHERE h.invoice_id = ANY(%s) AND h.code = 'duplicate_suspect' AND h.detail->>'rule' = %s
     AND h.release = 'override'
 ORDER BY h.invoice_id, h.released_at DESC, d.state_version DESC
"""
"""What was answered to the question whether an invoice replaces another: by the decision that released its
hold, and by no other one about the same invoice."""

BESIDE_IT = """
SELECT x.id, o.id, o.number FROM coordination_invoice x JOIN coordination_invoicefacts f
    ON f.invoice_id = x.id
  JOIN coordination_invoicefacts g ON g.preceding_keys && f.preceding_keys
  JOIN coordination_invoice o ON o.id = g.invoice_id AND o.vendor_id = x.vendor_id AND o.id <> x.id
 WHERE x.id = ANY(%s) AND o.type = 'invoice' AND o.state NOT IN ('rejected', 'void') ORDER BY x.id, o.number
"""
"""Other invoices that name what an invoice names."""


def unpaid_for(ids: Sequence[UUID]) -> dict[UUID, str]:
    """Of these invoices those that replace one which another replaces already, or which is neither set aside
    nor credited in full, and why they wait."""
    replacing = _replacing(list(ids))
    found = _taken_already(replacing)
    replaced = rows(REPLACED, list(replacing), nature.codes("advance")) if replacing else []
    credited = _credited({first for _, first, _ in replaced})
    for key, first, number in replaced:
        if first not in credited:
            found.setdefault(
                key,
                f"it replaces {number}, which is neither void nor credited in full: ask for a credit note"
                f" over {number}",
            )
    return found


def _replacing(ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Of these invoices those of which a person said that they replace another, and when."""
    answers = rows(ANSWERED, list(ids), corrections.RULE) if ids else []
    return {key: at for key, outcome, at in answers if outcome != "override"}


def _taken_already(replacing: dict[UUID, datetime]) -> dict[UUID, str]:
    """Of what replaces the same invoice only the first that was said to is paid: the others are owed only
    beside it."""
    pairs = rows(BESIDE_IT, list(replacing)) if replacing else []
    others = _replacing(sorted({other for _, other, _ in pairs}))
    found: dict[UUID, str] = {}
    for key, other, number in pairs:
        if other in others and (others[other], other) < (replacing[key], key):
            found.setdefault(
                key, f"{number} replaces the same invoice already: hold one of the two and reject it"
            )
    return found


def _credited(ids: set[UUID]) -> set[UUID]:
    """Those of these invoices that are credited in full."""
    if not ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(CREDITED, {"ids": list(ids), "cent": CENT})
        return {key for key, whole in cursor.fetchall() if whole}
