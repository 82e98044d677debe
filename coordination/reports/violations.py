"""What must not happen and did, as a table to take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final

from audit.canonical import instant

from .words import guarded

COLUMNS: Final = ("invoice_number", "vendor_name", "currency", "gross", "at", "what", "invoice")


def violations_csv(lines: Iterable[tuple[str, str, str, Decimal | None, datetime, str, str]]) -> bytes:
    """UTF-8, comma, CRLF, with a header row, in the order of `COLUMNS`; `gross` is empty where the document
    says none, times are UTC; text that a spreadsheet would take for a formula is guarded."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for number, vendor, currency, gross, at, sentence, key in lines:
        amount = "" if gross is None else f"{gross:f}"
        writer.writerow(
            [guarded(number), guarded(vendor), currency, amount, instant(at), guarded(sentence), key]
        )
    return out.getvalue().encode()
