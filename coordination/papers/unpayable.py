"""What no SEPA transfer can pay, as a table for the bank's other channels."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from ..engine.payments.elsewhere import COLUMNS

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def unpayable_csv(lines: Iterable[Mapping[str, str]]) -> bytes:
    """UTF-8 with a header row; text that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({k: f"'{v}" if v.startswith(FORMULA) else v for k, v in line.items()} for line in lines)
    return out.getvalue().encode()
