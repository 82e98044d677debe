"""What no run pays, as a table for the bank's other channels."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Final

from .words import guarded

COLUMNS: Final = (
    "invoice_number",
    "vendor_id",
    "vendor_name",
    "amount",
    "currency",
    "issue_date",
    "due_date",
    "account",
    "bic",
    "why",
)


def unpayable_csv(lines: Iterable[Mapping[str, str]]) -> bytes:
    """UTF-8, comma, CRLF, with a header row; text that a spreadsheet would take for a formula is guarded."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({k: guarded(v) for k, v in line.items()} for line in lines)
    return out.getvalue().encode()
