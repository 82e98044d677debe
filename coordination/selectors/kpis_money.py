"""Key figures about money: discounts taken and lost, paid on time, paid twice. See `selectors.kpis`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from ..domain import key_figures
from ..domain.key_figures import Discounts, Paid, Share
from ..domain.payment_terms import TERMS
from ..models import LIVE, Vendor
from .figures import policy_in_force


def fetch(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """All rows of one query with named parameters."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class PaidTwice:
    """Claims paid twice, of all paid; `cleared_up` more look alike and a person had said they are not the
    same."""

    share: Share
    cleared_up: int


@dataclass(frozen=True, slots=True)
class Terms:
    """Payment terms of the vendors that have any we can read, column by column."""

    vendors: list[UUID]
    net: list[int]
    pct: list[Decimal]
    days: list[int]


def terms_of_vendors() -> Terms:
    """Terms of every vendor, read once for all figures."""
    out = Terms([], [], [], [])
    for key, text in Vendor.objects.exclude(payment_terms="").values_list("id", "payment_terms"):
        if found := TERMS.match(text):
            out.vendors.append(key)
            out.net.append(int(found["net"]))
            out.pct.append(Decimal(found["pct"] or 0))
            out.days.append(int(found["days"] or 0))
    return out


DISCOUNT_SET = """
SELECT i.id AS invoice_id, i.received_at, i.currency, i.issue_date + t.days AS until,
       coalesce(p.discount, 0) > 0 AS taken,
       CASE WHEN p.discount > 0 THEN p.discount ELSE round(coalesce(f.payable, i.gross) * t.pct / 100, 2)
           END AS amount
  FROM unnest(%(vendors)s::uuid[], %(pct)s::numeric[], %(days)s::int[]) AS t(vendor_id, pct, days)
  JOIN coordination_invoice i ON i.vendor_id = t.vendor_id AND i.type = 'invoice'
      AND i.state NOT IN ('rejected', 'void')
       AND i.issue_date + t.days >= %(since)s
  JOIN coordination_invoicefacts f ON f.invoice_id = i.id
  LEFT JOIN coordination_payment p ON p.invoice_id = i.id AND p.status = ANY(%(live)s) AND p.part IS NULL
 WHERE NOT jsonb_exists(f.payment, 'instalments') AND t.pct > 0 AND coalesce(f.payable, i.gross) > 0
     AND i.currency <> ''
"""
"""Discounts of a period, one row each; `selectors.money_lists` lists them."""
DISCOUNTS = f"""
SELECT currency, until, taken, count(*), sum(amount) FROM ({DISCOUNT_SET}) x GROUP BY 1, 2, 3
"""  # noqa: S608 - made of constants


def discounts(since: date, today: date, terms: Terms, company: str) -> Discounts:
    """What could be had until a day since `since`, and what became of it; `company` is its currency."""
    found: dict[str, list[tuple[str, Decimal]]] = {"captured": [], "lost": [], "open": []}
    counts = dict.fromkeys(found, 0)
    rows = fetch(
        DISCOUNTS, vendors=terms.vendors, pct=terms.pct, days=terms.days, since=since, live=list(LIVE)
    )
    for currency, until, taken, count, amount in rows:
        kind = key_figures.discount_taken(until, amount if taken else None, today)
        found[kind].append((currency, amount))
        counts[kind] += count
    sums = {kind: key_figures.total(rows, company) for kind, rows in found.items()}
    decided = Share(counts["captured"], counts["captured"] + counts["lost"])
    return Discounts(sums["captured"], sums["lost"], sums["open"], decided, counts["open"])


PAID_SET = """
SELECT p.invoice_id, i.received_at, b.execute_on AS paid_on,
       CASE WHEN p.part IS NULL THEN i.due_date ELSE d.due_on END AS printed, i.issue_date, t.net
  FROM coordination_payment p JOIN coordination_paymentbatch b ON b.id = p.batch_id
  JOIN coordination_invoice i ON i.id = p.invoice_id
  LEFT JOIN coordination_paymentterms d ON d.payment_id = p.id
  LEFT JOIN unnest(%(vendors)s::uuid[], %(net)s::int[]) AS t(vendor_id, net) ON t.vendor_id = i.vendor_id
 WHERE p.status = 'paid' AND b.execute_on >= %(since)s
"""
"""Payments of a period, one row each, with what their due date is told from; `selectors.money_lists` lists
them."""
PUNCTUAL = f"""
SELECT paid_on, printed, issue_date, net, count(*) FROM ({PAID_SET}) x GROUP BY 1, 2, 3, 4
"""  # noqa: S608 - made of constants


def punctual(since: date, terms: Terms) -> tuple[Share, int]:
    """Paid on time of those with a due date, and how many have none."""
    good = known = unknown = 0
    for paid_on, due, issued, net, count in fetch(
        PUNCTUAL, vendors=terms.vendors, net=terms.net, since=since
    ):
        day = key_figures.due_on(due, issued, net)
        if day is None:
            unknown += count
            continue
        known += count
        good += count * key_figures.on_time(paid_on, day)
    return Share(good, known), unknown


PAID = """
SELECT count(*) FROM coordination_payment p JOIN coordination_paymentbatch b ON b.id = p.batch_id
 WHERE p.status = 'paid' AND b.execute_on >= %(since)s
"""
ALIKE = """
WITH fresh AS (
     SELECT i.id, i.vendor_id, i.number, f.number_key, i.currency, i.gross, i.issue_date
       FROM coordination_paymentbatch b JOIN coordination_payment p ON p.batch_id = b.id AND p.status = 'paid'
       JOIN coordination_invoice i ON i.id = p.invoice_id
       JOIN coordination_invoicefacts f ON f.invoice_id = i.id WHERE b.execute_on >= %(since)s),
pairs AS (
     SELECT least(a.id, c.id) AS one, greatest(a.id, c.id) AS other FROM fresh a
       JOIN coordination_invoicefacts g ON g.number_key = a.number_key
       JOIN coordination_invoice c ON c.id = g.invoice_id AND c.vendor_id = a.vendor_id AND c.type = 'invoice'
           AND c.state = 'paid' AND c.id <> a.id
     UNION
     SELECT least(a.id, c.id), greatest(a.id, c.id) FROM fresh a JOIN coordination_invoice c
         ON c.vendor_id = a.vendor_id AND c.currency = a.currency AND c.gross = a.gross AND c.type = 'invoice'
        AND c.state = 'paid' AND c.id <> a.id
        AND c.issue_date BETWEEN a.issue_date - %(days)s AND a.issue_date + %(days)s)
SELECT a.id, a.number, a.issue_date, c.id, c.number, c.issue_date,
       EXISTS (SELECT 1 FROM coordination_hold h WHERE h.invoice_id IN (a.id, c.id)
           AND h.code = 'duplicate_suspect'
                AND h.release = 'override')
  FROM pairs JOIN coordination_invoice a ON a.id = pairs.one JOIN coordination_invoice c ON c.id = pairs.other
"""


def paid_twice(since: date) -> PaidTwice:
    """Claims paid since a day that look like another that was paid, then or before."""
    [(paid,)] = fetch(PAID, since=since)
    found, cleared_up = key_figures.paid_twice(*_may_be_one(since))
    return PaidTwice(Share(found, paid), cleared_up)


def paid_again(since: date, *, cleared_up: bool) -> list[tuple[UUID, UUID]]:
    """The pairs that `paid_twice` counts, or those it counts beside; of each the older invoice first."""
    found = key_figures.same_claims(*_may_be_one(since))
    return [(UUID(a.key), UUID(b.key)) for a, b in found if (a.cleared_up or b.cleared_up) is cleared_up]


def _may_be_one(since: date) -> tuple[list[tuple[Paid, Paid]], int]:
    """Pairs of paid invoices that may be one claim, and within how many days such a pair was issued."""
    policy = policy_in_force()
    days = policy.duplicate_days if policy else 5
    pairs = [
        (Paid(str(a), number, issued, cleared), Paid(str(b), other, on))
        for a, number, issued, b, other, on, cleared in fetch(ALIKE, since=since, days=days)
    ]
    return pairs, days
