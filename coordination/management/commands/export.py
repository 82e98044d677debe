"""manage.py export KIND: state as lines."""

from typing import Any

from django.core.management.base import CommandParser

from ...assurance.exports import EXPORTS
from ..base import Report, ReportingCommand, dumps


class Command(ReportingCommand):
    help = (
        "Export the state of every invoice, decision, escalation, payment, ledger entry, coding or response"
        " to a vendor."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=sorted(EXPORTS))
        parser.add_argument("--jsonl", action="store_true", help="one JSON object per line (the default)")

    def report(self, options: dict[str, Any]) -> Report:
        lines = EXPORTS[options["kind"]]()
        if options["json"]:
            return Report({options["kind"]: list(lines)})
        return Report({}, map(dumps, lines))
