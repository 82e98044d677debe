"""Messages from the bank: kept as documents, and carried out on the payments they name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from audit import ledger, trail
from audit.ids import new_id
from audit.subjects import Subject

from ...translation import canonical as shapes
from .. import payments
from .parts import Line, Origin, Part, document_row, received


def reports(parts: Sequence[Part], origin: Origin) -> list[Line]:
    """Take messages in, oldest first: what the bank said later counts."""
    lines = []
    for part in sorted(parts, key=_created_at):
        report = part.document
        assert isinstance(report, shapes.BankReport)  # noqa: S101 - chosen by shape
        document = document_row(part, report.kind, report.number, origin, "")
        document.id = new_id()
        document.subject = Subject.of("bank_report", document.id)
        trail.insert_facts([document])
        answers = payments.take(report, document, by=origin.actor, at=origin.at)
        results = {k: str(n) for k, n in sorted(Counter(a.result for a in answers).items())}
        data = {"content": document.canonical, "results": results}
        ledger.append([received(document, "bank.reported", origin, data, [])])
        lines.append(Line(part.path, "accepted", report.kind, report.number, subject=document.subject))
    return lines


def _created_at(part: Part) -> str:
    said = getattr(part.document, "created_at", None)
    return said.isoformat() if said else ""
