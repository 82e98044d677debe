"""manage.py code_lists: what each code of a document's nature means for us, from the lists in force."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ...reports.nature_page import page
from ...translation import nature
from ..base import Report, ReportingCommand


class Command(ReportingCommand):
    help = (
        "Write what each document type and means of payment means for us, from the code lists in force"
        " (Markdown)."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="the page; printed without it")

    def report(self, options: dict[str, Any]) -> Report:
        target: Path | None = options["output"]
        editions = {n.name: n.edition for n in map(nature.edition, (nature.DOCUMENTS, nature.MEANS))}
        if target is None:
            return Report({"editions": editions, "text": page()}, [page().rstrip()])
        target.write_text(page(), "utf-8")
        return Report(
            {"editions": editions, "file": str(target)}, [f"{target}: {', '.join(editions.values())}"]
        )
