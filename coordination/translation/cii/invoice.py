"""CrossIndustryInvoice D16B and the CrossIndustryDocument of ZUGFeRD 1."""

from __future__ import annotations

from .. import nature, payment_terms, withholding
from ..canonical import Account, Invoice, InvoiceLine
from ..settlement import settled
from ..ubl.lines import joined
from ..ubl.money import signed_total
from ..ubl.parties import keys
from ..xml import ElementLeaf, Node, free_texts, line_of
from . import lines as parts
from . import money, paying, terms
from .parties import accounts, party
from .source import Source, part

Leaves = list[ElementLeaf | None]


def read_invoice(source: Source) -> Invoice:
    """Read an invoice or credit note; an invoice of negative amount comes out as the credit it is."""
    record, settlement = source.record, source.settlement
    type_code = record.key("type_code", source.document.leaf("ram:TypeCode"))
    nature.refuse_others(type_code, line_of(source.document.element))
    collected = money.collected(source)
    total = money.totals(source, signed_total(collected))
    asked = accounts(source)
    lines = [node for node in source.lines if parts.is_billed(source, node)]
    rows = money.tax_rows(source)
    issued = source.date("issue_date", source.document.leaf("ram:IssueDateTime", "udt:DateTimeString"))
    words = joined(record, "payment_terms", terms.descriptions(settlement))
    invoice = Invoice(
        number=source.number,
        type="credit_note" if nature.is_credit(type_code) else "invoice",
        type_code=type_code,
        issue_date=issued,
        due_date=source.date("due_date", terms.due(settlement)),
        currency=record.currency,
        seller=party(record, "seller", source.agreement.one("ram:SellerTradeParty")),
        buyer=party(record, "buyer", source.agreement.one("ram:BuyerTradeParty")),
        payee=party(record, "payee", settlement.one("ram:PayeeTradeParty")),
        account=asked[0] if asked else Account(),
        other_accounts=asked[1:],
        order_numbers=keys(record, "order_numbers", _order_leaves(source)),
        despatch_numbers=keys(record, "despatch_numbers", _delivery_leaves(source, parts.DESPATCH)),
        receipt_numbers=keys(record, "receipt_numbers", _delivery_leaves(source, parts.RECEIPT)),
        sales_orders=keys(record, "sales_orders", _sales_order_leaves(source)),
        preceding=keys(record, "preceding", _preceding_leaves(source)),
        lines_net=total.lines_net,
        net=total.net,
        tax=total.tax,
        gross=total.gross,
        prepaid=total.prepaid,
        rounding=total.rounding,
        payable=total.payable,
        payment_terms=words,
        instalments=payment_terms.instalments(terms.parts(source), total.payable),
        discounts=payment_terms.discounts(terms.discounts(source, issued), words),
        note=joined(record, "note", parts.note_leaves(source.document)),
        lines=tuple(_line(source, n, node) for n, node in enumerate(lines, 1)),
        allowances=money.allowances(source, "", settlement),
        taxes=withholding.breakdown(rows),
        texts=free_texts(source.root.element),
        collected=collected,
        means=paying.means(source),
        payment_reference=paying.reference(source),
        marks=paying.marks(source),
        unreadable=record.unreadable,
        provenance=record.provenance,
    )
    return settled(withholding.without(invoice, rows))


def _line(source: Source, position: int, node: Node) -> InvoiceLine:
    name, record = f"lines/{position}", source.record
    agreement = part(node, source.dialect.line_part("Agreement"))
    delivery = part(node, source.dialect.line_part("Delivery"))
    settlement = part(node, source.dialect.line_part("Settlement"))
    quantity, unit = parts.quantity(source, name, delivery)
    item = parts.read_item(record, name, node.one("ram:SpecifiedTradeProduct"))
    price = money.price(source, name, agreement)
    category, rate = money.line_tax(source, name, settlement)
    order, order_line = parts.order_reference(source, name, agreement)
    named = parts.delivery_reference(source, name, delivery)
    document = part(node, "ram:AssociatedDocumentLineDocument")
    note = joined(record, f"{name}/note", parts.note_leaves(document))
    return InvoiceLine(
        position=position,
        line=record.key(f"{name}/line", document.leaf("ram:LineID")),
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
        net=record.amount(f"{name}/net", parts.net_leaf(source, settlement)),
        tax_rate=rate,
        tax_category=category,
        order_number=order,
        order_line=order_line,
        allowances=money.allowances(source, name, settlement),
        despatch_number=named.despatch_number,
        despatch_line=named.despatch_line,
        receipt_number=named.receipt_number,
        receipt_line=named.receipt_line,
    )


def _order_leaves(source: Source) -> Leaves:
    """Order numbers of the header (BT-13), then those that the extended profile puts on the lines."""
    holders = [source.agreement]
    holders += [part(node, source.dialect.line_part("Agreement")) for node in source.lines]
    return [leaf for holder in holders for leaf in source.reference(holder, parts.ORDER)]


def _sales_order_leaves(source: Source) -> Leaves:
    """The seller's own numbers of the orders: of the header (BT-14) and of lines (BT-200)."""
    holders = [source.agreement]
    holders += [part(node, source.dialect.line_part("Agreement")) for node in source.lines]
    return [
        leaf for holder in holders for leaf in source.reference(holder, "ram:SellerOrderReferencedDocument")
    ]


def _delivery_leaves(source: Source, names: tuple[str, ...]) -> Leaves:
    holders = [source.delivery]
    holders += [part(node, source.dialect.line_part("Delivery")) for node in source.lines]
    return [leaf for holder in holders for name in names for leaf in source.reference(holder, name)]


def _preceding_leaves(source: Source) -> Leaves:
    """Preceding invoices (BT-25), of the header and of lines."""
    holders = [source.settlement]
    holders += [part(node, source.dialect.line_part("Settlement")) for node in source.lines]
    return [leaf for holder in holders for leaf in source.reference(holder, "ram:InvoiceReferencedDocument")]
