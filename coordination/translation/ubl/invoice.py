"""UBL Invoice, CreditNote and DebitNote, and the two that are self-billed: one shape under five roots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .. import nature, payment_terms, withholding
from ..canonical import Account, Invoice, InvoiceLine
from ..settlement import settled
from ..xml import ElementLeaf, Node, free_texts, line_of
from . import lines as parts
from . import money, paying, terms
from .parties import accounts, keys, party
from .source import Source

_PRECEDING: Final = ("cac:InvoiceDocumentReference", "cac:SelfBilledInvoiceDocumentReference")
_DELIVERY_NOTE: Final = "cac:DeliveryNoteDocumentReference"
_TYPE_CODES: Final = ("cbc:InvoiceTypeCode", "cbc:CreditNoteTypeCode", "cbc:DebitNoteTypeCode")


@dataclass(frozen=True, slots=True)
class _Form:
    """What one root calls its lines, quantities and total, and what it says of its nature by itself (UNTDID
    1001)."""

    line: str
    quantity: str
    total: str = "cac:LegalMonetaryTotal"
    code: str = ""
    credit: bool = False


_FORMS: Final = {
    "Invoice": _Form("cac:InvoiceLine", "cbc:InvoicedQuantity"),
    "CreditNote": _Form("cac:CreditNoteLine", "cbc:CreditedQuantity", credit=True),
    "DebitNote": _Form("cac:DebitNoteLine", "cbc:DebitedQuantity", "cac:RequestedMonetaryTotal", "383"),
    "SelfBilledInvoice": _Form("cac:InvoiceLine", "cbc:InvoicedQuantity", code="389"),
    "SelfBilledCreditNote": _Form("cac:CreditNoteLine", "cbc:CreditedQuantity", code="261", credit=True),
}


def read_invoice(source: Source) -> Invoice:
    """Read a document whose root is in `_FORMS`; an invoice of negative amount comes out as the credit it
    is."""
    root, record, form = source.root, source.record, _FORMS[source.name]
    lines = root.all(form.line)
    type_code = record.key("type_code", money.first_leaf(root.leaf(name) for name in _TYPE_CODES))
    if form.code and type_code in nature.SAYS_NO_MORE:  # then the root says more
        type_code = form.code
    is_credit = form.credit or nature.is_credit(type_code)
    nature.refuse_others(type_code, line_of(root.element))
    collected = money.collected(record, root)
    total = money.totals(source, form.total, money.signed_total(collected))
    accounts_asked = accounts(record, root)
    rows = money.tax_rows(source)
    issued = record.date("issue_date", root.leaf("cbc:IssueDate"))
    words = parts.notes(record, "payment_terms", *root.all("cac:PaymentTerms"))
    invoice = Invoice(
        number=source.number,
        type="credit_note" if is_credit else "invoice",
        type_code=type_code,
        issue_date=issued,
        due_date=record.date("due_date", _due(root)),
        currency=record.currency,
        seller=party(record, "seller", root.one("cac:AccountingSupplierParty")),
        buyer=party(record, "buyer", root.one("cac:AccountingCustomerParty")),
        payee=party(record, "payee", root.one("cac:PayeeParty")),
        account=accounts_asked[0] if accounts_asked else Account(),
        other_accounts=accounts_asked[1:],
        order_numbers=keys(record, "order_numbers", _order_leaves(root, lines)),
        despatch_numbers=keys(record, "despatch_numbers", _despatch_leaves(root, lines)),
        receipt_numbers=keys(record, "receipt_numbers", _receipt_leaves(root, lines)),
        sales_orders=keys(record, "sales_orders", _sales_order_leaves(root, lines)),
        preceding=keys(record, "preceding", _preceding_leaves(root, lines)),
        lines_net=total.lines_net,
        net=total.net,
        tax=total.tax,
        gross=total.gross,
        prepaid=total.prepaid,
        rounding=total.rounding,
        payable=total.payable,
        payment_terms=words,
        instalments=payment_terms.instalments(terms.parts(record, root), total.payable),
        discounts=payment_terms.discounts(terms.discounts(record, root, issued), words),
        withheld=money.withheld(source),
        note=parts.document_notes(record, "note", root),
        lines=tuple(_line(source, form.quantity, n, line) for n, line in enumerate(lines, 1)),
        allowances=money.allowances(record, "", root),
        taxes=withholding.breakdown(rows),
        texts=free_texts(root.element),
        collected=collected,
        means=paying.means(record, root),
        payment_reference=paying.reference(source),
        marks=paying.marks(root),
        unreadable=record.unreadable,
        provenance=record.provenance,
    )
    return settled(withholding.without(invoice, rows))


def _due(root: Node) -> ElementLeaf | None:
    """BT-9; UBL 2.0 and credit notes state it with the payment means or terms."""
    return money.first_leaf(
        (
            root.leaf("cbc:DueDate"),
            root.leaf("cac:PaymentMeans", "cbc:PaymentDueDate"),
            root.leaf("cac:PaymentTerms", "cbc:PaymentDueDate"),
        )
    )


def _line(source: Source, counted: str, position: int, node: Node) -> InvoiceLine:
    name, record = f"lines/{position}", source.record
    quantity, unit = parts.quantity(record, name, node, counted)
    item_node = node.one("cac:Item")
    item = parts.read_item(record, name, item_node)
    price = money.price(record, name, node)
    category, rate = money.line_tax(record, name, node, item_node)
    reference = parts.order_reference(record, name, node)
    delivery = parts.delivery_reference(record, name, node)
    note = parts.notes(record, f"{name}/note", node)
    return InvoiceLine(
        position=position,
        line=record.key(f"{name}/line", node.leaf("cbc:ID")),
        item=item.seller,
        buyer_item=item.buyer,
        standard_item=item.standard,
        description=item.name,
        note="\n".join(filter(None, (item.detail, note))),
        quantity=quantity,
        unit=unit,
        price=price.amount,
        base_quantity=price.base,
        base_unit=price.base_unit,
        net=record.amount(f"{name}/net", node.leaf("cbc:LineExtensionAmount")),
        tax_rate=rate,
        tax_category=category,
        order_number=reference.order,
        order_line=reference.line,
        allowances=money.allowances(record, name, node),
        despatch_number=delivery.despatch_number,
        despatch_line=delivery.despatch_line,
        receipt_number=delivery.receipt_number,
        receipt_line=delivery.receipt_line,
    )


Leaves = list[ElementLeaf | None]


def _order_leaves(root: Node, lines: list[Node]) -> Leaves:
    """Order numbers of the header (BT-13), then those that profiles with many orders put on the lines."""
    found: Leaves = [node.leaf("cbc:ID") for node in root.all("cac:OrderReference")]
    for line in lines:
        references = line.all("cac:OrderLineReference")
        found += [reference.leaf("cac:OrderReference", "cbc:ID") for reference in references]
    return found


def _sales_order_leaves(root: Node, lines: list[Node]) -> Leaves:
    """The seller's own numbers of the orders (BT-14), of the header and of lines."""
    found: Leaves = [node.leaf("cbc:SalesOrderID") for node in root.all("cac:OrderReference")]
    for line in lines:
        for reference in line.all("cac:OrderLineReference"):
            found.append(reference.leaf("cac:OrderReference", "cbc:SalesOrderID"))
    return found


def _despatch_leaves(root: Node, lines: list[Node]) -> Leaves:
    """Despatches (BT-16), and the delivery notes that UBL 2.5 names beside them (BT-197)."""
    found = _document_leaves(root, lines, "cac:DespatchDocumentReference", "cac:DespatchLineReference")
    found += [node.leaf("cbc:ID") for node in root.all(_DELIVERY_NOTE)]
    found += [
        node.leaf("cbc:ID")
        for line in lines
        for delivery in line.all("cac:Delivery")
        for node in delivery.all(_DELIVERY_NOTE)
    ]
    return found


def _receipt_leaves(root: Node, lines: list[Node]) -> Leaves:
    return _document_leaves(root, lines, "cac:ReceiptDocumentReference", "cac:ReceiptLineReference")


def _document_leaves(root: Node, lines: list[Node], header: str, on_line: str) -> Leaves:
    found: Leaves = [node.leaf("cbc:ID") for node in root.all(header)]
    for line in lines:
        found += [node.leaf("cac:DocumentReference", "cbc:ID") for node in line.all(on_line)]
    return found


def _preceding_leaves(root: Node, lines: list[Node]) -> Leaves:
    """Preceding invoices (BT-25): of the header, and of lines (BT-217), where UBL 2.0 may have the only one.

    Where none is named so, it is what the document says it disagrees with.
    """
    references = [node for holder in (root, *lines) for node in holder.all("cac:BillingReference")]
    found = [node.leaf(kind, "cbc:ID") for node in references for kind in _PRECEDING]
    if any(leaf is not None and leaf.raw for leaf in found):
        return found
    return [node.leaf("cbc:ReferenceID") for node in root.all("cac:DiscrepancyResponse")]
