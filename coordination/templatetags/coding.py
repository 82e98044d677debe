"""The coding of an invoice's lines, wherever the invoice is shown."""

from __future__ import annotations

from typing import Any

from django import template

from ..facts.coding_history import CODED_STATES
from ..models import Invoice
from ..selectors import coding as read

register = template.Library()


@register.inclusion_tag("coordination/_invoice_codings.html")
def invoice_codings(invoice: Invoice) -> dict[str, Any]:
    """Nothing before the invoice is cleared: until then no line is booked."""
    booked = invoice.state in CODED_STATES
    lines = read.of_invoice(invoice)
    coded = sum(bool(line.account) for line in lines)
    return {"codings": lines if booked or coded else [], "coded": coded, "line_link": booked}
