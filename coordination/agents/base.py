"""What an agent is: a pure function from a frozen snapshot to a proposal, with declared boundaries.

Agents import no ORM and see no clock but the snapshot's, so that an auditor can run any decision again. They never
talk to each other: what one found, the next reads from shared state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar, Literal, Protocol

from ..governance.policy import Policy
from ..translation.canonical import AllowanceCharge, Invoice, Party
from .around import Advance, Coded, NamedLine, Ours
from .led import Led

Outcome = Literal["approve", "hold", "wait", "note"]


@dataclass(frozen=True, slots=True)
class VendorFacts:
    """The vendor as we know it. `verified` and `proposed` are account numbers, spaces removed."""

    id: str
    vendor_id: str
    name: str
    vat_id: str
    country: str
    currency: str
    payment_terms: str
    status: str
    verified: str
    proposed: str


@dataclass(frozen=True, slots=True)
class Billed:
    """What another invoice or credit note bills of an order line.

    Where very many do, the last of those before the invoice stands for all of them with their sums; `others` counts them.
    """

    invoice: str
    number: str
    type: str
    issue_date: date | None
    state: str
    quantity: Decimal
    amount: Decimal
    others: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class OrderLineFacts:
    """An order line with what others bill of it."""

    id: str
    line: str
    item: str
    buyer_item: str
    description: str
    quantity: Decimal | None
    unit: str
    price: Decimal | None
    base_quantity: Decimal
    net: Decimal | None
    tax_rate: Decimal | None
    billed: tuple[Billed, ...]
    standard_item: str = ""


@dataclass(frozen=True, slots=True)
class Charged:
    """Charges that another invoice of an order asks for, or that another credit note gives back."""

    invoice: str
    number: str
    type: str
    issue_date: date | None
    state: str
    amount: Decimal
    reason: str = ""
    reason_code: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order as it stands. `vendor` is the vendor's key, empty while unknown; `seller` are then the keys by which the
    order names its vendor all the same: our number, VAT id, party ids. `charges` were agreed on with it, `charged` is what
    others ask for, `advances` were paid ahead of it. `type_code` is its kind by UNTDID 1001, `buyer` who ordered, if it
    says so."""

    id: str
    number: str
    vendor: str
    currency: str
    status: str
    order_date: date | None
    net: Decimal | None
    lines: tuple[OrderLineFacts, ...]
    charges: tuple[AllowanceCharge, ...] = ()
    charged: tuple[Charged, ...] = ()
    type_code: str = ""
    seller: tuple[str, ...] = ()
    buyer: Party | None = None
    advances: tuple[Advance, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiptLineFacts:
    """Goods that arrived (`receipt`) or were announced (`despatch`). `line` is the line's own number, `despatch` that of
    the despatch which it confirms or is, in the normal form that numbers are compared in."""

    id: str
    receipt: str
    kind: str
    order_number: str
    order_line: str
    item: str
    buyer_item: str
    quantity: Decimal
    accepted: Decimal
    unit: str
    received_date: date | None
    line: str = ""
    despatch: str = ""


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another invoice of the same vendor that may be a duplicate, a part of a split, or the one credited."""

    id: str
    number: str
    number_key: str
    skeleton: str
    type: str
    type_code: str
    issue_date: date | None
    currency: str
    net: Decimal | None
    gross: Decimal | None
    order_numbers: tuple[str, ...]
    preceding: tuple[str, ...]
    state: str
    lane: str = ""
    prepaid: Decimal = Decimal(0)
    digest: str = ""
    may_replace: str = ""
    """The invoice asked about, by its normalised number, where what this one says makes it a replacement perhaps."""


@dataclass(frozen=True, slots=True)
class Allocated:
    """So much of invoice line `position` belongs to this order line; `by` says how it was found.

    `quantity` is in the unit of the order line, `amount` in the invoice's currency.
    """

    position: int
    order_line: str
    quantity: Decimal
    amount: Decimal
    by: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """So much of invoice line `position` is covered by this receipt line."""

    position: int
    receipt_line: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Conversion:
    """A declared factor: one `unit` of `item` is `factor` of `per`. Without an item it holds for all of the vendor's."""

    item: str
    unit: str
    per: str
    factor: Decimal


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """A hold as it stands on the invoice. `money` is what the finding puts at stake, in the invoice's currency."""

    code: str
    line: int | None
    question: str
    owner: str
    status: str
    release: str
    raised_by: str
    fingerprint: str
    until: datetime | None
    sentence: str
    released_by: str = ""
    money: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """The newest decision of an agent on this invoice."""

    agent: str
    outcome: str
    confidence: Decimal | None
    codes: tuple[str, ...]
    facts_version: int


@dataclass(frozen=True, slots=True)
class Several:
    """Vendors that a document may mean, as "V-1 (Name)"; what they share, in words; what points to some, as "name V-2"."""

    vendors: tuple[str, ...]
    shared: str
    pointers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything an agent may know when it decides on one invoice. Amounts in the invoice's currency."""

    id: str
    state: str
    lane: str
    version: int
    facts_version: int
    received_on: date
    now: datetime
    document: Invoice
    source_format: str
    policy: Policy
    answered: tuple[str, ...] = ()
    vendor: VendorFacts | None = None
    orders: tuple[OrderFacts, ...] = ()
    receipts: tuple[ReceiptLineFacts, ...] = ()
    siblings: tuple[Sibling, ...] = ()
    allocations: tuple[Allocated, ...] = ()
    holds: tuple[HoldFacts, ...] = ()
    positions: tuple[Position, ...] = ()
    gross_company: Decimal | None = None
    """The amount at stake in this invoice alone, in company currency; None where amount or rate is unknown."""
    makers: tuple[str, ...] = ()
    sampling: bool = True
    derived_orders: tuple[str, ...] = ()
    """Orders of the despatches and receipts that an invoice, or a line of it, names instead of an order."""
    candidates: tuple[OrderFacts, ...] = ()
    """Open orders of the vendor of an invoice that leads to none: what a person may be shown."""
    led: tuple[Led, ...] = ()
    """Where the despatch or receipt of each line leads, for lines that do not name an order line themselves."""
    learned: tuple[tuple[str, str], ...] = ()  # (vendor's item, ordered item): pairs that were paid before
    conversions: tuple[Conversion, ...] = ()
    namesakes: tuple[str, ...] = ()
    """Other vendors with the same verified account."""
    last_paid: date | None = None
    """When we last paid this vendor, where that is known."""
    never_paid: bool = False
    coded: tuple[Coded, ...] = ()
    """How people coded lines of this vendor before."""
    breakers: tuple[str, ...] = ()
    """Agents whose drift breaker is open; for the ruling on a release."""
    advised: tuple[str, ...] = ()
    """Agents at shadow or advise, each as "name level": a person decides what rests on their answers."""
    ours: Ours | None = None
    named: tuple[NamedLine, ...] = ()
    """Lines of the invoices that this document names (BG-3)."""
    digest: str = ""
    """The beginning of the document's digest: a place among those of one day and number that no order of arrival moves."""
    several: Several | None = None

    @property
    def credit(self) -> bool:
        return self.document.type == "credit_note"

    def live_holds(self) -> tuple[HoldFacts, ...]:
        return tuple(h for h in self.holds if h.status != "released")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a value was read: `document` is a number with its kind ("order PO-1"), `field` a canonical path."""

    document: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer to one question. With a `code` it is a reason to hold; without, it is recorded.

    `until` makes it a wait: the fact may still come by itself. `expected`, `found`, `tolerance` are as shown to a
    person; `excess` is the size of it ("+6.0 %", "+8"), `money` the difference in the invoice's currency.
    """

    question: str
    sentence: str
    code: str = ""
    line: int | None = None
    expected: str = ""
    found: str = ""
    tolerance: str = ""
    excess: str = ""
    money: Decimal | None = None
    rule: str = ""
    confidence: Decimal = Decimal("0.99")
    evidence: tuple[Evidence, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatusText:
    """What the vendor may be told: plain words and a Peppol Invoice Response (status, reasons, actions)."""

    text: str
    response: str
    reasons: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LineCoding:
    """Where invoice line `position` would be booked. `basis` says in words what that rests on."""

    position: int
    account: str
    cost_centre: str
    confidence: Decimal
    basis: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an agent would do, and why. It has no effect until governance rules and the engine commits."""

    agent: str
    version: str
    outcome: Outcome
    confidence: Decimal
    reasoning: str
    findings: tuple[Finding, ...] = ()
    allocations: tuple[Allocated, ...] | None = None
    deliveries: tuple[Delivered, ...] | None = None
    status: StatusText | None = None
    objections: tuple[Finding, ...] = ()
    codings: tuple[LineCoding, ...] = ()


@dataclass(frozen=True, slots=True)
class Contract:
    """What an agent reads, needs answered first, and answers itself.

    `reads`: kinds of facts that it is given; it is asked again when one of them differs. `consumes`: questions whose
    owners must have answered first; the owner of the release consumes every question of the chain, whatever it declares.
    `owns`: questions it answers; each question has one owner.
    """

    version: str
    reads: frozenset[str]
    consumes: frozenset[str]
    owns: frozenset[str]


class Agent(Protocol):
    """One file in this folder, one line in the registry."""

    name: ClassVar[str]
    version: ClassVar[str]
    department: ClassVar[str]
    purpose: ClassVar[str]
    contract: ClassVar[Contract]
    sla: ClassVar[timedelta]

    def propose(self, snapshot: Snapshot) -> Proposal:
        """Decide on one invoice. Pure: the same snapshot gives the same proposal."""
        ...


def least(confidences: list[Decimal], default: str = "0.99") -> Decimal:
    """An agent is as sure as its least sure finding."""
    return min(confidences, default=Decimal(default))


def conclude(findings: list[Finding]) -> Outcome:
    """Hold if anything needs a person, wait if something may still come, approve otherwise."""
    coded = [f for f in findings if f.code]
    if any(f.until is None for f in coded):
        return "hold"
    return "wait" if coded else "approve"
