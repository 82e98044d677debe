"""manage.py hold INVOICE_NUMBER: a person stops an invoice, by the same service as the page."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from audit.errors import CountersignError

from ...facts.numbered import numbered
from ...models import Invoice
from ...services import manual_hold
from ..base import Report, ReportingCommand
from ..people import user_named


class NotOne(CountersignError):
    """This number names no invoice, or several: add --vendor."""

    exit_code = 2


class Command(ReportingCommand):
    help = (
        "Hold an invoice in a person's name; it stands until they or a manager answer the question it asks."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("invoice_number")
        parser.add_argument("--vendor", default="", metavar="ID")
        parser.add_argument("--by", required=True, metavar="USER")
        parser.add_argument("--reason", required=True, metavar="T")

    def report(self, options: dict[str, Any]) -> Report:
        user: User = user_named(options["by"])
        rows = Invoice.objects.all()
        if options["vendor"]:
            rows = rows.filter(vendor__vendor_id=options["vendor"])
        found = numbered(rows, options["invoice_number"])
        if len(found) != 1:
            raise NotOne
        held = manual_hold.hold(found[0].id, options["reason"], by=user)
        return Report({"invoice_number": found[0].number, "code": held.code, "by": held.raised_by})
