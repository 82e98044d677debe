"""Recorded decisions as the monitors see them: what agents proposed, and what people's answers said of it.

All of it is read from what never changes, so that whoever reads it again reads the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from ...decisions.record import PERSON
from ...facts.measured_confidence import OF_NEW_VENDOR
from ...monitoring.observations import Observation
from . import answers

OUTCOMES = {"approve": "approve", "hold": "escalate", "wait": "wait", "note": "note"}
RULED = {"act": "approve", "hold": "escalate", "escalate": "escalate", "wait": "wait", "note": "note"}
"""Of decisions from before proposals were kept with them: what the ruling says of the proposal."""
PROPOSED = f"""
CASE d.proposed WHEN '' THEN CASE d.outcome {" ".join(f"WHEN '{k}' THEN '{v}'" for k, v in RULED.items())}
                             ELSE 'escalate' END
     {" ".join(f"WHEN '{k}' THEN '{v}'" for k, v in OUTCOMES.items())} END"""
"""The same of a decision `d`, in SQL."""
CHUNK = 5_000

DECISIONS = f"""
SELECT e.tx, d.entry_id, d.at, d.agent, split_part(d.actor, '/', 2), d.outcome, d.proposed, d.confidence,
       d.amount, d.latency_ms, ARRAY(SELECT jsonb_array_elements_text(d.codes)), d.invoice_id, i.type,
       doc.source_format,
       cardinality(i.order_numbers) = 0,
       ({OF_NEW_VENDOR}), d.method
  FROM audit_entry e JOIN coordination_decision d ON d.entry_id = e.id
  JOIN coordination_invoice i ON i.id = d.invoice_id
  JOIN coordination_document doc ON doc.id = i.document_id
"""  # noqa: S608 - made of constants
LATEST_ANSWERS = """
SELECT p.entry, d.agent, split_part(d.actor, '/', 2), d.confidence, d.amount, d.latency_ms, d.method,
       ARRAY(SELECT h.detail->>'found' FROM coordination_hold h
              WHERE h.invoice_id = p.invoice AND h.code = 'drift_breaker')
  FROM unnest(%s::bigint[], %s::uuid[]) p(entry, invoice)
 CROSS JOIN LATERAL (SELECT DISTINCT ON (agent) * FROM coordination_decision
       WHERE invoice_id = p.invoice AND entry_id < p.entry AND {whose} ORDER BY agent, entry_id DESC) d
 ORDER BY p.entry, d.agent
"""


class Seen(NamedTuple):
    """An observation with where it was read (`tx`, `entry`) and the kind of work that it was."""

    tx: int
    entry: int
    observation: Observation
    source_format: str
    invoice: UUID
    method: str


class Row(NamedTuple):
    """A decision as it is read."""

    tx: int
    entry: int
    at: datetime
    agent: str
    version: str
    outcome: str
    proposed: str
    confidence: Decimal | None
    amount: Decimal | None
    latency_ms: int
    codes: list[str]
    invoice: UUID
    doc_type: str
    source_format: str
    no_order: bool
    vendor_new: bool
    method: str


def read(condition: str, parameters: Sequence[Any]) -> list[Row]:
    """The decisions for which the condition holds (of `e`, `d`, `i`; with its order)."""
    with connection.cursor() as cursor:
        cursor.execute(DECISIONS + condition, parameters)
        return [Row(*row) for row in cursor.fetchall()]


def of_agent(
    agent: str, condition: str, parameters: Sequence[Any], *, answers_too: bool = True
) -> list[Seen]:
    """What was observed of one agent where the condition holds, in the order of reading; people's answers
    about it are among it, unless `answers_too` says otherwise."""
    of = [agent, PERSON] if answers_too else [agent]
    found = read(f"WHERE d.agent = ANY(%s) AND {condition} ORDER BY e.tx, e.id", [of, *parameters])
    return [seen for seen in observations(found, agent) if seen.observation.agent == agent]


def answers_between(since: datetime, until: datetime) -> list[Seen]:
    """What people's answers of a time said of agents, in the order of reading."""
    condition = "WHERE d.agent = %s AND d.at >= %s AND d.at <= %s ORDER BY e.tx, e.id"
    return list(observations(read(condition, [PERSON, since, until])))


def observations(rows: Sequence[Row], about: str = "") -> Iterator[Seen]:
    """Decisions as observations: an agent's is one, a person's one for each agent that it says something
    of, or only for the one that it is asked `about`."""
    standing = _latest_answers([row for row in rows if row.agent == PERSON], about)
    for row in rows:
        if row.agent == PERSON:
            yield from _answers(row, standing.get(row.entry, ()))
        else:
            outcome = OUTCOMES[row.proposed] if row.proposed else RULED.get(row.outcome, "escalate")
            yield _seen(row, row.agent, row.version, outcome, row.confidence, row.amount, row.latency_ms)


def _answers(row: Row, standing: Sequence[tuple[Any, ...]]) -> Iterator[Seen]:
    for agent, version, confidence, amount, latency, method, tripped in standing:
        found = answers.judge(agent, row.codes, row.outcome, tripped)
        if found is not None:
            own = row._replace(method=method)
            yield _seen(own, agent, version, found.outcome, confidence, amount, latency, found)


def _seen(
    row: Row,
    agent: str,
    version: str,
    outcome: str,
    confidence: Decimal | None,
    amount: Decimal | None,
    latency: int,
    judged: answers.Judgement | None = None,
) -> Seen:
    observation = Observation(
        row.entry,
        row.at,
        row.at.isoformat(),
        agent,
        version,
        outcome,
        float(confidence if confidence is not None else 1),
        amount or Decimal(0),
        latency,
        row.no_order,
        row.vendor_new,
        row.doc_type,
        judged.reviewed if judged else "no",
        judged.verdict if judged else None,
        judged is not None,
    )
    return Seen(row.tx, row.entry, observation, row.source_format, row.invoice, row.method)


def _latest_answers(people: Sequence[Row], about: str) -> dict[int, list[tuple[Any, ...]]]:
    """The answers of agents, or of one, that stood when a person decided, by the entry of that decision."""
    found: dict[int, list[tuple[Any, ...]]] = {}
    if people:
        with connection.cursor() as cursor:
            statement = LATEST_ANSWERS.format(whose="agent = %s" if about else "agent <> %s")
            keys = ([p.entry for p in people], [p.invoice for p in people])
            cursor.execute(statement, [*keys, about or PERSON])
            for entry, *answer in cursor.fetchall():
                found.setdefault(entry, []).append(tuple(answer))
    return found
