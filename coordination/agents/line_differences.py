"""Price, quantity and unit of an invoice line against the order line that it bills."""

from __future__ import annotations

from decimal import Decimal

from ..domain.amounts import (
    ONE,
    ZERO,
    billed_before,
    contradicts_itself,
    counted,
    format_amount,
    may_be_duplicate,
    ordered_price,
    signed,
    unit_price,
)
from ..domain.facts import Allocated, OrderLineFacts, Snapshot
from ..domain.proposal import Evidence, Finding
from ..domain.units import pack, per, times
from ..translation.canonical import InvoiceLine
from . import goods, pairing, whole_order


def price_difference(
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
            f"Line {line.position} charges {format_amount(asked)} a unit on top of {format_amount(billed)}"
            f" {moved.known_as}; the order says {format_amount(agreed)}.",
            code="price_over",
            line=line.position,
            expected=format_amount(agreed),
            found=format_amount(whole),
            excess=f"{signed(percent, 1)} %",
            money=over,
            rule=snapshot.policy.price.id,
            tolerance=whole_order.limits(snapshot.policy.price),
            evidence=(
                Evidence(f"order line {ordered.line}", "price", format_amount(agreed)),
                Evidence(
                    f"invoice {snapshot.document.number}",
                    f"lines/{line.position}/price",
                    format_amount(asked),
                ),
            ),
        )
    ]


def other_packs(line: InvoiceLine, ordered: OrderLineFacts, packs: Decimal) -> Finding:
    """Quantity and price are off by one factor, in opposite directions: a matter of units, not of quantity or
    price."""
    mine = f"{counted(line.quantity or ZERO)} at {format_amount(unit_price(line) or ZERO)}"
    theirs = f"{counted(ordered.quantity or ZERO)} at {format_amount(ordered_price(ordered) or ZERO)}"
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


def implied_price(line: InvoiceLine, ordered: OrderLineFacts) -> list[Finding]:
    """A unit that one side does not state is the other's only where quantity and price both agree."""
    asked, agreed = unit_price(line), ordered_price(ordered)
    if not pairing.implied(line, ordered) or asked is None or agreed is None or asked == agreed:
        return []
    missing = "the order" if line.unit.strip() else "the invoice"
    return [
        Finding(
            "order",
            f"Line {line.position}: {missing} states no unit, and {format_amount(asked)} for"
            f" {format_amount(agreed)} does not say that it is the other's.",
            code="uom_mismatch",
            line=line.position,
            expected=ordered.unit or "a unit",
            found=line.unit or "none",
        )
    ]


def free(line: InvoiceLine) -> bool:
    """Goods that are given: nothing is asked for them, as price, amount or charge."""
    return not line.price and not line.net and not line.allowances


def unit_mismatch(line: InvoiceLine, ordered: OrderLineFacts) -> Finding:
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


def price_findings(
    snapshot: Snapshot, line: InvoiceLine, pair: Allocated, ordered: OrderLineFacts
) -> list[Finding]:
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
        "expected": format_amount(agreed),
        "found": format_amount(asked),
        "excess": f"{signed(percent, 1)} %",
        "money": over,
        "rule": snapshot.policy.price.id,
        "tolerance": whole_order.limits(snapshot.policy.price),
        "evidence": (
            Evidence(f"order line {ordered.line}", "price", format_amount(agreed)),
            Evidence(
                f"invoice {snapshot.document.number}", f"lines/{line.position}/price", format_amount(asked)
            ),
        ),
    }
    note = _contradiction(ordered, line.position)
    if not snapshot.credit and asked > agreed and snapshot.policy.price.breached(over, base):
        sentence = (
            f"Line {line.position} is {format_amount(asked - agreed)} a unit over the order"
            f" ({format_amount(asked)} for {format_amount(agreed)})."
        )
        return [*note, Finding("price", sentence, code="price_over", **facts)]  # type: ignore[arg-type]
    if asked < agreed:
        sentence = (
            f"Line {line.position} is billed below the order ({format_amount(asked)} for"
            f" {format_amount(agreed)}); recorded."
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
            f"Order line {ordered.line} contradicts itself (price {format_amount(ordered.price or ZERO)},"
            f" amount {format_amount(ordered.net or ZERO)} for {counted(ordered.quantity or ZERO)}); its"
            " amount is used.",
            line=position,
            confidence=Decimal("0.9"),
        )
    ]


def quantity_findings(
    snapshot: Snapshot, pair: Allocated, ordered: OrderLineFacts, above: Decimal
) -> list[Finding]:
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
