"""The canonical shapes every format is translated into: plain facts, no judgement.

Words are those of UBL 2.x and EN 16931 (business terms in brackets). Money and quantities are `Decimal`,
never float; `None` means "the document does not say". Amounts and quantities of a credit note are positive.
A reader that cannot give these shapes raises `Unreadable` and the bytes go to quarantine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal


class QuarantineCode(StrEnum):
    """Why bytes could not be read (interfaces: quarantine codes)."""

    MALFORMED = "malformed"
    FORBIDDEN_DOCTYPE = "forbidden_doctype"
    UNSUPPORTED = "unsupported"
    MISSING_ID = "missing_id"
    TOO_LARGE = "too_large"
    ENCRYPTED = "encrypted"
    MISMATCH = "mismatch"
    NOT_ALLOWED = "not_allowed"
    TEST_DOCUMENT = "test_document"


class Unreadable(Exception):
    """The bytes cannot be read as a supported document; they are kept and set aside."""

    def __init__(self, code: QuarantineCode, error: str, line: int | None = None) -> None:
        super().__init__(error)
        self.code = code
        self.error = error
        self.line = line


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address as printed; `country` is ISO 3166-1 alpha-2 or empty."""

    street: str = ""
    town: str = ""
    postcode: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """Where a seller asks to be paid (BG-17). `number` is an IBAN or a national account, as printed."""

    number: str = ""
    bic: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """Seller or buyer with every key the document gives; empty where it gives none.

    `name` is the trading name (BT-28) or, where there is none, the registered one; `legal_name` the
    registered one (BT-27). `tax_number` is a tax registration that is not the VAT id (BT-32), `endpoint` the
    electronic address with its scheme in front, as in `9930:DE123456789` (BT-34, BT-49).
    """

    name: str = ""
    vat_id: str = ""
    party_ids: tuple[str, ...] = ()
    company_id: str = ""
    address: Address = Address()
    legal_name: str = ""
    tax_number: str = ""
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one canonical field came from: the source path (XPath or `column@row`) and the raw text."""

    path: str
    raw: str


Provenance = dict[str, Origin]
"""Canonical field path ("issue_date", "lines/2/quantity") -> origin."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A value the document states but that cannot be read, so that a hold can name the place.

    The canonical field stays None or empty: a reader never guesses. `field` is the canonical field path
    ("lines/2/quantity"), `path` and `raw` are those of `Origin`, `line` is the line or row of the source.
    """

    field: str
    path: str
    raw: str
    reason: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class AllowanceCharge:
    """An allowance (BG-20, BG-27) or, with `charge`, a charge (BG-21, BG-28). `amount` is positive."""

    charge: bool
    amount: Decimal
    reason: str = ""
    reason_code: str = ""
    tax_category: str = ""
    tax_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TaxSubtotal:
    """One row of the VAT breakdown (BG-23). `rate` in per cent; `tax` as stated."""

    category: str
    rate: Decimal | None
    base: Decimal | None
    tax: Decimal | None


@dataclass(frozen=True, slots=True)
class PaymentMeans:
    """One way in which the document says it is or was paid (BG-16): `code` of UNTDID 4461 (BT-81), its words
    (BT-82).

    `mandate` (BT-89) and `debited` (BT-91, an account of ours) belong to a direct debit, `card` (BT-87) to a
    card.
    """

    code: str = ""
    text: str = ""
    mandate: str = ""
    debited: str = ""
    card: str = ""


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part of what is asked for, with the day on which it falls due."""

    amount: Decimal
    due: date | None = None


@dataclass(frozen=True, slots=True)
class DiscountTerm:
    """What paying until a day saves (Skonto): `until` or `days` from the issue date, `percent` of `base` (all
    that is asked for, if it states none), or an `amount`."""

    percent: Decimal | None = None
    amount: Decimal | None = None
    days: int | None = None
    until: date | None = None
    base: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One ordered line; unit price = `price` / `base_quantity`.

    `net` is stated by the document. Where it contradicts quantity x unit price, both facts stand here and the
    price to compare is `net` / `quantity`. `status` is what a change or response says of the line: added,
    deleted, changed, unchanged, accepted, rejected, delivered; empty where it says nothing.
    """

    line: str
    item: str = ""
    buyer_item: str = ""
    description: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    price: Decimal | None = None
    base_quantity: Decimal = Decimal(1)
    net: Decimal | None = None
    tax_rate: Decimal | None = None
    standard_item: str = ""
    base_unit: str = ""
    allowances: tuple[AllowanceCharge, ...] = ()
    status: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A purchase order, or what an order change or an order response says it is now.

    `message` tells which: `order` states it, `change` replaces lines it names, `response` is the seller's
    view (used only where we have no order), `cancellation` and `rejection` close it. `number` is the order's,
    `message_id` that of the message itself, `sequence` its place among the changes of one order,
    `sales_order` the number the seller gave it (BT-14 of its invoices), `type_code` its kind (UNTDID 1001:
    227 is an order of goods on consignment).
    """

    number: str
    message: Literal["order", "change", "response", "cancellation", "rejection", "acceptance"] = "order"
    order_date: date | None = None
    currency: str = ""
    seller: Party = Party()
    buyer: Party = Party()
    vendor_id: str = ""
    net: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    note: str = ""
    lines: tuple[OrderLine, ...] = ()
    message_id: str = ""
    sequence: str = ""
    allowances: tuple[AllowanceCharge, ...] = ()
    sales_order: str = ""
    type_code: str = ""
    unreadable: tuple[Problem, ...] = ()
    provenance: Provenance = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """Goods that arrived. `accepted` is a quantity; None means all that was received.

    `order_line` is empty where the receipt names only the order and the item. `outstanding` is what the
    sender of a despatch says is still to come.
    """

    line: str
    order_number: str = ""
    order_line: str = ""
    item: str = ""
    buyer_item: str = ""
    description: str = ""
    quantity: Decimal | None = None
    accepted: Decimal | None = None
    unit: str = ""
    standard_item: str = ""
    outstanding: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A goods receipt (`receipt`) or the seller's announcement of one (`despatch`, which is no receipt)."""

    number: str
    kind: Literal["receipt", "despatch"] = "receipt"
    received_date: date | None = None
    seller: Party = Party()
    order_number: str = ""
    despatch_number: str = ""
    lines: tuple[ReceiptLine, ...] = ()
    vendor_id: str = ""
    unreadable: tuple[Problem, ...] = ()
    provenance: Provenance = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One invoiced line (BG-25). `position` counts from 1 in document order; `line` is the id as printed.

    The despatch and receipt of the line, each with its own line, where the document names them on the line.
    """

    position: int
    line: str
    item: str = ""
    buyer_item: str = ""
    description: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    price: Decimal | None = None
    base_quantity: Decimal = Decimal(1)
    net: Decimal | None = None
    tax_rate: Decimal | None = None
    tax_category: str = ""
    order_number: str = ""
    order_line: str = ""
    allowances: tuple[AllowanceCharge, ...] = ()
    standard_item: str = ""
    base_unit: str = ""
    note: str = ""
    despatch_number: str = ""
    despatch_line: str = ""
    receipt_number: str = ""
    receipt_line: str = ""


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice or credit note.

    `net` is the total without tax after header allowances and charges (BT-109), `gross` with tax (BT-112),
    `payable` what is asked (BT-115) = gross - prepaid (BT-113) + rounding (BT-114). `lines_net` is the sum
    the document itself states for its lines (BT-106). `account` is the first account the document asks to
    be paid to, `other_accounts` are the rest: each of them has to be a verified one. `payee` is who is to
    be paid where that is not the seller (BG-10). `unreadable` names what the document states and nobody can
    read; `texts` is every free text it carries, seen or hidden (notes, comments, file names of
    attachments), for the check of suspicious text. `rules` is what configured official rules say of it.

    `means` are the ways of payment it names (BG-16), `payment_reference` what the seller wants to see with
    the money (BT-83). `instalments` are the parts in which it is to be paid, none where it is one;
    `discounts` what it offers for early payment; `withheld` is the tax that the payer keeps back and pays to
    the state. `marks` say what the document is beside its kind: `copy` of one sent before. `collected` is
    what the seller asks for on behalf of somebody else (BG-34 of EN 16931-1:2026): it is part of what is
    payable, and of no other total.
    """

    number: str
    type: Literal["invoice", "credit_note"] = "invoice"
    type_code: str = ""
    issue_date: date | None = None
    due_date: date | None = None
    currency: str = ""
    seller: Party = Party()
    buyer: Party = Party()
    vendor_id: str = ""
    account: Account = Account()
    order_numbers: tuple[str, ...] = ()
    despatch_numbers: tuple[str, ...] = ()
    receipt_numbers: tuple[str, ...] = ()
    sales_orders: tuple[str, ...] = ()
    preceding: tuple[str, ...] = ()
    lines_net: Decimal | None = None
    net: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    prepaid: Decimal = Decimal(0)
    rounding: Decimal = Decimal(0)
    payable: Decimal | None = None
    payment_terms: str = ""
    note: str = ""
    lines: tuple[InvoiceLine, ...] = ()
    allowances: tuple[AllowanceCharge, ...] = ()
    taxes: tuple[TaxSubtotal, ...] = ()
    other_accounts: tuple[Account, ...] = ()
    payee: Party = Party()
    unreadable: tuple[Problem, ...] = ()
    texts: tuple[Origin, ...] = ()
    rules: tuple[Problem, ...] = ()
    means: tuple[PaymentMeans, ...] = ()
    payment_reference: str = ""
    instalments: tuple[Instalment, ...] = ()
    discounts: tuple[DiscountTerm, ...] = ()
    withheld: Decimal | None = None
    marks: tuple[str, ...] = ()
    collected: tuple[AllowanceCharge, ...] = ()
    provenance: Provenance = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor master row (canonical CSV `vendors`). An empty `status` says nothing: a blocked vendor stays
    blocked. Nor does an address without a town."""

    vendor_id: str
    name: str
    vat_id: str = ""
    iban: str = ""
    bic: str = ""
    country: str = ""
    currency: str = ""
    payment_terms: str = ""
    status: Literal["", "active", "blocked"] = "active"
    street: str = ""
    postcode: str = ""
    town: str = ""
    provenance: Provenance = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line of a vendor's statement; `type` as the document names it, amount signed as we owe it.

    `other_references` are further documents the line names; they are offered to a person, never joined.
    """

    reference: str
    reference_date: date | None
    type: str
    amount: Decimal | None
    other_references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """A vendor's statement of account; the totals are those it states, whether or not its lines agree."""

    number: str
    statement_date: date | None = None
    currency: str = ""
    seller: Party = Party()
    vendor_id: str = ""
    balance: Decimal | None = None
    lines: tuple[StatementLine, ...] = ()
    total_debit: Decimal | None = None
    total_credit: Decimal | None = None
    unreadable: tuple[Problem, ...] = ()
    provenance: Provenance = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a trading partner answered to a document (ApplicationResponse): kept as information.

    `refers_type` is the kind of that document as named (380, Invoice), `reasons` are the status reason codes.
    """

    number: str
    refers_to: str = ""
    response_code: str = ""
    text: str = ""
    issue_date: date | None = None
    refers_type: str = ""
    reasons: tuple[str, ...] = ()
    sender: Party = Party()
    receiver: Party = Party()
    unreadable: tuple[Problem, ...] = ()
    provenance: Provenance = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Information:
    """A document that is read and kept but never makes an invoice or a payment.

    `amount` is what it states (paid by a remittance, asked for by a reminder); `refers_to` the invoices it
    names. A reminder often carries the number of the invoice it is about.
    """

    number: str
    kind: Literal["remittance", "reminder"]
    issue_date: date | None = None
    currency: str = ""
    seller: Party = Party()
    amount: Decimal | None = None
    refers_to: tuple[str, ...] = ()
    text: str = ""
    unreadable: tuple[Problem, ...] = ()
    provenance: Provenance = field(default_factory=dict, compare=False)


BankStatus = Literal[
    "booked", "accepted", "pending", "rejected", "returned", "credited", "charged", "unclear"
]
"""What a bank says became of a payment. `booked`: money has left; `accepted`: it will; `returned`: it came
back; `credited`: money came in, a return only if it names a payment of ours; `charged`: what the bank took
for it, or gave back of that; `unclear`: the entry contradicts itself."""


@dataclass(frozen=True, slots=True)
class BankLine:
    """What a bank says of one payment of ours, of one group of them (`PmtInf`) or of a whole payment file.

    `code` and `reason` are the bank's own codes, `text` its own words. `message_id`, `group_id` and
    `end_to_end_id` are ids that we gave (pain.001), as the bank gives them back; `bank_reference` is the
    bank's own for what it booked. `amount` and `count` of a group are those of all its payments together.

    `amount` is what moved, `instructed` what the order was over, where the bank says so. `charges` are in
    `amount` unless they are `charges_beside` it. `entry` counts the entries of the message from 1 (0: it has
    none), and `entry_amount` is what an entry of several payments comes to.
    """

    scope: Literal["file", "group", "payment"]
    status: BankStatus
    code: str = ""
    message_id: str = ""
    group_id: str = ""
    end_to_end_id: str = ""
    reason: str = ""
    text: str = ""
    amount: Decimal | None = None
    currency: str = ""
    count: int | None = None
    day: date | None = None
    instructed: Decimal | None = None
    instructed_currency: str = ""
    charges: Decimal | None = None
    charges_beside: bool | None = None
    bank_reference: str = ""
    entry: int = 0
    entry_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BankReport:
    """A message from our bank about payments: a status report, or entries of an account."""

    number: str
    kind: Literal["payment_status", "bank_notice", "bank_statement"]
    created_at: datetime | None = None
    account: str = ""
    lines: tuple[BankLine, ...] = ()
    unreadable: tuple[Problem, ...] = ()
    provenance: Provenance = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Rate:
    """A reference rate: `per_eur` units of `currency` for one euro on `on`. Used for thresholds only."""

    on: date
    currency: str
    per_eur: Decimal


@dataclass(frozen=True, slots=True)
class Conversion:
    """A declared factor: one `unit` is `factor` of `per`, for an item (all, if empty) of a vendor (all, if
    empty)."""

    unit: str
    per: str
    factor: Decimal
    vendor_id: str = ""
    item: str = ""
    provenance: Provenance = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class CodedLine:
    """A line as people coded it on `coded_on`: `account` and `cost_centre` are those of our own books."""

    account: str
    coded_on: date
    cost_centre: str = ""
    item: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Codings:
    """How people coded lines of one vendor: what later lines are compared with."""

    vendor_id: str
    lines: tuple[CodedLine, ...] = ()
    provenance: Provenance = field(default_factory=dict, compare=False)


Canonical = (
    Order
    | Receipt
    | Invoice
    | Vendor
    | Statement
    | Answer
    | Information
    | Rate
    | Conversion
    | Codings
    | BankReport
)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A part of a file that cannot be read while the rest can (one CSV document of many)."""

    code: QuarantineCode
    error: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Translation:
    """All that one file holds: its format (`ubl-2.1`, `csv-invoices`), documents, and parts set aside."""

    source_format: str
    documents: tuple[Canonical, ...]
    rejected: tuple[Rejected, ...] = ()
