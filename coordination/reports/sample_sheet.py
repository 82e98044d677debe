"""The sheet of a sample as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from .words import guarded

COLUMNS = (
    "place",
    "invoice_id",
    "invoice_number",
    "vendor_name",
    "issue_date",
    "currency",
    "amount",
    "stratum",
    "hits",
    "outcome",
    "audited",
    "words",
    "by",
    "at",
)
AMOUNTS = frozenset({"place", "amount", "hits", "audited"})


def csv_sheet(rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8, comma, CRLF; text that a spreadsheet would take for a formula is guarded, amounts are not
    text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([v if name in AMOUNTS else guarded(v) for name, v in zip(COLUMNS, row, strict=True)])
    return out.getvalue().encode()
