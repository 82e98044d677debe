"""Invoices that rest on the decisions of an agent in a window, and what became of their money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from ...models import Invoice
from ..kpis import first_key
from .days import Window

PAID, OVER = frozenset({"paid"}), frozenset({"rejected", "void"})
"""States of invoices: the money has left; it will not."""


@dataclass(frozen=True, slots=True)
class Rests:
    """Invoices that an agent decided on since the onset, and their amount in company currency."""

    paid: tuple[int, Decimal]
    unpaid: tuple[int, Decimal]
    over: tuple[int, Decimal]


DECIDED = """
WITH d AS (SELECT DISTINCT ON (invoice_id) invoice_id, amount, at FROM coordination_decision
            WHERE agent = %s AND at >= %s AND at < %s ORDER BY invoice_id, entry_id DESC)
"""
FATES = """
 SELECT i.id, i.number, i.state, i.vendor_id, d.amount, d.at
   FROM d JOIN coordination_invoice i ON i.id = d.invoice_id AND i.id >= %s WHERE d.invoice_id >= %s
 UNION ALL
 SELECT i.id, i.number, i.state, i.vendor_id, d.amount, d.at
   FROM d CROSS JOIN LATERAL (SELECT * FROM coordination_invoice WHERE id = d.invoice_id OFFSET 0) i
  WHERE d.invoice_id < %s
"""
"""Invoices that came in the window lie together and are read together; the few others are looked up one by
one. Left to itself the planner reads all that there ever were."""
RESTS = f"""
{DECIDED} SELECT state, count(*), coalesce(sum(amount), 0) FROM ({FATES}) found GROUP BY state
"""  # noqa: S608 - made of constants
RESTING = f"""
{DECIDED}, resting AS (
  SELECT *, count(*) OVER () AS whole FROM ({FATES}) found
   WHERE state = ANY(%s) ORDER BY amount DESC NULLS LAST, number, id LIMIT %s)
SELECT r.whole, r.id, r.number, v.name, r.state, r.amount, r.at
  FROM resting r LEFT JOIN coordination_vendor v ON v.id = r.vendor_id
 ORDER BY r.amount DESC NULLS LAST, r.number, r.id
"""  # noqa: S608 - made of constants


def _decided(agent: str, window: Window) -> list[Any]:
    """The parameters of `DECIDED` and `FATES`."""
    begin = datetime.combine(window.first, datetime.min.time(), UTC)
    end = datetime.combine(window.last, datetime.min.time(), UTC) + timedelta(days=1)
    return [agent, begin, end, *[first_key(begin)] * 3]


def rests(agent: str, window: Window) -> Rests:
    """Invoices that an agent decided on in a window, by what became of their money."""
    found = {"paid": (0, Decimal(0)), "unpaid": (0, Decimal(0)), "over": (0, Decimal(0))}
    with connection.cursor() as cursor:
        cursor.execute(RESTS, _decided(agent, window))
        for state, count, amount in cursor.fetchall():
            name = fate(state)
            found[name] = (found[name][0] + count, found[name][1] + amount)
    return Rests(**found)


def fate(state: str) -> str:
    """What became of the money of an invoice in this state: paid, unpaid, over."""
    return "paid" if state in PAID else "over" if state in OVER else "unpaid"


@dataclass(frozen=True, slots=True)
class Resting:
    """One invoice that rests on an agent's decisions."""

    id: UUID
    number: str
    vendor: str | None
    state: str
    amount: Decimal | None
    at: datetime


def resting(agent: str, window: Window, which: str) -> list[Resting]:
    """Those invoices whose money is paid, unpaid or over; the largest first."""
    return largest(agent, window, which, None)[0]


def largest(agent: str, window: Window, which: str, most: int | None) -> tuple[list[Resting], int]:
    """So many of them, the largest first, and how many there are in all."""
    states = [s for s, _ in Invoice._meta.get_field("state").choices or () if fate(str(s)) == which]
    with connection.cursor() as cursor:
        cursor.execute(RESTING, [*_decided(agent, window), states, most])
        found = cursor.fetchall()
    return [Resting(*values) for _, *values in found], found[0][0] if found else 0
