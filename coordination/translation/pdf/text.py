"""An invoice from the text of a PDF's pages, by the template that knows its layout.

What comes out is a proposal of a reading, not data: its format is `TEXT_FORMAT`, for which
`finance.validation` is never sure enough to clear anything. A value that is not there, that is there twice
with different readings, or that could be read in two ways stays empty; the hold says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, TypeVar

from .. import values
from ..canonical import Account, Invoice, InvoiceLine, Party, QuarantineCode, Translation, Unreadable
from ..record import Leaf, Record
from . import printed
from .contents import Contents, Page, page_texts
from .template import Template, templates

TEXT_FORMAT: Final = "pdf-text"

MAX_ROWS: Final = 5_000
MAX_ROW: Final = 300
"""Longer rows are prose; and no pattern shall run over a row that was made to keep it busy."""

CURRENCIES: Final = {"€": "EUR", "£": "GBP", "US$": "USD", "US DOLLAR": "USD", "US DOLLARS": "USD"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a page and its place."""

    path: str
    text: str


Candidates = dict[str, list[Leaf]]


def read_pages(contents: Contents) -> Translation:
    """Read the pages by a template, or raise `Unreadable` (unsupported where none knows them)."""
    rows = list(_rows(contents.pages))
    text = "\n".join(row.text for row in rows)
    fitting = [(template, found) for template in templates() if (found := _fit(template, text, rows))]
    if not fitting:
        error = "a PDF without XML whose layout no template knows: ask for the invoice as XML"
        raise Unreadable(QuarantineCode.UNSUPPORTED, error)
    best = [pair for pair in fitting if bool(pair[0].static) == bool(fitting[0][0].static)]
    invoices = [_invoice(template, found, rows, contents) for template, found in best]
    if any(_key(one) != _key(invoices[0]) for one in invoices[1:]):
        names = " and ".join(template.name for template, _ in best)
        error = f"a PDF without XML that the templates {names} read differently: ask for the invoice as XML"
        raise Unreadable(QuarantineCode.UNSUPPORTED, error)
    return Translation(TEXT_FORMAT, (invoices[0],))


def _rows(pages: Iterable[Page]) -> Iterator[Row]:
    rows = (
        Row(f"/page[{number}]/row[{place}]", text)
        for number, page in enumerate(pages, 1)
        for place, text in enumerate(page.rows, 1)
    )
    return (row for row, _ in zip(rows, range(MAX_ROWS), strict=False) if len(row.text) <= MAX_ROW)


def _fit(template: Template, text: str, rows: list[Row]) -> Candidates | None:
    """What the fields of the template find, if it knows the layout and finds all that it requires."""
    if not template.knows(text):
        return None
    found = {name: list(_candidates(patterns, rows)) for name, patterns in template.fields.items()}
    return found if all(found.get(name) for name in template.required) else None


def _candidates(patterns: Iterable[re.Pattern[str]], rows: list[Row]) -> Iterator[Leaf]:
    """The values of the first pattern that finds any."""
    for pattern in patterns:
        matches = [(row, match) for row in rows for match in pattern.finditer(row.text)]
        if matches:
            yield from (Leaf(row.path, match["value"].strip()) for row, match in matches)
            return


def _key(invoice: Invoice) -> tuple[object, ...]:
    return invoice.number, invoice.issue_date, invoice.gross


def _invoice(template: Template, found: Candidates, rows: list[Row], contents: Contents) -> Invoice:
    reading = _Reading(template, found, Record())
    record, static = reading.record, template.static
    number = reading.one("number", values.key)
    if not number:
        error = "the pages of the PDF state several invoice numbers, or none that can be read"
        raise Unreadable(QuarantineCode.MISSING_ID, error)
    accounts = tuple(Account(number) for number in reading.all("iban", _iban))
    currency = static.get("currency") or reading.one("currency", _currency) or ""
    return Invoice(
        number=number,
        issue_date=reading.one("issue_date", reading.day),
        due_date=reading.one("due_date", reading.day),
        currency=currency,
        seller=Party(
            name=static.get("seller_name", ""),
            vat_id=static.get("vat_id") or reading.one("vat_id", values.key) or "",
        ),
        account=accounts[0] if accounts else Account(),
        other_accounts=accounts[1:],
        order_numbers=tuple(reading.all("order_numbers", values.key)),
        net=reading.one("net", reading.amount),
        tax=reading.one("tax", reading.amount),
        gross=reading.one("gross", reading.amount),
        lines=tuple(_lines(reading, rows)),
        texts=(*contents.texts, *page_texts(contents.pages)),
        unreadable=record.unreadable,
        provenance=record.provenance,
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """The candidates of one document while they become values."""

    template: Template
    found: Candidates
    record: Record

    def one(self, name: str, parse: Callable[[str], T]) -> T | None:
        """The value of a field; stated more than once, all statements have to mean the same."""
        leaves = self.found.get(name, [])
        if not leaves:
            return None
        meant = {_meant(leaf.raw, parse) for leaf in leaves}
        leaves[0].ambiguous = len(meant) > 1
        place = {"vat_id": "seller/vat_id"}.get(name, name)
        return self.record.read(place, leaves[0], parse)

    def all(self, name: str, parse: Callable[[str], str]) -> list[str]:
        """All values of a field that may have several, each once."""
        distinct = {_meant(leaf.raw, parse): leaf for leaf in reversed(self.found.get(name, []))}
        several = name == "order_numbers"
        places = [f"{name}/{n}" for n in range(1, len(distinct) + 1)] if several else _ACCOUNTS
        leaves = sorted(distinct.values(), key=self.found.get(name, []).index)
        read = (self.record.read(place, leaf, parse) for place, leaf in zip(places, leaves, strict=False))
        return [value for value in read if value]

    def amount(self, text: str) -> Decimal:
        return printed.amount(text, self.template.decimal_mark)

    def day(self, text: str) -> date:
        return printed.day(text, self.template.date_order)


_ACCOUNTS: Final = ["account/number", *(f"other_accounts/{n}/number" for n in range(1, 10))]


def _meant(text: str, parse: Callable[[str], T]) -> T | str:
    try:
        return parse(text)
    except values.BadValueError:
        return text


def _iban(text: str) -> str:
    from schwifty import IBAN  # its registry of banks is loaded only where an account is printed
    from schwifty.exceptions import SchwiftyException

    try:
        return str(IBAN(text).compact)
    except SchwiftyException:
        raise values.BadValueError("not an IBAN") from None


def _currency(text: str) -> str:
    plain = " ".join(text.upper().split())
    return CURRENCIES.get(plain) or values.currency(plain)


# --- lines --------------------------------------------------------------------------------------------------


def _lines(reading: _Reading, rows: list[Row]) -> Iterator[InvoiceLine]:
    """The lines of the document, if the template says how they look."""
    pattern = reading.template.lines
    if pattern is None:
        return
    inside, position = False, 0
    for row in rows:
        inside = inside and not pattern.end.search(row.text)
        match = pattern.row.search(row.text) if inside else None
        if match:
            position += 1
            yield _line(reading, position, row, match.groupdict())
        inside = inside or bool(pattern.start.search(row.text))


def _line(reading: _Reading, position: int, row: Row, group: dict[str, str | None]) -> InvoiceLine:
    name, record = f"lines/{position}", reading.record

    def leaf(part: str) -> Leaf:
        return Leaf(row.path, (group.get(part) or "").strip())

    def number(part: str) -> Decimal | None:
        return record.read(f"{name}/{part}", leaf(part), reading.amount)

    return InvoiceLine(
        position=position,
        line=str(position),
        item=record.key(f"{name}/item", leaf("item")),
        description=record.text(f"{name}/description", leaf("description")),
        quantity=number("quantity"),
        unit=record.text(f"{name}/unit", leaf("unit")),
        price=number("price"),
        net=number("net"),
        tax_rate=number("tax_rate"),
    )
