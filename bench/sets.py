"""Set-based SQL: the same rows with the same bytes under the same triggers, two hundred invoices at a time.

What is decided, with its bodies and their hashes, is made beforehand and not counted: this is what the row
writes cost at least, and no engine.
"""

from __future__ import annotations

import hashlib
import os
import sys
import uuid
from collections.abc import Sequence
from typing import Any

import psycopg

from . import steps
from .floor import HISTORY, invoice_columns
from .measure import Meter

BATCH = 200
ENTRIES = """
INSERT INTO audit_entry (subject, seq, prev, body, hash, type, actor, recorded_at)
SELECT v.subject, v.seq, h.hash, v.body, v.hash, 'invoice.decided', %s, now()
  FROM unnest(%s::text[], %s::int[], %s::text[], %s::text[]) AS v(subject, seq, body, hash)
  JOIN LATERAL (SELECT hash FROM audit_entry WHERE subject = v.subject ORDER BY seq DESC LIMIT 1) h ON true
RETURNING id, subject
"""
DECISIONS = """
INSERT INTO coordination_decision (id, entry_id, invoice_id, agent, actor, outcome, confidence, state_from,
       state_to, state_version, facts_version, policy, codes, latency_ms, at, stands_on, fact)
SELECT v.id, v.entry, v.invoice, %s, %s, v.outcome, v.confidence, 'received', %s, %s, 1, 'v1', '[]', 0, now(),
       v.hash, 1
  FROM unnest(%s::uuid[], %s::bigint[], %s::uuid[], %s::text[], %s::numeric[], %s::text[])
    AS v(id, entry, invoice, outcome, confidence, hash)
"""


def main() -> None:
    steps.setup()
    work = steps.load(int(sys.argv[1]))
    columns = invoice_columns()
    made = {name: [(item, *decided(name, item)) for item in work] for name in steps.AGENTS}
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        meter = Meter()
        for start in range(0, len(work), BATCH):
            with connection.transaction():
                for seq, (name, state) in enumerate(zip(steps.AGENTS, steps.STATES, strict=True), 2):
                    write(connection, made[name][start : start + BATCH], name, state, seq, columns)
        meter.end(len(work) * len(steps.AGENTS))


def decided(name: str, item: steps.Work) -> tuple[str, str, str, Any]:
    """Body, its hash, outcome and confidence."""
    proposal, ruling = steps.propose(name, item.snapshot)
    body = steps.body(name, item.snapshot, proposal, ruling)
    return body.decode(), hashlib.sha256(b"\x00" + body).hexdigest(), ruling.outcome, proposal.confidence


def write(
    connection: psycopg.Connection, made: Sequence[Any], name: str, state: str, seq: int, columns: str
) -> None:
    """One step of a batch: lock, state, history, entries, decisions, each in one statement."""
    keys, actor = [item.invoice.id for item, *_ in made], f"agent:{name}/1"
    subjects = [f"invoice/{key}" for key in keys]
    bodies, hashes, outcomes, sure = (list(column) for column in zip(*(m[1:] for m in made), strict=True))
    connection.execute("SELECT id FROM coordination_invoice WHERE id = ANY(%s) FOR NO KEY UPDATE", [keys])
    connection.execute(
        "UPDATE coordination_invoice SET state = %s, version = version + 1, state_since = now()"
        " WHERE id = ANY(%s)",
        [state, keys],
    )
    history = HISTORY.format(columns=columns).replace("id = %s", "id = ANY(%s)")
    connection.execute(history, [name, actor, keys])
    rows = connection.execute(ENTRIES, [actor, subjects, [seq] * len(keys), bodies, hashes]).fetchall()
    entry = {subject: key for key, subject in rows}
    connection.execute(
        DECISIONS,
        [
            *(name, actor, state, seq, [uuid.uuid4() for _ in keys], [entry[s] for s in subjects]),
            *(keys, outcomes, sure, hashes),
        ],
    )


if __name__ == "__main__":
    main()
