"""manage.py evidence: the whole history of one invoice as a bundle that proves itself offline."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audit import evidence
from audit.verify import Checkpoint

from ...assurance import access_log
from ...assurance import evidence as around
from ..base import Report, ReportingCommand, whole_file
from .verify import read_checkpoints
from .walkthrough import invoice_numbered


class Command(ReportingCommand):
    help = (
        "Write the evidence bundle of an invoice: entries, proofs, checkpoint, rules, originals and a"
        " verifier (python -m audit.verify BUNDLE)."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="number of the invoice")
        parser.add_argument(
            "--vendor", metavar="ID", help="our number of the vendor, where several have this invoice"
        )
        parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
        parser.add_argument(
            "--since",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="checkpoints that were kept elsewhere: the bundle proves that it goes on from them",
        )

    def report(self, options: dict[str, Any]) -> Report:
        retained: list[Checkpoint] = [c for file in options["since"] for c in read_checkpoints(file)]
        invoice = invoice_numbered(options["number"], options["vendor"])
        target: Path = options["output"]
        with whole_file(target) as out:
            written = evidence.write(invoice.subject, around.attached(invoice), out, retained=retained)
        access_log.seen_by("system:command", "evidence", invoice.subject)
        told = {
            "invoice": invoice.number,
            "subject": written.subject,
            "file": str(target),
            "entries": written.entries,
            "size": written.size,
            "root": written.root,
            "files": written.files,
        }
        text = [
            f"{target}: {written.entries} entries, sealed in a tree of {written.size}.",
            f"Verify it anywhere: python verify.py {target.name} (the verifier lies in the bundle).",
        ]
        return Report(told, text)
