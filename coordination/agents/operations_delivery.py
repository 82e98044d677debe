"""operations.delivery: did what is billed arrive, and was it accepted?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import ClassVar
from zoneinfo import ZoneInfo

from ..domain.amounts import (
    ONE,
    ZERO,
    billed_before,
    counted,
    matching_level,
    may_be_duplicate,
    ordered_price,
    signed,
)
from ..domain.facts import Allocated, Delivered, OrderFacts, OrderLineFacts, ReceiptLineFacts, Snapshot
from ..domain.proposal import Agent, Contract, Evidence, Finding, Proposal, conclude, least_sure
from ..domain.units import PIECES, times, unit_factor
from ..translation.canonical import InvoiceLine
from . import goods, pairing
from .order_index import key, number_key

UTC = ZoneInfo("UTC")
CONFIRMED = "Everything billed was received and accepted."
"""What it says where every line was compared with what arrived, and only there."""


class OperationsDelivery(Agent):
    """Billed against received and accepted, cumulative per order line. A credit note needs no receipt."""

    name: ClassVar[str] = "operations.delivery"
    version: ClassVar[str] = "2"
    department: ClassVar[str] = "operations"
    purpose: ClassVar[str] = "Compares what is billed with what was received and accepted."
    contract: ClassVar[Contract] = Contract(
        version="1",
        reads=frozenset({"order", "receipt", "billing"}),
        consumes=frozenset({"order"}),
        owns=frozenset({"quantity_received"}),
        about="quantity",
    )
    sla: ClassVar[timedelta] = timedelta(seconds=10)

    def propose(self, snapshot: Snapshot) -> Proposal:
        if snapshot.credit:
            return self._proposal([], (), "A credit note needs no receipt.")
        if why := goods.none_of(snapshot):
            return self._proposal([], (), f"{why} No receipt is asked for.")
        findings: list[Finding] = []
        deliveries: list[Delivered] = []
        ordered = {x.id: (order, x) for order in snapshot.orders for x in order.lines}
        billed = {x.position: x for x in snapshot.document.lines}
        receipts = _by_order(snapshot)
        for order_line, pairs in _by_order_line(snapshot.allocations).items():
            order, line = ordered[order_line]
            if matching_level(snapshot, line.unit) < 3:
                findings.append(_not_expected(order, line, pairs[0].position))
                continue
            if any(pairing.factor(snapshot, billed[p.position], line) is None for p in pairs):
                continue  # procurement holds it: in a unit without a declared factor
            own = [r for r in receipts.of(order, line) if belongs(r, order, line)]
            arrived = _arrived(snapshot, own, line, line.unit or billed[pairs[0].position].unit)
            findings += _finding(snapshot, order, line, pairs, arrived, own)
            findings += [f for p in pairs for f in _named_elsewhere(snapshot, billed[p.position], line, own)]
            deliveries += _cover(pairs, arrived, billed)
        if not snapshot.allocations:
            return self._proposal([], (), "No order line to compare with; procurement's answer comes first.")
        clean = CONFIRMED if deliveries or not findings else "By policy no receipt was asked for."
        if not findings and all(p.quantity <= 0 for p in snapshot.allocations):
            clean = "No goods are billed: no receipt is asked for."
        return self._proposal(findings, tuple(deliveries), clean)

    def _proposal(self, findings: list[Finding], deliveries: tuple[Delivered, ...], clean: str) -> Proposal:
        reasoning = " ".join(f.sentence for f in findings if f.code) or clean
        grounds = [(f.confidence, "told by other numbers") for f in findings]
        sure, method = least_sure(grounds, "compared with receipts")
        return Proposal(
            self.name,
            self.version,
            conclude(findings),
            sure,
            reasoning,
            tuple(findings),
            deliveries=deliveries,
            method=method,
        )


def _by_order_line(allocations: tuple[Allocated, ...]) -> dict[str, list[Allocated]]:
    groups: dict[str, list[Allocated]] = {}
    for pair in allocations:
        groups.setdefault(pair.order_line, []).append(pair)
    return groups


def belongs(receipt: ReceiptLineFacts, order: OrderFacts, line: OrderLineFacts) -> bool:
    """Is this receipt line for that order line? By line reference; without one by item, or by the order's
    only line."""
    if number_key(receipt.order_number) != number_key(order.number):
        return False
    if receipt.order_line:
        return key(receipt.order_line) == key(line.line)
    codes = {key(c) for c in (receipt.item, receipt.buyer_item) if c}
    known = {key(c) for c in (line.item, line.buyer_item) if c}
    return bool(codes & known) or len(order.lines) == 1


@dataclass(frozen=True, slots=True)
class _Receipts:
    """Receipts by order and line they name; those that name an order only may be for any of its lines."""

    by_line: dict[tuple[str, str], list[ReceiptLineFacts]]

    def of(self, order: OrderFacts, line: OrderLineFacts) -> list[ReceiptLineFacts]:
        number = number_key(order.number)
        return [*self.by_line.get((number, key(line.line)), ()), *self.by_line.get((number, ""), ())]


def _by_order(snapshot: Snapshot) -> _Receipts:
    found: dict[tuple[str, str], list[ReceiptLineFacts]] = {}
    for receipt in snapshot.receipts:
        found.setdefault((number_key(receipt.order_number), key(receipt.order_line)), []).append(receipt)
    return _Receipts(found)


def _arrived(
    snapshot: Snapshot, own: list[ReceiptLineFacts], line: OrderLineFacts, unit: str
) -> list[ReceiptLineFacts]:
    """The receipts of an order line, in its unit. One in a unit without a declared factor says nothing about
    it."""
    found = []
    for r in own:
        if r.kind != "receipt":
            continue
        factor = receipt_factor(snapshot, r, (r.item, line.item, line.buyer_item), unit)
        if factor is not None:
            found.append(
                r
                if factor == ONE
                else replace(
                    r, quantity=times(r.quantity, factor), accepted=times(r.accepted, factor), unit=unit
                )
            )
    return found


def receipt_factor(
    snapshot: Snapshot, receipt: ReceiptLineFacts, items: Iterable[str], unit: str
) -> Decimal | None:
    """How many `unit` one received unit is. A receipt without a unit counts pieces, the least that can
    arrive: it says nothing of an order in anything else. Nor does a receipt in packs of an order that states
    no unit."""
    mine, wanted = receipt.unit.strip(), unit.strip()
    if mine and wanted:
        return unit_factor(snapshot.conversions, items, mine, wanted)
    return ONE if {mine.upper(), wanted.upper()} <= PIECES | {""} else None


def _not_expected(order: OrderFacts, line: OrderLineFacts, position: int) -> Finding:
    """Two-way matching, by policy: recorded, so that nobody takes it for a check that was made."""
    return Finding(
        "quantity_received",
        f"Line {position}: the policy expects no receipt in {line.unit or 'this unit'}; none was asked for.",
        line=position,
        rule="W-01",
        evidence=(Evidence(f"order {order.number}", f"line {line.line}", "two-way"),),
    )


def _finding(
    snapshot: Snapshot,
    order: OrderFacts,
    line: OrderLineFacts,
    pairs: list[Allocated],
    arrived: list[ReceiptLineFacts],
    receipts: list[ReceiptLineFacts],
) -> list[Finding]:
    position = pairs[0].position
    own = sum((p.quantity for p in pairs), ZERO)
    if own <= 0:
        return []  # money only, or goods given back: nothing more has to have arrived for it
    if not arrived:
        return [_missing(snapshot, order, line, position, own, receipts)]
    before = ZERO if may_be_duplicate(snapshot) else billed_before(snapshot, line)[0]
    received = sum((r.quantity for r in arrived), ZERO)
    taken = sum((r.accepted for r in arrived), ZERO)
    billed = before + own
    if snapshot.policy.quantity.breached(billed - received, received):
        return [_over(snapshot, line, arrived, position, billed, received, "qty_over_received", "received")]
    four_way = matching_level(snapshot, line.unit) > 3
    if four_way and snapshot.policy.quantity.breached(billed - taken, taken):
        return [_over(snapshot, line, arrived, position, billed, taken, "qty_not_accepted", "accepted")]
    return []


def _missing(
    snapshot: Snapshot,
    order: OrderFacts,
    line: OrderLineFacts,
    position: int,
    own: Decimal,
    receipts: list[ReceiptLineFacts],
) -> Finding:
    """Nothing of the line has arrived: wait for it, then ask.

    The days count from the issue date. Where that lies more than the backlog limit before intake, the
    document was taken over from history and its date says nothing about when its receipt will be posted: then
    from intake.
    """
    policy, issued = snapshot.policy, snapshot.document.issue_date or snapshot.received_on
    start = snapshot.received_on if (snapshot.received_on - issued).days > policy.backlog_days else issued
    until = datetime.combine(start + timedelta(days=policy.receipt_wait_days + 1), time(), UTC)
    announced = [r for r in receipts if r.kind == "despatch"]
    sentence = f"Nothing of line {position} ({counted(own)}) has been received yet"
    sentence += f"; {counted(sum((r.quantity for r in announced), ZERO))} announced." if announced else "."
    foreign = sorted({r.unit or "no unit" for r in receipts if r.kind == "receipt"})
    if foreign:
        sentence += (
            f" A receipt in {', '.join(foreign)} cannot be compared with"
            f" {line.unit or 'an order without a unit'}: no factor is declared."
        )
    return Finding(
        "quantity_received",
        sentence,
        code="no_receipt",
        line=position,
        expected=counted(own),
        found="0",
        rule="W-02",
        until=until if until > snapshot.now else None,
        evidence=(Evidence(f"order {order.number}", f"line {line.line}", "no receipt"),),
    )


def _over(
    snapshot: Snapshot,
    line: OrderLineFacts,
    arrived: list[ReceiptLineFacts],
    position: int,
    billed: Decimal,
    limit: Decimal,
    code: str,
    word: str,
) -> Finding:
    excess = billed - limit
    places = 0 if excess == int(excess) else 2
    return Finding(
        "quantity_received",
        f"{counted(billed)} of line {position} are billed, {counted(limit)} were {word}.",
        code=code,
        line=position,
        expected=counted(limit),
        found=counted(billed),
        tolerance=f"{word} + 0",
        excess=signed(excess, places),
        money=excess * (ordered_price(line) or ZERO),
        rule=snapshot.policy.quantity.id,
        evidence=tuple(
            Evidence(_receipt_words(r), word, counted(r.accepted if word == "accepted" else r.quantity))
            for r in arrived
        ),
    )


def _receipt_words(receipt: ReceiptLineFacts) -> str:
    """The receipt, and how many it stands for."""
    return f"receipt {receipt.receipt}" + (f" and {receipt.others} more" if receipt.others else "")


def names(line: InvoiceLine, receipt: ReceiptLineFacts) -> bool:
    """Does the invoice line name this receipt line: itself, or the despatch that it confirms? A line number
    counts only within the document whose lines it numbers."""
    own = number_key(receipt.receipt)
    for number, place in (
        (line.receipt_number, line.receipt_line),
        (line.despatch_number, line.despatch_line),
    ):
        if number and number_key(number) == own and (not place or key(place) == key(receipt.line)):
            return True
    return bool(line.despatch_number) and number_key(line.despatch_number) == receipt.despatch != own


def _named_elsewhere(
    snapshot: Snapshot, line: InvoiceLine, ordered: OrderLineFacts, own: list[ReceiptLineFacts]
) -> list[Finding]:
    """A delivery that the line names and that is of another order line, or not here. Recorded: what arrived
    of the order line decides, whichever paper it came with, so that nothing can be billed twice by naming
    another one."""
    number = line.receipt_number or line.despatch_number
    if not number or any(names(line, r) for r in own):
        return []
    what = "receipt" if line.receipt_number else "despatch"
    others = sorted(
        {
            f"line {r.order_line} of order {r.order_number}"
            for r in snapshot.receipts
            if r.order_line and names(line, r)
        }
    )
    where = f"which is of {', '.join(others[:3])}" if others else "which we do not have for this order"
    return [
        Finding(
            "quantity_received",
            f"Line {line.position} names {what} {number}, {where}; all that arrived of order line"
            f" {ordered.line} counts.",
            line=line.position,
            found=number,
            evidence=(
                Evidence(
                    f"invoice {snapshot.document.number}", f"lines/{line.position}/{what}_number", number
                ),
            ),
        )
    ]


def _cover(
    pairs: list[Allocated], arrived: list[ReceiptLineFacts], billed: dict[int, InvoiceLine]
) -> list[Delivered]:
    """Lay billed quantities over receipt lines, so that a person sees which receipt covers what: each line
    first over the receipts it names, then all in order of arrival over what is left."""
    queue = sorted(arrived, key=lambda r: (r.received_date is None, r.received_date or date.max, r.id))
    left = {r.id: r.accepted for r in queue}
    need = [pair.quantity for pair in pairs]
    covered: dict[tuple[int, str], Decimal] = {}
    for named in (True, False):
        for n, pair in enumerate(pairs):
            for receipt in queue:
                take = min(need[n], left[receipt.id])
                if take > 0 and (not named or names(billed[pair.position], receipt)):
                    place = (n, receipt.id)
                    covered[place] = covered.get(place, ZERO) + take
                    left[receipt.id], need[n] = left[receipt.id] - take, need[n] - take
    return [
        Delivered(pairs[n].position, receipt, taken)
        for (n, receipt), taken in sorted(covered.items(), key=lambda c: c[0][0])
    ]
