"""UBL 2.0 to 2.4 (OASIS), with the dialects EN 16931, Peppol BIS 3, XRechnung and OIOUBL 2.

One table from root element to reader. A root that is not in it is `unsupported`, where we know it with words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from lxml import etree

from ..canonical import Canonical
from ..readers import XmlFormat
from .answers import read_answers, read_reminder, read_remittance
from .delivery import read_despatch, read_receipt
from .invoice import read_invoice
from .order import read_cancellation, read_change, read_order, read_response, read_simple_response
from .source import NAMESPACE, Source, open_source, source_format
from .statement import read_statement

READERS: Final[dict[str, Callable[[Source], Canonical | Sequence[Canonical]]]] = {
    "Order": read_order,
    "OrderChange": read_change,
    "OrderCancellation": read_cancellation,
    "OrderResponse": read_response,
    "OrderResponseSimple": read_simple_response,
    "DespatchAdvice": read_despatch,
    "ReceiptAdvice": read_receipt,
    "Invoice": read_invoice,
    "CreditNote": read_invoice,
    "DebitNote": read_invoice,
    "SelfBilledInvoice": read_invoice,
    "SelfBilledCreditNote": read_invoice,
    "Statement": read_statement,
    "ApplicationResponse": read_answers,
    "RemittanceAdvice": read_remittance,
    "Reminder": read_reminder,
}

UNREAD: Final = {
    "FreightInvoice": "it bills shipments and not lines of an order; ask the carrier for an Invoice",
    "OrderAgreement": "send the Order that was agreed on",
    "PurchaseReceipt": "it was paid already and claims nothing; enter it as an expense",
    "Quotation": "it is an offer and no order; send the Order that followed",
    "UtilityStatement": "it shows what was used and claims nothing; ask for the Invoice",
}
"""Other UBL documents that come in with invoices, and what to do about them."""

ROOTS: Final = {f"{{{NAMESPACE}{name}-2}}{name}": name for name in READERS}
"""Root element in Clark notation -> kind."""


def translate_document(element: etree._Element, path: str) -> tuple[str, tuple[Canonical, ...]]:
    """Read one UBL document whose root is in `ROOTS`: its format and what it says, or `Unreadable`."""
    source = open_source(element, path)
    found = READERS[source.name](source)
    return source_format(element), tuple(found) if isinstance(found, Sequence) else (found,)


FORMAT: Final = XmlFormat(translate_document, roots=tuple(ROOTS))
