"""Charges against those that the order carries: freight that was agreed on is no surprise, twice the freight
is one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rapidfuzz import fuzz

from ..domain.amounts import ENDED, ZERO, earlier, format_amount, total
from ..domain.facts import Charged, OrderFacts, Snapshot
from ..domain.proposal import Evidence, Finding
from ..translation.canonical import AllowanceCharge

ALIKE = 80.0
"""rapidfuzz `token_set_ratio` from which two reasons are the same charge."""


def unplanned(snapshot: Snapshot) -> list[Finding]:
    """Each charge that goes over what the orders carry of its kind, less what earlier invoices asked of
    it."""
    if snapshot.credit:
        return []
    taken: dict[int, Decimal] = {}
    findings = []
    for position, charge in _charges(snapshot):
        planned = _planned(snapshot, charge)
        room = total(p.amount for _, p in planned) - _before(snapshot, charge, planned)
        used = sum((taken.get(id(p), ZERO) for _, p in planned), ZERO)
        excess = charge.amount - max(room - used, ZERO)
        for _, p in planned[:1]:
            taken[id(p)] = taken.get(id(p), ZERO) + charge.amount
        if snapshot.policy.charge.breached(excess, total(p.amount for _, p in planned)):
            findings.append(_finding(snapshot, position, charge, max(room - used, ZERO), planned))
    return findings


def _charges(snapshot: Snapshot) -> Iterator[tuple[int | None, AllowanceCharge]]:
    yield from ((None, a) for a in (*snapshot.document.allowances, *snapshot.document.collected) if a.charge)
    for line in snapshot.document.lines:
        yield from ((line.position, a) for a in line.allowances if a.charge)


def _planned(snapshot: Snapshot, charge: AllowanceCharge) -> list[tuple[OrderFacts, AllowanceCharge]]:
    comparable = (o for o in snapshot.orders if o.currency in {"", snapshot.document.currency})
    return [(o, p) for o in comparable for p in o.charges if same_kind(charge, p)]


def same_kind(one: AllowanceCharge | Charged, other: AllowanceCharge | Charged) -> bool:
    """The same code, or words that mean the same. A charge without either is of no kind, and fits any."""
    if one.reason_code and other.reason_code:
        return one.reason_code == other.reason_code
    if not one.reason or not other.reason:
        return True
    return fuzz.token_set_ratio(one.reason.casefold(), other.reason.casefold()) >= ALIKE


def _before(
    snapshot: Snapshot, charge: AllowanceCharge, planned: list[tuple[OrderFacts, AllowanceCharge]]
) -> Decimal:
    """What earlier invoices asked for of this kind, less what credit notes gave back."""
    orders = {o.id: o for o, _ in planned}
    asked = back = ZERO
    for other in (c for o in orders.values() for c in o.charged if same_kind(charge, c)):
        if other.state in ENDED or other.invoice == snapshot.id:
            continue
        if other.type == "credit_note":
            back += other.amount
        elif earlier(snapshot, other):
            asked += other.amount
    return max(asked - back, ZERO)


def _finding(
    snapshot: Snapshot,
    position: int | None,
    charge: AllowanceCharge,
    room: Decimal,
    planned: list[tuple[OrderFacts, AllowanceCharge]],
) -> Finding:
    reason = charge.reason or "no reason given"
    sentence = f"A charge of {format_amount(charge.amount)} ({reason}) is not on the order."
    if planned:
        sentence = (
            f"A charge of {format_amount(charge.amount)} ({reason}); {format_amount(room)} of it is left on"
            " the order."
        )
    excess = charge.amount - room
    return Finding(
        "price",
        sentence,
        code="charge_unplanned",
        line=position,
        expected=format_amount(room),
        found=format_amount(charge.amount),
        excess=format_amount(excess),
        money=excess,
        rule=snapshot.policy.charge.id,
        evidence=tuple(Evidence(f"order {o.number}", "charge", format_amount(p.amount)) for o, p in planned),
    )
