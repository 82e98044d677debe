"""manage.py verify: the ledger against itself, its seals, history, and checkpoints that were kept
elsewhere."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import DatabaseError

from audit.errors import CountersignError
from audit.verify import Checkpoint, Unreadable, parse_checkpoints

from ...assurance import verification
from ..base import Report, ReportingCommand


class NoCheckpoint(CountersignError):
    """This file holds no checkpoint."""

    exit_code = 2


class Command(ReportingCommand):
    help = (
        "Verify hashes, chains, seals, and history bound to the ledger. Exit code 1 when something is found."
        " The verification is itself an entry of the ledger."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--checkpoint",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="one or more checkpoints that were kept elsewhere; the ledger has to go on from each",
        )
        parser.add_argument(
            "--incremental", action="store_true", help="only what came since the last clean verification"
        )
        parser.add_argument("--no-record", action="store_true", help="write no entry about this verification")

    def report(self, options: dict[str, Any]) -> Report:
        retained = [c for file in options["checkpoint"] for c in read_checkpoints(file)]
        found = verification.run(retained=retained, incremental=options["incremental"])
        if not options["no_record"]:
            try:
                verification.record(found, "system:verify")
            except DatabaseError as error:  # a copy that can only be read is verified all the same
                self.say(f"No entry about this verification: {str(error).strip().splitlines()[0]}")
        text = [str(f) for f in found.findings]
        sealed = f"{found.size} of them under a checkpoint" if found.size else "none of them sealed yet"
        clean = (
            f"{found.entries} entries and {found.history_rows} history rows verified, {sealed}; nothing"
            " found."
        )
        return Report(found.as_json(), text or [clean], 1 if text else 0)


def read_checkpoints(file: Path) -> list[Checkpoint]:
    try:
        return parse_checkpoints(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, Unreadable) as error:
        raise NoCheckpoint(f"{file} cannot be read as checkpoints: {error}") from error
