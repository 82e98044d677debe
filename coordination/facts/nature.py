"""What a document says of its own nature, in words for a page: only what is special, so that a plain invoice
says nothing."""

from __future__ import annotations

from ..agents import nature
from ..agents.identity import masked
from ..domain.facts import VendorFacts
from ..models import Invoice as InvoiceRow
from ..translation import nature as lists
from ..translation.canonical import Invoice, PaymentMeans
from . import documents, queries


def shown(invoice: Invoice, vendor: VendorFacts | None) -> list[list[str]]:
    """Pairs of a word and what the document says: kind, way of payment, payee, reference for the payer,
    marks."""
    kind, decides = lists.look_up(invoice.type_code), lists.by(invoice.means)
    found = []
    if kind.code not in lists.SAYS_NO_MORE:
        found.append(["Kind", f"{kind.name or 'in no code list'} ({kind.code})"])
    if decides is not None and decides.way not in lists.SENT:
        means = next(m for m in invoice.means if lists.means_of(m.code) == decides)
        found.append(["To be paid", f"{decides.name or 'in no code list'} ({decides.code}){_more(means)}"])
    elif why := nature.not_sent(invoice):
        found.append(["In no run", why])
    if payee := nature.another_payee(invoice, vendor):
        found.append(["Payee", payee])
    if invoice.payment_reference:
        found.append(["Payment reference", invoice.payment_reference])
    if "copy" in invoice.marks:
        found.append(["Marked", "a copy"])
    return found


def of_row(row: InvoiceRow) -> list[list[str]]:
    """The same of an invoice as it stands in the tables."""
    known = queries.vendors({row.vendor_id}) if row.vendor_id else {}
    return shown(
        documents.contents([row.id])[row.id].invoice, known.get(row.vendor_id) if row.vendor_id else None
    )


def _more(means: PaymentMeans) -> str:
    mandate = f", mandate {means.mandate}" if means.mandate else ""
    account = f", from {masked(means.debited)}" if means.debited else ""
    return mandate + account
