"""From the rows of one document to its canonical shape, one function for each CSV layout."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from .canonical import (
    Account,
    Conversion,
    Invoice,
    InvoiceLine,
    Order,
    OrderLine,
    Origin,
    QuarantineCode,
    Rate,
    Receipt,
    ReceiptLine,
    Statement,
    StatementLine,
    TaxSubtotal,
    Unreadable,
    Vendor,
)
from .record import Record
from .settlement import settled
from .table import CellLeaf, Row, shown
from .values import currency as read_currency

_TYPES: Final[dict[str, Literal["invoice", "credit_note"]]] = {
    "invoice": "invoice",
    "credit_note": "credit_note",
}
_STATUS: Final[dict[str, Literal["", "active", "blocked"]]] = {
    "": "",
    "active": "active",
    "blocked": "blocked",
}

ADDRESS: Final = ("street", "postcode", "town")
"""Columns that a list of vendors may have besides: payments abroad want to know where the creditor is."""

_SPACE: Final = re.compile(r"\s")
_STEP: Final = Decimal("0.000001")
_LARGEST_RATE: Final = Decimal(10) ** 14
"""Rates are kept to six decimals, with fourteen digits before them."""


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one document, in file order; never empty."""

    key: str
    rows: list[Row]

    def header(self, column: str) -> CellLeaf:
        """The value of the document's header: the first row that states it."""
        return next((leaf for row in self.rows if (leaf := row.leaf(column)).raw), self.rows[0].leaf(column))


def vendor(group: Group) -> Vendor:
    """A vendor master row; an empty status says nothing (`active` for a new vendor), any other word is
    refused."""
    record = Record()
    status = group.header("status")
    if status.raw.lower() not in _STATUS:
        raise _refused(f"status {shown(status.raw)} is neither active nor blocked", status)
    return Vendor(
        vendor_id=record.key("vendor_id", group.header("vendor_id")),
        name=record.text("name", group.header("name")),
        vat_id=record.key("vat_id", group.header("vat_id")),
        iban=record.key("iban", group.header("iban")),
        bic=record.key("bic", group.header("bic")),
        country=record.text("country", group.header("country")).upper(),
        currency=record.text("currency", group.header("currency")).upper(),
        payment_terms=record.text("payment_terms", group.header("payment_terms")),
        status=_STATUS[status.raw.lower()],
        **{name: record.text(name, group.header(name)) for name in ADDRESS if name in group.rows[0].index},
        provenance=record.provenance,
    )


def rate(group: Group) -> Rate:
    """A reference rate. One that cannot be read is refused as a whole: half a rate is none."""
    record = Record()
    column = next(name for name in ("rate", "per_eur", "rate_per_eur") if name in group.rows[0].index)
    on = record.date("on", group.header("date"))
    code = _currency(record, group)
    per_eur = record.number("per_eur", group.header(column))
    if on is None or not code or per_eur is None or not 0 < per_eur < _LARGEST_RATE:
        raise _refused("needs a date, a currency code and a rate above zero", group.header(column))
    kept = per_eur.quantize(_STEP)
    if not kept:
        raise _refused(f"a rate is at least {_STEP} for one euro", group.header(column))
    return Rate(on, code, kept)


def conversion(group: Group) -> Conversion:
    """A unit factor. One that cannot be read is refused as a whole."""
    record = Record()
    unit, per = record.key("unit", group.header("unit")), record.key("per", group.header("per"))
    factor = record.number("factor", group.header("factor"))
    if not unit or not per or factor is None or factor <= 0 or len(unit) > 10 or len(per) > 10:
        raise _refused("needs two units and a factor above zero", group.header("factor"))
    return Conversion(
        unit=unit,
        per=per,
        factor=factor,
        vendor_id=record.key("vendor_id", group.header("vendor_id")),
        item=record.key("item", group.header("item")),
        provenance=record.provenance,
    )


def order(group: Group) -> Order:
    """An order; this layout states no totals and no net of a line."""
    record = Record()
    return Order(
        number=record.key("number", group.header("order_number")),
        message_id=group.key,
        order_date=record.date("order_date", group.header("order_date")),
        currency=_currency(record, group),
        vendor_id=record.key("vendor_id", group.header("vendor_id")),
        lines=tuple(_order_line(record, f"lines/{n}", row) for n, row in enumerate(group.rows, 1)),
        unreadable=record.unreadable,
        provenance=record.provenance,
    )


def _order_line(record: Record, name: str, row: Row) -> OrderLine:
    return OrderLine(
        line=record.key(f"{name}/line", row.leaf("line")),
        item=record.key(f"{name}/item", row.leaf("item")),
        description=record.text(f"{name}/description", row.leaf("description")),
        quantity=record.number(f"{name}/quantity", row.leaf("quantity")),
        unit=record.key(f"{name}/unit", row.leaf("unit")),
        price=record.number(f"{name}/price", row.leaf("unit_price")),
        tax_rate=record.number(f"{name}/tax_rate", row.leaf("tax_rate")),
    )


def receipt(group: Group) -> Receipt:
    """A goods receipt; the order belongs to the line, and is the receipt's where all lines share one."""
    record = Record()
    lines = tuple(_receipt_line(record, f"lines/{n}", row) for n, row in enumerate(group.rows, 1))
    orders = {line.order_number for line in lines}
    return Receipt(
        number=record.key("number", group.header("receipt_number")),
        received_date=record.date("received_date", group.header("received_date")),
        order_number=orders.pop() if len(orders) == 1 else "",
        lines=lines,
        unreadable=record.unreadable,
        provenance=record.provenance,
    )


def _receipt_line(record: Record, name: str, row: Row) -> ReceiptLine:
    quantity = record.number(f"{name}/quantity", row.leaf("quantity"))
    stated = row.leaf("accepted")
    accepted = record.number(f"{name}/accepted", stated)
    # None would mean "all of it": where the accepted quantity cannot be read, nothing is known to be good.
    unknown = bool(stated.raw) and accepted is None
    return ReceiptLine(
        line=record.key(f"{name}/line", row.leaf("line")),
        order_number=record.key(f"{name}/order_number", row.leaf("order_number")),
        order_line=record.key(f"{name}/order_line", row.leaf("order_line")),
        quantity=None if unknown else quantity,
        accepted=accepted,
        unit=record.key(f"{name}/unit", row.leaf("unit")),
    )


def invoice(group: Group) -> Invoice:
    """An invoice or credit note.

    The layout states one tax for the whole document. It is given as a breakdown only where every line has
    the same rate, for then that row says no more than the columns do; otherwise `taxes` is empty. The
    layout knows no prepayment and no rounding, so what is payable is the gross. Negative amounts make it a
    credit.
    """
    record = Record()
    lines = tuple(_invoice_line(record, n, row) for n, row in enumerate(group.rows, 1))
    gross = record.number("gross", group.header("gross"))
    net, tax = record.number("net", group.header("net")), record.number("tax", group.header("tax"))
    preceding = record.key("preceding/1", group.header("preceding_invoice"))
    document = Invoice(
        number=record.key("number", group.header("invoice_number")),
        type=_type(record, group),
        issue_date=record.date("issue_date", group.header("issue_date")),
        due_date=record.date("due_date", group.header("due_date")),
        currency=_currency(record, group),
        vendor_id=record.key("vendor_id", group.header("vendor_id")),
        account=Account(number=record.key("account/number", group.header("iban"))),
        order_numbers=tuple(dict.fromkeys(line.order_number for line in lines if line.order_number)),
        preceding=(preceding,) if preceding else (),
        net=net,
        tax=tax,
        gross=gross,
        payable=gross,
        lines=lines,
        taxes=_taxes(lines, net, tax),
        texts=_texts(group),
        unreadable=record.unreadable,
        provenance=record.provenance,
    )
    return settled(document)


def _invoice_line(record: Record, position: int, row: Row) -> InvoiceLine:
    name = f"lines/{position}"
    return InvoiceLine(
        position=position,
        line=record.key(f"{name}/line", row.leaf("line")),
        item=record.key(f"{name}/item", row.leaf("item")),
        description=record.text(f"{name}/description", row.leaf("description")),
        quantity=record.number(f"{name}/quantity", row.leaf("quantity")),
        unit=record.key(f"{name}/unit", row.leaf("unit")),
        price=record.number(f"{name}/price", row.leaf("unit_price")),
        net=record.number(f"{name}/net", row.leaf("line_net")),
        tax_rate=record.number(f"{name}/tax_rate", row.leaf("tax_rate")),
        order_number=record.key(f"{name}/order_number", row.leaf("order_number")),
        order_line=record.key(f"{name}/order_line", row.leaf("order_line")),
    )


def _type(record: Record, group: Group) -> Literal["invoice", "credit_note"]:
    leaf = group.header("type")
    if leaf.raw.lower() not in _TYPES:
        raise _refused(f"type {shown(leaf.raw) or '(empty)'} is neither invoice nor credit_note", leaf)
    record.note("type", leaf)
    return _TYPES[leaf.raw.lower()]


def _taxes(
    lines: tuple[InvoiceLine, ...], net: Decimal | None, tax: Decimal | None
) -> tuple[TaxSubtotal, ...]:
    rates = {line.tax_rate for line in lines}
    if len(rates) != 1 or None in rates or tax is None:
        return ()
    return (TaxSubtotal("", rates.pop(), net, tax),)


def _texts(group: Group) -> tuple[Origin, ...]:
    """What a person may have written: the cells of more than one word, in whatever column, known or not."""
    names = {place: name for name, place in group.rows[0].index.items()}
    return tuple(
        Origin(f"{names[place]}@{row.number}", cell)
        for row in group.rows
        for place, cell in enumerate(row.cells)
        if _SPACE.search(cell) or not cell.isascii()
    )


def statement(group: Group) -> Statement:
    """A vendor's statement; amounts are signed as the file signs them: positive is what we owe."""
    record = Record()
    return Statement(
        number=record.key("number", group.header("statement_number")),
        statement_date=record.date("statement_date", group.header("date")),
        currency=_currency(record, group),
        vendor_id=record.key("vendor_id", group.header("vendor_id")),
        balance=record.number("balance", group.header("balance")),
        lines=tuple(_statement_line(record, f"lines/{n}", row) for n, row in enumerate(group.rows, 1)),
        unreadable=record.unreadable,
        provenance=record.provenance,
    )


def _statement_line(record: Record, name: str, row: Row) -> StatementLine:
    return StatementLine(
        reference=record.key(f"{name}/reference", row.leaf("reference")),
        reference_date=record.date(f"{name}/reference_date", row.leaf("reference_date")),
        type=record.text(f"{name}/type", row.leaf("type")),
        amount=record.number(f"{name}/amount", row.leaf("amount")),
    )


def _currency(record: Record, group: Group) -> str:
    return record.read("currency", group.header("currency"), read_currency) or ""


def _refused(error: str, leaf: CellLeaf) -> Unreadable:
    return Unreadable(QuarantineCode.MALFORMED, f"{error}: correct it", leaf.row)
