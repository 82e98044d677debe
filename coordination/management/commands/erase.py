"""manage.py erase SUBJECT: remove personal text; entries and proofs stay."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ...services.retention import erasure
from ..base import Report, ReportingCommand
from ..people import user_named


class Command(ReportingCommand):
    help = (
        "Erase the personal text that a person wrote (person/USERNAME), or that was written about an invoice"
        " (invoice/NUMBER) or a vendor (vendor/NUMBER), or one text (its commit:sha256:...). The ledger keeps"
        " the proof."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("subject")
        parser.add_argument(
            "--reason", required=True, metavar="T", help="stays in the ledger: name nobody in it"
        )
        parser.add_argument("--by", required=True, metavar="USER", help="a manager")

    def report(self, options: dict[str, Any]) -> Report:
        done = erasure.erase(options["subject"], reason=options["reason"], by=user_named(options["by"]))
        kept = f"; {done.kept} kept under a legal hold" if done.kept else ""
        data = {
            "request": done.request,
            "subject": done.subject,
            "removed": list(done.removed),
            "kept": done.kept,
        }
        return Report(data, [f"{len(done.removed)} texts erased{kept}. Request {done.request}."])
