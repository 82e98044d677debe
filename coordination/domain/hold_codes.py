"""Hold and reason codes (interfaces: fixed): who owns each, which question it answers, how it may be
released."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HoldKind:
    """One code. `words` is the chip, `auto` says whether a new fact may close it, `hard` that no rule may
    pass it."""

    code: str
    owner: str
    question: str
    words: str
    auto: bool = True
    hard: bool = False
    stage: str = ""


def _kinds(owner: str, stage: str, *rows: tuple[str, str, str, str]) -> list[HoldKind]:
    return [
        HoldKind(code, owner, question, words, auto="m" not in flags, hard="h" in flags, stage=stage)
        for code, question, words, flags in rows
    ]


# what stands in the vendor's master data, an account or a block, changes only on a second person's word, and
# with it goes what was held for it: a hold that stayed would say what is not so any more
CATALOGUE: dict[str, HoldKind] = {
    kind.code: kind
    for kind in [
        *_kinds(
            "finance",
            "validated",
            ("missing_data", "completeness", "missing data", "h"),
            ("totals_unbalanced", "arithmetic", "totals do not add up", ""),
            ("tax_mismatch", "tax", "tax differs", ""),
            ("duplicate_suspect", "duplicate", "duplicate suspected", "mh"),
            ("split_suspect", "duplicate", "split suspected", "m"),
            ("supplier_unknown", "supplier", "vendor unknown", "h"),
            ("supplier_blocked", "supplier", "vendor blocked", "h"),
            ("bank_mismatch", "vendor_bank", "bank account differs", "h"),
            ("vat_id_invalid", "supplier", "VAT id invalid", ""),
            ("currency_diff", "currency", "currency differs", ""),
            ("credit_unlinked", "credit", "credit not linked", ""),
            ("credit_over", "credit", "credit too high", ""),
            ("prepayment_open", "prepayment", "prepayment open", ""),
            ("suspicious_text", "text", "suspicious text", "m"),
            ("not_a_claim", "nature", "no claim", "h"),
            ("paid_otherwise", "nature", "paid another way", "h"),
            ("payee_differs", "vendor_bank", "another payee", "h"),
            ("not_addressed_to_us", "nature", "not addressed to us", "h"),
        ),
        *_kinds("finance", "cleared", ("payment_refused", "release", "payment in question", "mh")),
        *_kinds(
            "procurement",
            "matched",
            ("no_po", "order", "no order named", ""),
            ("po_unknown", "order", "order unknown", ""),
            ("po_closed", "order", "order closed", ""),
            ("supplier_mismatch", "supplier", "order of another vendor", ""),
            ("price_over", "price", "price over", ""),
            ("item_not_ordered", "order", "item not ordered", ""),
            ("qty_over_ordered", "quantity_ordered", "qty over ordered", ""),
            ("amount_over_po", "price", "amount over order", ""),
            ("uom_mismatch", "order", "unit differs", ""),
            ("charge_unplanned", "price", "charge unplanned", ""),
        ),
        *_kinds(
            "operations",
            "delivered",
            ("no_receipt", "quantity_received", "no receipt", ""),
            ("qty_over_received", "quantity_received", "qty over received", ""),
            ("qty_not_accepted", "quantity_received", "qty not accepted", ""),
        ),
        *_kinds(
            "governance",
            "cleared",
            ("over_threshold", "release", "over threshold", "m"),
            ("low_confidence", "release", "low confidence", "m"),
            ("agents_disagree", "release", "agents disagree", ""),
            ("outside_envelope", "release", "outside envelope", "m"),
            ("contract_breached", "release", "contract breached", ""),
            ("agent_error", "release", "agent error", ""),
            ("drift_breaker", "release", "drift breaker", "m"),
            ("random_audit", "release", "random audit", "m"),
            ("manual_hold", "release", "manual hold", "m"),
            ("bank_change_unverified", "vendor_bank", "bank change unverified", "h"),
        ),
    ]
}

DEPARTMENTS = ("finance", "procurement", "operations", "governance", "support", "control")

QUEUES = {
    "finance": "finance",
    "procurement": "procurement",
    "operations": "operations",
    "governance": "finance",
}
"""The queue in which a question of each owner is answered."""

QUEUE_OF_CODE = {"payment_refused": "payments"}
"""Codes that are answered in another queue than their owner's, whatever else is open: money has already
moved."""


MANAGERS = "managers"
OF_MANAGERS = frozenset({"bank_change_unverified", "contract_breached"})
"""Holds that no department sets aside: an account that nobody has verified, and answers of several
departments that are not there."""


def answered_by(code: str, queue: str) -> str:
    """Whose answer a hold needs in a question that stands in this queue: its owner's department, or
    `MANAGERS`.

    What governance itself asks belongs to whoever has the question; so does everything once money has moved.
    """
    if code in OF_MANAGERS:
        return MANAGERS
    owner = CATALOGUE[code].owner
    if owner == "governance" or queue in QUEUE_OF_CODE.values():
        return queue
    return QUEUE_OF_CODE.get(code) or QUEUES[owner]
