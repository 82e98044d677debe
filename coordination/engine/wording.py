"""What a case says in words: the question, and what each answer does to the money."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..agents.base import VendorFacts
from ..models import Invoice
from .terms import Discount


def question(row: Invoice, reasons: list[dict[str, Any]]) -> str:
    """The one sentence that matters: what is asked, and what speaks against it."""
    verb = "Take this credit" if row.type == "credit_note" else "Pay as billed"
    if len(reasons) == 1 and reasons[0].get("rule") in PART_BACK:
        return f"{reasons[0]['found']}. Pay it again?"
    why = list(dict.fromkeys(_clause(r) for r in _together(reasons)))
    if len(why) > SHOWN:
        why = [*why[: SHOWN - 1], f"{len(why) - SHOWN + 1} more reasons stand against it"]
    if not why:
        return f"{verb}?"
    listed = why[0] if len(why) == 1 else ", ".join(why[:-1]) + " and " + why[-1]
    return f"{verb}, although {listed}?"


PART_BACK = frozenset({"P-04", "P-06"})
"""The rules of a payment of which a part came back."""

SHOWN = 3
"""Reasons named in the question; the others are counted and stand below it."""

CLAUSES = {
    "missing_data": "a fact is missing",
    "totals_unbalanced": "the totals are off by {excess}",
    "tax_mismatch": "the tax is off by {excess}",
    "duplicate_suspect": "it looks like {found}",
    "split_suspect": "it looks like one claim split in several",
    "supplier_unknown": "the vendor is not known",
    "supplier_blocked": "the vendor is blocked",
    "bank_mismatch": "it asks for payment to another account",
    "vat_id_invalid": "the VAT id is not valid",
    "currency_diff": "it is in {found} and the order in {expected}",
    "credit_unlinked": "the credited invoice is not here",
    "credit_over": "it credits {excess} too much",
    "prepayment_open": "a prepayment of {found} is not ours",
    "suspicious_text": "its text gives orders to the reader",
    "not_a_claim": "it is no claim to be paid",
    "paid_otherwise": "it is paid another way",
    "payee_differs": "somebody other than the vendor is to be paid",
    "not_addressed_to_us": "it is addressed to another company",
    "no_po": "it names no order",
    "po_unknown": "order {found} is not ours",
    "po_closed": "the order is {found}",
    "supplier_mismatch": "the order is another vendor's",
    "price_over": "line {line} is priced {excess} over the order",
    "item_not_ordered": "line {line} was not ordered",
    "qty_over_ordered": "line {line} bills {excess} over the order",
    "amount_over_po": "the order's amount is exceeded by {excess}",
    "uom_mismatch": "line {line} is billed in another unit",
    "charge_unplanned": "a charge of {found} was not agreed",
    "no_receipt": "nothing of line {line} was received",
    "qty_over_received": "line {line} bills {excess} more than was received",
    "qty_not_accepted": "line {line} bills {excess} more than was accepted",
    "over_threshold": "it is over the {tolerance} limit",
    "low_confidence": "an agent is not sure enough",
    "agents_disagree": "agents disagree",
    "agent_error": "an agent failed",
    "outside_envelope": "an agent was not approved for {found}",
    "drift_breaker": "the drift breaker of {found} is open",
    "contract_breached": "an answer is missing",
    "random_audit": "it was drawn for a second look",
    "bank_change_unverified": "a change of account waits to be verified",
    "payment_refused": "its payment was refused or came back: {found}",
    "payment_refused P-04": "a part of its payment came back: {found}",
    "payment_refused P-06": "a part of its payment came back: {found}",
    "payment_refused P-05": "the bank says two things of its payment: {found}",
}
"""What speaks against paying, as a clause, by code or by code and rule; codes not named here are said in the words of
their chip."""


CLAUSES_OF_LINES = {
    "price_over": "{lines} are priced over the order",
    "item_not_ordered": "{lines} were not ordered",
    "qty_over_ordered": "{lines} bill more than was ordered",
    "uom_mismatch": "{lines} are billed in another unit",
    "no_receipt": "nothing of {lines} was received",
    "qty_over_received": "{lines} bill more than was received",
    "qty_not_accepted": "{lines} bill more than was accepted",
}
"""The same for several lines at once. A size of its own is given up for it from the third line on."""

LINES_NAMED = 4


def _together(reasons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Reasons, those that several lines have as one."""
    lines: dict[str, list[str]] = {}
    for r in reasons:
        if r["line"] and r["line"] not in lines.setdefault(r["code"], []):
            lines[r["code"]].append(r["line"])
    most = {code: 2 if "{excess}" in CLAUSES.get(code, "") else 1 for code in CLAUSES_OF_LINES}
    merged = {c for c, found in lines.items() if len(found) > most.get(c, len(found))}
    return [r | {"lines": _lines(lines[r["code"]])} if r["code"] in merged else r for r in reasons]


def _lines(numbers: list[str]) -> str:
    if len(numbers) > LINES_NAMED:
        return f"{len(numbers)} lines"
    return f"lines {', '.join(numbers[:-1])} and {numbers[-1]}"


def _clause(reason: dict[str, Any]) -> str:
    """One reason in words; a clause that would have a hole falls back to the chip's words."""
    if "lines" in reason:
        return CLAUSES_OF_LINES[reason["code"]].format(lines=reason["lines"])
    text = CLAUSES.get(f"{reason['code']} {reason.get('rule', '')}") or CLAUSES.get(reason["code"], "")
    if not text or any(
        f"{{{key}}}" in text and not reason[key]
        for key in ("line", "excess", "found", "expected", "tolerance")
    ):
        return f"{reason['words']} stands against it"
    limit = str(reason["tolerance"])
    shown = {
        "excess": str(reason["excess"]).lstrip("+"),
        "tolerance": f"{Decimal(limit):,.2f}" if _is_number(limit) else limit,
    }
    return text.format_map({**reason, **shown})


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


Shares = list[tuple[str, list[str]]]
"""Departments with the words of the reasons that are theirs; first the one in whose queue the question stands."""


def shares(reasons: list[dict[str, Any]], queue: str) -> Shares:
    """Who answers what of a question."""
    found: dict[str, list[str]] = {queue: []}
    for reason in reasons:
        words = found.setdefault(reason["department"], [])
        if reason["words"] not in words:
            words.append(reason["words"])
    return list(found.items())


def shared(verb: str, whose: Shares, all_of_it: str) -> str:
    """What a verdict does that one department gives while others still have a say."""
    (own, words), *others = whose
    rest = " and ".join(f"{', '.join(theirs)} with {name}" for name, theirs in others)
    return sentence(
        f"{verb} as {own} settles {', '.join(words)} and leaves {rest}: nothing is paid before that is answered too. "
        f"A manager answers all of it, which {all_of_it}"
    )


@dataclass(frozen=True, slots=True)
class Made:
    """Payments that were made of an invoice and live: `kept` is with the vendor or on its way, `left` is still to be paid."""

    kept: Decimal
    left: Decimal


def consequences(
    row: Invoice, vendor: VendorFacts | None, payable: Decimal | None, offer: Discount | None, quorum: int,
    whose: Shares, made: Made | None = None,
) -> list[dict[str, str]]:  # fmt: skip
    """What each key does to the money, before it is pressed. `offer` is a discount that still holds, or None."""
    if made is not None:
        return _paid_before(row, vendor, quorum, whose, made)
    amount = f"{row.currency} {payable:,.2f}" if payable is not None else "the amount"
    if row.type == "credit_note":
        takes = f"takes the credit of {amount} off what we owe"
        approving = shared("Approving", whose, takes) if len(whose) > 1 else f"Approving {takes}."
        return [
            {"verdict": "approve", "text": approving},
            {"verdict": "reject", "text": "Rejecting leaves what we owe as it is."},
        ]
    to = f" to the verified account of {vendor.name}" if vendor and vendor.verified else ""
    keeps = lapse = ""
    if offer:
        keeps = f", keeps the discount of {row.currency} {offer.amount:,.2f} until {offer.until:%-d %b %Y}"
        lapse = f"; the discount lapses on {offer.until:%-d %b %Y}"
    after = " after a second signature" if quorum > 1 else ""
    clears = f"clears {amount}{after} for the next payment run{to}{keeps}"
    approving, overriding = (
        sentence(f"Approving {clears}"),
        "Overriding clears it too and names each rule that is set aside.",
    )
    if len(whose) > 1:
        approving = shared("Approving", whose, clears)
        overriding = "Overriding settles the same and names each rule that is set aside."
    return [
        {"verdict": "approve", "text": approving},
        {
            "verdict": "reject",
            "text": f"Rejecting pays nothing{lapse}. Nothing is sent to the vendor: the words for it are under “Where is it?”.",
        },
        {"verdict": "override", "text": overriding},
    ]


def _paid_before(
    row: Invoice, vendor: VendorFacts | None, quorum: int, whose: Shares, made: Made
) -> list[dict[str, str]]:
    """The same for an invoice of which something is paid: what is answered is whether the rest is paid, too."""
    to = f" to the verified account of {vendor.name}" if vendor and vendor.verified else ""
    after = " after a second signature" if quorum > 1 else ""
    kept, left = f"{row.currency} {made.kept:,.2f}", f"{row.currency} {made.left:,.2f}"
    clears = f"clears {left}{after} to be paid again with the next payment run{to}, and no more"
    if made.left <= 0:
        clears = f"pays nothing: {kept} is paid or on its way, and nothing is left to pay"
    stays = f"Rejecting pays nothing more: {kept} is paid or on its way and stays so"
    return [
        {"verdict": "approve", "text": shared("Approving", whose, clears) if len(whose) > 1 else sentence(f"Approving {clears}")},
        {"verdict": "reject", "text": f"{stays}, and {left} is not paid again." if made.left > 0 else f"{stays}."},
        {"verdict": "override", "text": "Overriding does the same as approving and names each rule that is set aside."},
    ]  # fmt: skip


def sentence(text: str) -> str:
    """With one full stop, also after a name that ends in one."""
    return text if text.endswith(".") else f"{text}."
