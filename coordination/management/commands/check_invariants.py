"""manage.py check_invariants: I1 to I14."""

from typing import Any

from django.core.management.base import CommandParser

from ...assurance.invariants import check
from ...services import kept_counts
from ..base import Report, ReportingCommand


class Command(ReportingCommand):
    help = (
        "Check the invariants of the whole state. Exit code 1 when one is broken. With --rebuild what lists"
        " and counts are kept as is written anew first; nothing else is changed."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rebuild", action="store_true", help="write what lists and counts read anew, then check"
        )

    def report(self, options: dict[str, Any]) -> Report:
        if options["rebuild"]:
            kept_counts.rebuild()
        found = check()
        text = [f"{v['invariant']} {v['subject']}: {v['detail']}" for v in found["violations"]]
        if any(v["invariant"] == "I12" for v in found["violations"]) and not options["rebuild"]:
            text.append(
                "Of I12, a list or a count that is off is written anew by check_invariants --rebuild."
            )
        return Report(found, text or [f"{len(found['checked'])} invariants hold."], 1 if text else 0)
