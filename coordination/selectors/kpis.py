"""Key figures of a period: the counting, in a handful of queries. What they mean is in
`coordination.domain.key_figures`.

Keys are UUIDs of version 7 and grow with time, so the primary keys find what is new enough without indexes of
their own. A row's key is never older than the moment it tells of, so a bound on the key leaves nothing out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from audit import clock

from ..domain import key_figures
from ..domain.key_figures import Clearing, Costs, Discounts, Measured, Period, Share, Spread
from ..models import PolicyVersion
from .asked import SETTLED
from .kpis_money import PaidTwice, discounts, fetch, paid_twice, punctual, terms_of_vendors
from .measures import MEASURES

PERIODS = (7, 30, 90)
OWNERS = ("finance", "procurement", "operations", "governance")


@dataclass(frozen=True, slots=True)
class HoldAge:
    """Holds of one owner that stand now; `waiting` of them may close by themselves."""

    owner: str
    count: int
    waiting: int
    median: timedelta | None
    p95: timedelta | None
    oldest: timedelta | None


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost of one invoice, and what it is made of. Where the policy states no costs it is not nothing: it is
    not known."""

    amount: Decimal | None
    currency: str
    stated: bool
    invoices: int
    answers: int
    decisions: int


@dataclass(frozen=True, slots=True)
class Kpis:
    """Everything the page shows."""

    days: int
    since: datetime
    clearing: Clearing
    measures: Sequence[Measured]
    cycle: Spread
    discounts: Discounts
    punctual: Share
    no_due_date: int
    twice: PaidTwice
    cost: Cost
    holds: Sequence[HoldAge]


def kpis(days: int, now: datetime | None = None) -> Kpis:
    """The key figures of the last `days` days."""
    now = now or clock.now()
    since = now - timedelta(days=days)
    terms, rules = terms_of_vendors(), _rules()
    clearing = _clearing(since)
    on_time, no_due_date = punctual(since.date(), terms)
    return Kpis(
        days=days,
        since=since,
        clearing=clearing,
        measures=[Measured(m, m.read(Period(days, since, clearing))) for m in MEASURES],
        cycle=_cycle(since),
        discounts=discounts(since.date(), now.date(), terms, rules.get("company_currency", "EUR")),
        punctual=on_time,
        no_due_date=no_due_date,
        twice=paid_twice(since.date()),
        cost=_cost(since, clearing.received, rules),
        holds=_holds(now),
    )


def _rules() -> dict[str, Any]:
    """The policy in force as it is written; empty where nothing has begun."""
    text = PolicyVersion.objects.filter(status="active").values_list("text", flat=True).first()
    return json.loads(text) if text else {}


def first_key(since: datetime) -> UUID:
    """The smallest key that a row of this moment or later can have."""
    return UUID(int=max(0, int(since.timestamp() * 1000)) << 80)


# --- clearing -----------------------------------------------------------------------------------------------

SETS = """
SELECT i.id, i.received_at, i.state, lane, lane <> 'open' AS seen,
       lane NOT IN ('open', 'waiting') AS ruled,
       order_numbers <> '{}' AS ordered,
       type = 'invoice' AND 'procurement.matching' = ANY(answered) AS matched, off_match
  FROM coordination_invoice i
  LEFT JOIN (SELECT invoice_id, bool_or(owner IN ('procurement', 'operations')) AS off_match
               FROM coordination_hold WHERE id >= %(first)s GROUP BY invoice_id) h ON h.invoice_id = i.id
 WHERE i.id >= %(first)s AND i.received_at >= %(since)s
"""
"""The invoices of a period, and to which sets of the shares below each belongs; `selectors.figure_lists`
lists them."""

CLEARING = f"""
SELECT count(*),
       count(*) FILTER (WHERE ruled AND lane = 'auto'), count(*) FILTER (WHERE ruled),
       count(*) FILTER (WHERE ruled AND ordered AND lane = 'auto'), count(*) FILTER (WHERE ruled AND ordered),
       count(*) FILTER (WHERE matched AND ordered AND off_match IS NOT TRUE), count(*) FILTER (WHERE matched
           AND ordered),
       count(*) FILTER (WHERE seen AND off_match IS NOT NULL), count(*) FILTER (WHERE seen)
  FROM ({SETS}) x
"""  # noqa: S608 - made of constants


def _clearing(since: datetime) -> Clearing:
    [row] = fetch(CLEARING, first=first_key(since), since=since)
    received, *pairs = row
    shares = [Share(a, b) for a, b in zip(pairs[::2], pairs[1::2], strict=True)]
    return Clearing(received, *shares)


CYCLE_SET = """(
       SELECT invoice_id, max(at) AS at FROM coordination_decision
         WHERE id >= %(first)s AND at >= %(since)s AND state_to = 'cleared' AND state_from <> 'cleared'
         GROUP BY invoice_id) d
  JOIN coordination_invoice i ON i.id = d.invoice_id AND i.state IN ('cleared', 'scheduled', 'paid')
"""
CYCLE = f"""
SELECT count(*), percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch
    FROM d.at - i.received_at))
  FROM {CYCLE_SET}
"""  # noqa: S608 - made of constants


def _cycle(since: datetime) -> Spread:
    [(count, found)] = fetch(CYCLE, first=first_key(since), since=since)
    median, p95 = (timedelta(seconds=float(s)) for s in found) if found else (None, None)
    return Spread(count, median, p95)


# --- cost ---------------------------------------------------------------------------------------------------

DECISION_SET = "coordination_decision d WHERE d.id >= %(first)s AND d.at >= %(since)s AND d.agent <> 'person'"
ANSWER_SET = f"""reviews_verdict v JOIN reviews_escalation e ON e.id = v.escalation_id
         WHERE v.id >= %(first)s AND v.at >= %(since)s AND {SETTLED}"""
WORK = f"SELECT (SELECT count(*) FROM {DECISION_SET}), (SELECT count(*) FROM {ANSWER_SET})"  # noqa: S608 - constants


def _cost(since: datetime, invoices: int, policy: dict[str, Any]) -> Cost:
    [(decisions, answers)] = fetch(WORK, first=first_key(since), since=since)
    costs: Costs = key_figures.costs_of(policy)
    amount = costs.of(invoices, answers, decisions)
    currency = policy.get("company_currency", "EUR")
    return Cost(amount, currency, costs.stated, invoices, answers, decisions)


# --- holds --------------------------------------------------------------------------------------------------

HOLDS = """
SELECT owner, count(*), count(*) FILTER (WHERE status = 'waiting'),
       percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM %(now)s - opened_at)),
       extract(epoch FROM %(now)s - min(opened_at))
  FROM coordination_hold WHERE status <> 'released' GROUP BY owner
"""


def _holds(now: datetime) -> list[HoldAge]:
    """Every owner, also those with nothing to do."""
    found = {
        owner: HoldAge(
            owner, count, waiting, *(timedelta(seconds=max(0.0, float(s))) for s in (*spread, oldest))
        )
        for owner, count, waiting, spread, oldest in fetch(HOLDS, now=now)
    }
    named = [*OWNERS, *sorted(set(found) - set(OWNERS))]
    return [found.get(owner, HoldAge(owner, 0, 0, None, None, None)) for owner in named]
