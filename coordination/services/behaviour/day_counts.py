"""Counts by day that pages read instead of decisions and versions (`models.AgreementDay`, `models.WayDay`).

Today and yesterday are counted again and again; a day that is over comes to the same whenever it is counted.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction

from audit import clock, ledger

from ...agents import REGISTRY
from ...domain.paths import forward, steps
from ...models import AgreementDay, WayDay
from ...tasks.announce import announce
from ...tasks.sql import rows

WEEK = timedelta(days=7)

AGREEMENT = """
WITH answers AS (
    SELECT DISTINCT ON (invoice_id, agent) invoice_id, agent, proposed = 'approve' AS approved
      FROM coordination_decision
     WHERE agent = ANY(%(agents)s) AND at >= %(since)s AND at < %(until)s AND proposed IN ('approve', 'hold')
     ORDER BY invoice_id, agent, at DESC, entry_id DESC)
SELECT a.agent, b.agent, count(*) FILTER (WHERE a.approved AND b.approved),
       count(*) FILTER (WHERE a.approved AND NOT b.approved),
       count(*) FILTER (WHERE b.approved AND NOT a.approved),
       count(*) FILTER (WHERE NOT a.approved AND NOT b.approved)
  FROM answers a JOIN answers b ON b.invoice_id = a.invoice_id AND a.agent COLLATE "C" < b.agent COLLATE "C"
 GROUP BY a.agent, b.agent
"""
PATHS = """
WITH versions AS (
    SELECT h.id, h.state, h.history_id, i.currency, CASE WHEN i.type = 'invoice' THEN i.gross END AS gross,
           lag(h.state) OVER (PARTITION BY h.id ORDER BY h.history_id) AS before
      FROM coordination_historicalinvoice h JOIN coordination_invoice i ON i.id = h.id
     WHERE i.received_at >= %(since)s AND i.received_at < %(until)s
       AND h.history_date >= %(since)s AND h.history_date < %(until)s),
paths AS (
    SELECT id, array_agg(state ORDER BY history_id) AS path, min(currency) AS currency, min(gross) AS gross
      FROM versions WHERE state IS DISTINCT FROM before GROUP BY id)
"""
"""The ways of invoices received within two moments, as they stood at the second."""
COUNTED = f"{PATHS} SELECT path, currency, count(*), coalesce(sum(gross), 0) FROM paths GROUP BY 1, 2"  # noqa: S608 - constants


def count_recent(now: datetime | None = None) -> None:
    """Count yesterday and today."""
    now = now or clock.now()
    today = now.astimezone(UTC).date()
    for day in (today - timedelta(days=1), today):
        count_day(day, now)
    announce([("flow", ""), ("agents", "")])


def count_back(days: int, now: datetime | None = None) -> int:
    """Count the last `days` days once, today included, as after an upgrade. How many they were."""
    now = now or clock.now()
    today = now.astimezone(UTC).date()
    for ago in reversed(range(days)):
        count_day(today - timedelta(days=ago), now)
    return days


@transaction.atomic
def count_day(day: date, now: datetime) -> None:
    """Count one UTC day anew, as far as it has gone."""
    ledger.lock(f"day counts {day}")
    until = min(now, datetime.combine(day + timedelta(days=1), time(), UTC))
    _count_agreement(day, until)
    _count_ways(day, until)


def _count_agreement(day: date, until: datetime) -> None:
    since = datetime.combine(day, time(), UTC)
    counted = rows(AGREEMENT, agents=sorted(REGISTRY), since=since, until=until)
    AgreementDay.objects.filter(day=day).delete()
    AgreementDay.objects.bulk_create(
        AgreementDay(
            day=day,
            first=first,
            second=second,
            both=both,
            first_only=first_only,
            second_only=second_only,
            neither=neither,
            until=until,
        )
        for first, second, both, first_only, second_only, neither in counted
    )


def week_to(day: date) -> datetime:
    """When the week began that ends with a UTC day."""
    return datetime.combine(day + timedelta(days=1), time(), UTC) - WEEK


def _count_ways(day: date, until: datetime) -> None:
    found: dict[tuple[str, str, str], tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for path, currency, count, gross in rows(COUNTED, since=week_to(day), until=until):
        for source, target in steps(forward(path)):
            had = found[source, target, currency]
            found[source, target, currency] = had[0] + count, had[1] + gross
    WayDay.objects.filter(day=day).delete()
    WayDay.objects.bulk_create(
        WayDay(
            day=day,
            source=source,
            target=target,
            currency=currency,
            invoices=count,
            gross=gross,
            until=until,
        )
        for (source, target, currency), (count, gross) in sorted(found.items())
    )
