"""manage.py reperform: recorded decisions run again from the ledger."""

from typing import Any

from django.core.management.base import CommandParser

from ...decisions.replay import reperform
from ..base import Report, ReportingCommand, day


class Command(ReportingCommand):
    help = (
        "Run decisions of agents again from their recorded inputs. Exit code 1 when one comes out otherwise."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=day, metavar="D", help="a day, such as 2026-03-02")

    def report(self, options: dict[str, Any]) -> Report:
        done = reperform(since=options["since"])
        text = [f"{done.decisions} decisions run again, {done.same} came out the same."]
        if done.replayed:
            text.append(f"{done.replayed} of them were answered outside and were replayed as recorded.")
        for d in done.different:
            text.append(f"{d.subject} #{d.seq} {d.agent}: {d.field} was {d.recorded}, is now {d.again}")
        return Report(done.as_json(), text, 1 if done.different else 0)
