"""Document facts of invoices as canonical dataclasses, read from their tables and kept: they never change.
What people supplied is laid over them each time they are asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal, NamedTuple
from uuid import UUID

from django.db import connection

from audit.canonical import loads

from ..domain.supplied import SuppliedValue, as_stated, laid_over
from ..translation.canonical import (
    Account,
    Address,
    AllowanceCharge,
    DiscountTerm,
    Instalment,
    Invoice,
    InvoiceLine,
    Origin,
    Party,
    PaymentMeans,
    Problem,
    TaxSubtotal,
)
from . import supplied
from .serialization import encode, read


@dataclass(frozen=True, slots=True)
class Content:
    """An invoice as its document states it, with what people supplied above it, and how it came."""

    invoice: Invoice
    source_format: str
    received_by: str
    document: UUID
    sha256: str
    supplied: tuple[SuppliedValue, ...] = ()

    @property
    def order_numbers(self) -> list[str]:
        lines = [line.order_number for line in self.invoice.lines]
        return list(dict.fromkeys(n for n in [*self.invoice.order_numbers, *lines] if n))


CAPACITY = 4000
_kept: OrderedDict[UUID, Content] = OrderedDict()


def clear_cache() -> None:
    """Empty the process's memory of documents (tests use one process for many databases)."""
    _kept.clear()


def contents(ids: Sequence[UUID]) -> dict[UUID, Content]:
    """The documents of these invoices, with what people supplied above them."""
    found = _stated(ids)
    for key, above in supplied.above(ids).items():
        own = found[key]
        stated = as_stated(own.invoice, above.orders)
        found[key] = replace(own, invoice=laid_over(stated, above.values), supplied=above.values)
    return found


def _stated(ids: Sequence[UUID]) -> dict[UUID, Content]:
    missing = [i for i in ids if i not in _kept]
    for content_id, content in _read(missing) if missing else ():
        _kept[content_id] = content
    found = {i: _kept[i] for i in ids}
    while len(_kept) > CAPACITY:
        _kept.popitem(last=False)
    return found


HEAD = """
SELECT i.id, i.number, i.type, i.type_code, i.issue_date, i.due_date, i.currency, i.order_numbers,
    i.preceding,
       i.net, i.tax, i.gross, f.seller, f.buyer, f.vendor_ref, f.account, f.other_accounts, f.payee,
           f.despatch_numbers, f.receipt_numbers, f.sales_orders, f.lines_net,
       f.prepaid, f.rounding, f.payable, f.payment_terms, f.note, f.unreadable, f.texts, f.rules,
       f.payment, f.marks,
       d.source_format, d.received_by, d.id, d.content_id
  FROM coordination_invoice i JOIN coordination_invoicefacts f ON f.invoice_id = i.id
  JOIN coordination_document d ON d.id = i.document_id WHERE i.id = ANY(%s)
"""
LINES = """
SELECT invoice_id, position, line, item, buyer_item, description, quantity, unit, price, base_quantity, net,
    tax_rate,
       tax_category, order_number, order_line, standard_item, base_unit, note,
       despatch_number, despatch_line, receipt_number, receipt_line
  FROM coordination_invoiceline WHERE invoice_id = ANY(%s) ORDER BY invoice_id, position
"""
ALLOWANCES = """
SELECT invoice_id, position, charge, amount, reason, reason_code, tax_category, tax_rate
  FROM coordination_allowancecharge WHERE invoice_id = ANY(%s) ORDER BY invoice_id, id
"""
BEHIND = -7
"""Columns of a line that stand behind its allowances in the dataclass."""
TAXES = """
SELECT invoice_id, category, rate, base, tax FROM coordination_taxsubtotal WHERE invoice_id = ANY(%s)
    ORDER BY id
"""


def _read(ids: Sequence[UUID]) -> list[tuple[UUID, Content]]:
    with connection.cursor() as cursor:

        def run(statement: str) -> list[tuple[Any, ...]]:
            cursor.execute(statement, [list(ids)])
            return list(cursor.fetchall())

        heads, lines, allowances, taxes = run(HEAD), run(LINES), run(ALLOWANCES), run(TAXES)
    by_line: dict[tuple[UUID, int | None], list[AllowanceCharge]] = {}
    for invoice_id, position, *rest in allowances:
        by_line.setdefault((invoice_id, position), []).append(AllowanceCharge(*rest))
    by_invoice: dict[UUID, list[InvoiceLine]] = {}
    for invoice_id, position, *rest in lines:
        own = tuple(by_line.get((invoice_id, position), ()))
        facts: list[Any] = [
            position,
            *rest[:BEHIND],
            own,
            *rest[BEHIND:],
        ]  # the order of the dataclass
        line = InvoiceLine(*facts)
        by_invoice.setdefault(invoice_id, []).append(line)
    by_tax: dict[UUID, list[TaxSubtotal]] = {}
    for invoice_id, *rest in taxes:
        by_tax.setdefault(invoice_id, []).append(TaxSubtotal(*rest))
    return [
        (h[0], _content(h, by_invoice.get(h[0], []), by_line.get((h[0], None), []), by_tax.get(h[0], [])))
        for h in heads
    ]


class Head(NamedTuple):
    """One row of `HEAD`, column by column; `seller` to `account` and what else is structured as JSON text."""

    invoice: UUID
    number: str
    type_: Literal["invoice", "credit_note"]
    type_code: str
    issued: date | None
    due: date | None
    currency: str
    orders: list[str]
    preceding: list[str]
    net: Decimal | None
    tax: Decimal | None
    gross: Decimal | None
    seller: str
    buyer: str
    vendor_ref: str
    account: str
    others: str
    payee: str
    despatches: list[str]
    receipts: list[str]
    sales_orders: list[str]
    lines_net: Decimal | None
    prepaid: Decimal
    rounding: Decimal
    payable: Decimal | None
    terms: str
    note: str
    unreadable: str
    texts: str
    rules: str
    payment: str
    marks: list[str]
    source_format: str
    received_by: str
    document: UUID
    sha256: str


def _content(
    head: tuple[Any, ...],
    lines: list[InvoiceLine],
    allowances: list[AllowanceCharge],
    taxes: list[TaxSubtotal],
) -> Content:
    h = Head(*head)
    invoice = Invoice(
        number=h.number,
        type=h.type_,
        type_code=h.type_code,
        issue_date=h.issued,
        due_date=h.due,
        currency=h.currency,
        seller=party(loads(h.seller)),
        buyer=party(loads(h.buyer)),
        vendor_id=h.vendor_ref,
        account=Account(**loads(h.account)),
        other_accounts=tuple(Account(**a) for a in loads(h.others)),
        payee=party(loads(h.payee)),
        order_numbers=tuple(h.orders),
        despatch_numbers=tuple(h.despatches),
        receipt_numbers=tuple(h.receipts),
        sales_orders=tuple(h.sales_orders),
        preceding=tuple(h.preceding),
        lines_net=h.lines_net,
        net=h.net,
        tax=h.tax,
        gross=h.gross,
        prepaid=h.prepaid,
        rounding=h.rounding,
        payable=h.payable,
        payment_terms=h.terms,
        note=h.note,
        lines=tuple(lines),
        allowances=tuple(allowances),
        taxes=tuple(taxes),
        unreadable=tuple(Problem(**p) for p in loads(h.unreadable)),
        texts=tuple(Origin(**t) for t in loads(h.texts)),
        rules=tuple(Problem(**r) for r in loads(h.rules)),
        marks=tuple(h.marks),
        **payment_terms(loads(h.payment)),
    )
    return Content(invoice, h.source_format, h.received_by, h.document, h.sha256)


PAYMENT = {
    "means": tuple[PaymentMeans, ...],
    "payment_reference": str,
    "instalments": tuple[Instalment, ...],
    "discounts": tuple[DiscountTerm, ...],
    "withheld": Decimal,
    "collected": tuple[AllowanceCharge, ...],
}
"""Fields of an invoice that are kept together: how it wants to be paid."""


def payment_of(invoice: Invoice) -> dict[str, Any]:
    """How a document wants to be paid, as it is stored: what it does not say is left out."""
    said = {name: getattr(invoice, name) for name in PAYMENT}
    return {name: encode(value) for name, value in said.items() if value not in (None, (), "")}


def payment_terms(data: dict[str, Any]) -> dict[str, Any]:
    """The fields of an invoice that `payment_of` stored."""
    return {name: read(PAYMENT[name], value) for name, value in data.items()}


def party(data: dict[str, Any]) -> Party:
    """A party from its stored JSON."""
    address = Address(**data.get("address", {}))
    rest = {k: v for k, v in data.items() if k not in {"address", "party_ids"}}
    return Party(**rest, party_ids=tuple(data.get("party_ids", ())), address=address)
