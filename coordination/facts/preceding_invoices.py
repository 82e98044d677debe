"""Who names whom (BG-3): the lines of the invoices that a document names, and the documents that name an
invoice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from ..agents import corrections
from ..domain.amounts import format_amount, unit_price
from ..domain.facts import NamedLine
from ..models import Invoice as InvoiceRow
from ..tasks.sql import rows
from ..translation import nature
from ..translation.canonical import Invoice
from .documents import contents

NAMED = """
SELECT x.id, p.id FROM coordination_invoice x JOIN coordination_invoicefacts f ON f.invoice_id = x.id
  JOIN coordination_invoicefacts o ON o.number_key = ANY(f.preceding_keys)
  JOIN coordination_invoice p ON p.id = o.invoice_id AND p.vendor_id = x.vendor_id
 WHERE x.id = ANY(%s) AND p.type = 'invoice' AND p.id <> x.id ORDER BY x.id, p.number, p.digest
"""


def lines(batch: Sequence[InvoiceRow]) -> dict[UUID, tuple[NamedLine, ...]]:
    """For each document of the batch that names invoices which are here, their lines. They do not depend on
    what became of those invoices, so that a document never waits for the answer about another one."""
    naming = [row.id for row in batch if row.preceding and row.vendor_id]
    pairs = rows(NAMED, naming) if naming else []
    known = contents(list(dict.fromkeys(other for _, other in pairs))) if pairs else {}
    found: dict[UUID, tuple[NamedLine, ...]] = {}
    for own, other in pairs:
        found[own] = found.get(own, ()) + _lines(known[other].invoice)
    return found


def replacing(pairs: Sequence[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Of pairs (invoice, another that names it) those where the other may replace the invoice, by what both
    documents say."""
    known = contents(list(dict.fromkeys(key for pair in pairs for key in pair))) if pairs else {}
    return {
        (own, by)
        for own, by in pairs
        if corrections.may_replace(known[by].invoice, _lines(known[own].invoice))
    }


def _lines(invoice: Invoice) -> tuple[NamedLine, ...]:
    return tuple(
        NamedLine(
            invoice.number,
            invoice.type_code,
            x.order_number or next(iter(invoice.order_numbers), ""),
            x.order_line,
            x.item,
            x.buyer_item,
            x.standard_item,
            x.description,
            x.quantity,
            x.unit,
            unit_price(x),
            x.net,
        )
        for x in invoice.lines
    )


BY = """
SELECT x.id, i.number, i.type, i.currency, i.gross
  FROM coordination_invoice x JOIN coordination_invoicefacts f ON f.invoice_id = x.id
  JOIN coordination_invoicefacts g ON g.preceding_keys @> ARRAY[f.number_key]
  JOIN coordination_invoice i ON i.id = g.invoice_id AND i.vendor_id = x.vendor_id AND i.id <> x.id
 WHERE x.id = ANY(%s) AND x.type = 'invoice' AND i.state NOT IN ('cleared', 'scheduled', 'paid', 'rejected',
     'void')
   AND (i.type = 'credit_note' OR (i.type_code = ANY(%s) AND NOT 'finance.validation' = ANY(i.answered))
        OR EXISTS (SELECT 1 FROM coordination_hold h WHERE h.invoice_id = i.id AND h.status <> 'released'
                      AND h.detail->>'rule' = %s))
 ORDER BY i.issue_date, i.number
"""


def undecided(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Of these invoices those that wait because a credit names them, or one that may replace them, and nobody
    has decided about it yet: which one."""
    found: dict[UUID, str] = {}
    for key, number, kind, currency, gross in rows(
        BY, list(ids), nature.codes("corrected"), corrections.RULE
    ):
        if kind == "credit_note":
            worth = f" over {currency} {format_amount(gross)}" if gross is not None else ""
            why = f"credit note {number}{worth} names it and is not decided yet"
        else:
            why = f"{number} may replace it and is not decided yet"
        found.setdefault(key, why)
    return found


NAMING = """
SELECT i.id FROM coordination_invoice x JOIN coordination_invoicefacts f ON f.invoice_id = x.id
  JOIN coordination_invoicefacts g ON g.preceding_keys @> ARRAY[f.number_key]
  JOIN coordination_invoice i ON i.id = g.invoice_id AND i.vendor_id = x.vendor_id AND i.id <> x.id
 WHERE x.id = ANY(%s) AND x.type = 'invoice' AND i.state NOT IN ('scheduled', 'paid', 'rejected', 'void')
"""


def naming(ids: Sequence[UUID]) -> list[UUID]:
    """Documents that name one of these invoices: at what price it billed the goods is theirs to know."""
    return [key for (key,) in rows(NAMING, list(ids))] if ids else []
