"""Claiming work: tasks and their invoices locked in one statement, skipping whatever someone else has in hand.

Task and invoice are locked together, so a worker never waits while it holds something another wants: no deadlock.
A claim lives as long as its transaction; a killed worker leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

CLAIM = """
SELECT t.id, t.invoice_id, t.opened_at, t.cause
  FROM coordination_task t JOIN coordination_invoice i ON i.id = t.invoice_id
 WHERE t.agent = %s AND t.due_at <= now() AND (t.token IS NULL OR t.leased_until < now())
 ORDER BY t.due_at, t.id LIMIT %s
   FOR UPDATE OF t SKIP LOCKED FOR NO KEY UPDATE OF i SKIP LOCKED
"""

DUE = """
SELECT t.agent, count(*) FROM coordination_task t JOIN coordination_agent a ON a.name = t.agent
 WHERE t.due_at <= now() AND (t.token IS NULL OR t.leased_until < now()) AND NOT a.paused GROUP BY t.agent
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """One task in hand."""

    id: int
    invoice: UUID
    opened_at: datetime
    cause: str


def claim(agent: str, limit: int) -> list[Claimed]:
    """Up to `limit` due tasks of one agent, their invoices locked; inside the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [agent, limit])
        return [Claimed(*row) for row in cursor.fetchall()]


def finish(tasks: list[Claimed]) -> None:
    """The work is done: the tasks go, in the transaction that did it."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM coordination_task WHERE id = ANY(%s)", [[t.id for t in tasks]])


def due() -> dict[str, int]:
    """Due tasks per agent that is not stopped."""
    with connection.cursor() as cursor:
        cursor.execute(DUE)
        return dict(cursor.fetchall())


def open_tasks(rows: list[tuple[str, UUID, str]]) -> None:
    """Open (agent, invoice, cause) tasks, due now; one already open is made due now.

    Due by the database's clock, as claims are: on a clock of our own that runs ahead, work would seem to be done.
    The caller holds the invoices' locks, so nobody else opens or claims a task of theirs meanwhile.
    """
    if not rows:
        return
    agents, invoices, causes = (list(column) for column in zip(*sorted(set(rows)), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO coordination_task (agent, invoice_id, cause, due_at, opened_at, attempts, error, leased_by)"
            " SELECT *, now(), now(), 0, '', '' FROM unnest(%s::text[], %s::uuid[], %s::text[])"
            " ON CONFLICT (invoice_id, agent) DO UPDATE SET due_at = least(coordination_task.due_at, excluded.due_at)",
            [agents, invoices, causes],
        )


def wake(invoices: list[UUID], kind: str, cause: str) -> None:
    """Note that a fact of `kind` concerns these invoices; a worker takes it up."""
    if not invoices:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO coordination_wake (invoice_id, kind, cause, at) SELECT id, %s, %s, now() FROM unnest(%s::uuid[]) id",
            [kind, cause, sorted(set(invoices))],
        )
