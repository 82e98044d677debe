"""Orders with what changes and ends them, receipts and despatches, as UBL 2.1."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from ..translation.canonical import Order, Party, Receipt, ReceiptLine
from .ubl import Element, add_allowances, add_item, add_party, add_price, document, refer_to_order


def order(found: Order) -> Element:
    """An order, or the message that changes or ends it."""
    return ORDERS[found.message](found)


def _order(found: Order) -> Element:
    root = document("Order", found.number, found.order_date, found.currency)
    root.say("Note", found.note).say("DocumentCurrencyCode", found.currency)
    return _order_body(root, found)


def _change(found: Order) -> Element:
    root = document("OrderChange", found.message_id, found.order_date, found.currency)
    root.say("SequenceNumberID", found.sequence).say("DocumentCurrencyCode", found.currency)
    return _order_body(root.reference("OrderReference", found.number), found)


def _order_body(root: Element, found: Order) -> Element:
    add_party(root, "BuyerCustomerParty", found.buyer)
    add_party(root, "SellerSupplierParty", found.seller)
    add_allowances(root, found.allowances, taxed=True)
    total = root.part("AnticipatedMonetaryTotal").money("TaxExclusiveAmount", found.net)
    total.money("PayableAmount", found.net or Decimal(0))
    for line in found.lines:
        body = root.part("OrderLine").part("LineItem").say("ID", line.line)
        body.say("LineStatusCode", "3" if line.status == "changed" else "")
        body.say("Quantity", line.quantity, unitCode=line.unit).money("LineExtensionAmount", line.net)
        add_price(body, line)
        add_item(body, line, "", line.tax_rate)
    return root


def _cancellation(found: Order) -> Element:
    root = document("OrderCancellation", found.message_id, found.order_date, "")
    root.say("CancellationNote", "No longer needed").reference("OrderReference", found.number)
    add_party(root, "BuyerCustomerParty", found.buyer)
    add_party(root, "SellerSupplierParty", found.seller)
    return root


def _rejection(found: Order) -> Element:
    root = document("OrderResponseSimple", found.message_id, found.order_date, "")
    root.say("AcceptedIndicator", "false").say("RejectionNote", "Cannot be delivered")
    root.reference("OrderReference", found.number)
    add_party(root, "SellerSupplierParty", found.seller)
    add_party(root, "BuyerCustomerParty", found.buyer)
    return root


ORDERS: dict[str, Callable[[Order], Element]] = {
    "order": _order,
    "change": _change,
    "cancellation": _cancellation,
    "rejection": _rejection,
}


# --- receipts -----------------------------------------------------------------------------------------------


def receipt(found: Receipt) -> Element:
    """A receipt advice, or the despatch advice that announces one."""
    despatch = found.kind == "despatch"
    name = "DespatchAdvice" if despatch else "ReceiptAdvice"
    root = document(name, found.number, found.received_date, "")
    root.reference("OrderReference", found.order_number)
    add_party(
        root,
        "DespatchSupplierParty" if despatch else "DeliveryCustomerParty",
        found.seller if despatch else Party(),
    )
    add_party(
        root,
        "DeliveryCustomerParty" if despatch else "DespatchSupplierParty",
        Party() if despatch else found.seller,
    )
    for line in found.lines:
        (_despatched if despatch else _received)(root, line, found.received_date)
    return root


def _received(root: Element, line: ReceiptLine, on: date | None) -> None:
    part = root.part("ReceiptLine").say("ID", line.line)
    part.say("ReceivedQuantity", line.quantity, unitCode=line.unit)
    if line.quantity is not None and line.accepted is not None and line.accepted != line.quantity:
        part.say("RejectedQuantity", line.quantity - line.accepted, unitCode=line.unit)
    part.say("ReceivedDate", on)
    refer_to_order(part, line.order_number, line.order_line)
    add_item(part, line, "", None)


def _despatched(root: Element, line: ReceiptLine, _: date | None) -> None:
    part = root.part("DespatchLine").say("ID", line.line)
    part.say("DeliveredQuantity", line.quantity, unitCode=line.unit)
    refer_to_order(part, line.order_number, line.order_line)
    add_item(part, line, "", None)
