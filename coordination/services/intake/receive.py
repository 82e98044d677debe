"""The door: files in, one line per document out. Order of files does not matter; one bad file holds up
nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction

from audit import clock
from audit.errors import CountersignError

from ...models import Content, Document, Quarantine, Vendor
from ...tasks.announce import announce
from ...tasks.intake_lock import INTAKE_LOCK
from ...translation import Unreadable
from ...translation import canonical as shapes
from ...translation.canonical import Rejected
from . import (
    allowances,
    bank,
    codings,
    control_totals,
    conversions,
    exchange_rates,
    files,
    invoices,
    masters,
    orders,
    others,
    quarantine,
    receipts,
    statements,
    table_maps,
)
from .files import Bytes, Refused
from .parts import Line, Origin, Part

Handler = Callable[[Sequence[Part], Origin], list[Line]]

AGAIN: dict[Handler, Handler] = {
    exchange_rates.rates: exchange_rates.again,
    masters.vendors: masters.again,
    conversions.conversions: conversions.again,
}
"""Handlers of lists that say how things stand. One that was taken in before is compared with what is known
now (by the second handler), since a later list may have said otherwise."""

FILES_AT_ONCE = 200
BYTES_AT_ONCE = 16 * 1024 * 1024
"""A group of files ends at whichever comes first, so that memory does not grow with the size of a
delivery."""
PARTS_AT_ONCE = 500
LINES_AT_ONCE = 5_000
LONGEST_SOURCE = 60

KEEP_ONE = "INSERT INTO coordination_content (sha256, data, size) VALUES (%s, %b, %s) ON CONFLICT DO NOTHING"
KEEP_MANY = (
    "INSERT INTO coordination_content (sha256, data, size)"
    " SELECT * FROM unnest(%s::text[], %b::bytea[], %s::bigint[]) ON CONFLICT DO NOTHING"
)

EMPTIED = (
    "SELECT sha256 FROM coordination_content WHERE sha256 = ANY(%s) AND size > 0 AND octet_length(data) = 0"
)
RESTORE = "UPDATE coordination_content SET data = %b WHERE sha256 = %s"

HANDLERS: tuple[tuple[type, Handler], ...] = (
    (shapes.Rate, exchange_rates.rates),
    (shapes.Vendor, masters.vendors),
    (shapes.Conversion, conversions.conversions),
    (shapes.Codings, codings.codings),
    (shapes.Order, orders.messages),
    (shapes.Receipt, receipts.receipts),
    (shapes.Invoice, invoices.invoices),
    (shapes.Statement, statements.statements),
    (shapes.Answer, others.information),
    (shapes.Information, others.information),
    (shapes.BankReport, bank.reports),
)
"""Shape -> handler, in the order in which documents of one batch are taken in: masters before what refers to
them."""


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


class SourceTooLong(CountersignError):
    """The name of the source is longer than 60 characters: give a shorter one."""

    exit_code = 2


def take_in(
    brought: Iterable[tuple[str, Bytes]],
    *,
    actor: str,
    source: str = "",
    allowed: Collection[str] | None = None,
    trust_first: bool = False,
) -> Report:
    """Take files in. `actor` is who brought them (`human:7`, `system:intake`).

    `allowed` are the kinds of fact that they may bring (`allowances.KINDS`); None: every kind, as the
    installation's operator may. A file with a document of another kind is set aside whole. `trust_first`:
    first accounts of vendors count as verified, as in a first import (one into an installation that knows no
    vendor) and under the setting of that name.
    """
    report, source = Report(), quarantine.legible(source)
    if len(source) > LONGEST_SOURCE:
        raise SourceTooLong
    trusted = trust_first or settings.COUNTERSIGN_TRUST_FIRST_IMPORT or not Vendor.objects.exists()
    for group in _grouped((quarantine.legible(path), content) for path, content in brought):
        report.lines += _take_group(group, Origin(actor, source, clock.now(), trusted, allowed))
    return report


def _grouped(brought: Iterable[tuple[str, Bytes]]) -> Iterator[list[tuple[str, Bytes]]]:
    group: list[tuple[str, Bytes]] = []
    size = 0
    for path, content in brought:
        if group and (len(group) >= FILES_AT_ONCE or size + len(content) > BYTES_AT_ONCE):
            yield group
            group, size = [], 0
        group.append((path, files.checked(content)))
        size += len(content)
    if group:
        yield group


def _take_group(group: Sequence[tuple[str, Bytes]], origin: Origin) -> list[Line]:
    whole = [(path, content) for path, content in group if isinstance(content, bytes)]
    lines = [_set_aside(path, content, origin) for path, content in group if isinstance(content, Refused)]
    parts: list[Part] = []
    weight = 0
    for (path, content), sha256 in zip(whole, keep([c for _, c in whole]), strict=True):
        for found in read_file(path, content, sha256, origin):
            if isinstance(found, Line):
                lines.append(found)
                continue
            parts.append(found)
            weight += 1 + len(getattr(found.document, "lines", ()))
            if weight >= LINES_AT_ONCE:
                lines += _write_all(parts, origin)
                parts, weight = [], 0
    return lines + _write_all(parts, origin)


def _set_aside(path: str, file: Refused, origin: Origin) -> Line:
    files.keep(file)
    return quarantine.set_aside(path, file.sha256, file.code, file.error, None, origin)


def _write_all(parts: Sequence[Part], origin: Origin) -> list[Line]:
    """Write parts of all shapes, masters before what refers to them."""
    lines: list[Line] = []
    for shape, handler in HANDLERS:
        of_shape = [p for p in parts if isinstance(p.document, shape)]
        for start in range(0, len(of_shape), PARTS_AT_ONCE):
            lines += _isolated(of_shape[start : start + PARTS_AT_ONCE], handler, origin)
    return lines


def keep(contents: Sequence[bytes]) -> list[str]:
    """Keep the original bytes before anything is read from them; their SHA-256, in order."""
    if not contents:
        return []
    digests = [hashlib.sha256(content).hexdigest() for content in contents]
    connection.ensure_connection()
    # Parameters bound by the server, in binary: Django's own cursor would write the bytes into the statement
    # as text.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        if len(contents) == 1:
            cursor.execute(KEEP_ONE, [digests[0], contents[0], len(contents[0])])
        else:
            cursor.execute(KEEP_MANY, [digests, list(contents), [len(c) for c in contents]])
        if cursor.rowcount < len(contents):
            _restore(cursor, dict(zip(digests, contents, strict=True)))
    return digests


def _restore(cursor: psycopg.Cursor[Any], known: dict[str, bytes]) -> None:
    """Bytes that were removed when their time was over have come again: keep them again."""
    for (sha256,) in cursor.execute(EMPTIED, [list(known)]).fetchall():
        cursor.execute(RESTORE, [known[sha256], sha256])


def read_file(path: str, content: bytes, sha256: str, origin: Origin) -> Iterator[Part | Line]:
    """Translate one file, a document at a time; what cannot be read goes to quarantine and is a line."""
    try:
        source_format, documents = table_maps.stream(content, path)
        for place, document in allowances.only(documents, source_format, origin.allowed):
            if isinstance(document, Rejected):
                yield quarantine.set_aside(path, sha256, document.code, document.error, document.line, origin)
            else:
                yield Part(path, sha256, place, source_format, document)
    except Unreadable as error:
        yield quarantine.set_aside(path, sha256, error.code, error.error, error.line, origin)
    except Exception as error:  # a fault of ours; the other files go on
        if not quarantine.of_the_file(error):
            raise
        yield quarantine.set_aside_unread(path, sha256, error, origin)


def _isolated(parts: Sequence[Part], handler: Handler, origin: Origin) -> list[Line]:
    """Write parts of one shape. One that fails is set aside alone, and the others are written."""
    try:
        return write(parts, handler, origin)
    except Exception as error:
        if not quarantine.of_the_file(error):
            raise
        if len(parts) == 1:
            return [quarantine.set_aside_failed(parts[0], number_of(parts[0]), error, origin)]
    half = len(parts) // 2
    return _isolated(parts[:half], handler, origin) + _isolated(parts[half:], handler, origin)


@transaction.atomic
def write(parts: Sequence[Part], handler: Handler, origin: Origin) -> list[Line]:
    """Write parts of one shape in one transaction; those taken in before are unchanged."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [INTAKE_LOCK])
    known = set(
        Document.objects.filter(
            content__in={p.sha256 for p in parts}, part__in={str(p.index) for p in parts}
        ).values_list("content_id", "kind", "part")
    )
    done = {(sha, part) for sha, _, part in known}
    fresh: list[Part] = []
    again: list[Part] = []
    for part in parts:
        key = (part.sha256, str(part.index))
        (again if key in done else fresh).append(part)
        done.add(key)
    lines = handler(fresh, origin) if fresh else []
    if handler in AGAIN:
        lines += AGAIN[handler](again, origin) if again else []
    else:
        lines += [Line(p.path, "unchanged", number=number_of(p)) for p in again]
    if fresh:
        control_totals.count(fresh, origin)
        announce([("flow", ""), ("invoices", "")], work=True)
    return lines


def number_of(part: Part) -> str:
    return str(getattr(part.document, "number", "") or getattr(part.document, "vendor_id", ""))


__all__ = ["Content", "Line", "Quarantine", "Report", "take_in"]
