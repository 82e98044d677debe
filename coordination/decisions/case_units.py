"""The factor between the unit of an invoice line and that of its order line, for two people to declare."""

from __future__ import annotations

from collections.abc import Sequence

from reviews.remedies import Field

from ..domain.facts import Snapshot
from ..domain.proposal import HoldDetail
from ..domain.remedies import Factor
from ..models import Hold

MOST = 6
"""Lines of one invoice; where more are billed in other units, it is another matter."""


def factor_fields(snapshot: Snapshot, holds: Sequence[Hold]) -> list[Field]:
    """Two fields for each unit and item: so many of one in the other, or the other way round. None where the
    vendor is not known or the line has no code: a factor for all that somebody sells is nobody's to give."""
    lines = {x.position: x for x in snapshot.document.lines}
    found: dict[tuple[str, str, str], list[Field]] = {}
    for hold in holds[:MOST] if snapshot.vendor is not None else ():
        line, detail = lines.get(hold.line or 0), HoldDetail.from_json(hold.detail)
        item = (line.item or line.buyer_item or line.standard_item) if line is not None else ""
        if line is None or not item or "/" in detail.found + detail.expected:
            continue
        hint = detail.sentence.partition("no factor is declared.")[2].strip()
        both = (
            Factor(line.position, detail.found, detail.expected),
            Factor(line.position, detail.expected, detail.found),
        )
        place = f"line {line.position}, item {item}"
        found.setdefault(
            (item, detail.found, detail.expected),
            [Field(f.name, f"{f.per} in one {f.unit}", "number", place=place, hint=hint) for f in both],
        )
    return [field for fields in found.values() for field in fields]
