"""A unit factor that people declare by answering a question: kept as a document like any other declaration,
in the transaction of the answer."""

from __future__ import annotations

import csv
import io
from datetime import datetime

from ...models import Document
from . import control_totals, conversions
from .parts import Origin, Part
from .receive import keep, read_file

SOURCE = "answer to a question"


def factor(vendor_id: str, item: str, unit: str, per: str, factor: str, *, by: str, at: datetime) -> None:
    """Declare that one `unit` is `factor` of `per`, for this item of this vendor. Undecided invoices of the
    vendor are asked about again."""
    content = _as_table(vendor_id, item, unit, per, factor)
    [sha256] = keep([content])
    origin = Origin(by, SOURCE, at)
    parts = [p for p in read_file(f"factor-{unit}-{per}.csv", content, sha256, origin) if isinstance(p, Part)]
    if Document.objects.filter(content=sha256, kind="conversion").exists():
        conversions.again(parts, origin)
        return
    conversions.conversions(parts, origin)
    control_totals.count(parts, origin)


def _as_table(*row: str) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("vendor_id", "item", "unit", "per", "factor"))
    writer.writerow(row)
    return out.getvalue().encode()
