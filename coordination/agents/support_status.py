"""support.status: what the vendor may be told, in plain words and as a Peppol Invoice Response.

Codes are those of Peppol BIS Invoice Response 3 (UNCL4343 OP, OPStatusReason, OPStatusAction).
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from ..domain.facts import Snapshot
from ..domain.proposal import Agent, Contract, Proposal, StatusText

BY_STATE: dict[str, tuple[str, str]] = {
    "received": ("AB", "We have received the invoice."),
    "validated": ("IP", "The invoice is being processed."),
    "matched": ("IP", "The invoice is being processed."),
    "delivered": ("IP", "The invoice is being processed."),
    "cleared": ("AP", "The invoice is approved for payment."),
    "scheduled": ("AP", "Payment is scheduled."),
    "paid": ("PD", "The invoice has been paid."),
    "rejected": ("RE", "The invoice was rejected."),
    "void": ("RE", "The invoice was set aside as not payable."),
}

BY_HOLD: dict[str, tuple[str, str, str, str]] = {
    "no_po": ("UQ", "REF", "PIN", "Tell us the order number."),
    "po_unknown": ("UQ", "REF", "PIN", "The order number is not known to us."),
    "po_closed": ("UQ", "REF", "PIN", "The order is closed."),
    "missing_data": ("UQ", "REF", "PIN", "Information is missing or cannot be used."),
    "vat_id_invalid": ("UQ", "LEG", "PIN", "The VAT id is not valid."),
    "price_over": ("UQ", "PRI", "CNP", "The price is over the order."),
    "amount_over_po": ("UQ", "PRI", "CNP", "The amount is over the order."),
    "charge_unplanned": ("UQ", "PRI", "CNP", "A charge was not agreed."),
    "item_not_ordered": ("UQ", "ITM", "CNP", "An item was not ordered."),
    "qty_over_ordered": ("UQ", "QTY", "CNP", "The quantity is over the order."),
    "qty_over_received": ("UQ", "DEL", "CNP", "Less was delivered than billed."),
    "qty_not_accepted": ("UQ", "DEL", "CNP", "Part of the delivery was not accepted."),
    "totals_unbalanced": ("RE", "OTH", "NIN", "The totals do not add up."),
    "tax_mismatch": ("RE", "LEG", "NIN", "The tax does not agree."),
    "not_a_claim": ("RE", "OTH", "NIN", "It is no invoice: we need one to pay by."),
    "paid_otherwise": ("UQ", "FIN", "PIN", "The way of payment needs to be confirmed."),
    "payee_differs": ("UQ", "FIN", "PIN", "The payee needs to be confirmed."),
    "not_addressed_to_us": ("UQ", "REC", "NIN", "The invoice is addressed to another company."),
    "bank_mismatch": ("UQ", "FIN", "PIN", "The bank account needs to be confirmed."),
    "payment_refused": (
        "IP",
        "OTH",
        "NOA",
        "A payment was not carried out or came back to us; we are looking into it.",
    ),
    "no_receipt": ("IP", "DEL", "NOA", "We wait for the delivery to be confirmed."),
}
"""Hold -> response, reason, action, words. Holds not named here are our own affair: in process, nothing
asked."""

SEVERITY = ("RE", "UQ", "IP")


class SupportStatus(Agent):
    """Keeps the answer to "where is my invoice" ready. Lowest consequence: it moves no money and no state."""

    name: ClassVar[str] = "support.status"
    version: ClassVar[str] = "1"
    department: ClassVar[str] = "support"
    purpose: ClassVar[str] = (
        "Keeps a plain answer to “where is my invoice”, and the response the vendor would be sent."
    )
    contract: ClassVar[Contract] = Contract(
        version="1",
        reads=frozenset({"standing"}),
        consumes=frozenset(),
        owns=frozenset({"status"}),
        asked_on=frozenset({"status"}),
    )
    sla: ClassVar[timedelta] = timedelta(seconds=60)

    def propose(self, snapshot: Snapshot) -> Proposal:
        status = describe(snapshot)
        return Proposal(self.name, self.version, "note", Decimal("0.99"), status.text, status=status)


def describe(snapshot: Snapshot) -> StatusText:
    """The present standing in words and codes."""
    response, words = BY_STATE[snapshot.state]
    if response == "RE":
        return _ended(snapshot, words)
    told = [BY_HOLD[h.code] for h in snapshot.live_holds() if h.code in BY_HOLD]
    if not told or response in {"AP", "PD"}:
        return StatusText(words if not snapshot.live_holds() else "The invoice is being checked.", response)
    response = min((t[0] for t in told), key=SEVERITY.index)
    if response == "RE":
        # what we would send once a person agrees; until then the claim is only questioned
        response = "UQ"
    sentences = list(dict.fromkeys(t[3] for t in told))
    reasons = tuple(dict.fromkeys(t[1] for t in told))
    actions = tuple(dict.fromkeys(t[2] for t in told if t[2] != "NOA")) or ("NOA",)
    return StatusText(" ".join(sentences), response, reasons, actions)


def _ended(snapshot: Snapshot, words: str) -> StatusText:
    """A claim that is not paid. What a person rejected it for is told where it may be, and then it can be
    corrected: credited in full and billed again. Otherwise no reason is given and nothing is asked."""
    rejected = [h.code for h in snapshot.holds if h.release == "rejected" and h.code in BY_HOLD]
    if snapshot.state == "void" or not rejected:
        return StatusText(words, "RE", ("OTH",), ("NOA",))
    return StatusText(words, "RE", tuple(dict.fromkeys(BY_HOLD[c][1] for c in rejected)), ("CNF", "NIN"))
