"""How people coded lines before, as imported: examples for later lines. The vendor may come later than they
do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, replace

from audit import ledger, trail
from audit.ids import new_id

from ...facts import coding_history
from ...models import CodingExample, Document
from ...translation import canonical as shapes
from ..coding.confirm import TEXT_KEPT
from .parts import Line, Origin, Part, digest, document_row, received


def codings(parts: Sequence[Part], origin: Origin) -> list[Line]:
    """Keep the coded lines of each vendor; invoices of the vendor that they code otherwise are asked about
    again."""
    documents, examples, lines, events, heard = [], [], [], [], []
    digests = {id(p): _content(p.document) for p in parts}
    known = set(
        Document.objects.filter(
            kind="codings", canonical__content_sha256__in=list(digests.values())
        ).values_list("canonical__content_sha256", flat=True)
    )
    for part in parts:
        found = part.document
        assert isinstance(found, shapes.Codings)  # noqa: S101 - chosen by shape
        document = document_row(part, "codings", found.vendor_id, origin, "codings/imported", keep=False)
        document.canonical = {"content_sha256": digests[id(part)]}
        documents.append(document)
        told = f"{len(found.lines)} of vendor {found.vendor_id}"
        if digests[id(part)] in known:
            events.append(received(document, "document.repeated", origin, {}, []))
            lines.append(Line(part.path, "duplicate", "codings", told))
            continue
        known.add(digests[id(part)])
        heard.append(found.vendor_id)
        examples += [_example(found.vendor_id, line, document, origin) for line in found.lines]
        data = {
            "vendor": found.vendor_id,
            "lines": str(len(found.lines)),
            "content_sha256": digests[id(part)],
        }
        events.append(received(document, "codings.recorded", origin, data, []))
        lines.append(Line(part.path, "accepted", "codings", told))
    trail.insert_facts(documents)
    trail.insert_facts(examples)
    ledger.append(events)
    coding_history.ask_again(heard, "codings imported")
    return lines


def _content(document: shapes.Canonical) -> str:
    """SHA-256 of coded lines, in whatever order they stand: the same history in other bytes teaches nothing
    new."""
    assert isinstance(document, shapes.Codings)  # noqa: S101 - chosen by shape
    lines = sorted(document.lines, key=lambda line: (line.coded_on, *astuple(line)[2:], line.account))
    return digest(replace(document, lines=tuple(lines)))


def _example(vendor_id: str, line: shapes.CodedLine, document: Document, origin: Origin) -> CodingExample:
    """A day that has not come yet counts as today: it would stand before everything that comes."""
    return CodingExample(
        id=new_id(),
        vendor_id=vendor_id,
        item=line.item[:TEXT_KEPT],
        description=line.description[:TEXT_KEPT],
        account=line.account,
        cost_centre=line.cost_centre,
        coded_on=min(line.coded_on, origin.at.date()),
        document=document,
        by=origin.actor,
        recorded_at=origin.at,
    )
