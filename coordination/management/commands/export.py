"""manage.py export KIND: state as lines; the ledger as an event log for tools that mine processes."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audit.errors import CountersignError

from ...assurance import event_log
from ...assurance.exports import EXPORTS
from ..base import Report, ReportingCommand, Unusable, dumps

ACTOR = "system:command"
LOG = "ocel"


class SayWhere(CountersignError):
    """An event log is a file: say where with -o FILE, .json or .sqlite."""

    exit_code = 2


class IsPrinted(CountersignError):
    """Only an event log is written with -o FILE; what you asked for is printed: redirect it with > FILE."""

    exit_code = 2


class Command(ReportingCommand):
    help = (
        "Export the state of every invoice, decision, escalation, payment, ledger entry, coding or response"
        " to a vendor; or, as ocel, the sealed ledger as an object-centric event log (OCEL 2.0) with a signed"
        " note beside it."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=sorted([*EXPORTS, LOG]))
        parser.add_argument("--jsonl", action="store_true", help="one JSON object per line (the default)")
        parser.add_argument(
            "-o", "--output", type=Path, metavar="FILE", help="of ocel: where to, .json or .sqlite"
        )

    def report(self, options: dict[str, Any]) -> Report:
        if options["kind"] == LOG:
            if options["output"] is None:
                raise SayWhere
            return self.log(options["output"])
        if options["output"] is not None:
            raise IsPrinted
        lines = EXPORTS[options["kind"]]()
        if options["json"]:
            return Report({options["kind"]: list(lines)})
        return Report({}, map(dumps, lines))

    def log(self, path: Path) -> Report:
        try:
            done = event_log.write(path, by=ACTOR)
        except OSError as error:
            raise Unusable(f"{path} cannot be written: {error.strerror}") from error
        checkpoint = {"size": done.size, "root": done.root}
        data = {
            "file": str(done.path),
            "sha256": done.sha256,
            "objects": done.objects,
            "events": done.events,
            "checkpoint": checkpoint,
            "note": str(done.note),
        }
        text = [
            f"{done.path}: {done.events} events on {done.objects} objects, sealed with {done.size} entries.",
            f"{done.note} binds it to that checkpoint: SHA-256 {done.sha256}.",
        ]
        return Report(data, text)
