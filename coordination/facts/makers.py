"""Who made what a decision stands on: everybody who brought one of its facts. None of them is its checker.

Facts are what came in about the invoice itself, its orders, its receipts, its vendor, the account that is
paid, the rate it was counted by, a unit factor, the map that its table was read by, where it is booked, and
what a person supplied above its document.
Only what says something new is brought: a document that repeats what is known brings nothing. What the system
took in by itself makes nobody a maker.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from audit.subjects import Subject
from reviews.models import Escalation

from ..models import Coding, CreditUse, Document, Payment, PaymentBatch, SuppliedFact, TranslationMap
from ..tasks.sql import rows
from . import policies
from .receipt_versions import IN_FORCE


@dataclass(frozen=True, slots=True)
class Brought:
    """One fact that an invoice stands on: of which kind, which one, by whom and when. `actor` is a person."""

    invoice: UUID
    kind: str
    name: str
    actor: str
    at: datetime

    @property
    def words(self) -> str:
        return f"{self.kind} {self.name}".strip()


VENDOR_DOCUMENTS = """
SELECT subject, received_by, received_at,
       canonical IS DISTINCT FROM lag(canonical) OVER (PARTITION BY subject ORDER BY received_at, id) AS fresh
  FROM coordination_document
 WHERE subject IN (SELECT 'vendor/' || x.vendor_id FROM wanted w JOIN coordination_invoice x ON x.id = w.id)
"""
"""Documents about the vendors, and whether each says something new. Worked out once, whatever the planner
thinks of the tables: compared again for every invoice it takes seconds."""

WANTED = "SELECT id FROM coordination_invoice WHERE id = ANY(%s)"

OWN = """
SELECT i.id AS invoice, 'invoice' AS kind, i.number AS name, d.received_by AS actor, d.received_at AS at
  FROM wanted w JOIN coordination_invoice i ON i.id = w.id JOIN coordination_document d
      ON d.id = i.document_id
UNION ALL
SELECT i.id, 'map', m.name, m.author, m.created_at
  FROM wanted w JOIN coordination_invoice i ON i.id = w.id JOIN coordination_document d
      ON d.id = i.document_id
  JOIN coordination_translationmap m
    ON d.provenance->'map'->>0 = 'map/' || m.series || '/' || m.revision
UNION ALL
SELECT i.id, 'vendor', v.vendor_id, d.received_by, d.received_at
  FROM wanted w JOIN coordination_invoice i ON i.id = w.id JOIN coordination_vendor v ON v.id = i.vendor_id
  JOIN vendor_documents d ON d.subject = 'vendor/' || v.id AND d.fresh
UNION ALL
SELECT i.id, 'account', '…' || right(a.number, 4), h.history_user_id, h.history_date
  FROM wanted w JOIN coordination_invoice i ON i.id = w.id
  JOIN coordination_bankaccount a ON a.vendor_id = i.vendor_id AND a.status = 'verified'
  JOIN coordination_historicalbankaccount h ON h.id = a.id AND h.history_type = '+'
"""
"""Facts that an invoice stands on whatever its lines were matched with."""

SUPPLIED = """
SELECT s.invoice_id, 'supplied', replace(replace(s.field, '_', ' '), '/', ' '), p.who, s.at
  FROM wanted w JOIN coordination_suppliedfact s ON s.invoice_id = w.id
 CROSS JOIN LATERAL (VALUES (s.by), (s.confirmed_by)) AS p(who)
 WHERE NOT (starts_with(s.field, 'apart_from/') OR starts_with(s.field, 'duplicate_of/'))
"""
"""What people supplied above its document: whoever did, and the second one who did the same. What they said
of it and another one is a verdict, and no fact of it."""

MATCHED = f"""
SELECT o.invoice, 'order', o.number, d.received_by, d.received_at
  FROM orders o JOIN coordination_ordermessage m ON m.order_number = o.number
  JOIN coordination_document d ON d.id = m.document_id
UNION ALL
SELECT o.invoice, 'receipt', r.number, d.received_by, d.received_at
  FROM orders o JOIN coordination_receiptline l ON l.order_key = o.number_key
  JOIN coordination_receipt r ON r.id = l.receipt_id JOIN coordination_document d ON d.id = r.document_id
 WHERE r.kind = 'receipt'
   AND {IN_FORCE}
UNION ALL
SELECT o.invoice, 'despatch', r.number, d.received_by, d.received_at
  FROM orders o JOIN coordination_invoicefacts f ON f.invoice_id = o.invoice
  JOIN coordination_receipt r ON r.number_key = ANY(f.delivery_keys) AND r.kind = 'despatch'
  JOIN coordination_document d ON d.id = r.document_id
 WHERE EXISTS (SELECT 1 FROM coordination_receiptline l WHERE l.receipt_id = r.id
     AND l.order_key = o.number_key)
"""  # noqa: S608 - made of constants
"""Facts of its orders, and the despatches that it names and that lead to them."""

ORDERS = """
SELECT w.id AS invoice, o.number, n.number_key FROM wanted w JOIN coordination_invoicefacts f
    ON f.invoice_id = w.id
  JOIN coordination_ordername n ON n.number_key = ANY(f.order_keys) JOIN coordination_order o
      ON o.id = n.order_id
"""
ALLOCATED = """
UNION SELECT w.id, o.number, n.number_key FROM wanted w JOIN coordination_invoice i ON i.id = w.id
  JOIN coordination_allocation a ON a.invoice_id = i.id AND a.matching = i.matching
  JOIN coordination_orderline l ON l.id = a.order_line_id JOIN coordination_order o ON o.id = l.order_id
  JOIN coordination_ordername n ON n.order_id = o.id
"""

COUNTED = """
SELECT i.id, 'rate', i.currency, d.received_by, d.received_at
  FROM wanted w JOIN coordination_invoice i ON i.id = w.id JOIN coordination_document d
    ON d.kind = 'rate' AND d.number = '' AND d.canonical->>'currency' IN (i.currency, %s)
 WHERE i.currency <> %s AND (d.canonical->>'on')::date = coalesce(
       (SELECT max(r.on) FROM coordination_rate r WHERE r.currency = d.canonical->>'currency'
           AND r.on <= coalesce(i.issue_date, i.received_at::date)),
       (SELECT min(r.on) FROM coordination_rate r WHERE r.currency = d.canonical->>'currency'))
UNION ALL
SELECT i.id, 'unit factor', c.unit || ' to ' || c.per, d.received_by, d.received_at
  FROM wanted w JOIN coordination_invoice i ON i.id = w.id
  JOIN coordination_allocation a ON a.invoice_id = i.id AND a.matching = i.matching
  JOIN coordination_invoiceline l ON l.invoice_id = i.id AND l.position = a.position
  JOIN coordination_orderline ol ON ol.id = a.order_line_id AND upper(ol.unit) <> upper(l.unit)
  JOIN coordination_unitconversion c ON (c.vendor_id = i.vendor_id OR c.vendor_id IS NULL)
   AND (upper(l.unit) IN (upper(c.unit), upper(c.per)) OR upper(ol.unit) IN (upper(c.unit), upper(c.per)))
   AND (c.item = '' OR lower(c.item) IN (lower(l.item), lower(ol.item)))
  JOIN coordination_document d ON d.id = c.document_id
UNION ALL
SELECT c.invoice_id, 'coding', c.account, c.by, c.at
  FROM wanted w JOIN coordination_coding c ON c.invoice_id = w.id
"""
"""Facts that it was counted, compared and booked by."""

BROUGHT = f"""
WITH wanted AS MATERIALIZED ({WANTED}), orders AS MATERIALIZED ({ORDERS} {ALLOCATED}),
vendor_documents AS MATERIALIZED ({VENDOR_DOCUMENTS}), brought AS ({OWN} UNION ALL {MATCHED}
    UNION ALL {COUNTED} UNION ALL {SUPPLIED})
SELECT DISTINCT ON (invoice, kind, name, actor) invoice, kind, name, actor, at FROM brought
 WHERE actor LIKE 'human:%%' ORDER BY invoice, kind, name, actor, at
"""  # noqa: S608 - made of constants

BROUGHT_BY_PEOPLE = f"""
orders AS ({ORDERS}), vendor_documents AS MATERIALIZED ({VENDOR_DOCUMENTS}),
brought AS (SELECT * FROM ({OWN} UNION ALL {MATCHED} UNION ALL {SUPPLIED}) facts
    WHERE starts_with(actor, 'human:'))
"""  # noqa: S608 - made of constants
"""In a `WITH` that has invoices as `wanted`: what people brought of them, as far as no later matching makes
it another."""
NEVER_CHANGES = f"wanted AS (SELECT id FROM coordination_invoice), {BROUGHT_BY_PEOPLE}"  # noqa: S608
"""The same of all invoices. For invariants."""

SIGNED = """
SELECT i.id, min(v.by) FROM coordination_invoice i JOIN reviews_escalation e ON e.subject = 'invoice/' || i.id
  JOIN reviews_verdict v ON v.escalation_id = e.id AND v.verdict <> 'reject'
 WHERE i.id = ANY(%s) AND e.status = 'approved' GROUP BY i.id HAVING count(DISTINCT v.by) = 1
"""


def brought(invoices: Iterable[UUID]) -> dict[UUID, list[Brought]]:
    """What people brought of the facts that these invoices stand on, by invoice."""
    company = policies.active().company_currency
    out: dict[UUID, list[Brought]] = defaultdict(list)
    ids = sorted(set(invoices))
    for fact in rows(BROUGHT, ids, company, company) if ids and _by_people() else ():
        out[fact[0]].append(Brought(*fact))
    return out


def _by_people() -> bool:
    """Did anybody bring anything at all? Where documents come from folders and programs, nobody did."""
    return (
        Document.objects.filter(received_by__startswith="human:").exists()
        or TranslationMap.objects.exists()
        or Coding.objects.filter(by__startswith="human:").exists()
        or SuppliedFact.objects.exists()
    )


def alone(invoices: Iterable[UUID]) -> dict[UUID, str]:
    """Invoices that one person alone signed, and who."""
    return dict(rows(SIGNED, list(invoices)))


# --- questions ----------------------------------------------------------------------------------------------


def of_invoice(question: Escalation) -> Mapping[str, str]:
    """Makers of what a question about an invoice is about, as of now, with what each of them brought."""
    key = Subject(question.subject).uuid
    return describe_facts(brought([key])[key])


def of_run(question: Escalation) -> Mapping[str, str]:
    """Makers of a payment run, as of now."""
    batch = PaymentBatch.objects.filter(pk=Subject(question.subject).key).first()
    return {} if batch is None else in_run(batch.proposed_by, paid_in([batch.id]))


def in_run(proposed_by: str, invoices: Sequence[UUID]) -> Mapping[str, str]:
    """Who may not sign a run over these invoices and credits: who proposed it, who brought anything that one
    of its payments stands on, and who cleared one of them alone."""
    facts = [fact for found in brought(invoices).values() for fact in found]
    told = describe_facts(facts)
    for who in alone(invoices).values():
        told[who] = "; ".join(filter(None, [told.get(who, ""), "what you alone cleared"]))
    if proposed_by.startswith("human:"):
        told[proposed_by] = "; ".join(filter(None, ["the run", told.get(proposed_by, "")]))
    return told


def paid_in(batches: Sequence[UUID]) -> list[UUID]:
    """Invoices that these runs pay, and the credits they take off."""
    live = Payment.objects.not_cancelled().filter(batch__in=batches)
    used = CreditUse.objects.filter(payment__in=live).values_list("credit_id", flat=True)
    return sorted({*live.values_list("invoice_id", flat=True), *used})


NAMED = 3
"""Facts named of one person; the rest is counted."""


def describe_facts(facts: Iterable[Brought]) -> dict[str, str]:
    by_actor: dict[str, list[str]] = defaultdict(list)
    for fact in facts:
        if fact.words not in by_actor[fact.actor]:
            by_actor[fact.actor].append(fact.words)
    return {actor: _counted(words) for actor, words in by_actor.items()}


def _counted(words: Sequence[str]) -> str:
    more = len(words) - NAMED
    return ", ".join(words[:NAMED]) + (f" and {more} more" if more > 0 else "")
