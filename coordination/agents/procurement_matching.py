"""procurement.matching: which order does each line bill, at the agreed price and within what was ordered?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from ..domain.amounts import (
    ONE,
    ZERO,
    billed_before,
    contradicts_itself,
    counted,
    may_be_duplicate,
    ordered_price,
    said,
    signed,
    unit_price,
)
from ..domain.facts import Allocated, OrderFacts, OrderLineFacts, Snapshot
from ..domain.proposal import Agent, Contract, Evidence, Finding, Proposal, conclude, least
from ..domain.units import pack, per, times
from ..translation import nature
from ..translation.canonical import InvoiceLine
from ..translation.references import INSTEAD
from . import allowed, bounds, charges, goods, pairing, whole_order
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
        sure = [f.confidence for f in findings] + [pairing.CONFIDENCE[p.by] for p in pairs]
        return Proposal(
            self.name,
            self.version,
            conclude(findings),
            least(sure),
            reasoning,
            tuple(findings),
            allocations=pairs,
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
            and not nature.of(snapshot.document.type_code).is_("self_billed")
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
            findings.append(_unit(line, ordered))
            continue
        moved = moves[pair.position, pair.order_line]
        if moved.difference:
            findings += _difference(snapshot, line, moved, ordered)
            continue
        found = _price(snapshot, line, pair, ordered) if packs is None else [_packs(line, ordered, packs)]
        if not snapshot.credit and pair.quantity > 0 and not may_be_duplicate(snapshot):
            found += _quantity(snapshot, pair, ordered, above.get(ordered.id, ZERO))
        findings += found
        if packs is None and not any(f.code for f in found):
            findings += _implied(line, ordered)
    return findings


def _difference(
    snapshot: Snapshot, line: InvoiceLine, moved: goods.Moved, ordered: OrderLineFacts
) -> list[Finding]:
    """Money only. What is charged on top makes the goods dearer: the price billed and the surcharge against
    the order's."""
    recorded = moved.finding(credit=snapshot.credit)
    agreed, asked, billed = ordered_price(ordered), moved.asked, moved.billed
    if (
        snapshot.credit
        or moved.pair.amount <= 0
        or may_be_duplicate(snapshot)
        or _other_currency(snapshot, ordered)
    ):
        return [recorded]
    if agreed is None or asked is None or billed is None:
        return [recorded]
    ratio = pairing.factor(snapshot, line, ordered) or ONE
    whole = per(billed + asked, ratio)
    over = (whole - agreed) * times(line.quantity or ZERO, ratio)
    if not snapshot.policy.price.breached(over, agreed * times(line.quantity or ZERO, ratio)):
        return [recorded]
    percent = (whole - agreed) / agreed * 100 if agreed else Decimal(100)
    return [
        Finding(
            "price",
            f"Line {line.position} charges {said(asked)} a unit on top of {said(billed)} {moved.known_as};"
            f" the order says {said(agreed)}.",
            code="price_over",
            line=line.position,
            expected=said(agreed),
            found=said(whole),
            excess=f"{signed(percent, 1)} %",
            money=over,
            rule=snapshot.policy.price.id,
            tolerance=whole_order.limits(snapshot.policy.price),
            evidence=(
                Evidence(f"order line {ordered.line}", "price", said(agreed)),
                Evidence(f"invoice {snapshot.document.number}", f"lines/{line.position}/price", said(asked)),
            ),
        )
    ]


def _packs(line: InvoiceLine, ordered: OrderLineFacts, packs: Decimal) -> Finding:
    """Quantity and price are off by one factor, in opposite directions: a matter of units, not of quantity or
    price."""
    mine = f"{counted(line.quantity or ZERO)} at {said(unit_price(line) or ZERO)}"
    theirs = f"{counted(ordered.quantity or ZERO)} at {said(ordered_price(ordered) or ZERO)}"
    count = counted(packs if packs > 1 else per(ONE, packs))
    unit = "smaller units" if packs > 1 else "larger units"
    return Finding(
        "order",
        f"Line {line.position} bills {mine}, the order says {theirs}: a unit difference of factor {count}."
        f" Billed in {unit} than ordered ({line.unit or 'no unit'} and {ordered.unit or 'no unit'}); no such"
        " factor is declared.",
        code="uom_mismatch",
        line=line.position,
        expected=theirs,
        found=mine,
        excess=f"× {count}",
    )


def _implied(line: InvoiceLine, ordered: OrderLineFacts) -> list[Finding]:
    """A unit that one side does not state is the other's only where quantity and price both agree."""
    asked, agreed = unit_price(line), ordered_price(ordered)
    if not pairing.implied(line, ordered) or asked is None or agreed is None or asked == agreed:
        return []
    missing = "the order" if line.unit.strip() else "the invoice"
    return [
        Finding(
            "order",
            f"Line {line.position}: {missing} states no unit, and {said(asked)} for {said(agreed)} does not"
            " say that it is the other's.",
            code="uom_mismatch",
            line=line.position,
            expected=ordered.unit or "a unit",
            found=line.unit or "none",
        )
    ]


def free(line: InvoiceLine) -> bool:
    """Goods that are given: nothing is asked for them, as price, amount or charge."""
    return not line.price and not line.net and not line.allowances


def _unit(line: InvoiceLine, ordered: OrderLineFacts) -> Finding:
    return Finding(
        "order",
        f"Line {line.position} bills {line.unit}, the order says {ordered.unit}; no factor is"
        f" declared.{_would_fit(line, ordered)}",
        code="uom_mismatch",
        line=line.position,
        expected=ordered.unit,
        found=line.unit,
    )


def _would_fit(line: InvoiceLine, ordered: OrderLineFacts) -> str:
    """The factor at which quantity and price both agree: for a person to confirm, never taken for them."""
    asked, agreed, wanted = unit_price(line), ordered_price(ordered), ordered.quantity
    if asked is None or agreed is None or line.quantity is None or wanted is None:
        return ""
    count = pack(asked, agreed, line.quantity, wanted, wanted)
    if count is None:
        return ""
    one, other = (ordered.unit, line.unit) if count > 1 else (line.unit, ordered.unit)
    return (
        f" At {counted(count if count > 1 else per(ONE, count))} {other} in one {one}, quantity and price"
        " agree."
    )


def _price(snapshot: Snapshot, line: InvoiceLine, pair: Allocated, ordered: OrderLineFacts) -> list[Finding]:
    """Unit price against the order's, both net of allowances. Two limits on one rule: either breach holds;
    favourable is recorded."""
    agreed, billed = ordered_price(ordered), unit_price(line)
    if agreed is None or billed is None or _other_currency(snapshot, ordered):
        return []
    asked = per(billed, pairing.factor(snapshot, line, ordered) or ONE)
    over = (asked - agreed) * pair.quantity
    base = agreed * pair.quantity
    percent = (asked - agreed) / agreed * 100 if agreed else Decimal(100)
    facts = {
        "line": line.position,
        "expected": said(agreed),
        "found": said(asked),
        "excess": f"{signed(percent, 1)} %",
        "money": over,
        "rule": snapshot.policy.price.id,
        "tolerance": whole_order.limits(snapshot.policy.price),
        "evidence": (
            Evidence(f"order line {ordered.line}", "price", said(agreed)),
            Evidence(f"invoice {snapshot.document.number}", f"lines/{line.position}/price", said(asked)),
        ),
    }
    note = _contradiction(ordered, line.position)
    if not snapshot.credit and asked > agreed and snapshot.policy.price.breached(over, base):
        sentence = (
            f"Line {line.position} is {said(asked - agreed)} a unit over the order ({said(asked)} for"
            f" {said(agreed)})."
        )
        return [*note, Finding("price", sentence, code="price_over", **facts)]  # type: ignore[arg-type]
    if asked < agreed:
        sentence = (
            f"Line {line.position} is billed below the order ({said(asked)} for {said(agreed)}); recorded."
        )
        return [*note, Finding("price", sentence, **facts)]  # type: ignore[arg-type]
    return note


def _other_currency(snapshot: Snapshot, ordered: OrderLineFacts) -> bool:
    """Is the order in another currency? Finance asks about that; figures of two currencies say nothing to
    each other."""
    foreign = [o for o in snapshot.orders if whole_order.differs(snapshot, o)]
    return any(x.id == ordered.id for o in foreign for x in o.lines)


def _contradiction(ordered: OrderLineFacts, position: int) -> list[Finding]:
    if not contradicts_itself(ordered):
        return []
    return [
        Finding(
            "price",
            f"Order line {ordered.line} contradicts itself (price {said(ordered.price or ZERO)}, amount "
            f"{said(ordered.net or ZERO)} for {counted(ordered.quantity or ZERO)}); its amount is used.",
            line=position,
            confidence=Decimal("0.9"),
        )
    ]


def _quantity(snapshot: Snapshot, pair: Allocated, ordered: OrderLineFacts, above: Decimal) -> list[Finding]:
    """Cumulative over all invoices of the order line, credits taken off, and over the lines of this one so
    far."""
    if ordered.quantity is None:
        return []
    before = billed_before(snapshot, ordered)[0] + above
    excess = before + pair.quantity - ordered.quantity
    rule = snapshot.policy.quantity
    if not rule.breached(excess, ordered.quantity):
        return []
    already = f", {counted(before)} of it before" if before else ""
    return [
        Finding(
            "quantity_ordered",
            f"Line {pair.position} takes billing to {counted(before + pair.quantity)}{already};"
            f" {counted(ordered.quantity)} were ordered.",
            code="qty_over_ordered",
            line=pair.position,
            expected=counted(ordered.quantity),
            found=counted(before + pair.quantity),
            excess=signed(excess, 0) if excess == int(excess) else signed(excess),
            money=excess * (ordered_price(ordered) or ZERO),
            rule=rule.id,
            tolerance="ordered + 0",
            evidence=(Evidence(f"order line {ordered.line}", "quantity", counted(ordered.quantity)),),
        )
    ]
