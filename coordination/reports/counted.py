"""What a number counts, and what a table says, to take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from audit.canonical import instant

from .words import guarded

Row = tuple[str, str, str, Decimal | None, datetime, Sequence[str], str]


def counted_csv(columns: Sequence[str], lines: Iterable[Row]) -> bytes:
    """UTF-8, comma, CRLF: invoice_number, vendor_name, currency, gross, at (UTC), these columns, and the key
    of the invoice; text that a spreadsheet would take for a formula is guarded."""
    names = [c.lower().replace(" ", "_").replace(".", "_") for c in columns]
    head = ["invoice_number", "vendor_name", "currency", "gross", "at", *names, "invoice"]
    return table_csv(
        head,
        (
            [number, vendor, currency, "" if gross is None else f"{gross:f}", instant(at), *cells, key]
            for number, vendor, currency, gross, at, cells, key in lines
        ),
    )


def table_csv(head: Sequence[str], lines: Iterable[Sequence[str | int | Decimal | None]]) -> bytes:
    """UTF-8, comma, CRLF, with a header row; numbers as they are, empty where there is none, text guarded."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    for line in lines:
        writer.writerow(
            [guarded(cell) if isinstance(cell, str) else "" if cell is None else f"{cell}" for cell in line]
        )
    return out.getvalue().encode()
