"""manage.py verify: the ledger against itself and against history."""

from typing import Any

from audit.inspection import verify
from coordination.management.base import Report, ReportingCommand


class Command(ReportingCommand):
    help = "Verify hashes, chains and history bound to the ledger. Exit code 1 when something is found."

    def report(self, _options: dict[str, Any]) -> Report:
        found = verify()
        text = [f"{f.code} {f.subject}{f' #{f.seq}' if f.seq else ''}: {f.detail}" for f in found.findings]
        clean = f"{found.entries} entries and {found.history_rows} history rows verified; nothing found."
        return Report(found.as_json(), text or [clean], 1 if text else 0)
