"""The door: files in, one line per document out. Order of files does not matter; one bad file holds up nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from ...models import Content, Document, Quarantine
from ...translation import Translation, Unreadable, translate
from ...translation import canonical as shapes
from ...translation.canonical import QuarantineCode
from ..announce import announce
from . import desk, invoices, masters, orders, others, receipts
from .parts import Line, Origin, Part

Handler = Callable[[Sequence[Part], Origin], list[Line]]

LISTS: tuple[Handler, ...] = (masters.rates, masters.vendors)
"""Handlers of master lists: a file of them is one document however many rows it has."""

FILES_AT_ONCE = 200
PARTS_AT_ONCE = 500
LARGEST = 25 * 1024 * 1024
INTAKE_LOCK = 0x434F554E
"""Advisory lock: one intake writes at a time, so that two uploads of one vendor cannot both create it."""

HANDLERS: tuple[tuple[type, Handler], ...] = (
    (shapes.Rate, masters.rates),
    (shapes.Vendor, masters.vendors),
    (shapes.Order, orders.messages),
    (shapes.Receipt, receipts.receipts),
    (shapes.Invoice, invoices.invoices),
    (shapes.Statement, others.information),
    (shapes.Answer, others.information),
    (shapes.Information, others.information),
)
"""Shape -> handler, in the order in which documents of one batch are taken in: masters before what refers to them."""


@dataclass
class Report:
    """What one intake did. Counts are of documents; a CSV file holds many."""

    lines: list[Line] = field(default_factory=list)

    def count(self, result: str) -> int:
        return sum(line.result == result for line in self.lines)

    def as_json(self) -> dict[str, Any]:
        """The shape of interfaces: `intake --json`."""
        return {
            "documents": len(self.lines),
            "accepted": self.count("accepted"),
            "unchanged": self.count("unchanged"),
            "duplicates": self.count("duplicate"),
            "quarantined": [
                {"path": x.path, "code": x.code, "error": x.error, "line": x.line}
                for x in self.lines
                if x.result == "quarantined"
            ],
        }


def take_in(files: Iterable[tuple[str, bytes]], *, actor: str, source: str = "") -> Report:
    """Take files in. `actor` is who brought them (`human:7`, `system:intake`)."""
    report = Report()
    for group in _grouped(files, FILES_AT_ONCE):
        report.lines += _take_group(group, Origin(actor, source, timezone.now()))
    return report


def _grouped(files: Iterable[tuple[str, bytes]], size: int) -> Iterator[list[tuple[str, bytes]]]:
    group: list[tuple[str, bytes]] = []
    for item in files:
        group.append(item)
        if len(group) >= size:
            yield group
            group = []
    if group:
        yield group


def _take_group(files: Sequence[tuple[str, bytes]], origin: Origin) -> list[Line]:
    lines: list[Line] = []
    parts: list[Part] = []
    for path, content in files:
        sha256 = keep(content)
        read, refused = read_file(path, content, sha256, origin)
        parts += read
        lines += refused
    for shape, handler in HANDLERS:
        of_shape = [p for p in parts if isinstance(p.document, shape)]
        for start in range(0, len(of_shape), PARTS_AT_ONCE):
            lines += write(of_shape[start : start + PARTS_AT_ONCE], handler, origin)
    return lines


def keep(content: bytes) -> str:
    """Keep the original bytes; their SHA-256."""
    sha256 = hashlib.sha256(content).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO coordination_content (sha256, data, size) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [sha256, content, len(content)],
        )
    return sha256


def read_file(path: str, content: bytes, sha256: str, origin: Origin) -> tuple[list[Part], list[Line]]:
    """Translate one file into parts; what cannot be read goes to quarantine."""
    try:
        if len(content) > LARGEST:
            raise Unreadable(
                QuarantineCode.TOO_LARGE, f"The file has {len(content):,} bytes; 25 MB is the limit."
            )
        found: Translation = translate(content, path)
    except Unreadable as error:
        return [], [desk.set_aside(path, sha256, error.code, error.error, error.line, origin)]
    parts = [Part(path, sha256, i, found.source_format, d) for i, d in enumerate(found.documents)]
    refused = [desk.set_aside(path, sha256, r.code, r.error, r.line, origin) for r in found.rejected]
    return parts, refused


@transaction.atomic
def write(parts: Sequence[Part], handler: Handler, origin: Origin) -> list[Line]:
    """Write parts of one shape in one transaction; those taken in before are unchanged."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [INTAKE_LOCK])
    known = set(
        Document.objects.filter(content__in={p.sha256 for p in parts}).values_list(
            "content_id", "kind", "part"
        )
    )
    done = {(sha, part) for sha, _, part in known}
    fresh, unchanged = [], []
    for part in parts:
        key = (part.sha256, str(part.index))
        if key in done:
            unchanged.append(Line(part.path, "unchanged", number=number_of(part)))
        else:
            done.add(key)
            fresh.append(part)
    lines = unchanged if handler not in LISTS else list({x.path: x for x in unchanged}.values())
    lines += handler(fresh, origin) if fresh else []
    if fresh:
        announce([("flow", ""), ("invoices", "")], work=True)
    return lines


def number_of(part: Part) -> str:
    return str(getattr(part.document, "number", "") or getattr(part.document, "vendor_id", ""))


__all__ = ["Content", "Line", "Quarantine", "Report", "take_in"]
