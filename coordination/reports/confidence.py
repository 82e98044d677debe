"""What another threshold would have changed, and what was measured of an agent, as tables to take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final

from audit.canonical import instant

from ..domain.calibration import Row
from .words import guarded

REPLAY: Final = ("invoice_number", "at", "confidence", "amount_company", "went", "answer", "invoice")
MEASURED: Final = (
    *("agent", "outcome", "method", "source_format", "vendor"),
    *("answers", "confirmed", "stated", "confidence"),
)


def replay_csv(lines: Iterable[tuple[str, datetime, float, Decimal, str, str, str]]) -> bytes:
    """UTF-8, comma, CRLF, with a header row, in the order of `REPLAY`; times are UTC, `answer` is empty where
    nobody gave one; text that a spreadsheet would take for a formula is guarded."""
    rows = (
        (guarded(number), instant(at), f"{confidence:.3f}", f"{amount:f}", way, answer, key)
        for number, at, confidence, amount, way, answer, key in lines
    )
    return _written(REPLAY, rows)


def measured_csv(rows: Iterable[Row]) -> bytes:
    """UTF-8, comma, CRLF, with a header row, in the order of `MEASURED`."""
    return _written(MEASURED, (tuple(guarded(str(v)) for v in _cells(row)) for row in rows))


def _cells(row: Row) -> tuple[object, ...]:
    p = row.pattern
    pattern = (p.agent, p.outcome, p.method, p.source_format, p.vendor)
    return (*pattern, row.answers, row.confirmed, row.stated, row.confidence)


def _written(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode()
