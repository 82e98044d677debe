"""A list of invoices as a file, whatever its format: its columns, and what is counted while it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal

from audit.canonical import instant

Cell = str | Decimal | int | date | datetime | tuple[str, ...] | None
Kind = Literal["text", "money", "count", "day", "instant", "list"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `name` in files, `title` on paper, `about` in the manifest; `width` in points, 0 = not
    printed."""

    name: str
    title: str
    kind: Kind
    about: str
    width: float = 0


COLUMNS = (
    Column("invoice_id", "Key", "text", "key of the invoice in this installation"),
    Column("invoice_number", "Number", "text", "number as printed on the document", 92),
    Column("type", "Type", "text", "invoice or credit_note", 42),
    Column("vendor_id", "Vendor no.", "text", "our number of the vendor; empty while it is unknown", 48),
    Column("vendor_name", "Vendor", "text", "name in the vendor master, else as printed", 128),
    Column("issue_date", "Issued", "day", "date of issue on the document", 46),
    Column("due_date", "Due", "day", "due date on the document"),
    Column("received_at", "Received", "instant", "when it was taken in, UTC", 46),
    Column("currency", "Cur.", "text", "ISO 4217 code of every amount of the row", 26),
    Column("net", "Net", "money", "total without tax; positive for a credit note, too"),
    Column("tax", "Tax", "money", "total of tax"),
    Column("gross", "Gross", "money", "total with tax", 74),
    Column("order_numbers", "Orders", "list", "orders it bills"),
    Column("state", "State", "text", "state when the list was made", 48),
    Column("lane", "Lane", "text", "who has to do something about it", 42),
    Column("holds", "Open reasons", "list", "codes of the reasons that hold it", 79),
    Column("document_sha256", "SHA-256 of the document", "text", "SHA-256 of the file it came in"),
    Column("source_format", "Format", "text", "format it came in"),
    Column("entries", "Entries", "count", "entries of the invoice in the ledger", 32),
    Column("last_entry_hash", "Last entry", "text", "hash of the last of them"),
)
AT = {column.name: place for place, column in enumerate(COLUMNS)}
Row = Sequence[Cell]
"""The values of one invoice in the order of COLUMNS."""


@dataclass(slots=True)
class Total:
    """Number and sum of one currency; credit notes are among them and counted once more beside."""

    count: int = 0
    gross: Decimal = Decimal(0)
    credit_notes: int = 0
    credit_gross: Decimal = Decimal(0)

    def as_json(self, currency: str) -> dict[str, str]:
        return {
            "currency": currency,
            "count": str(self.count),
            "gross": format_decimal(self.gross),
            "credit_notes": str(self.credit_notes),
            "credit_gross": format_decimal(self.credit_gross),
        }


@dataclass(slots=True)
class RunningTotal:
    """What has gone by: number, sums per currency, and the digest of keys and amounts
    (`audit.sampling.digest`)."""

    count: int = 0
    totals: dict[str, Total] = field(default_factory=dict)
    last: str = ""
    _digest: Any = field(default_factory=sha256)

    def through(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The same rows, counted."""
        for row in rows:
            gross = row[AT["gross"]]
            amount = gross if isinstance(gross, Decimal) else Decimal(0)
            self.add(str(row[AT["invoice_id"]]), str(row[AT["type"]]), str(row[AT["currency"]] or ""), amount)
            yield row

    def add(self, key: str, type_: str, currency: str, gross: Decimal) -> None:
        """Count one invoice. They come in the order of their keys, or the digest would be another."""
        if key <= self.last:
            raise ValueError(f"{key} does not follow {self.last}")
        self.last = key
        self.count += 1
        credit = type_ == "credit_note"
        total = self.totals.setdefault(currency, Total())
        total.count += 1
        total.gross += gross
        total.credit_notes += credit
        total.credit_gross += gross if credit else 0
        self._digest.update(f"{key}\t{weight(type_, gross):f}\n".encode())

    @property
    def digest(self) -> str:
        return str(self._digest.hexdigest())

    def as_json(self) -> list[dict[str, str]]:
        return [self.totals[currency].as_json(currency) for currency in sorted(self.totals)]


def format_decimal(amount: Decimal) -> str:
    """Two decimals, more only where there are more: 1190.00, 0.125."""
    short = amount.quantize(Decimal("0.01"))
    return f"{short:f}" if short == amount else format(amount.normalize(), "f")


def weight(type_: str, gross: Decimal | None) -> Decimal:
    """What an invoice is weighed by in a sample, as precise as it is written: less than nothing for a credit
    note."""
    amount = Decimal(format_decimal(gross or Decimal(0)))
    return -amount if type_ == "credit_note" else amount


def plain(value: Cell, kind: Kind) -> str:
    """A value as text: amounts with a point, days in ISO, instants in UTC, lists joined by commas."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format_decimal(value) if kind == "money" else format(value, "f")
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return ", ".join(value) if isinstance(value, tuple) else str(value)


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above a list that is read by people: its title, and lines of name and value."""

    title: str
    facts: Sequence[tuple[str, str]]
