"""All that is billed of an order together, advances that nobody has deducted included, against what it is
worth."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from ..domain.amounts import (
    CENT,
    ENDED,
    ZERO,
    billed_before,
    earlier,
    format_amount,
    may_be_duplicate,
    signed,
    total,
)
from ..domain.facts import Advance, Allocated, OrderFacts, Snapshot
from ..domain.policy import Tolerance
from ..domain.proposal import Evidence, Finding
from ..translation import nature


def differs(snapshot: Snapshot, order: OrderFacts) -> bool:
    """Do order and invoice both name a currency, and not the same?"""
    currency = snapshot.document.currency
    return bool(order.currency and currency and order.currency != currency)


def limits(tolerance: Tolerance) -> str:
    """A tolerance as a person reads it."""
    parts = [
        f"{tolerance.pct:f} %" if tolerance.pct is not None else "",
        f"{tolerance.abs:f}" if tolerance.abs is not None else "",
    ]
    return " or ".join(p for p in parts if p) or "none set"


def excess(snapshot: Snapshot, pairs: Iterable[Allocated]) -> list[Finding]:
    """All invoices of an order together against its net; only where no line explains the excess."""
    if snapshot.credit or may_be_duplicate(snapshot) or _explained(snapshot):
        return []
    made = list(pairs)
    comparable = (o for o in snapshot.orders if not differs(snapshot, o))
    return [f for order in comparable if (f := _over(snapshot, order, made)) is not None]


def _explained(snapshot: Snapshot) -> bool:
    """Does a line amount that does not follow from its own quantity and price stand already?"""
    return any(h.code == "totals_unbalanced" and h.line is not None for h in snapshot.live_holds())


def _over(snapshot: Snapshot, order: OrderFacts, pairs: list[Allocated]) -> Finding | None:
    mine = {line.id for line in order.lines}
    own = total(p.amount for p in pairs if p.order_line in mine)
    if not own and nature.look_up(snapshot.document.type_code).is_("advance"):
        own = snapshot.document.net or ZERO
    before = total(billed_before(snapshot, line)[1] for line in order.lines)
    worth = order.net if order.net is not None else total(line.net for line in order.lines)
    if not worth or not own:
        return None
    ahead, numbers = undeducted(snapshot, order)
    rule = snapshot.policy.order_amount
    if not rule.breached(own + before - worth, worth) and not (ahead and own + before + ahead - worth > CENT):
        return None
    over = own + before + ahead - worth
    sentence = (
        f"Invoices of order {order.number} come to {format_amount(own + before)}; it is worth"
        f" {format_amount(worth)}."
    )
    if ahead:
        sentence = (
            f"Invoices of order {order.number} come to {format_amount(own + before)}, and"
            f" {format_amount(ahead)} of the advance {', '.join(numbers)} is deducted nowhere:"
            f" {format_amount(own + before + ahead)} in all; it is worth {format_amount(worth)}."
        )
    return Finding(
        "price",
        sentence,
        code="amount_over_po",
        expected=format_amount(worth),
        found=format_amount(own + before + ahead),
        excess=signed(over),
        money=over,
        rule=rule.id,
        tolerance="none" if ahead else limits(rule),
        evidence=(
            Evidence(f"order {order.number}", "net", format_amount(worth)),
            *(Evidence(f"invoice {n}", "type_code", "advance") for n in numbers),
        ),
    )


def undeducted(snapshot: Snapshot, order: OrderFacts) -> tuple[Decimal, list[str]]:
    """What of the agreed advances on an order neither an invoice before this one nor this one deducts,
    without tax, and their numbers. An advance counts from its clearing on: what nobody has agreed to is not
    owed."""
    document = snapshot.document
    advances = [a for a in order.advances if not a.deducted and _counts(snapshot, a)]
    paid = sum((a.gross if a.type != "credit_note" else -a.gross for a in advances), ZERO)
    deducted = sum((a.deducted for a in order.advances if a.deducted and _before(snapshot, a)), ZERO)
    left = paid - deducted - document.prepaid
    if left <= snapshot.policy.allowed(snapshot.policy.totals, document.currency):
        return ZERO, []
    net = sum((a.net if a.type != "credit_note" else -a.net for a in advances), ZERO)
    return (left * net / paid).quantize(CENT), [a.number for a in advances if a.type != "credit_note"]


def _counts(snapshot: Snapshot, advance: Advance) -> bool:
    return advance.state in {"cleared", "paid"} and _comparable(snapshot, advance)


def _before(snapshot: Snapshot, other: Advance) -> bool:
    return other.state not in ENDED and _comparable(snapshot, other) and earlier(snapshot, other)


def _comparable(snapshot: Snapshot, other: Advance) -> bool:
    return other.invoice != snapshot.id and other.currency == snapshot.document.currency
