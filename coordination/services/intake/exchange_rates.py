"""Exchange rates as lists state them: one per currency and day. One that is out of line waits for a second
person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from audit import ledger, trail

from ...translation import canonical as shapes
from .. import rate_changes
from .masters import one_per_file
from .parts import Line, Origin, Part, document_row, evidence_of, received

SUBJECT = "rates/reference"


def rates(parts: Sequence[Part], origin: Origin) -> list[Line]:
    """Add or replace rates; those out of line are asked about and the known one stands until somebody has
    agreed."""
    documents = [document_row(p, "rate", "", origin, SUBJECT) for p in parts]
    trail.insert_facts(documents)
    shown = {d.content_id: evidence_of(d) for d in documents}
    lines, said = _heard(parts, origin, shown)
    ledger.append(
        [
            received(d, "rate.recorded", origin, {"rate": d.canonical, "result": r}, [])
            for d, r in zip(documents, said, strict=True)
        ]
    )
    return lines


def again(parts: Sequence[Part], origin: Origin) -> list[Line]:
    """Lists that were taken in before: unchanged where we know the rates as they state them, else stated once
    more."""
    lines, said = _heard(parts, origin, {})
    stated = [
        {
            "currency": _rate(p).currency,
            "on": _rate(p).on.isoformat(),
            "per_eur": format(_rate(p).per_eur, "f"),
            "result": r,
            "sha256": p.sha256,
        }
        for p, r in zip(parts, said, strict=True)
        if r != "unchanged"
    ]
    if stated:
        ledger.append(
            [ledger.Event(SUBJECT, "rate.stated_again", origin.actor, origin.at, {"rates": stated})]
        )
    return lines


def _rate(part: Part) -> shapes.Rate:
    assert isinstance(part.document, shapes.Rate)  # noqa: S101 - chosen by shape
    return part.document


def _heard(
    parts: Sequence[Part], origin: Origin, documents: dict[str, dict[str, str]]
) -> tuple[list[Line], list[rate_changes.Heard]]:
    """A line for each file, and for each rate what became of it."""
    heard = rate_changes.hear([_rate(p) for p in parts])
    asked: dict[str, list[tuple[shapes.Rate, Part]]] = defaultdict(list)
    lines = []
    for part, result in zip(parts, heard, strict=True):
        rate = _rate(part)
        if result == "asked":
            asked[rate.currency].append((rate, part))
        told = "a rate out of line waits for a second person" if result == "asked" else ""
        lines.append(
            Line(
                part.path,
                "unchanged" if result == "unchanged" else "accepted",
                "rate",
                f"{rate.currency} {rate.on}",
                error=told,
            )
        )
    for found in asked.values():
        files = [documents[sha] for sha in dict.fromkeys(p.sha256 for _, p in found) if sha in documents]
        rate_changes.propose([rate for rate, _ in found], files, origin.actor, origin.at)
    return one_per_file(lines, "rates"), heard
