"""manage.py procedure: the procedure document from the configuration in force."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audit import clock
from audit.errors import CountersignError

from ...reports.markdown import markdown
from ...reports.pdf import pdf
from ...selectors.procedure import procedure
from ..base import Report, ReportingCommand


class NoSuchForm(CountersignError):
    """The document is written as .md or .pdf."""

    exit_code = 2


class Command(ReportingCommand):
    help = (
        "Write the procedure document: agents, rules, rights, formats and seals as they are in force"
        " (Markdown or PDF)."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "-o", "--output", type=Path, metavar="FILE", help="ends in .md or .pdf; printed without it"
        )

    def report(self, options: dict[str, Any]) -> Report:
        target: Path | None = options["output"]
        if target is not None and target.suffix not in {".md", ".pdf"}:
            raise NoSuchForm
        found = procedure(clock.now())
        text = markdown(found.paper)
        told: dict[str, Any] = {"policy": found.policy, "sha256": found.sha256, "made": found.at.isoformat()}
        if target is None:
            return Report(told | {"text": text}, [text.rstrip()])
        target.write_bytes(pdf(found.paper, found.at) if target.suffix == ".pdf" else text.encode())
        return Report(
            told | {"file": str(target)}, [f"{target}: policy {found.policy}, sha256 {found.sha256}"]
        )
