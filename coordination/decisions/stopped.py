"""What waits for a stopped agent, and how people answer in its stead.

The release of an invoice waits for every question of the chain, those of stopped agents too: an agent that is
stopped lets nothing pass. Who does not want to wait asks people: the release is ruled on without the answer,
which breaches its contract, so that a person decides. When the agent goes on, its answer ends that hold, or
re-opens what was released.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from ..agents import ADVISORY, REGISTRY, RELEASE
from ..tasks import work_queue

WAITING = """
SELECT t.invoice_id FROM coordination_task t JOIN coordination_agent a ON a.name = t.agent
  JOIN coordination_invoice i ON i.id = t.invoice_id
 WHERE t.agent = %s AND a.paused AND i.state NOT IN ('cleared', 'scheduled', 'paid', 'rejected', 'void')
   AND NOT EXISTS (SELECT 1 FROM coordination_hold h
                    WHERE h.invoice_id = i.id AND h.code = 'contract_breached' AND h.status <> 'released')
 ORDER BY i.received_at, i.id
   FOR NO KEY UPDATE OF i
"""
COUNTED = """
SELECT t.agent, count(*) FROM coordination_task t JOIN coordination_agent a ON a.name = t.agent
  JOIN coordination_invoice i ON i.id = t.invoice_id
 WHERE a.paused AND t.agent <> ALL(%s) AND i.state NOT IN ('scheduled', 'paid', 'rejected', 'void')
   AND NOT EXISTS (SELECT 1 FROM coordination_hold h
                    WHERE h.invoice_id = i.id AND h.code = 'contract_breached' AND h.status <> 'released')
 GROUP BY t.agent
"""


def waiting() -> dict[str, int]:
    """Invoices that wait for each stopped agent of the chain and that nobody was asked about instead."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, [sorted(ADVISORY)])
        return dict(cursor.fetchall())


def ask_people(agent: str) -> list[UUID]:
    """Put the invoices that wait for this stopped agent to people; which they were. Inside the caller's
    transaction."""
    [release] = [a.name for a in REGISTRY.values() if RELEASE in a.contract.owns]
    if agent == release:  # nobody else rules on a release
        return []
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [agent])
        found = [key for (key,) in cursor.fetchall()]
    work_queue.open_tasks([(release, key, f"people instead of {agent}") for key in found], instead=True)
    return found
