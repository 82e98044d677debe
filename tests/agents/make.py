"""Snapshots for agents, without a database: order PO-1 of 100 bolts at 10.00, all received, all billed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from coordination.agents import REGISTRY
from coordination.domain.amounts import cents
from coordination.domain.facts import (
    AgentAnswer,
    Allocated,
    Billed,
    HoldFacts,
    OrderFacts,
    OrderLineFacts,
    ReceiptLineFacts,
    Sibling,
    Snapshot,
    VendorFacts,
)
from coordination.domain.hold_codes import CATALOGUE
from coordination.domain.proposal import Proposal
from coordination.governance import policy as rules
from coordination.governance.gate import fingerprint
from coordination.translation.canonical import Account, Invoice, InvoiceLine, Party, TaxSubtotal
from coordination.translation.identity import normalised_number, skeleton

IBAN = "DE89370400440532013000"
POLICY = rules.parse(rules.default_text(), 1)
NOW = datetime(2026, 9, 20, 12, tzinfo=UTC)
ISSUED = date(2026, 9, 5)


def amount(value: str | int | Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def line(position: int = 1, *, quantity: Any = "100", price: Any = "10.00", **changes: Any) -> InvoiceLine:
    """One line; `net` follows from quantity and price unless given."""
    amounts: dict[str, Any] = {
        name: amount(changes.pop(name)) for name in ("net", "base_quantity", "tax_rate") if name in changes
    }
    known = quantity is not None and price is not None
    base = amounts.get("base_quantity") or Decimal(1)
    plain: dict[str, Any] = {
        "position": position,
        "line": str(position),
        "item": f"A-{position}",
        "description": "Bolt M8",
        "quantity": amount(quantity),
        "unit": "EA",
        "price": amount(price),
        "net": cents(Decimal(quantity) * Decimal(price) / base) if known else None,
        "tax_rate": Decimal(19),
        "order_number": "PO-1",
        "order_line": str(position * 10),
    }
    return InvoiceLine(**plain | amounts | changes)


def document(*lines: InvoiceLine, rate: Any = "19", **changes: Any) -> Invoice:
    """An invoice of V-1 over these lines; totals follow from the lines unless given."""
    lines = lines or (line(),)
    for name in ("net", "tax", "gross", "payable", "lines_net", "prepaid", "rounding"):
        if name in changes:
            changes[name] = amount(changes[name])
    net = changes.get("net", sum((x.net or Decimal(0) for x in lines), Decimal(0)))
    tax = changes.get("tax", None if net is None else cents(net * Decimal(rate) / 100))
    gross = changes.get("gross", None if net is None or tax is None else net + tax)
    plain: dict[str, Any] = {
        "number": "INV-1",
        "type": "invoice",
        "issue_date": ISSUED,
        "due_date": date(2026, 10, 5),
        "currency": "EUR",
        "seller": Party(name="Hartmann GmbH", vat_id="DE136695976"),
        "vendor_id": "V-1",
        "account": Account(IBAN),
        "order_numbers": ("PO-1",),
        "net": net,
        "tax": tax,
        "gross": gross,
        "payable": gross,
        "taxes": (TaxSubtotal("S", Decimal(rate), net, tax),),
        "lines": lines,
    }
    return Invoice(**plain | changes)


def vendor(**changes: Any) -> VendorFacts:
    plain: dict[str, Any] = {f.name: "" for f in fields(VendorFacts)} | {
        "id": "vendor-1",
        "vendor_id": "V-1",
        "name": "Hartmann GmbH",
        "vat_id": "DE136695976",
        "country": "DE",
        "currency": "EUR",
        "payment_terms": "net 30",
        "status": "active",
        "verified": IBAN,
    }
    return VendorFacts(**plain | changes)


def ordered(
    position: int = 1, *, quantity: Any = "100", price: Any = "10.00", **changes: Any
) -> OrderLineFacts:
    """Order line 10 (20, 30, ...), which invoice line 1 (2, 3, ...) names."""
    if "net" in changes:
        changes["net"] = amount(changes["net"])
    if "base_quantity" in changes:
        changes["base_quantity"] = Decimal(changes["base_quantity"])
    plain: dict[str, Any] = {
        "id": f"L{position}",
        "line": str(position * 10),
        "item": f"A-{position}",
        "buyer_item": "",
        "description": "Bolt M8",
        "quantity": amount(quantity),
        "unit": "EA",
        "price": amount(price),
        "base_quantity": Decimal(1),
        "net": None,
        "tax_rate": Decimal(19),
        "billed": (),
    }
    return OrderLineFacts(**plain | changes)


def order(*lines: OrderLineFacts, **changes: Any) -> OrderFacts:
    lines = lines or (ordered(),)
    worth = [
        x.net if x.net is not None else (x.quantity or 0) * (x.price or 0) / x.base_quantity for x in lines
    ]
    plain: dict[str, Any] = {
        "id": "O1",
        "number": "PO-1",
        "vendor": "vendor-1",
        "currency": "EUR",
        "status": "open",
        "order_date": date(2026, 9, 1),
        "net": sum(worth, Decimal(0)),
        "lines": lines,
    }
    return OrderFacts(**plain | changes)


def billed(quantity: Any, **changes: Any) -> Billed:
    """What an earlier invoice bills of an order line."""
    quantity = Decimal(quantity)
    plain: dict[str, Any] = {
        "invoice": "other",
        "number": "INV-0",
        "type": "invoice",
        "issue_date": date(2026, 9, 3),
        "state": "cleared",
        "quantity": quantity,
        "amount": quantity * 10,
    }
    return Billed(**plain | changes)


def receipt(
    quantity: Any = "100", accepted: Any = None, position: int = 1, **changes: Any
) -> ReceiptLineFacts:
    plain: dict[str, Any] = {
        "id": f"R{position}",
        "receipt": "GR-1",
        "kind": "receipt",
        "order_number": "PO-1",
        "order_line": str(position * 10),
        "item": "",
        "buyer_item": "",
        "quantity": Decimal(quantity),
        "accepted": Decimal(quantity if accepted is None else accepted),
        "unit": "EA",
        "received_date": date(2026, 9, 4),
    }
    return ReceiptLineFacts(**plain | changes)


def sibling(number: str = "INV-0", **changes: Any) -> Sibling:
    """Another invoice of V-1: two days earlier, over the same sum."""
    for name in ("net", "gross"):
        if name in changes:
            changes[name] = amount(changes[name])
    plain: dict[str, Any] = {
        "id": f"id-{number}",
        "number": number,
        "number_key": normalised_number(number),
        "skeleton": skeleton(number),
        "type": "invoice",
        "type_code": "",
        "issue_date": date(2026, 9, 3),
        "currency": "EUR",
        "net": Decimal(1000),
        "gross": Decimal(1190),
        "order_numbers": ("PO-1",),
        "preceding": (),
        "state": "cleared",
        "lane": "auto",
    }
    return Sibling(**plain | changes)


def hold(code: str = "price_over", status: str = "open", **changes: Any) -> HoldFacts:
    kind = CATALOGUE[code]
    plain: dict[str, Any] = {
        "code": code,
        "line": None,
        "question": kind.question,
        "owner": kind.owner,
        "status": status,
        "release": "",
        "raised_by": RAISED_BY[kind.owner],
        "fingerprint": f"{code}-1",
        "until": None,
        "sentence": kind.words,
    }
    return HoldFacts(**plain | changes)


RAISED_BY = {
    "finance": "finance.validation",
    "procurement": "procurement.matching",
    "operations": "operations.delivery",
    "governance": "finance.payment",
}


def position(agent: str = "finance.validation", confidence: Any = "0.99") -> AgentAnswer:
    return AgentAnswer(agent, "act", Decimal(confidence), (), 1)


def allocated(position: int = 1, quantity: Any = "100", by: str = "reference") -> Allocated:
    return Allocated(position, f"L{position}", Decimal(quantity), Decimal(quantity) * 10, by)


def snapshot(doc: Invoice | None = None, **changes: Any) -> Snapshot:
    """A clean case unless changed: ordered, received, billed, vendor and account known."""
    doc = doc or document()
    plain: dict[str, Any] = {
        "id": "this",
        "state": "received",
        "lane": "open",
        "version": 1,
        "facts_version": 1,
        "received_on": date(2026, 9, 6),
        "now": NOW,
        "document": doc,
        "source_format": "csv-invoices",
        "policy": POLICY,
        "vendor": vendor(),
        "orders": (order(),),
        "receipts": (receipt(),),
        "allocations": (allocated(),),
        "gross_company": doc.gross,
        "makers": ("system:intake",),
        "sampling": False,
    }
    return Snapshot(**plain | changes)


def propose(agent: str, snap: Snapshot) -> Proposal:
    return REGISTRY[agent].propose(snap)


def codes(agent: str, snap: Snapshot) -> list[str]:
    """Codes of an agent's findings, sorted."""
    return sorted(f.code for f in propose(agent, snap).findings if f.code)


def matched(snap: Snapshot) -> Snapshot:
    """The snapshot with the allocations that procurement proposes, as the agents behind it see it."""
    return replace(snap, allocations=propose("procurement.matching", snap).allocations or ())


def accept(snap: Snapshot, findings: Iterable[Any]) -> Snapshot:
    """The snapshot after a person accepted exactly these findings."""
    ruled = [
        hold(f.code, "released", release="override", fingerprint=fingerprint(f), released_by="human:7")
        for f in findings
    ]
    return replace(snap, holds=(*snap.holds, *ruled))
