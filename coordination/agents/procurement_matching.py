"""procurement.matching: which order does each line bill, at the agreed price and within what was ordered?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from ..domain.amounts import (
    ONE,
    ZERO,
    may_be_duplicate,
)
from ..domain.facts import Allocated, OrderFacts, OrderLineFacts, Snapshot
from ..domain.proposal import Agent, Contract, Evidence, Finding, Proposal, conclude, least_sure
from ..domain.units import per
from ..translation import nature
from ..translation.canonical import InvoiceLine
from ..translation.references import INSTEAD
from . import allowed, bounds, charges, goods, pairing, whole_order
from .line_differences import (
    free,
    implied_price,
    other_packs,
    price_difference,
    price_findings,
    quantity_findings,
    unit_mismatch,
)
from .order_index import number_key

CONSIGNMENT = "227"
"""UNTDID 1001: goods of the vendor in our stock, paid for when they are taken from it. Nobody bills such an
order."""


class ProcurementMatching(Agent):
    """Finds the orders, pairs the lines, compares price and quantity with what was ordered."""

    name: ClassVar[str] = "procurement.matching"
    version: ClassVar[str] = "2"
    department: ClassVar[str] = "procurement"
    purpose: ClassVar[str] = "Finds the order of each line and compares price and quantity with it."
    contract: ClassVar[Contract] = Contract(
        version="1",
        reads=frozenset({"order", "vendor", "billing"}),
        consumes=frozenset({"arithmetic", "supplier", "duplicate"}),
        owns=frozenset({"order", "price", "quantity_ordered"}),
        about="price",
    )
    sla: ClassVar[timedelta] = timedelta(seconds=10)

    def propose(self, snapshot: Snapshot) -> Proposal:
        why = goods.none_of(snapshot)
        if why and nature.claims_nothing(snapshot.document.type_code):
            return self._proposal([Finding("order", why)], (), why)
        missing = order_missing(snapshot)
        if missing:
            return self._proposal(missing, ())
        from_totals = allowed.priced_by_totals(snapshot.orders)
        snapshot = replace(snapshot, orders=tuple(allowed.complete(o) for o in snapshot.orders))
        if why:
            findings = [*_orders(snapshot), *whole_order.excess(snapshot, ()), Finding("order", why)]
            return self._proposal(findings, (), why)
        pairs = pairing.pair(snapshot)
        packs = {} if snapshot.credit else pairing.packed(snapshot, pairs)
        pairs = [replace(p, quantity=per(p.quantity, packs.get(p.position, ONE))) for p in pairs]
        lines = {line.id: line for order in snapshot.orders for line in order.lines}
        billed = {x.position: x for x in snapshot.document.lines}
        moves = {
            (p.position, p.order_line): goods.moved(snapshot, billed[p.position], p, lines[p.order_line])
            for p in pairs
        }
        pairs = [moves[p.position, p.order_line].pair for p in pairs]
        by_position: dict[int, list[tuple[Allocated, OrderLineFacts]]] = {}
        for p in pairs:
            by_position.setdefault(p.position, []).append((p, lines[p.order_line]))
        findings = _orders(snapshot)
        above: dict[str, Decimal] = {}
        for line in snapshot.document.lines:
            own = by_position.get(line.position, [])
            found = _line(snapshot, line, own, above, packs.get(line.position), moves)
            findings += _by_amount(found) if any(x.id in from_totals for _, x in own) else found
            for pair, ordered in own:
                above[ordered.id] = above.get(ordered.id, ZERO) + pair.quantity
        findings += bounds.unstated(snapshot, pairs)
        findings += charges.unplanned(snapshot)
        if not any(f.code and f.line is not None for f in findings):  # nothing on a line explains an excess
            findings += whole_order.excess(snapshot, pairs)
        lines_ = len(snapshot.document.lines)
        clean = f"Every line ({lines_}) belongs to an order line at the agreed price or below."
        return self._proposal(findings, tuple(pairs), clean)

    def _proposal(self, findings: list[Finding], pairs: tuple[Allocated, ...], clean: str = "") -> Proposal:
        reasoning = " ".join(f.sentence for f in findings if f.code) or clean
        grounds = [(pairing.CONFIDENCE[p.by], f"paired by {p.by}") for p in pairs]
        grounds += [(f.confidence, "compared by content") for f in findings]
        sure, method = least_sure(grounds, "paired by reference")
        return Proposal(
            self.name,
            self.version,
            conclude(findings),
            sure,
            reasoning,
            tuple(findings),
            allocations=pairs,
            method=method,
        )


def _by_amount(findings: list[Finding]) -> list[Finding]:
    """Over a price that only the order's total tells is more than the order is worth: nobody agreed on the
    price."""
    return [replace(f, code="amount_over_po") if f.code == "price_over" else f for f in findings]


def order_missing(snapshot: Snapshot) -> list[Finding]:
    """No order named, or one we do not have. Nothing else is compared then: one cause, one hold."""
    document = snapshot.document
    named = pairing.named_orders(snapshot)
    if not named:
        instead = next((t.raw for t in document.texts if t.path == INSTEAD), "")
        evidence = [Evidence(f"invoice {document.number}", "order_numbers", instead)]
        fitting = pairing.fitting(snapshot)
        evidence += [Evidence(f"order {number}", "lines", "would fit every line") for number in fitting]
        sentence = (
            f"The invoice names no order: where its number belongs it says {instead!r}."
            if instead
            else "The invoice names no order."
        )
        return [
            Finding(
                "order",
                sentence + _suggestion(fitting),
                code="no_po",
                expected="an order number",
                found=instead or "none",
                evidence=tuple(evidence),
            )
        ]
    known = {number_key(o.number) for o in snapshot.orders}
    unknown = sorted(n for n in named if number_key(n) not in known)
    return [
        Finding(
            "order",
            f"Order {n} is not one of ours.",
            code="po_unknown",
            expected="an order of ours",
            found=n,
            evidence=(Evidence(f"invoice {document.number}", "order_numbers", n),),
        )
        for n in unknown
    ]


def _suggestion(fitting: list[str]) -> str:
    """What a person may look at. It is never taken for them: goods and price say what was bought, not what is
    due."""
    if not fitting:
        return ""
    if len(fitting) == 1:
        return f" Order {fitting[0]} would fit every line."
    return (
        f" Orders {', '.join(fitting[:3])}{' and others' if len(fitting) > 3 else ''} would each fit every"
        " line."
    )


def _orders(snapshot: Snapshot) -> list[Finding]:
    findings = []
    for order in snapshot.orders:
        where = (Evidence(f"order {order.number}", "status", order.status),)
        if order.status != "open" and not snapshot.credit:
            findings.append(
                Finding(
                    "order",
                    f"Order {order.number} is {order.status}.",
                    code="po_closed",
                    expected="open",
                    found=order.status,
                    evidence=where,
                )
            )
        if (
            order.type_code == CONSIGNMENT
            and not snapshot.credit
            and not nature.look_up(snapshot.document.type_code).is_("self_billed")
        ):
            findings.append(
                Finding(
                    "order",
                    f"Order {order.number} is on consignment: its goods are paid by our own invoice when we"
                    " take them.",
                    code="po_closed",
                    expected="a self-billed invoice",
                    found=snapshot.document.type_code or "an invoice",
                    evidence=(Evidence(f"order {order.number}", "type_code", order.type_code),),
                )
            )
        findings += _given_to(snapshot, order)
    return findings


def _given_to(snapshot: Snapshot, order: OrderFacts) -> list[Finding]:
    """The order was given to whoever bills it. One that names somebody our list does not have is somebody
    else's; one that names nobody is nobody's until a person says whose. While the vendor of the invoice is
    unknown, that is the question.
    """
    vendor = snapshot.vendor
    if vendor is None or order.vendor == vendor.id:
        return []
    where = f"order {order.number}"
    shared = {number_key(k) for k in order.seller} & {
        number_key(k) for k in (vendor.vendor_id, vendor.vat_id) if k
    }
    if order.vendor or (order.seller and not shared):
        named = ", ".join(order.seller)
        to = (
            f"{named}, who is not in the vendor list, and not to {vendor.name}" if named else "another vendor"
        )
        return [
            Finding(
                "order",
                f"Order {order.number} was given to {to}.",
                code="supplier_mismatch",
                expected="the vendor of the order",
                found=vendor.name,
                evidence=(Evidence(where, "vendor", named),),
            )
        ]
    what = (
        f"names {', '.join(order.seller)}, which stands for several vendors"
        if order.seller
        else "names no vendor"
    )
    return [
        Finding(
            "order",
            f"Order {order.number} {what}. Was it given to {vendor.name}?",
            code="missing_data",
            expected="the vendor of the order",
            found=", ".join(order.seller) or "nobody",
            evidence=(Evidence(where, "vendor", ""),),
        )
    ]


def _line(
    snapshot: Snapshot,
    line: InvoiceLine,
    pairs: list[tuple[Allocated, OrderLineFacts]],
    above: dict[str, Decimal],
    packs: Decimal | None,
    moves: dict[tuple[int, str], goods.Moved],
) -> list[Finding]:
    """One invoice line against its order lines. `above`: what the lines before it bill of each order line,
    `packs`: the factor between what is counted here and there, `moves`: what each pair moves."""
    if pairing.heading(line):
        return []
    if not pairs and free(line):
        return [
            Finding(
                "order",
                f"Line {line.position} ({line.description or line.item}) was not ordered and costs nothing;"
                " recorded.",
                line=line.position,
                found=line.item or line.description,
            )
        ]
    if not pairs:
        names = ", ".join(sorted({o.number for o in snapshot.orders}))
        return [
            Finding(
                "order",
                f"Line {line.position} ({line.description or line.item or 'no description'}) fits no line of"
                f" {names}.",
                code="item_not_ordered",
                line=line.position,
                expected=f"a line of {names}",
                found=line.item or line.description,
                money=line.net,
                confidence=Decimal("0.9"),
            )
        ]
    findings: list[Finding] = []
    for pair, ordered in pairs:
        if pairing.factor(snapshot, line, ordered) is None:
            findings.append(unit_mismatch(line, ordered))
            continue
        moved = moves[pair.position, pair.order_line]
        if moved.difference:
            findings += price_difference(snapshot, line, moved, ordered)
            continue
        found = (
            price_findings(snapshot, line, pair, ordered)
            if packs is None
            else [other_packs(line, ordered, packs)]
        )
        if not snapshot.credit and pair.quantity > 0 and not may_be_duplicate(snapshot):
            found += quantity_findings(snapshot, pair, ordered, above.get(ordered.id, ZERO))
        findings += found
        if packs is None and not any(f.code for f in found):
            findings += implied_price(line, ordered)
    return findings
