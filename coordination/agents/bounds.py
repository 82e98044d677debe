"""Order lines that state no price or no quantity: judged by the amount that they allow, and without one by a
person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from ..domain.amounts import billed_before, format_amount, may_be_duplicate, ordered_price, signed, total
from ..domain.facts import Allocated, OrderFacts, OrderLineFacts, Snapshot
from ..domain.policy import Tolerance
from ..domain.proposal import Evidence, Finding
from . import pairing
from .allowed import bounded


def unstated(snapshot: Snapshot, pairs: Iterable[Allocated]) -> list[Finding]:
    """What is billed of such lines against the amount of the line, or of the order for its lines of that
    kind. The orders of the snapshot are completed with what follows from what they state
    (`allowed.complete`)."""
    if snapshot.credit:
        return []
    lines = {x.id: (order, x) for order in snapshot.orders for x in order.lines}
    made, findings = list(pairs), []
    for pair in made:
        order, ordered = lines[pair.order_line]
        gaps = _gaps(ordered)
        if gaps and not _other_unit(snapshot, pair, ordered):
            findings += _judged(snapshot, made, pair, order, ordered, gaps)
    return findings


def _gaps(ordered: OrderLineFacts) -> str:
    facts = (("price", ordered_price(ordered)), ("quantity", ordered.quantity))
    return " and no ".join(name for name, value in facts if value is None)


def _other_unit(snapshot: Snapshot, pair: Allocated, ordered: OrderLineFacts) -> bool:
    """Is the line held for its unit already?"""
    line = next(x for x in snapshot.document.lines if x.position == pair.position)
    return pairing.factor(snapshot, line, ordered) is None


def _judged(
    snapshot: Snapshot,
    pairs: list[Allocated],
    pair: Allocated,
    order: OrderFacts,
    ordered: OrderLineFacts,
    gaps: str,
) -> list[Finding]:
    limit, sharing = bounded(order, ordered)
    if limit is None:
        return [_asked(pair, order, ordered, gaps)]
    if may_be_duplicate(snapshot):
        return []
    ids = {x.id for x in sharing}
    billed = total(p.amount for p in pairs if p.order_line in ids)
    billed += total(billed_before(snapshot, x)[1] for x in sharing)
    rules = _rules(snapshot, sharing, gaps)
    broken = next((r for r in rules if r.breached(billed - limit, limit)), None)
    return [_finding(pair, order, gaps, limit, billed, broken)]


def _rules(snapshot: Snapshot, sharing: tuple[OrderLineFacts, ...], gaps: str) -> list[Tolerance]:
    """The tolerances that hold for an amount in the place of what is not stated: as narrow as that would have
    been."""
    policy = snapshot.policy
    if len(sharing) == 1 and sharing[0].net is not None:
        return [policy.quantity, policy.price]
    return [policy.order_amount, policy.price] if "price" in gaps else [policy.order_amount]


def _asked(pair: Allocated, order: OrderFacts, ordered: OrderLineFacts, gaps: str) -> Finding:
    return Finding(
        "price" if "price" in gaps else "quantity_ordered",
        f"Line {ordered.line} of order {order.number} states no {gaps}, and no amount bounds it. What was"
        " agreed?",
        code="missing_data",
        line=pair.position,
        expected=f"a {gaps.replace(' and no ', ' and a ')} on the order",
        found="nothing",
        evidence=(Evidence(f"order {order.number}", f"line {ordered.line}", ""),),
    )


def _finding(
    pair: Allocated, order: OrderFacts, gaps: str, limit: Decimal, billed: Decimal, broken: Tolerance | None
) -> Finding:
    """Over it, held; within it, recorded."""
    excess = billed - limit
    sentence = (
        f"Line {pair.position} is judged by amount, as order {order.number} states no {gaps} for it:"
        f" {format_amount(billed)} of {format_amount(limit)} are billed."
    )
    finding = Finding(
        "price",
        sentence,
        line=pair.position,
        expected=format_amount(limit),
        found=format_amount(billed),
        evidence=(Evidence(f"order {order.number}", "net", format_amount(limit)),),
    )
    if broken is None:
        return finding
    return replace(finding, code="amount_over_po", excess=signed(excess), money=excess, rule=broken.id)
