"""One psycopg transaction per step with the same rows, under the same triggers: what the row writes cost by
hand."""

from __future__ import annotations

import hashlib
import os
import sys
import uuid
from collections.abc import Sequence
from typing import Any

import psycopg

from . import steps
from .measure import Meter

LOCK = "SELECT version FROM coordination_invoice WHERE id = %s FOR NO KEY UPDATE"
MOVE = """
UPDATE coordination_invoice SET state = %s, version = version + 1, state_since = now() WHERE id = %s
"""
HISTORY = """
INSERT INTO coordination_historicalinvoice ({columns}, history_date, history_change_reason, history_type,
    history_user_id)
SELECT {columns}, now(), %s, '~', %s FROM coordination_invoice WHERE id = %s
"""
ENTRY = """
INSERT INTO audit_entry (subject, seq, prev, body, hash, type, actor, recorded_at)
SELECT %s, %s, hash, %s, %s, 'invoice.decided', %s, now() FROM audit_entry WHERE subject = %s
 ORDER BY seq DESC LIMIT 1
"""
DECISION = """
INSERT INTO coordination_decision (id, entry_id, invoice_id, agent, actor, outcome, confidence, state_from,
    state_to, state_version, facts_version, policy, codes, latency_ms, at, stands_on, fact)
VALUES (%s, currval('audit_entry_id_seq'), %s, %s, %s, %s, %s, 'received', %s, %s, 1, 'v1', '[]', 0, now(),
    %s, 1)
"""


Statement = tuple[str, Sequence[Any]]


def main() -> None:
    steps.setup()
    work = steps.load(int(sys.argv[1]))
    columns = invoice_columns()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        meter = Meter()
        for item in work:
            for number in range(len(steps.AGENTS)):
                made = statements(item, number, columns)
                with connection.transaction():
                    for sql, values in made:
                        connection.execute(sql, values)
        meter.end(len(work) * len(steps.AGENTS))


def invoice_columns() -> str:
    """The columns that an invoice and its history share, as SQL."""
    from audit import trail
    from coordination.models import Invoice

    return ", ".join(trail.codec(Invoice).columns)


def statements(item: steps.Work, number: int, columns: str) -> list[Statement]:
    """Decide, and what the step of this number (0 is the first) writes then, in one transaction: lock, state,
    history, entry, decision."""
    return decided(item, number, columns)[2]


def decided(item: steps.Work, number: int, columns: str) -> tuple[Any, Any, list[Statement]]:
    """The same, with the proposal and the ruling before it."""
    name, state, seq = steps.AGENTS[number], steps.STATES[number], number + 2
    proposal, ruling = steps.propose(name, item.snapshot)
    body = steps.body(name, item.snapshot, proposal, ruling)
    key, subject, actor = item.invoice.id, f"invoice/{item.invoice.id}", f"agent:{name}/1"
    entry = [subject, seq, body.decode(), hashlib.sha256(b"\x00" + body).hexdigest(), actor, subject]
    decision = [uuid.uuid4(), key, name, actor, ruling.outcome, proposal.confidence, state, seq]
    return (
        proposal,
        ruling,
        [
            (LOCK, [key]),
            (MOVE, [state, key]),
            (HISTORY.format(columns=columns), [name, actor, key]),
            (ENTRY, entry),
            (DECISION, [*decision, hashlib.sha256(body).hexdigest()]),
        ],
    )


if __name__ == "__main__":
    main()
