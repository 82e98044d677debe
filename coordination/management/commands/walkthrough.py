"""manage.py walkthrough: one invoice from its documents to its payment, as PDF."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audit import clock
from audit.errors import CountersignError

from ...assurance import access_log
from ...facts.numbered import numbered
from ...models import Invoice
from ...reports.pdf import pdf
from ...selectors.walkthrough import walkthrough
from ..base import Report, ReportingCommand


class NoSuchInvoice(CountersignError):
    """There is no invoice with this number."""

    exit_code = 2


class Command(ReportingCommand):
    help = "Write the walkthrough of an invoice as PDF: documents, decisions, verdicts, payment and proof."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="number of the invoice")
        parser.add_argument(
            "--vendor", metavar="ID", help="our number of the vendor, where several have this invoice"
        )
        parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")

    def report(self, options: dict[str, Any]) -> Report:
        found = invoice_numbered(options["number"], options["vendor"])
        now = clock.now()
        content = pdf(walkthrough(found), now)
        access_log.seen_by("system:command", "walkthrough", found.subject)
        options["output"].write_bytes(content)
        told = {
            "invoice": found.number,
            "subject": found.subject,
            "file": str(options["output"]),
            "bytes": len(content),
        }
        return Report(told, [f"{options['output']}: {len(content):,} bytes"])


def invoice_numbered(number: str, vendor: str | None) -> Invoice:
    """The one invoice with this number. Raises `NoSuchInvoice`, also when there are several."""
    rows = Invoice.objects.select_related("vendor", "document", "facts")
    if vendor:
        rows = rows.filter(vendor__vendor_id=vendor)
    found = numbered(rows.order_by("id"), number)
    if not found:
        raise NoSuchInvoice(f"There is no invoice {number}{f' of vendor {vendor}' if vendor else ''}.")
    if len(found) > 1:
        raise NoSuchInvoice(f"Several invoices have the number {number}; name the vendor with --vendor.")
    return found[0]
