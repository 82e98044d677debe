"""Claiming work: tasks and their invoices locked in one statement, skipping whatever someone else has in
hand.

Task and invoice are locked together, so a worker never waits while it holds something another wants: no
deadlock. A claim lives as long as its transaction; a killed worker leaves nothing behind.

A task waits while one of an agent upstream is open on the same invoice: who consumes answers is asked once
they stand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from audit import clock

from ..agents import ADVISORY, REGISTRY, upstream

DUE_NOW = "t.due_at <= now() AND (t.token IS NULL OR t.leased_until < now())"
UNDISTURBED = """(t.instead OR NOT EXISTS (SELECT 1 FROM coordination_task u
       WHERE u.invoice_id = t.invoice_id AND u.agent = ANY(%s)))"""

CLAIM = f"""
SELECT t.id, t.invoice_id, t.opened_at, t.cause, t.fact, t.instead
  FROM coordination_task t JOIN coordination_invoice i ON i.id = t.invoice_id
  JOIN coordination_agent a ON a.name = t.agent AND NOT a.paused
 WHERE t.agent = %s AND (%s::bigint[] IS NULL AND NOT t.alone OR t.id = ANY(%s))
   AND {DUE_NOW} AND {UNDISTURBED}
 ORDER BY t.due_at, t.id LIMIT %s
   FOR UPDATE OF t SKIP LOCKED FOR NO KEY UPDATE OF i SKIP LOCKED
"""  # noqa: S608 - made of constants

ALONE = f"""
SELECT t.id FROM coordination_task t WHERE t.agent = %s AND t.alone AND {DUE_NOW} AND {UNDISTURBED}
 ORDER BY t.due_at, t.id
"""  # noqa: S608 - made of constants

WAITING = f"""
SELECT a.name, count(*) FROM coordination_task t JOIN coordination_agent a ON a.name = t.agent
 WHERE NOT a.paused AND {DUE_NOW} GROUP BY a.name
 UNION ALL SELECT '', count(*) FROM coordination_wake
"""  # noqa: S608 - made of constants


@dataclass(frozen=True, slots=True)
class Acquired:
    """One task in hand. `fact`: the newest fact from outside that led to it. `instead`: see `models.Task`.

    `raised`: an answer of the same transaction asks it (`id` is 0 where no task was open yet).
    """

    id: int
    invoice: UUID
    opened_at: datetime
    cause: str
    fact: int
    instead: bool
    raised: bool = False


def acquire(agent: str, limit: int, ids: Sequence[int] | None = None) -> list[Acquired]:
    """Up to `limit` due tasks of one agent, of these `ids` where given, else of those that are run together;
    their invoices locked, inside the caller's transaction. None while the agent is stopped."""
    wanted = None if ids is None else list(ids)
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [agent, wanted, wanted, sorted(upstream(agent)), limit])
        return [Acquired(*row) for row in cursor.fetchall()]


ALSO_DUE = f"""
SELECT t.id, t.invoice_id, t.opened_at, t.cause, t.fact, t.instead, t.agent FROM coordination_task t
 WHERE t.invoice_id = ANY(%s) AND t.id <> ALL(%s) AND NOT t.alone AND {DUE_NOW}
 ORDER BY t.id FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - made of constants


def also_due(tasks: Sequence[Acquired]) -> list[tuple[Acquired, str]]:
    """The other due tasks of these invoices, locked, each with its agent. The caller holds the invoices'
    locks."""
    with connection.cursor() as cursor:
        cursor.execute(ALSO_DUE, [[t.invoice for t in tasks], [t.id for t in tasks]])
        return [(Acquired(*row), agent) for *row, agent in cursor.fetchall()]


def elsewhere(tasks: Sequence[Acquired]) -> list[tuple[UUID, str]]:
    """(Invoice, agent) of tasks of these invoices that are none of these: leased, put off, or run alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT invoice_id, agent FROM coordination_task WHERE invoice_id = ANY(%s) AND id <> ALL(%s)",
            [[t.invoice for t in tasks], [t.id for t in tasks]],
        )
        return list(cursor.fetchall())


def obstacles(agent: str, invoices: Sequence[UUID]) -> tuple[bool, set[UUID]]:
    """Is the agent stopped at this moment, in the middle of a transaction as well? And of these invoices
    those that a change is noted of which nobody has looked at yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.paused, ARRAY(SELECT w.invoice_id FROM coordination_wake w"
            " WHERE w.invoice_id = ANY(%s)) FROM coordination_agent a WHERE a.name = %s",
            [list(invoices), agent],
        )
        stopped, noted = cursor.fetchone() or (True, ())
        return stopped, set(noted)


def due_alone(agent: str) -> list[int]:
    """Due tasks of the agent that are run alone, in nobody's hand or in somebody's."""
    with connection.cursor() as cursor:
        cursor.execute(ALONE, [agent, sorted(upstream(agent))])
        return [task for (task,) in cursor.fetchall()]


def count_try(task: int, error: str) -> int:
    """Another try of a task in hand; how many that are now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE coordination_task SET attempts = attempts + 1, error = %s WHERE id = %s"
            " RETURNING attempts",
            [error[:500], task],
        )
        tries: int = cursor.fetchone()[0]
        return tries


def uncount_try(task: int) -> None:
    """A try that was counted did not take place."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE coordination_task SET attempts = attempts - 1, error = '' WHERE id = %s AND attempts > 0",
            [task],
        )


def put_off(task: int, after: timedelta, error: str, tries: int | None = None) -> int:
    """A task in hand is due later, for this reason; how many tries it had (`tries`: has from now on)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE coordination_task SET error = %s, due_at = now() + make_interval(secs => %s),"
            " attempts = coalesce(%s, attempts) WHERE id = %s RETURNING attempts",
            [error[:500], after.total_seconds(), tries, task],
        )
        had: int = cursor.fetchone()[0]
        return had


def finish(tasks: Sequence[Acquired]) -> None:
    """The work is done: the tasks go, in the transaction that did it."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM coordination_task WHERE id = ANY(%s)", [[t.id for t in tasks]])


def waiting() -> tuple[int, dict[str, int]]:
    """What there may be to do, in one look: changes that are noted, and due tasks by agent, those included
    that wait for an agent upstream."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        found: dict[str, int] = dict(cursor.fetchall())
    return found.pop(""), found


def new_fact() -> int:
    """The number of a fact from outside: a document, a person's word, a policy, a pause lifted, a time that
    came.

    Everything that follows from it carries its number, and each invoice is decided only so often on one
    number.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('coordination_fact')")
        number: int = cursor.fetchone()[0]
        return number


OPEN = """
INSERT INTO coordination_task AS t (agent, invoice_id, cause, fact, instead, alone, due_at, opened_at,
       attempts, error, leased_by)
SELECT *, %s, %s, now(), %s, 0, '', '' FROM unnest(%s::text[], %s::uuid[], %s::text[], %s::bigint[])
    ON CONFLICT (invoice_id, agent) DO UPDATE SET due_at = least(t.due_at, excluded.due_at),
       fact = greatest(t.fact, excluded.fact), instead = t.instead OR excluded.instead,
       alone = t.alone OR excluded.alone
"""


def open_tasks(
    rows: Sequence[tuple[str, UUID, str]],
    facts: Mapping[UUID, int] | None = None,
    *,
    instead: bool = False,
    alone: bool = False,
) -> None:
    """Open (agent, invoice, cause) tasks, due now; one already open is made due now.

    `facts`: by invoice the number of the fact that led here. Without it, this is a new fact from outside.
    `instead`, `alone`: see `models.Task`. Due by the database's clock, as claims are: on a clock of our own
    that runs ahead, work would seem to be done. When they were opened is by the clock that decisions are
    dated by: it tells how long they waited. The caller holds the invoices' locks, so nobody else opens or
    claims a task of theirs meanwhile.
    """
    if not rows:
        return
    known = facts if facts is not None else dict.fromkeys((r[1] for r in rows), new_fact())
    first = {(agent, invoice): cause for agent, invoice, cause in sorted(set(rows), reverse=True)}
    columns = zip(*[(a, i, cause, known[i]) for (a, i), cause in sorted(first.items())], strict=True)
    agents, invoices, causes, numbers = (list(column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            OPEN,
            [instead, alone, clock.now(), agents, invoices, causes, numbers],
        )


def drop_chain(facts: Mapping[UUID, int]) -> None:
    """Remove open tasks of agents of the chain on these locked invoices that no newer fact than this led
    to."""
    chain = [name for name in REGISTRY if name not in ADVISORY]
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM coordination_task t USING unnest(%s::uuid[], %s::bigint[]) AS f(invoice, fact)"
            " WHERE t.invoice_id = f.invoice AND t.fact <= f.fact AND t.agent = ANY(%s)",
            [list(facts), list(facts.values()), chain],
        )


NOTE = """
INSERT INTO coordination_wake (invoice_id, kind, cause, fact, at)
SELECT id, %s, %s, %s, now() FROM unnest(%s::uuid[]) id
"""
NOTE_ONCE = """
WITH pending AS MATERIALIZED (
    SELECT w.id, w.invoice_id, w.fact FROM coordination_wake w
     WHERE w.invoice_id = ANY(%(ids)s) AND w.kind = %(kind)s FOR UPDATE SKIP LOCKED
), newer AS (
    UPDATE coordination_wake w SET fact = %(fact)s FROM pending p WHERE w.id = p.id AND p.fact < %(fact)s
)
INSERT INTO coordination_wake (invoice_id, kind, cause, fact, at)
SELECT id, %(kind)s, %(cause)s, %(fact)s, now() FROM unnest(%(ids)s::uuid[]) id
 WHERE id NOT IN (SELECT invoice_id FROM pending)
"""
BETWEEN_INVOICES = frozenset({"billing", "siblings"})
"""Kinds of fact that invoices have of each other. Where very many bill one order, a note for each change to
each of them would be as many as there are pairs: one that nobody has in hand stands for those that follow."""


def invalidate(invoices: Sequence[UUID], kind: str, cause: str, fact: int | None = None) -> None:
    """Note that a fact of `kind` may concern these invoices; a worker takes it up.

    `fact`: the number of the fact that led here. Without it, this is a new fact from outside. A note between
    invoices that is there already, and in nobody's hand until this transaction ends, is kept with its cause
    and takes the newer number.
    """
    if not invoices:
        return
    number, ids = new_fact() if fact is None else fact, sorted(set(invoices))
    with connection.cursor() as cursor:
        if kind in BETWEEN_INVOICES:
            cursor.execute(NOTE_ONCE, {"ids": ids, "kind": kind, "cause": cause, "fact": number})
        else:
            cursor.execute(NOTE, [kind, cause, number, ids])
