"""How people coded lines of a vendor before: what finance.coding is given, and whom it is asked about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from ..agents.finance_coding import FinanceCoding, code_lines
from ..agents.order_index import codes, key
from ..domain.facts import Coded
from ..models import Agent, Autonomy, Coding, Invoice, State
from ..tasks import work_queue
from ..tasks.sql import rows
from ..translation.canonical import Invoice as Document
from . import documents, policies

CODED_STATES = (State.CLEARED, State.SCHEDULED, State.PAID)
"""States in which an invoice is booked, so that its lines are coded."""
MOST_EXAMPLES = 1000
"""Examples of a vendor that are looked at, the newest."""
PER_GOODS = 40
"""Of the same goods so many, the newest: a chart of accounts changes, and what was long ago counts no
more."""
MOST_GOODS = 60
"""Goods of a vendor other than the invoice's own, the newest, by which something new is judged."""
MOST_ASKED_AGAIN = 200
"""Invoices of a vendor that a new example may change, the newest."""

CODED = """
WITH examples AS (
  SELECT w.id AS vendor, x.item, x.description, x.account, x.cost_centre, x.place,
         CASE WHEN x.item <> '' THEN lower(btrim(x.item)) ELSE ' ' || lower(btrim(x.description)) END AS goods
    FROM unnest(%s::uuid[]) AS w(id) JOIN coordination_vendor v ON v.id = w.id CROSS JOIN LATERAL (
         SELECT e.*, row_number() OVER (ORDER BY e.coded_on DESC, e.id DESC) AS place
           FROM coordination_codingexample e WHERE e.vendor_id = v.vendor_id
            AND NOT EXISTS (SELECT 1 FROM coordination_codingexample n
                             WHERE n.invoice_id = e.invoice_id AND n.position = e.position AND n.id > e.id)
          ORDER BY e.coded_on DESC, e.id DESC LIMIT %s) x),
 recent AS (
  SELECT *, row_number() OVER goods AS n, first_value(account) OVER goods AS a, first_value(cost_centre) OVER
      goods AS c
    FROM examples WINDOW goods AS (PARTITION BY vendor, goods ORDER BY place)),
 runs AS (
  SELECT *, sum(CASE WHEN (account, cost_centre) = (a, c) THEN 0 ELSE 1 END)
            OVER (PARTITION BY vendor, goods ORDER BY place) AS turns
    FROM recent WHERE n <= %s)
SELECT vendor, (array_agg(item ORDER BY place))[1], (array_agg(description
    ORDER BY place))[1], account, cost_centre,
       count(*), min(place), count(*) FILTER (WHERE turns = 0)
  FROM runs GROUP BY vendor, goods, account, cost_centre ORDER BY vendor, min(place)
"""


def history(vendors: Collection[UUID]) -> dict[UUID, list[Coded]]:
    """Coded lines of these vendors, alike ones together, the newest first."""
    out: dict[UUID, list[Coded]] = defaultdict(list)
    if vendors:
        for vendor, *facts in rows(CODED, list(vendors), MOST_EXAMPLES, PER_GOODS):
            out[vendor].append(Coded(*facts))
    return out


def concerning(document: Document, known: Iterable[Coded]) -> tuple[Coded, ...]:
    """What of a vendor's history an invoice is judged by: its own items, and the newest other goods."""
    mine = {c for line in document.lines for c in codes(line.item, line.buyer_item, line.standard_item)}
    chosen, others = [], 0
    for coded in known:
        own = key(coded.item) in mine
        others += not own
        if own or others <= MOST_GOODS:
            chosen.append(coded)
    return tuple(chosen)


KNOWN = """
SELECT v.id FROM coordination_vendor v WHERE v.id = ANY(%s)
   AND EXISTS (SELECT 1 FROM coordination_codingexample e WHERE e.vendor_id = v.vendor_id)
"""


def with_history(invoices: Iterable[Invoice]) -> list[Invoice]:
    """Those of these invoices whose vendor has lines that people coded."""
    found = list(invoices)
    vendors = {row.vendor_id for row in found if row.vendor_id}
    known = {vendor for (vendor,) in rows(KNOWN, list(vendors))} if vendors else set()
    return [row for row in found if row.vendor_id in known]


@dataclass(frozen=True, slots=True)
class Authority:
    """How far finance.coding may act, and how sure it has to be to act alone."""

    level: str
    threshold: Decimal

    @property
    def writes(self) -> bool:
        """In shadow only the decision is recorded."""
        return self.level != Autonomy.SHADOW

    def status(self, confidence: Decimal) -> str:
        """What an answer becomes: a coding that holds, or a proposal for a person."""
        acts = self.level in {Autonomy.SUPERVISED, Autonomy.AUTONOMOUS} and confidence >= self.threshold
        return Coding.Status.SET if acts else Coding.Status.PROPOSED


def authority() -> Authority:
    """The agent's authority now; one that is not registered has none."""
    level = Agent.objects.values_list("autonomy", flat=True).filter(pk=FinanceCoding.name).first()
    return Authority(level or Autonomy.SHADOW, policies.active().threshold(FinanceCoding.name))


CANDIDATES = """
SELECT i.id FROM coordination_invoice i JOIN coordination_vendor v ON v.id = i.vendor_id
 WHERE v.vendor_id = %s AND i.state = ANY(%s) AND EXISTS (
       SELECT 1 FROM coordination_invoiceline l LEFT JOIN coordination_coding c
           ON c.invoice_id = l.invoice_id AND c.position = l.position
        WHERE l.invoice_id = i.id AND c.status IS DISTINCT FROM 'confirmed')
 ORDER BY i.received_at DESC, i.id DESC LIMIT %s
"""


def ask_again(vendor_ids: Iterable[str], cause: str) -> None:
    """Invalidate the invoices of these vendors for which the history as it is now gives another answer.

    The agent is pure and quick, so the answer is worked out beforehand; one that would only repeat itself is
    not asked. In shadow nothing is asked again: there is no coding to improve, and each invoice is compared
    with people once.
    """
    may = authority()
    for vendor_id in sorted(set(vendor_ids)) if may.writes else ():
        found = [i for (i,) in rows(CANDIDATES, vendor_id, list(CODED_STATES), MOST_ASKED_AGAIN)]
        work_queue.invalidate(_changed(found, may), "codings", cause)


def _changed(invoices: Sequence[UUID], may: Authority) -> list[UUID]:
    """Of these invoices of one vendor, those with a line that would be coded otherwise."""
    vendor = Invoice.objects.values_list("vendor_id", flat=True).get(pk=invoices[0]) if invoices else None
    if vendor is None:
        return []
    known = history([vendor])[vendor]
    standing: dict[UUID, dict[int, Coding]] = defaultdict(dict)
    for coding in Coding.objects.filter(invoice__in=invoices):
        standing[coding.invoice_id][coding.position] = coding
    contents = documents.contents(invoices)
    return [i for i in invoices if _differs(contents[i].invoice, known, standing[i], may)]


def _differs(document: Document, known: Sequence[Coded], standing: dict[int, Coding], may: Authority) -> bool:
    for answer in code_lines(document, concerning(document, known)):
        row = standing.get(answer.position)
        if row is None:
            return True
        now = (answer.account, answer.cost_centre, may.status(answer.confidence))
        if row.status != Coding.Status.CONFIRMED and now != (row.account, row.cost_centre, row.status):
            return True
    return False
