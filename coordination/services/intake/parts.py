"""What intake passes between its steps: one document of one file, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from audit import canonical, ledger, trail
from audit.ids import new_id

from ...facts.serialization import encode
from ...models import Document
from ...translation.canonical import Canonical

Result = Literal["accepted", "unchanged", "duplicate", "quarantined"]


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one document, as a person is told."""

    path: str
    result: Result
    kind: str = ""
    number: str = ""
    code: str = ""
    error: str = ""
    line: int | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One document of one file. `index` is its place in the file."""

    path: str
    sha256: str
    index: int
    source_format: str
    document: Canonical


@dataclass(frozen=True, slots=True)
class Origin:
    """Who brought the files, from where and when."""

    actor: str
    source: str
    at: datetime
    trusted: bool = False
    """Do first accounts count as verified? In a first import, and where the installation is told so."""
    allowed: Collection[str] | None = None
    """Kinds of fact that may be brought; None: all."""

    def stamp(self, reason: str = "intake") -> trail.Stamp:
        return trail.Stamp(self.actor, self.at, reason)


def document_row(
    part: Part, kind: str, number: str, origin: Origin, subject: str, *, keep: bool = True
) -> Document:
    """The document row of a part. `keep`: its content has no tables of its own and is kept as canonical
    JSON."""
    provenance = getattr(part.document, "provenance", {})
    return Document(
        id=new_id(),
        content_id=part.sha256,
        part=str(part.index),
        kind=kind,
        number=number,
        name=part.path,
        source=origin.source,
        source_format=part.source_format,
        subject=subject,
        provenance={k: [v.path, v.raw] for k, v in provenance.items()},
        canonical=encode(part.document) if keep else {},
        received_by=origin.actor,
        received_at=origin.at,
    )


def evidence_of(document: Document) -> dict[str, str]:
    """The document a question stands on, as its case names it."""
    return {
        "kind": document.kind,
        "number": document.number,
        "id": str(document.id),
        "sha256": document.content_id,
    }


def received(
    document: Document, type_: str, origin: Origin, data: dict[str, Any], changes: list[trail.Change]
) -> ledger.Event:
    """The ledger entry of a document's arrival, on the subject it belongs to."""
    facts = {
        "document": {
            "id": str(document.id),
            "kind": document.kind,
            "number": document.number,
            "sha256": document.content_id,
            "name": document.name,
            "format": document.source_format,
            "source": document.source,
        }
    }
    return ledger.Event(document.subject, type_, origin.actor, origin.at, facts | data, changes)


def digest(document: Canonical) -> str:
    """SHA-256 of a document's canonical content: the same order or receipt in other bytes."""
    return canonical.sha256(canonical.dumps(encode(document)))
