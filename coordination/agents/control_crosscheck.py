"""control.crosscheck: the key findings again, by other means, and an objection where they differ.

It shares no arithmetic with the agents it checks: it works in whole hundredths on totals where they work on
lines, and on sets where they work on pairs. An error common to both would have to be made twice, in two ways.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from ..domain.amounts import CLEARED, matching_level
from ..domain.facts import Snapshot
from ..domain.hold_codes import CATALOGUE
from ..domain.proposal import Agent, Contract, Finding, Outcome, Proposal
from ..domain.units import times
from ..translation import nature
from ..translation.identity import appearance, registered_number
from .operations_delivery import receipt_factor
from .order_index import number_key


class ControlCrosscheck(Agent):
    """Independent second look at sum, tax, duplicate, price, delivery and account."""

    name: ClassVar[str] = "control.crosscheck"
    version: ClassVar[str] = "2"
    department: ClassVar[str] = "control"
    purpose: ClassVar[str] = "Derives the key findings a second way and objects where they differ."
    contract: ClassVar[Contract] = Contract(
        version="1",
        reads=frozenset({"invoice", "vendor", "order", "receipt", "siblings", "billing"}),
        consumes=frozenset({"arithmetic", "duplicate", "price", "quantity_received"}),
        owns=frozenset({"crosscheck"}),
        role="second method",
    )
    sla: ClassVar[timedelta] = timedelta(seconds=10)

    def propose(self, snapshot: Snapshot) -> Proposal:
        checks = (
            ("arithmetic", adds_up(snapshot)),
            ("duplicate", seen_before(snapshot)),
            ("price", worth(snapshot)),
            ("quantity_received", arrived(snapshot)),
            ("vendor_bank", known_account(snapshot)),
        )
        standing = [h.code for h in snapshot.holds if h.status != "released" or h.release == "override"]
        explained = frozenset[str]().union(*(CATALOGUE[code].explains for code in standing))
        objections = tuple(
            Finding(question, sentence, found=sentence, confidence=Decimal("0.95"))
            for question, sentence in checks
            if sentence and question not in explained
        )
        found = sum(bool(sentence) for _, sentence in checks)
        reasoning = " ".join(o.sentence for o in objections) or (
            f"{len(checks)} findings derived again; "
            + ("nothing stands against it." if not found else "what stands against it is held already.")
        )
        outcome: Outcome = "hold" if objections else "approve"
        return Proposal(
            self.name,
            self.version,
            outcome,
            Decimal("0.97"),
            reasoning,
            objections=objections,
            method="derived again",
        )


def _hundredths(amount: Decimal | None) -> Fraction:
    return Fraction(amount or 0) * 100


FEW_DIGITS = 4
"""Numbers with fewer digits are the same ones by chance too often."""


def adds_up(snapshot: Snapshot) -> str:
    """Gross against lines, allowances and the tax rates of the lines, in one sum."""
    d = snapshot.document
    if d.gross is None or not d.lines or any(line.net is None for line in d.lines):
        return ""
    net = sum((_hundredths(line.net) for line in d.lines), Fraction(0))
    net += sum((_hundredths(a.amount if a.charge else -a.amount) for a in d.allowances), Fraction(0))
    tax = _hundredths(d.tax)
    slack = 2 + 2 * max(1, len(d.taxes)) + len(d.lines)
    difference = _hundredths(d.gross) - net - tax
    return (
        f"Lines, allowances and tax miss the gross by {float(difference) / 100:+.2f}."
        if abs(difference) > slack
        else ""
    )


def seen_before(snapshot: Snapshot) -> str:
    """The same vendor already claims the same gross on the same day under a number of the same signs,
    exchanged."""
    d = snapshot.document
    mine = _signs(d.number)
    for other in snapshot.siblings:
        same_sum = other.gross is not None and other.gross == d.gross and other.currency == d.currency
        if other.type != d.type or not same_sum or other.state in {"void", "rejected"}:
            continue
        same_day = other.issue_date == d.issue_date
        later = (d.issue_date or snapshot.received_on, d.number, snapshot.id) > (
            other.issue_date or snapshot.received_on,
            other.number,
            other.id,
        )
        if same_day and later and mine and _signs(other.number) == mine:
            return f"{other.number} claims the same amount on the same day with the same digits."
    return ""


def _signs(number: str) -> Counter[str]:
    """Letters and digits of a number, in any sequence; of one too short to be told apart by them, none."""
    signs = appearance(number)
    return Counter(signs) if sum(c.isdigit() for c in signs) >= FEW_DIGITS else Counter()


def worth(snapshot: Snapshot) -> str:
    """All that is billed of the named orders against all that was ordered, in money, prices and quantities
    together."""
    if snapshot.credit or not snapshot.orders:
        return ""
    if any(o.net is None and any(x.net is None for x in o.lines) for o in snapshot.orders):
        return ""
    ordered = sum(
        (
            _hundredths(o.net) or sum((_hundredths(x.net) for x in o.lines), Fraction(0))
            for o in snapshot.orders
        ),
        Fraction(0),
    )
    billed = sum((_hundredths(line.net) for line in snapshot.document.lines), Fraction(0))
    limit = ordered * (100 + Fraction(snapshot.policy.order_amount.pct or 0)) / 100
    if ordered and billed > limit + 2:
        return f"Lines come to {float(billed) / 100:,.2f}; the orders are worth {float(ordered) / 100:,.2f}."
    return ""


def arrived(snapshot: Snapshot) -> str:
    """Total quantity billed per order against the total received for it, whatever the lines say."""
    if snapshot.credit or not snapshot.allocations:
        return ""
    if any(matching_level(snapshot, x.unit) < 4 for o in snapshot.orders for x in o.lines):
        return ""
    order_of = {line.id: number_key(order.number) for order in snapshot.orders for line in order.lines}
    billed: Counter[str] = Counter()
    for pair in snapshot.allocations:
        billed[order_of[pair.order_line]] += pair.quantity  # type: ignore[assignment]
    for order in snapshot.orders:
        for line in order.lines:
            made_good = (b.quantity for b in line.billed if b.type == "credit_note" and b.state in CLEARED)
            billed[number_key(order.number)] -= sum(made_good)  # type: ignore[assignment]
    known = {(number_key(o.number), x.line.casefold()): x for o in snapshot.orders for x in o.lines}
    billed_unit = {x.position: x.unit for x in snapshot.document.lines}
    told = {p.order_line: billed_unit.get(p.position, "") for p in snapshot.allocations}
    received: Counter[str] = Counter()
    for receipt in snapshot.receipts:
        number = number_key(receipt.order_number)
        ordered = known.get((number, receipt.order_line.casefold()))
        unit, item = (
            (ordered.unit or told.get(ordered.id, ""), ordered.item) if ordered else (receipt.unit, "")
        )
        factor = receipt_factor(snapshot, receipt, (receipt.item, item), unit)
        if receipt.kind == "receipt" and factor is not None:
            received[number] += times(receipt.accepted, factor)  # type: ignore[assignment]
    short = sorted(order for order, quantity in billed.items() if quantity > received[order])
    return f"More is billed of order {short[0]} than was accepted." if short else ""


def known_account(snapshot: Snapshot) -> str:
    """The last six characters of the printed and the verified account."""
    d, vendor = snapshot.document, snapshot.vendor
    if vendor is None or not vendor.verified or nature.collected(d):
        return ""
    tail = registered_number(d.account.number)[-6:]
    known = registered_number(vendor.verified)
    return "The printed account does not end like the verified one." if tail and tail not in known else ""
