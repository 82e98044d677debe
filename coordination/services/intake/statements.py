"""Statements of account: what a vendor says that we owe, kept line by line and reconciled by the next
worker."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from audit import ledger, trail
from audit.ids import new_id
from audit.subjects import Subject
from audit.trail import Change

from ...facts.serialization import encode
from ...facts.vendor_directory import Directory
from ...models import Document, Statement, StatementLine
from ...tasks import statement_changes
from ...translation import canonical as shapes
from .parts import Line, Origin, Part, digest, document_row, received


def statements(parts: Sequence[Part], origin: Origin) -> list[Line]:
    """Take statements in. The same content in other bytes is known and makes no second one."""
    directory = Directory.load()
    digests = [digest(p.document) for p in parts]
    known: dict[str, UUID] = dict(Statement.objects.filter(digest__in=digests).values_list("digest", "id"))
    documents, repeated, rows, lines, told = [], [], [], [], []
    for part, name in zip(parts, digests, strict=True):
        stated = part.document
        assert isinstance(stated, shapes.Statement)  # noqa: S101 - chosen by shape
        fresh = name not in known
        key = known.setdefault(name, new_id())
        document = document_row(part, "statement", stated.number, origin, Subject.of("statement", key))
        documents.append(document)
        told.append(
            Line(
                part.path,
                "accepted" if fresh else "duplicate",
                "statement",
                stated.number,
                subject=document.subject,
            )
        )
        if not fresh:
            repeated.append(document)
            continue
        rows.append(_row(key, stated, name, document, directory, origin))
        lines += [_line(key, n, line) for n, line in enumerate(stated.lines, 1)]
    trail.insert_facts(documents)
    _write(rows, lines, origin)
    ledger.append([received(d, "document.repeated", origin, {}, []) for d in repeated])
    statement_changes.changed((r.vendor_id for r in rows), "statement")
    if any(r.vendor_id is None for r in rows):
        statement_changes.vendors_changed("statement")
    return told


def _row(
    key: UUID, stated: shapes.Statement, name: str, document: Document, directory: Directory, origin: Origin
) -> Statement:
    return Statement(
        id=key,
        number=stated.number,
        vendor_id=directory.find(stated.seller, stated.vendor_id),
        document=document,
        seller=encode(stated.seller),
        vendor_ref=stated.vendor_id,
        statement_date=stated.statement_date,
        currency=stated.currency[:3],
        balance=stated.balance,
        total_debit=stated.total_debit,
        total_credit=stated.total_credit,
        digest=name,
        received_at=origin.at,
        line_count=len(stated.lines),
    )


def _line(statement: UUID, position: int, line: shapes.StatementLine) -> StatementLine:
    return StatementLine(
        id=new_id(),
        statement_id=statement,
        position=position,
        reference=line.reference,
        reference_date=line.reference_date,
        type=line.type,
        amount=line.amount,
        others=list(line.other_references),
    )


def _write(rows: list[Statement], lines: list[StatementLine], origin: Origin) -> None:
    changes: dict[UUID, list[Change]] = {}
    for row, change in zip(rows, trail.insert(rows, origin.stamp("received")), strict=True):
        changes[row.id] = [change]
    for line, change in zip(lines, trail.insert(lines, origin.stamp("received")), strict=True):
        changes[line.statement_id].append(change)
    ledger.append(
        [
            received(
                r.document, "statement.received", origin, {"content": r.document.canonical}, changes[r.id]
            )
            for r in rows
        ]
    )
