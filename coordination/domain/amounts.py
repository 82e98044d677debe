"""Exact comparisons that the agents share: cents, unit prices, quantities, and how they are said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from ..translation.canonical import Invoice, InvoiceLine
from .facts import Advance, Billed, Charged, OrderLineFacts, Sibling, Snapshot
from .units import PLACES

CENT = Decimal("0.01")
ONE = Decimal(1)
ZERO = Decimal(0)
ROUNDED = Decimal("0.02")
"""How far an amount may be rounded that a price is worked out from."""


def cents(amount: Decimal, unit: Decimal = CENT) -> Decimal:
    """Rounded to cents, half away from zero; finer where the smallest `unit` of the currency is, never
    coarser: whoever bills in whole units may have rounded up or down, and the difference has to be seen."""
    return amount.quantize(min(unit, CENT), ROUND_HALF_UP)


def format_amount(amount: Decimal) -> str:
    """As a person reads it: thousands separated, two decimals at least, no trailing zeros beyond."""
    text = f"{amount:,.6f}".rstrip("0")
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(2, '0')}"


def counted(quantity: Decimal) -> str:
    """A quantity without trailing zeros."""
    text = f"{quantity:,.6f}".rstrip("0").rstrip(".")
    return text or "0"


def signed(number: Decimal, places: int = 2) -> str:
    """With an explicit plus and a real minus sign."""
    text = f"{abs(number):,.{places}f}"
    return ("+" if number > 0 else "−" if number < 0 else "") + text


def asked(gross: Decimal | None, payable: Decimal | None) -> Decimal | None:
    """What an invoice asks to be paid, in cents: the payable amount, where none is stated the gross."""
    amount = gross if payable is None else payable
    return None if amount is None else cents(amount)


def at_stake(gross: Decimal | None, payable: Decimal | None) -> Decimal | None:
    """The amount at stake in one invoice: the larger of gross and payable, without sign; None where neither
    is known.

    What is billed and what is asked to be paid differ by advances and rounding. Limits bind on whichever is
    more.
    """
    known = [abs(amount) for amount in (gross, payable) if amount is not None]
    return max(known, default=None)


def stake_of(document: Invoice) -> Decimal | None:
    """The amount at stake in a document, in its currency."""
    return at_stake(document.gross, document.payable)


def line_total(line: InvoiceLine, unit: Decimal = CENT) -> Decimal | None:
    """What a line should come to: quantity x price / base quantity + charges - allowances (BR-DEC,
    PEPPOL-R120)."""
    if line.quantity is None or line.price is None or not line.base_quantity:
        return None
    adjustments = sum((a.amount if a.charge else -a.amount for a in line.allowances), ZERO)
    return cents(line.quantity * line.price / line.base_quantity + adjustments, unit)


def unit_price(line: InvoiceLine) -> Decimal | None:
    """What one unit is billed at, after the allowances of its line (BG-27): what is paid is the net amount,
    and an agreed price is a net one. Charges of the line (BG-28) are asked about on their own.

    An allowance that the line's own amount does not take off lowers nothing.
    """
    if line.price is None or not line.base_quantity:
        return None
    price = line.price if line.base_quantity == ONE else line.price / line.base_quantity
    off = total(a.amount for a in line.allowances if not a.charge)
    if not off or not line.quantity:
        return price
    amount = line.quantity * price - off
    if line.net is not None:
        goods = line.net - total(a.amount for a in line.allowances if a.charge)
        amount = goods if goods - amount > ROUNDED else amount
    return (amount / line.quantity).quantize(PLACES, ROUND_HALF_UP)


def billed_prices(line: InvoiceLine) -> frozenset[Decimal]:
    """The prices by which a line may be known: after its allowances, and as printed."""
    if line.price is None or not line.base_quantity:
        return frozenset()
    printed = line.price if line.base_quantity == ONE else line.price / line.base_quantity
    net = unit_price(line)
    return frozenset({printed} if net is None else {printed, net})


def line_amount(line: InvoiceLine, unit: Decimal = CENT) -> Decimal | None:
    """What a line comes to: the amount it states, else what its quantity and price make."""
    return line.net if line.net is not None else line_total(line, unit)


def ordered_price(line: OrderLineFacts) -> Decimal | None:
    """The agreed price of one unit. An order line that contradicts itself is read by its amount, not its
    price.

    The price of an order line can be stated per any base quantity and is the field senders get wrong; the
    line amount is what the parties add up.
    """
    if line.net is None and line.price is not None and line.base_quantity == ONE:
        return line.price
    by_amount = line.net / line.quantity if line.net is not None and line.quantity else None
    if line.price is None or not line.base_quantity:
        return by_amount
    unit = line.price / line.base_quantity
    if by_amount is not None and line.quantity and contradicts_itself(line):
        return by_amount
    return unit


def contradicts_itself(line: OrderLineFacts) -> bool:
    """Does the line's own amount differ from quantity x price by more than a half unit can explain (1 %)?"""
    if line.net is None or not line.quantity or line.price is None or not line.base_quantity:
        return False
    expected = line.quantity * line.price / line.base_quantity
    return abs(expected - line.net) > max(Decimal("0.02"), abs(expected) / 100)


def matching_level(snapshot: Snapshot, unit: str) -> int:
    """Two-, three- or four-way matching of an order line in this unit, as the policy has it for the
    vendor."""
    return snapshot.policy.matching_level(snapshot.vendor.vendor_id if snapshot.vendor else "", unit)


SETTLED = frozenset({"scheduled", "paid"})
CLEARED = frozenset({"cleared", "scheduled", "paid"})
ENDED = frozenset({"rejected", "void"})


def coarse(state: str) -> str:
    """What of another invoice's state its neighbours may know: does it count, is it cleared, is its money on
    its way?

    Nothing finer, so that the steps of one invoice on its way are no news to the others.
    """
    if state in ENDED:
        return "rejected"
    if state in SETTLED:
        return "paid"
    return "cleared" if state == "cleared" else "received"


def rank(state: str, issued: date | None, number: str, key: str) -> tuple[bool, date, str, str]:
    """Order within a group of invoices: money that is on its way first, then by issue date, number and `key`,
    the digest of the document, so that it is the same in whatever order they came in."""
    return (state not in SETTLED, issued or date.max, number, key)


def own_rank(snapshot: Snapshot) -> tuple[bool, date, str, str]:
    d = snapshot.document
    return rank(snapshot.state, d.issue_date, d.number, snapshot.digest or snapshot.id)


def earlier(snapshot: Snapshot, other: Sibling | Billed | Charged | Advance) -> bool:
    """Does the other one stand before this invoice, so that a finding of the group sits on this one?"""
    key = other.digest or (other.id if isinstance(other, Sibling) else other.invoice)
    return rank(other.state, other.issue_date, other.number, key) < own_rank(snapshot)


def counts(other: Billed) -> bool:
    """Does another invoice count in sums at all? Not once it ended; and what gives something back, a credit
    or a negative line of an invoice, only from its clearing on: what is undecided gives nothing back."""
    if other.state in ENDED:
        return False
    return other.state in CLEARED or not gives_back(other)


def gives_back(other: Billed) -> bool:
    """Does it take something off what is billed of the order line?"""
    return other.type == "credit_note" or other.quantity < 0 or other.amount < 0


def billed_before(snapshot: Snapshot, line: OrderLineFacts) -> tuple[Decimal, Decimal]:
    """Quantity and amount that earlier invoices bill of an order line, less all credits given for it.

    Credits that are cleared take off what earlier invoices bill, and also what this one bills (a short
    delivery made good), so that the result may be negative by as much.
    """
    quantity = amount = credited = credited_amount = ZERO
    for other in line.billed:
        if not counts(other) or other.invoice == snapshot.id:
            continue
        if other.type == "credit_note":
            quantity, amount = quantity - other.quantity, amount - other.amount
            credited, credited_amount = credited + other.quantity, credited_amount + other.amount
        elif earlier(snapshot, other):
            quantity, amount = quantity + other.quantity, amount + other.amount
    return max(quantity, -credited), max(amount, -credited_amount)


def may_be_duplicate(snapshot: Snapshot) -> bool:
    """Is a duplicate suspected? Then everything it bills is billed twice, and sums over the order say nothing
    new: they are asked about once a person has said that it is no duplicate."""
    return any(h.code == "duplicate_suspect" for h in snapshot.live_holds())


def total(amounts: Iterable[Decimal | None]) -> Decimal:
    """Sum of what is there."""
    return sum((a for a in amounts if a is not None), ZERO)


def two_decimals(amount: Decimal | None) -> str:
    """Two decimals as text; empty for what is not known."""
    return "" if amount is None else f"{amount:.2f}"
