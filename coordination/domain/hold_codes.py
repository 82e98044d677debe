"""The hold and reason codes: everything that the product knows of one, in one row.

Codes are a fixed interface: rows may be added, and keep their code. A hold code is added by adding its row
here and by nothing else; pages, questions to people, answers to vendors, governance and reports ask the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Response = Literal["RE", "UQ", "IP"]
"""Of UNCL4343: rejected, under query, in process."""

Cell = Literal["", "ordered", "received", "invoiced_quantity", "invoiced_price"]
"""A cell of a line as ordered, received and invoiced stand beside each other."""

Against = Literal["", "ordered", "received", "accepted"]
"""The quantity that a billed one is measured by."""

Cure = Literal["", "order", "payment", "unit_factor"]
"""A fact from outside that may end holds of invoices which do not name it."""


@dataclass(frozen=True, slots=True)
class VendorWords:
    """What the vendor may be told of a hold, as Peppol BIS Invoice Response 3 has it.

    `response`, `reason`, `action`: codes of UNCL4343 OP, OPStatusReason and OPStatusAction. `words`: the
    plain sentence. `sentence`: the same with `{line}`, `{found}` and `{expected}`, used where each is known.
    `term`: the business term of EN 16931 that is to be corrected, where it stands once on an invoice.
    """

    response: Response
    reason: str
    action: str
    words: str
    sentence: str = ""
    term: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldCode:
    """One code. Texts in braces are filled from the finding: line, excess, found, expected, tolerance."""

    code: str
    """As interfaces, policies and the ledger name it."""
    owner: str
    """The department whose matter it is, one of `QUEUES`."""
    question: str
    """The question that it answers; an agent owns it."""
    words: str
    """The chip: what lists, pages and reports show."""
    clause: str
    """What speaks against paying, behind "Pay as billed, although …"."""
    clause_of_lines: str = ""
    """The same for several `{lines}` at once; empty where each line stays a clause of its own."""
    money: Literal["", "found", "excess"] = ""
    """What of the finding is an amount in the currency of the invoice."""
    icon: str = ""
    """Its icon in the sprite; empty for the icon of its question."""

    auto: bool = True
    """Whether a new fact may close it; else only a person does."""
    hard: bool = False
    """Whether it is a hard stop, which no rule may pass."""

    queue: str = ""
    """The queue that answers it, whatever else is open; empty for that of its owner."""
    managers_only: bool = False
    """Whether no department sets it aside."""
    reasons: frozenset[str] = frozenset()
    """Reason codes of an answer that can be true of it, besides those that no row names, which can be true of
    every hold (`questions.invoice_reasons`)."""

    remedies: frozenset[str] = frozenset()
    """Answers that do something about it (`domain.remedies`)."""

    never_approved: bool = False
    """Whether it can only be set aside: nobody's answer makes it a claim that is paid."""
    outside_runs: bool = False
    """Whether what it says keeps the invoice out of every payment run, cleared or not."""
    asks_again: frozenset[str] = frozenset()
    """Kinds of facts whose readers are asked again once a person has approved it: it had kept their questions
    from being asked, so the invoice goes back to them instead of straight to payment."""
    of_group: bool = False
    """Whether its answer is about several invoices together; its `money` is what these come to."""
    cured_by: Cure = ""
    """The fact from outside after which invoices that it holds are asked about again."""

    cell: Cell = ""
    """The cell that it marks as off."""
    against: Against = ""
    """What a line that it holds may bill and no more."""
    explains: frozenset[str] = frozenset()
    """Checks of `control.crosscheck` that say the same in other words: then there is nothing to object to."""

    vendor: VendorWords | None = None
    """What the vendor may be told; None for what is our own affair, fraud and sanctions first of all."""

    @property
    def usual_queue(self) -> str:
        """The queue in which it is answered when nothing else is open."""
        return self.queue or QUEUES[self.owner]


DEPARTMENTS = ("finance", "procurement", "operations", "governance", "support", "control")

QUEUES = {
    "finance": "finance",
    "procurement": "procurement",
    "operations": "operations",
    "governance": "finance",
}
"""The queue in which a question of each owner is answered."""

MANAGERS = "managers"

# reasons of an answer that several codes share
_PRICED = frozenset({"agreed_with_vendor", "difference_accepted", "not_ordered", "price_not_agreed"})
_SUMMED = frozenset({"agreed_with_vendor", "difference_accepted", "not_ordered"})
_COUNTED = _SUMMED | {"goods_confirmed", "not_delivered"}
_ORDERED = frozenset({"agreed_with_vendor", "not_delivered", "not_ordered"})
_ACCOUNT = frozenset({"account_confirmed", "account_not_confirmed"})
_LOOKED = frozenset({"no_claim_on_us", "not_delivered", "not_ordered", "price_not_agreed"})
"""Of reasons to look that say nothing of what is wrong: whoever looks may find anything."""

# remedies that several codes share, each with its names as they are stored
_ASSIGN_ORDER = frozenset({"assign_order"})
_PAIR = frozenset({"is_duplicate", "is_no_duplicate"})

# what stands in the vendor's master data, an account or a block, changes only on a second person's word, and
# with it goes what was held for it: a hold that stayed would say what is not so any more
ROWS: tuple[HoldCode, ...] = (
    # --- finance: the claim itself ---
    HoldCode(
        code="missing_data",
        owner="finance",
        question="completeness",
        words="missing data",
        clause="a fact is missing",
        hard=True,
        reasons=frozenset({"agreed_with_vendor"}),
        remedies=frozenset({"complete_field"}),
        vendor=VendorWords("UQ", "REF", "PIN", "Information is missing or cannot be used."),
        explains=frozenset({"arithmetic"}),
    ),
    HoldCode(
        code="totals_unbalanced",
        owner="finance",
        question="arithmetic",
        words="totals do not add up",
        clause="the totals are off by {excess}",
        reasons=_PRICED,
        vendor=VendorWords(
            "RE",
            "OTH",
            "NIN",
            "The totals do not add up.",
            sentence="{found} is stated where the parts come to {expected}.",
        ),
        explains=frozenset({"arithmetic", "price"}),
    ),
    HoldCode(
        code="tax_mismatch",
        owner="finance",
        question="tax",
        words="tax differs",
        clause="the tax is off by {excess}",
        reasons=_SUMMED,
        vendor=VendorWords(
            "RE",
            "LEG",
            "NIN",
            "The tax does not agree.",
            sentence="Tax of {found} is stated where {expected} is due.",
        ),
        explains=frozenset({"arithmetic"}),
    ),
    HoldCode(
        code="duplicate_suspect",
        owner="finance",
        question="duplicate",
        words="duplicate suspected",
        clause="it looks like {found}",
        auto=False,
        hard=True,
        reasons=frozenset({"not_a_duplicate", "replaces_it"}),
        remedies=_PAIR,
        explains=frozenset({"duplicate"}),
        asks_again=frozenset({"billing"}),
    ),
    HoldCode(
        code="split_suspect",
        owner="finance",
        question="duplicate",
        words="split suspected",
        clause="it looks like one claim split in several",
        auto=False,
        reasons=frozenset({"not_ordered"}),
        of_group=True,
    ),
    HoldCode(
        code="supplier_unknown",
        owner="finance",
        question="supplier",
        words="vendor unknown",
        clause="the vendor is not known",
        hard=True,
        reasons=frozenset({"agreed_with_vendor", "not_ordered"}),
        remedies=frozenset({"link_vendor"}),
    ),
    HoldCode(
        code="supplier_blocked",
        owner="finance",
        question="supplier",
        words="vendor blocked",
        clause="the vendor is blocked",
        hard=True,
    ),
    HoldCode(
        code="bank_mismatch",
        owner="finance",
        question="vendor_bank",
        words="bank account differs",
        clause="it asks for payment to another account",
        hard=True,
        reasons=_ACCOUNT,
        vendor=VendorWords("UQ", "FIN", "PIN", "The bank account needs to be confirmed."),
        explains=frozenset({"vendor_bank"}),
    ),
    HoldCode(
        code="vat_id_invalid",
        owner="finance",
        question="supplier",
        words="VAT id invalid",
        clause="the VAT id is not valid",
        reasons=frozenset({"agreed_with_vendor"}),
        vendor=VendorWords(
            "UQ",
            "LEG",
            "PIN",
            "The VAT id is not valid.",
            sentence="The VAT id {found} is not valid.",
            term="BT-31",
        ),
    ),
    HoldCode(
        code="currency_diff",
        owner="finance",
        question="currency",
        words="currency differs",
        clause="it is in {found} and the order in {expected}",
        reasons=_PRICED,
        explains=frozenset({"price"}),
    ),
    HoldCode(
        code="credit_unlinked",
        owner="finance",
        question="credit",
        words="credit not linked",
        clause="the invoice that it is about is not here",
        reasons=frozenset({"agreed_with_vendor"}),
    ),
    HoldCode(
        code="credit_over",
        owner="finance",
        question="credit",
        words="credit too high",
        clause="it credits {excess} too much",
        money="excess",
        reasons=_SUMMED,
    ),
    HoldCode(
        code="prepayment_open",
        owner="finance",
        question="prepayment",
        words="prepayment open",
        clause="a prepayment of {found} is open",
        money="found",
        reasons=_SUMMED,
        cured_by="payment",
    ),
    HoldCode(
        code="suspicious_text",
        owner="finance",
        question="text",
        words="suspicious text",
        clause="its text gives orders to the reader",
        auto=False,
    ),
    HoldCode(
        code="not_a_claim",
        owner="finance",
        question="nature",
        words="no claim",
        clause="it is no claim to be paid",
        hard=True,
        reasons=frozenset({"no_claim_on_us"}),
        vendor=VendorWords(
            "RE",
            "OTH",
            "NIN",
            "It is no invoice: we need one to pay by.",
            sentence="The document is no invoice but “{found}”.",
            term="BT-3",
        ),
        never_approved=True,
    ),
    HoldCode(
        code="paid_otherwise",
        owner="finance",
        question="nature",
        words="paid another way",
        clause="it says that it is paid another way",
        hard=True,
        reasons=frozenset({"agreed_with_vendor", "no_claim_on_us", "payment_confirmed"}),
        vendor=VendorWords("UQ", "FIN", "PIN", "The way of payment needs to be confirmed."),
        outside_runs=True,
    ),
    HoldCode(
        code="payee_differs",
        owner="finance",
        question="vendor_bank",
        words="another payee",
        clause="somebody other than the vendor is to be paid",
        hard=True,
        reasons=_ACCOUNT | {"agreed_with_vendor", "no_claim_on_us", "payment_confirmed"},
        vendor=VendorWords("UQ", "FIN", "PIN", "The payee needs to be confirmed."),
        outside_runs=True,
    ),
    HoldCode(
        code="not_addressed_to_us",
        owner="finance",
        question="nature",
        words="not addressed to us",
        clause="it is addressed to {found}",
        hard=True,
        reasons=frozenset({"agreed_with_vendor", "no_claim_on_us", "not_ordered"}),
        vendor=VendorWords(
            "UQ",
            "REC",
            "NIN",
            "The invoice is addressed to another company.",
            sentence="The invoice is addressed to {found}.",
        ),
    ),
    HoldCode(
        code="payment_refused",
        owner="finance",
        question="release",
        words="payment in question",
        clause="its payment was refused or came back: {found}",
        auto=False,
        hard=True,
        icon="payment",
        queue="payments",
        reasons=_ACCOUNT,
        vendor=VendorWords(
            "IP", "OTH", "NOA", "A payment was not carried out or came back to us; we are looking into it."
        ),
    ),
    # --- procurement: the order ---
    HoldCode(
        code="no_po",
        owner="procurement",
        question="order",
        words="no order named",
        clause="it names no order",
        reasons=_ORDERED,
        remedies=_ASSIGN_ORDER,
        vendor=VendorWords("UQ", "REF", "PIN", "Tell us the order number.", term="BT-13"),
        explains=frozenset({"price"}),
        cured_by="order",
    ),
    HoldCode(
        code="po_unknown",
        owner="procurement",
        question="order",
        words="order unknown",
        clause="order {found} is not ours",
        reasons=_ORDERED,
        remedies=_ASSIGN_ORDER,
        vendor=VendorWords(
            "UQ",
            "REF",
            "PIN",
            "The order number is not known to us.",
            sentence="Order {found} is not known to us.",
            term="BT-13",
        ),
        explains=frozenset({"price"}),
    ),
    HoldCode(
        code="po_closed",
        owner="procurement",
        question="order",
        words="order closed",
        clause="the order is {found}",
        reasons=_ORDERED,
        remedies=_ASSIGN_ORDER,
        vendor=VendorWords("UQ", "REF", "PIN", "The order is closed."),
    ),
    HoldCode(
        code="supplier_mismatch",
        owner="procurement",
        question="supplier",
        words="order of another vendor",
        clause="the order is another vendor's",
        reasons=_ORDERED,
        remedies=_ASSIGN_ORDER,
    ),
    HoldCode(
        code="price_over",
        owner="procurement",
        question="price",
        words="price over",
        clause="line {line} is priced {excess} over the order",
        clause_of_lines="{lines} are priced over the order",
        reasons=_PRICED,
        vendor=VendorWords(
            "UQ",
            "PRI",
            "CNP",
            "The price is over the order.",
            sentence="Line {line}: the unit price is {found}, ordered at {expected}.",
        ),
        cell="invoiced_price",
        explains=frozenset({"price"}),
    ),
    HoldCode(
        code="item_not_ordered",
        owner="procurement",
        question="order",
        words="item not ordered",
        clause="line {line} was not ordered",
        clause_of_lines="{lines} were not ordered",
        reasons=_PRICED | {"not_delivered"},
        remedies=frozenset({"assign_line"}),
        vendor=VendorWords(
            "UQ", "ITM", "CNP", "An item was not ordered.", sentence="Line {line}: {found} was not ordered."
        ),
        cell="ordered",
        explains=frozenset({"price", "quantity_received"}),
    ),
    HoldCode(
        code="qty_over_ordered",
        owner="procurement",
        question="quantity_ordered",
        words="qty over ordered",
        clause="line {line} bills {excess} over the order",
        clause_of_lines="{lines} bill more than was ordered",
        reasons=_SUMMED | {"not_delivered"},
        vendor=VendorWords(
            "UQ",
            "QTY",
            "CNP",
            "The quantity is over the order.",
            sentence="Line {line}: {found} billed in all, {expected} ordered.",
        ),
        cell="invoiced_quantity",
        against="ordered",
        explains=frozenset({"price"}),
    ),
    HoldCode(
        code="amount_over_po",
        owner="procurement",
        question="price",
        words="amount over order",
        clause="the order's amount is exceeded by {excess}",
        reasons=_PRICED,
        vendor=VendorWords(
            "UQ",
            "PRI",
            "CNP",
            "The amount is over the order.",
            sentence="All invoices of the order come to {found}, the order to {expected}.",
        ),
        explains=frozenset({"price"}),
    ),
    HoldCode(
        code="uom_mismatch",
        owner="procurement",
        question="order",
        words="unit differs",
        clause="line {line} is billed in another unit",
        clause_of_lines="{lines} are billed in another unit",
        icon="scales",
        reasons=_PRICED,
        remedies=frozenset({"declare_factor"}),
        cell="invoiced_quantity",
        explains=frozenset({"price", "quantity_received"}),
        cured_by="unit_factor",
    ),
    HoldCode(
        code="charge_unplanned",
        owner="procurement",
        question="price",
        words="charge unplanned",
        clause="a charge of {found} was not agreed",
        icon="plus",
        reasons=_PRICED,
        vendor=VendorWords(
            "UQ", "PRI", "CNP", "A charge was not agreed.", sentence="A charge of {found} was not agreed."
        ),
        explains=frozenset({"price"}),
    ),
    # --- operations: the goods ---
    HoldCode(
        code="no_receipt",
        owner="operations",
        question="quantity_received",
        words="no receipt",
        clause="nothing of line {line} was received",
        clause_of_lines="nothing of {lines} was received",
        reasons=frozenset({"goods_confirmed", "not_delivered", "not_ordered"}),
        vendor=VendorWords("IP", "DEL", "NOA", "We wait for the delivery to be confirmed."),
        cell="received",
        against="received",
        explains=frozenset({"quantity_received"}),
        cured_by="unit_factor",
    ),
    HoldCode(
        code="qty_over_received",
        owner="operations",
        question="quantity_received",
        words="qty over received",
        clause="line {line} bills {excess} more than was received",
        clause_of_lines="{lines} bill more than was received",
        icon="box",
        reasons=_COUNTED,
        vendor=VendorWords(
            "UQ",
            "DEL",
            "CNP",
            "Less was delivered than billed.",
            sentence="Line {line}: {found} billed in all, {expected} received.",
        ),
        cell="received",
        against="received",
        explains=frozenset({"quantity_received"}),
    ),
    HoldCode(
        code="qty_not_accepted",
        owner="operations",
        question="quantity_received",
        words="qty not accepted",
        clause="line {line} bills {excess} more than was accepted",
        clause_of_lines="{lines} bill more than was accepted",
        icon="box",
        reasons=_COUNTED,
        vendor=VendorWords(
            "UQ",
            "DEL",
            "CNP",
            "Part of the delivery was not accepted.",
            sentence="Line {line}: {found} billed in all, {expected} accepted.",
        ),
        cell="received",
        against="accepted",
        explains=frozenset({"quantity_received"}),
    ),
    # --- governance: who may decide ---
    HoldCode(
        code="over_threshold",
        owner="governance",
        question="release",
        words="over threshold",
        clause="it is over the {tolerance} limit",
        auto=False,
        reasons=_LOOKED,
    ),
    HoldCode(
        code="low_confidence",
        owner="governance",
        question="release",
        words="low confidence",
        clause="an agent is not sure enough",
        auto=False,
        reasons=_LOOKED,
    ),
    HoldCode(
        code="agents_disagree",
        owner="governance",
        question="release",
        words="agents disagree",
        clause="agents disagree",
        icon="people",
        reasons=_LOOKED | {"agreed_with_vendor", "difference_accepted"},
    ),
    HoldCode(
        code="outside_envelope",
        owner="governance",
        question="release",
        words="outside envelope",
        clause="an agent was not approved for {found}",
        auto=False,
        reasons=_LOOKED,
    ),
    HoldCode(
        code="contract_breached",
        owner="governance",
        question="release",
        words="contract breached",
        clause="an answer is missing",
        managers_only=True,
        reasons=_LOOKED,
    ),
    HoldCode(
        code="agent_error",
        owner="governance",
        question="release",
        words="agent error",
        clause="an agent failed",
        reasons=_LOOKED,
    ),
    HoldCode(
        code="drift_breaker",
        owner="governance",
        question="release",
        words="drift breaker",
        clause="the drift breaker of {found} is open",
        auto=False,
        reasons=_LOOKED,
    ),
    HoldCode(
        code="drill",
        owner="governance",
        question="release",
        words="drill",
        clause="a drill changed what {found} proposed",
        hard=True,
        managers_only=True,
        reasons=_LOOKED,
    ),
    HoldCode(
        code="random_audit",
        owner="governance",
        question="release",
        words="random audit",
        clause="it was drawn for a second look",
        auto=False,
        icon="eye",
        reasons=_LOOKED,
    ),
    HoldCode(
        code="manual_hold",
        owner="governance",
        question="release",
        words="manual hold",
        clause="manual hold stands against it",
        auto=False,
        icon="pause",
        reasons=_LOOKED | _ACCOUNT | {"agreed_with_vendor", "difference_accepted", "goods_confirmed"},
    ),
    HoldCode(
        code="bank_change_unverified",
        owner="governance",
        question="vendor_bank",
        words="bank change unverified",
        clause="a change of account waits to be verified",
        hard=True,
        managers_only=True,
        reasons=_ACCOUNT,
    ),
)

CATALOGUE: dict[str, HoldCode] = {row.code: row for row in ROWS}
"""The same rows by their code."""


def cured_by(fact: Cure) -> list[str]:
    """Codes of the holds that such a fact from outside may end."""
    return [row.code for row in ROWS if row.cured_by == fact]


def answered_by(code: str, queue: str) -> str:
    """Whose answer a hold needs in a question that stands in this queue: its owner's department, or
    `MANAGERS`.

    What governance itself asks belongs to whoever has the question; so does everything once money has moved.
    """
    row = CATALOGUE[code]
    if row.managers_only:
        return MANAGERS
    if row.owner == "governance" or queue in {r.queue for r in ROWS if r.queue}:
        return queue
    return row.usual_queue
