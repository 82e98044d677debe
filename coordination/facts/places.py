"""Where an invoice stands among others."""

from __future__ import annotations

from typing import Final

from ..domain.amounts import rank
from ..models import Invoice as InvoiceRow
from .documents import Content
from .order_sums import Seen

DIGEST: Final = 12
"""Characters of a document's digest that tell invoices of one day and number apart."""


def seen_by(row: InvoiceRow, content: Content) -> Seen:
    """Where an invoice stands among others, as it looks at them."""
    place = rank(row.state, content.invoice.issue_date, content.invoice.number, row.digest[:DIGEST])
    return Seen(str(row.id), place, row.type == "credit_note")
