"""What an agent may know of an invoice, its orders, receipts, vendor and neighbours: frozen facts, amounts in
their own currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ..translation.canonical import AllowanceCharge, Invoice, Party
from .confidence import Calibrated
from .group_facts import CreditGroup, SplitGroup
from .policy import Policy
from .review_plan import Drawing
from .supplied import SuppliedValue


@dataclass(frozen=True, slots=True)
class NamedLine:
    """A line of an invoice that a credit, a debit or a corrected invoice names (BG-3), as that document
    states it.

    `unit_price` is the price of one `unit`, `net` the amount of the line. Documents never change, so that
    what is read from here is the same whatever becomes of the invoice.
    """

    number: str
    type_code: str
    order_number: str
    order_line: str
    item: str
    buyer_item: str
    standard_item: str
    description: str
    quantity: Decimal | None
    unit: str
    unit_price: Decimal | None
    net: Decimal | None


@dataclass(frozen=True, slots=True)
class Advance:
    """An advance on an order (`deducted` is none), or what another invoice of the order deducts of advances.

    Amounts are those with tax, in the currency of the document; `net` is an advance's without.
    """

    invoice: str
    number: str
    type: str
    issue_date: date | None
    state: str
    currency: str
    gross: Decimal
    net: Decimal
    deducted: Decimal
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Ours:
    """Who we are: by the settings, as an order has it, or where neither says it (`agreed`) as vendors address
    us alike."""

    names: tuple[str, ...] = ()
    vat_ids: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class Coded:
    """So many lines of this vendor that people coded alike: the same goods to the same account and cost
    centre.

    `rank` is the place of the newest of them among all of the vendor's coded lines, 1 being the newest.
    `since` counts those that are newer than any line of these goods that was coded otherwise.
    """

    item: str
    description: str
    account: str
    cost_centre: str
    lines: int
    rank: int
    since: int


@dataclass(frozen=True, slots=True)
class Led:
    """The order, and the line of it where that is told, for which the goods were that an invoice line's own
    despatch or receipt was about."""

    position: int
    order_number: str
    order_line: str = ""


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

    Where very many do, the last of those before the invoice stands for all of them with their sums; `others`
    counts them.
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
    """Charges that another invoice of an order asks for, or that another credit note gives back.

    Where very many do, one stands for all of its kind with their sum; `others` counts them.
    """

    invoice: str
    number: str
    type: str
    issue_date: date | None
    state: str
    amount: Decimal
    reason: str = ""
    reason_code: str = ""
    digest: str = ""
    others: int | None = None


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order as it stands. `vendor` is the vendor's key, empty while unknown; `seller` are then the keys by
    which the order names its vendor all the same: our number, VAT id, party ids. `charges` were agreed on
    with it, `charged` is what others ask for, `advances` were paid ahead of it. `type_code` is its kind by
    UNTDID 1001, `buyer` who ordered, if it says so."""

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
    """Goods that arrived (`receipt`) or were announced (`despatch`). `line` is the line's own number,
    `despatch` that of the despatch which it confirms or is, in the normal form that numbers are compared
    in. Where very many lines tell the same goods, one stands for those after the first with their sums;
    `others` counts them."""

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
    others: int | None = None


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
    """The invoice asked about, by its normalised number, where what this one says makes it a replacement
    perhaps."""


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
    """A declared factor: one `unit` of `item` is `factor` of `per`. Without an item it holds for all of the
    vendor's."""

    item: str
    unit: str
    per: str
    factor: Decimal


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """A hold as it stands on the invoice. `money` is what the finding puts at stake, in the invoice's
    currency."""

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
class AgentAnswer:
    """The newest decision of an agent on this invoice."""

    agent: str
    outcome: str
    confidence: Decimal | None
    codes: tuple[str, ...]
    facts_version: int
    drill: str = ""
    """Says that a drill changed it; empty for what the agent found itself."""


@dataclass(frozen=True, slots=True)
class Drilling:
    """The drill that the agent asked runs under: what it does, to which share of documents, drawn by its
    seed."""

    kind: str
    share: Decimal
    seed: str


@dataclass(frozen=True, slots=True)
class Several:
    """Vendors that a document may mean, as "V-1 (Name)"; what they share, in words; what points to some, as
    "name V-2"."""

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
    positions: tuple[AgentAnswer, ...] = ()
    gross_company: Decimal | None = None
    """The amount at stake in this invoice alone, in company currency; None where amount or rate is
    unknown."""
    makers: tuple[str, ...] = ()
    sampling: bool = True
    derived_orders: tuple[str, ...] = ()
    """Orders of the despatches and receipts that an invoice, or a line of it, names instead of an order."""
    candidates: tuple[OrderFacts, ...] = ()
    """Open orders of the vendor of an invoice that leads to none: what a person may be shown."""
    led: tuple[Led, ...] = ()
    """Where the despatch or receipt of each line leads, for lines that do not name an order line
    themselves."""
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
    """Agents whose drift breaker is open, and half-open ones as "name 10", with the per cent of releases that
    they let through; for the ruling on a release."""
    advised: tuple[str, ...] = ()
    """Agents at shadow or advise, each as "name level": a person decides what rests on their answers."""
    reviewed: tuple[str, ...] = ()
    """Agents of whose work more is reviewed than the policy asks for, each as "name 0.300"."""
    review: Drawing | None = None
    """What the plan of the quality review says of this invoice, where one is in force; for the ruling on a
    release."""
    ours: Ours | None = None
    named: tuple[NamedLine, ...] = ()
    """Lines of the invoices that this document names (BG-3)."""
    digest: str = ""
    """The beginning of the document's digest: a place among those of one day and number that no order of
    arrival moves."""
    several: Several | None = None
    calibration: tuple[Calibrated, ...] = ()
    """What agents may say of how sure they are of an invoice like this one, where that was measured."""
    credit_groups: tuple[CreditGroup, ...] = ()
    """Of credit notes of the same invoices, those that are too many to be among `siblings`."""
    split_groups: tuple[SplitGroup, ...] = ()
    """Of invoices that may be parts of a split, those that are too many to be among `siblings`."""
    supplied: tuple[SuppliedValue, ...] = ()
    """What people supplied above the document; `document` has it already."""
    apart: tuple[str, ...] = ()
    """Ids of invoices of which people said that they and this one are two claims, whichever was asked."""
    drill: Drilling | None = None
    """A drill of the agent asked, of nobody else's; there is none but in a demonstration or in staging."""

    @property
    def credit(self) -> bool:
        return self.document.type == "credit_note"

    def live_holds(self) -> tuple[HoldFacts, ...]:
        return tuple(h for h in self.holds if h.status != "released")
