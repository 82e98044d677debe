"""manage.py access: who may do what, from the table of rights."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ...reports.markdown import markdown
from ...selectors.access_matrix import page, rows
from ..base import Report, ReportingCommand


class Command(ReportingCommand):
    help = "Write who may do what: each right, who has it, and what it opens (Markdown)."
    prepares_database = False

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="the page; printed without it")

    def report(self, options: dict[str, Any]) -> Report:
        target: Path | None = options["output"]
        text = markdown(page())
        told = {row.right.name: row.holders.words for row in rows()}
        if target is None:
            return Report({"rights": told, "text": text}, [text.rstrip()])
        target.write_text(text, "utf-8")
        return Report({"rights": told, "file": str(target)}, [f"{target}: {len(told)} rights"])
