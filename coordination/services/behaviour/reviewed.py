"""Invoices of the last weeks with the way they took and what people found of them: what thresholds are
weighed by, and what the quality review came to.

A person who refuses an invoice says that it should not have been let go, and not whose answer was wrong: the
refusal counts against every agent that had proposed to let it go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from audit.canonical import loads
from audit.subjects import Subject

from ...agents import ADVISORY, OWNERS, RELEASE
from ...decisions.record import PERSON
from ...domain.review_plan import Drawing
from ...facts.serialization import decode
from ...facts.taken import on_record, whole
from ...governance import policy as rules
from ...governance.rule_facts import chance_of
from ...models import PolicyVersion
from ...monitoring.thresholds import Case, Way
from .answers import SAMPLED

UNSURE = "low_confidence"
WINDOW = timedelta(days=60)
"""So far back invoices are looked at."""
MOST = 5_000
"""So many of the newest of them at most."""
RECENT = 2 * MOST
"""So many of the latest answers are read first; mostly they are of more than `MOST` invoices."""

OWN = """
SELECT invoice_id, at, {confidence} AS confidence, amount, proposed, outcome, read, at > read_from AS later
  FROM (
       SELECT DISTINCT ON (invoice_id) invoice_id, at, confidence, amount, proposed, outcome, read, read_from
         FROM (SELECT *, count(*) OVER () AS read, min(at) OVER () AS read_from FROM (
                      SELECT * FROM coordination_decision
                       WHERE agent = %(agent)s AND at > %(since)s AND at <= %(until)s
                       ORDER BY at DESC LIMIT %(recent)s) latest) recent
        ORDER BY invoice_id, entry_id DESC) own
 ORDER BY at DESC, invoice_id LIMIT %(most)s
"""
"""The newest invoices of an agent by its newest answers, looked for among its latest; with how many answers
were read, and whether older ones were, too."""
LEAST = """
(SELECT min(confidence) FROM (
        SELECT DISTINCT ON (agent) confidence FROM coordination_decision d
         WHERE d.invoice_id = own.invoice_id AND d.at > %(since)s AND d.at <= %(until)s
           AND d.agent <> ALL(%(beside)s) ORDER BY agent, entry_id DESC) least)
"""
"""The confidence of the least sure agent that answered about an invoice."""
OF_AGENT, OF_RELEASES = OWN.format(confidence="confidence"), OWN.format(confidence=LEAST)
ANSWERED = """
SELECT count(*) FROM (SELECT DISTINCT invoice_id FROM coordination_decision
                       WHERE agent = %(agent)s AND at > %(since)s AND at <= %(day)s) answered
"""
"""Invoices that an agent answered about up to a moment, and the others that it answered about later."""
ANSWERED_LATER = """
SELECT count(*) FROM (SELECT DISTINCT invoice_id FROM coordination_decision
                       WHERE agent = %(agent)s AND at > %(since)s AND at > %(day)s AND at <= %(until)s) later
 WHERE NOT EXISTS (SELECT FROM coordination_decision d
                    WHERE d.invoice_id = later.invoice_id AND d.agent = %(agent)s AND d.at > %(since)s
                      AND d.at <= %(day)s)
"""
NEWEST_BY = """
SELECT entry_id FROM coordination_decision WHERE agent = %(agent)s AND at <= %(day)s ORDER BY at DESC LIMIT 1
"""
WITH_WAYS = """
WITH own AS MATERIALIZED ({own}), held AS (
  SELECT invoice_id, array_agg(DISTINCT code) AS codes, bool_or(status = 'open') AS open,
         bool_or(release = 'rejected') AS refused,
         array_agg(DISTINCT split_part(detail->>'found', ' ', 1)) FILTER (WHERE code = %(unsure)s) AS unsure
    FROM coordination_hold WHERE invoice_id IN (SELECT invoice_id FROM own)
     AND (status = 'open' OR release IN ('override', 'rejected')) GROUP BY invoice_id
)
SELECT own.invoice_id::text, i.number, (extract(epoch FROM own.at) * 1000000)::bigint,
       coalesce(own.confidence, 1)::float, own.amount, own.proposed, own.outcome, i.lane,
       held.codes, held.open, held.refused, held.unsure, own.read, own.later
  FROM own JOIN coordination_invoice i ON i.id = own.invoice_id
  LEFT JOIN held ON held.invoice_id = own.invoice_id
 ORDER BY own.at, own.invoice_id
"""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Thousands of moments and keys are read at each look: as numbers and texts in a fraction of the time."""
DRAWN_WHEN = """
SELECT DISTINCT ON (d.invoice_id) d.invoice_id::text, d.policy, e.body
  FROM coordination_decision d JOIN audit_entry e ON e.id = d.entry_id
 WHERE d.invoice_id = ANY(%s) AND d.agent = %s AND d.codes @> %s::jsonb ORDER BY d.invoice_id, d.entry_id
"""
APPROVED = """
SELECT agent, invoice_id FROM (
       SELECT DISTINCT ON (invoice_id, agent) agent, invoice_id, proposed, outcome FROM coordination_decision
        WHERE invoice_id = ANY(%s) AND at <= %s ORDER BY invoice_id, agent, entry_id DESC) newest
 WHERE proposed = 'approve' OR (proposed = '' AND outcome = 'act')
"""


@dataclass(frozen=True, slots=True)
class Read:
    """The invoices that were looked at and have gone some way, oldest first, and how many there were in the
    window, those under way too."""

    cases: tuple[Case, ...]
    whole: int
    since: datetime
    until: datetime

    @property
    def newest(self) -> int | None:
        """How many of the newest were looked at, where not all were."""
        return MOST if self.whole > MOST else None


def of_agent(agent: str, now: datetime) -> Read:
    """The invoices of the window that an agent answered about, by its newest answer."""
    return _read(OF_AGENT, agent, now)


def of_releases(now: datetime) -> Read:
    """The invoices of the window whose release was ruled on, each with the confidence of the least sure
    agent."""
    return _read(OF_RELEASES, OWNERS[RELEASE], now)


def approved(invoices: Sequence[str], until: datetime) -> set[tuple[str, str]]:
    """Agent and invoice, of those of these invoices that an agent would have let go by its newest answer."""
    with connection.cursor() as cursor:
        cursor.execute(APPROVED, [list(map(UUID, invoices)), until])
        return {(agent, str(key)) for agent, key in cursor.fetchall()}


def _read(own: str, agent: str, now: datetime) -> Read:
    since = now - WINDOW
    given: dict[str, Any] = {
        "agent": agent,
        "since": since,
        "until": now,
        "most": MOST,
        "unsure": UNSURE,
        "beside": [PERSON, *sorted(ADVISORY)],
    }
    with connection.cursor() as cursor:
        found = _newest(cursor, own, given)
    whose = agent if own is OF_AGENT else ""
    rows = [(row, way) for row in found if (way := _way(whose, row)) is not None]
    chances = _chances([row[0] for row, way in rows if way == "drawn"])
    cases = (_case(row, way, chances) for row, way in rows)
    return Read(tuple(cases), _answered(agent, since, now), since, now)


def _answered(agent: str, since: datetime, until: datetime) -> int:
    """How many invoices an agent answered about. What it did until two midnights ago never changes, and is
    counted once for many looks."""
    day = datetime.combine(until.astimezone(UTC).date() - timedelta(days=1), time(), UTC)
    given: dict[str, Any] = {"agent": agent, "since": since, "until": until, "day": day}
    with connection.cursor() as cursor:
        cursor.execute(NEWEST_BY, given)
        newest = cursor.fetchone()
        cursor.execute(ANSWERED_LATER, given)
        [(later,)] = cursor.fetchall()
    return int(later) + (_answered_by(agent, since, day, newest[0]) if newest else 0)


@lru_cache(maxsize=64)
def _answered_by(agent: str, since: datetime, day: datetime, _newest: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(ANSWERED, {"agent": agent, "since": since, "day": day})
        return int(cursor.fetchone()[0])


def _newest(cursor: Any, own: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The newest invoices, oldest first: found among the latest answers where these are of enough invoices,
    else among all of the window."""
    cursor.execute(WITH_WAYS.format(own=own), {**given, "recent": RECENT})
    found = cursor.fetchall()
    if found:
        *_, read, later = found[0]  # the oldest
        if read == RECENT and not (len(found) == MOST and later):
            cursor.execute(WITH_WAYS.format(own=own), {**given, "recent": None})
            found = cursor.fetchall()
    return list(found)


def _way(agent: str, row: Sequence[Any]) -> Way | None:
    """The way that an invoice took; None where it is not known yet. Without an agent, whoever was unsure."""
    *_, proposed, outcome, lane, codes, _open, _refused, unsure, _read, _later = row
    approved = proposed == "approve" if proposed else outcome == "act"
    if not codes:
        return ("automatic" if approved else "other") if lane == "auto" else None
    if not approved or not set(codes) <= {SAMPLED, UNSURE}:
        return "other"
    if UNSURE not in codes:
        return "drawn"
    return "unsure" if unsure == [agent] or (not agent and unsure != [""]) else "other"


def _case(row: Sequence[Any], way: Way, chances: Mapping[str, float]) -> Case:
    key, number, at, confidence, amount, *_rest, open_, refused, _unsure, _read, _later = row
    right = None if open_ or open_ is None else not refused
    return Case(
        key,
        number,
        EPOCH + timedelta(microseconds=at),
        confidence,
        amount or Decimal(0),
        way,
        right,
        chances.get(key, 1.0),
    )


def _chances(invoices: Sequence[str]) -> dict[str, float]:
    """With which chance these invoices were drawn: by the policy and what more was reviewed when the release
    was ruled on, as the entry of that decision has it."""
    if not invoices:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(DRAWN_WHEN, [list(map(UUID, invoices)), OWNERS[RELEASE], f'["{SAMPLED}"]'])
        found = cursor.fetchall()
    rates = _rates({policy for _, policy, _ in found})
    return {key: float(_chance(key, rates.get(policy), loads(body)["data"])) for key, policy, body in found}


def _chance(invoice: str, rate: Decimal | None, data: Mapping[str, Any]) -> Decimal:
    """The chance of one draw; certain where its policy is not known, so that it stands for nothing else."""
    if rate is None:
        return Decimal(1)
    names = {name for names in data.get("taken", {}).values() for name in names}
    lent = names & {"reviewed", "review", "positions"}
    known = whole(data, on_record(Subject.of("invoice", invoice))) if lent else data.get("input", {})
    positions = known.get("positions", ())
    rests_on = {data.get("agent", ""), *(p["agent"] for p in positions)}
    if known.get("review"):
        said = [p["confidence"] for p in positions if p.get("confidence")]
        sure = min(map(Decimal, [*said, data["confidence"]]))
        rate = decode(Drawing, known["review"]).chance(sure, rests_on)
    return chance_of(rate, known.get("reviewed", ()), rests_on)


def _rates(policies: set[str]) -> dict[str, Decimal]:
    """The rate of the random share, by the name of the policy version."""
    revisions = [int(name[1:]) for name in policies if name[1:].isdecimal()]
    rows = PolicyVersion.objects.filter(revision__in=revisions).values_list("text", "revision")
    found = {}
    for text, revision in rows:
        policy = rules.load(text, revision)
        rates = [r.rate for r in policy.rules if r.then == "sample" and r.reason == SAMPLED and r.rate]
        if rates:
            found[policy.name] = max(rates)
    return found
