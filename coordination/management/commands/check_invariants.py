"""manage.py check_invariants: I1 to I14."""

from typing import Any

from ...assurance.invariants import check
from ..base import Report, ReportingCommand


class Command(ReportingCommand):
    help = "Check the invariants of the whole state. Exit code 1 when one is broken."

    def report(self, _options: dict[str, Any]) -> Report:
        found = check()
        text = [f"{v['invariant']} {v['subject']}: {v['detail']}" for v in found["violations"]]
        return Report(found, text or [f"{len(found['checked'])} invariants hold."], 1 if text else 0)
