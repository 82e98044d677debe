"""Answers, remittances, reminders: kept as information; they make no invoice and no payment."""

from __future__ import annotations

from collections.abc import Sequence

from audit import ledger, trail
from audit.ids import new_id
from audit.subjects import Subject

from ...translation import canonical as shapes
from .parts import Line, Origin, Part, document_row, received


def information(parts: Sequence[Part], origin: Origin) -> list[Line]:
    """Keep the documents whole, each an entry of its own subject."""
    documents = []
    for part in parts:
        row = document_row(part, _kind(part.document), getattr(part.document, "number", ""), origin, "")
        row.id = new_id()
        row.subject = Subject.of("document", row.id)
        documents.append(row)
    trail.insert_facts(documents)
    ledger.append(
        [received(d, f"{d.kind}.received", origin, {"content": d.canonical}, []) for d in documents]
    )
    return [
        Line(p.path, "accepted", d.kind, d.number, subject=d.subject)
        for p, d in zip(parts, documents, strict=True)
    ]


def _kind(document: shapes.Canonical) -> str:
    return document.kind if isinstance(document, shapes.Information) else "answer"
