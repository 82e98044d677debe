"""Documents as canonical CSV (interfaces: Canonical CSV)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from ..translation.canonical import Invoice, Order, Receipt, Statement, Vendor

VENDORS = "vendor_id,name,vat_id,iban,bic,country,currency,payment_terms,status"
ORDERS = "order_number,line,vendor_id,order_date,currency,item,description,quantity,unit,unit_price,tax_rate"
RECEIPTS = "receipt_number,line,order_number,order_line,received_date,quantity,accepted,unit"
INVOICES = (
    "invoice_number,type,line,vendor_id,issue_date,due_date,currency,order_number,order_line,item,description,quantity,"
    "unit,unit_price,line_net,tax_rate,iban,net,tax,gross,preceding_invoice"
)
STATEMENTS = "statement_number,vendor_id,date,currency,reference,reference_date,type,amount,balance"

Rows = Iterable[Sequence[object]]


def table(header: str, rows: Rows) -> bytes:
    """A CSV file; what is not stated is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return out.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else value


def vendors(found: Iterable[Vendor]) -> bytes:
    """The vendor list."""
    return table(
        VENDORS,
        (
            [v.vendor_id, v.name, v.vat_id, v.iban, v.bic, v.country, v.currency, v.payment_terms, v.status]
            for v in found
        ),
    )


def orders(found: Iterable[Order]) -> bytes:
    """Orders as first sent; the layout knows no changes."""
    return table(
        ORDERS,
        (
            [
                o.number,
                x.line,
                o.vendor_id,
                o.order_date,
                o.currency,
                x.item,
                x.description,
                x.quantity,
                x.unit,
                x.price,
                x.tax_rate,
            ]
            for o in found
            for x in o.lines
        ),
    )


def receipts(found: Iterable[Receipt]) -> bytes:
    """Goods receipts."""
    return table(
        RECEIPTS,
        (
            [r.number, x.line, x.order_number, x.order_line, r.received_date, x.quantity, x.accepted, x.unit]
            for r in found
            for x in r.lines
        ),
    )


def invoices(found: Iterable[Invoice]) -> bytes:
    """Invoices and credit notes; the header's values on each line."""
    return table(INVOICES, (row for invoice in found for row in _invoice(invoice)))


def _invoice(i: Invoice) -> Rows:
    preceding = i.preceding[0] if i.preceding else ""
    for x in i.lines:
        yield [
            i.number,
            i.type,
            x.line,
            i.vendor_id,
            i.issue_date,
            i.due_date,
            i.currency,
            x.order_number,
            x.order_line,
            x.item,
            x.description,
            x.quantity,
            x.unit,
            x.price,
            x.net,
            x.tax_rate,
            i.account.number,
            i.net,
            i.tax,
            i.gross,
            preceding,
        ]


def statements(found: Iterable[Statement]) -> bytes:
    """Vendors' statements of account."""
    return table(
        STATEMENTS,
        (
            [
                s.number,
                s.vendor_id,
                s.statement_date,
                s.currency,
                x.reference,
                x.reference_date,
                x.type,
                x.amount,
                s.balance,
            ]
            for s in found
            for x in s.lines
        ),
    )
