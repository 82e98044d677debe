"""Measured oversight as a table to take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from .words import guarded

COLUMNS: Final = ("by", "what", "caught", "shown", "rate", "at_least_95", "low_95", "high_95")

Row = tuple[str, str, int, int, float | None, float | None, tuple[float, float] | None]


def oversight_csv(rows: Iterable[Row]) -> bytes:
    """UTF-8, comma, CRLF, with a header row, in the order of `COLUMNS`; rates from 0 to 1, empty where
    nothing was shown."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for by, what, caught, shown, value, least, interval in rows:
        low, high = interval if interval is not None else (None, None)
        writer.writerow([by, guarded(what), caught, shown, *map(_rate, (value, least, low, high))])
    return out.getvalue().encode()


def _rate(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
