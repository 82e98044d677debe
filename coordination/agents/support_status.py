"""support.status: what the vendor may be told, in plain words and as a Peppol Invoice Response.

Codes are those of Peppol BIS Invoice Response 3 (UNCL4343 OP, OPStatusReason, OPStatusAction).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from ..domain.facts import HoldFacts, Snapshot
from ..domain.hold_codes import CATALOGUE, VendorWords
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
    advisory: ClassVar[bool] = True

    def propose(self, snapshot: Snapshot) -> Proposal:
        status = describe(snapshot)
        return Proposal(self.name, self.version, "note", Decimal("0.99"), status.text, status=status)


def describe(snapshot: Snapshot) -> StatusText:
    """The present standing in words and codes."""
    response, words = BY_STATE[snapshot.state]
    if response == "RE":
        return _ended(snapshot, words)
    told = _worded(snapshot.live_holds())
    if not told or response in {"AP", "PD"}:
        return StatusText(words if not snapshot.live_holds() else "The invoice is being checked.", response)
    response = min((t.response for t in told), key=SEVERITY.index)
    if response == "RE":
        # what we would send once a person agrees; until then the claim is only questioned
        response = "UQ"
    sentences = list(dict.fromkeys(t.words for t in told))
    reasons = tuple(dict.fromkeys(t.reason for t in told))
    actions = tuple(dict.fromkeys(t.action for t in told if t.action != "NOA")) or ("NOA",)
    return StatusText(" ".join(sentences), response, reasons, actions)


def _worded(holds: Iterable[HoldFacts]) -> list[VendorWords]:
    """What the vendor may be told of these holds. The others are our own affair: nothing is asked."""
    return [words for h in holds if (words := CATALOGUE[h.code].vendor)]


def _ended(snapshot: Snapshot, words: str) -> StatusText:
    """A claim that is not paid. What a person rejected it for is told where it may be, and then it can be
    corrected: credited in full and billed again. Otherwise no reason is given and nothing is asked."""
    rejected = _worded(h for h in snapshot.holds if h.release == "rejected")
    if snapshot.state == "void" or not rejected:
        return StatusText(words, "RE", ("OTH",), ("NOA",))
    return StatusText(words, "RE", tuple(dict.fromkeys(t.reason for t in rejected)), ("CNF", "NIN"))
