"""One psycopg transaction per step with the same rows, under the same triggers: what the row writes cost by
hand."""

from __future__ import annotations

import hashlib
import os
import sys
import time
import uuid

import psycopg

from . import steps

HISTORY = """
INSERT INTO coordination_historicalinvoice ({columns}, history_date, history_change_reason, history_type,
    history_user_id)
SELECT {columns}, now(), %s, '~', %s FROM coordination_invoice WHERE id = %s
"""


def main() -> None:
    steps.setup()
    work = steps.load(int(sys.argv[1]))
    from audit import trail
    from coordination.models import Invoice

    columns = ", ".join(trail.codec(Invoice).columns)
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        started = time.perf_counter()
        for item in work:
            for seq, (name, state) in enumerate(zip(steps.AGENTS, steps.STATES, strict=True), 2):
                one(connection, item, name, state, seq, columns)
        print(len(work) * 4 / (time.perf_counter() - started))


def one(
    connection: psycopg.Connection, item: steps.Work, name: str, state: str, seq: int, columns: str
) -> None:
    proposal, ruling = steps.propose(name, item.snapshot)
    body = steps.body(name, item.snapshot, proposal, ruling)
    key, subject = item.invoice.id, f"invoice/{item.invoice.id}"
    with connection.transaction():
        connection.execute("SELECT version FROM coordination_invoice WHERE id = %s FOR NO KEY UPDATE", [key])
        connection.execute(
            "UPDATE coordination_invoice SET state = %s, version = version + 1, state_since = now() WHERE id"
            " = %s",
            [state, key],
        )
        connection.execute(HISTORY.format(columns=columns), [name, f"agent:{name}/1", key])
        row = connection.execute(
            "INSERT INTO audit_entry (subject, seq, prev, body, hash, type, actor, recorded_at)"
            " SELECT %s, %s, hash, %s, %s, 'invoice.decided', %s, now() FROM audit_entry WHERE subject = %s"
            " ORDER BY seq DESC LIMIT 1 RETURNING id",
            [
                subject,
                seq,
                body.decode(),
                hashlib.sha256(b"\x00" + body).hexdigest(),
                f"agent:{name}/1",
                subject,
            ],
        ).fetchone()
        connection.execute(
            "INSERT INTO coordination_decision (id, entry_id, invoice_id, agent, actor, outcome, confidence,"
            " state_from, state_to, state_version, facts_version, policy, codes, latency_ms, at, stands_on,"
            " fact) VALUES (%s, %s, %s, %s, %s, %s, %s, 'received', %s, %s, 1, 'v1', '[]', 0, now(), %s, 1)",
            [
                uuid.uuid4(),
                row[0],
                key,
                name,
                f"agent:{name}/1",
                ruling.outcome,
                proposal.confidence,
                state,
                seq,
                hashlib.sha256(body).hexdigest(),
            ],
        )


if __name__ == "__main__":
    main()
