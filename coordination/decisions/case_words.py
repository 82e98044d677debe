"""What a case says in words: the question, and what each answer does to the money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..agents import corrections, nature
from ..domain import payment_rules
from ..domain.facts import VendorFacts
from ..domain.hold_codes import CATALOGUE, HoldCode
from ..domain.payment_terms import Discount
from ..domain.reasons import HoldReason
from ..models import Invoice
from .case_shape import Consequence


def question(row: Invoice, reasons: Sequence[HoldReason], left_out: str = "") -> str:
    """The one sentence that matters: what is asked, and what speaks against it. `left_out` says why no run
    would pay it even when it is cleared: then the answer pays nothing, and what says so stands behind the
    question."""
    if ends(reasons):
        return f"Set {row.number} aside? It is no claim to be paid."
    verb = "Take this credit" if row.type == "credit_note" else "Pay as billed"
    if len(reasons) == 1 and reasons[0].rule in payment_rules.IN_PART:
        return f"{reasons[0].found}. Pay it again?"
    asks = next((r.found for r in reasons if r.rule == corrections.RULE), "")
    if asks and len(reasons) == 1:
        return f"Does {row.number} replace {asks}?"
    behind = ""
    if left_out and row.type != "credit_note":
        verb = "Clear it, to be paid outside the runs"
        outside = [_clause(r, row.currency) for r in reasons if CATALOGUE[r.code].outside_runs]
        behind = "".join(f" {sentence(t[0].upper() + t[1:])}" for t in dict.fromkeys(outside))
        reasons = [r for r in reasons if not CATALOGUE[r.code].outside_runs]
    merged = _several_lines(reasons)
    why = list(dict.fromkeys(merged.get(r.code) or _clause(r, row.currency) for r in reasons))
    if len(why) > SHOWN:
        why = [*why[: SHOWN - 1], f"{len(why) - SHOWN + 1} more reasons stand against it"]
    if not why:
        return f"{verb}?{behind}"
    listed = why[0] if len(why) == 1 else ", ".join(why[:-1]) + " and " + why[-1]
    return f"{verb}, although {listed}?{behind}"


def ends(reasons: Sequence[HoldReason]) -> bool:
    """Is there a reason that nobody can approve? What is no claim is never paid, whatever a person
    answers."""
    return any(CATALOGUE[r.code].never_approved for r in reasons)


SHOWN = 3
"""Reasons named in the question; the others are counted and stand below it."""

CLAUSES_OF_RULES = {
    corrections.RULE: "it may replace {found}",
    corrections.REPLACED: "{found}, which may replace it, is paid or on its way",
    payment_rules.PART_BACK: "a part of its payment came back: {found}",
    payment_rules.ACCOUNT_PART: "a part of its payment came back: {found}",
    payment_rules.CONTRADICTED: "the bank says two things of its payment: {found}",
}
"""What a rule says more precisely than the code of its hold."""

LINES_NAMED = 4


def _several_lines(reasons: Sequence[HoldReason]) -> dict[str, str]:
    """Code -> the clause of a reason that several lines have, said once for all of them."""
    lines: dict[str, list[str]] = {}
    for r in reasons:
        if r.line and r.line not in lines.setdefault(r.code, []):
            lines[r.code].append(r.line)
    return {
        code: CATALOGUE[code].clause_of_lines.format(lines=_lines(found))
        for code, found in lines.items()
        if _are_one(CATALOGUE[code], len(found))
    }


def _are_one(row: HoldCode, lines: int) -> bool:
    """Whether so many lines are one clause; a size of its own is given up for it from the third line on."""
    return bool(row.clause_of_lines) and lines > (2 if "{excess}" in row.clause else 1)


def _lines(numbers: list[str]) -> str:
    if len(numbers) > LINES_NAMED:
        return f"{len(numbers)} lines"
    return f"lines {', '.join(numbers[:-1])} and {numbers[-1]}"


def _clause(reason: HoldReason, currency: str = "") -> str:
    """One reason in words; a clause that would have a hole falls back to the chip's words."""
    row = CATALOGUE[reason.code]
    if reason.code == "supplier_unknown" and reason.expected.startswith("one of "):
        return "it may be of several vendors"
    if reason.code == "missing_data":
        return _missing(reason.expected, reason.found, reason.sentence)
    text = CLAUSES_OF_RULES.get(reason.rule) or row.clause
    shown = {
        "line": reason.line,
        "excess": reason.excess.lstrip("+"),
        "found": reason.found,
        "expected": reason.expected,
        "tolerance": f"{Decimal(reason.tolerance):,.2f}"
        if _is_number(reason.tolerance)
        else reason.tolerance,
    }
    if any(f"{{{name}}}" in text and not value for name, value in shown.items()):
        return f"{reason.words} stands against it"
    if row.money and _is_number(shown[row.money].replace(",", "")):
        shown[row.money] = f"{currency} {shown[row.money]}".strip()
    return text.format_map(shown)


def _missing(expected: str, found: str, told: str) -> str:
    """Of the document a field by its name, "total", is not there or is no use; all else, "a currency on the
    order", is not there."""
    if not expected[:1].islower():
        return CATALOGUE["missing_data"].clause
    if expected == nature.TYPE:
        return "its document type is in no code list"
    if (
        told.startswith(f"The {expected}, ") and ", lies " in told
    ):  # a day that can be read and cannot be meant
        where = (
            "before the issue date"
            if expected.startswith("due")
            else "in the future"
            if " after " in told
            else "years back"
        )
        return f"the {expected} lies {where}"
    if expected.partition(" ")[0] in {"a", "an", "the"}:
        return f"{expected} is missing"
    return (
        f"it states no {expected}" if found in {"", "nothing"} else f"the {expected} cannot be used as stated"
    )


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


Shares = list[tuple[str, list[str]]]
"""Departments with the words of the reasons that are theirs; first the one in whose queue the question
stands."""


def shares(reasons: Sequence[HoldReason], queue: str) -> Shares:
    """Who answers what of a question."""
    found: dict[str, list[str]] = {queue: []}
    for reason in reasons:
        words = found.setdefault(reason.department, [])
        if reason.words not in words:
            words.append(reason.words)
    return list(found.items())


def shared(verb: str, whose: Shares, all_of_it: str) -> str:
    """What a verdict does that one department gives while others still have a say."""
    (own, words), *others = whose
    rest = " and ".join(f"{', '.join(theirs)} with {name}" for name, theirs in others)
    return sentence(
        f"{verb} as {own} settles {', '.join(words)} and leaves {rest}: nothing is paid before that is"
        f" answered too. A manager answers all of it, which {all_of_it}"
    )


@dataclass(frozen=True, slots=True)
class Made:
    """Payments that were made of an invoice and live: `kept` is with the vendor or on its way, `left` is
    still to be paid."""

    kept: Decimal
    left: Decimal


@dataclass(frozen=True, slots=True)
class Special:
    """What is special about paying an invoice: `made` are payments that there are, `parts` in how many it is
    paid, `left_out` why no run would pay it even when it is cleared, `first` the invoices that it may
    replace."""

    made: Made | None = None
    parts: int = 0
    left_out: str = ""
    first: str = ""


def consequences(
    row: Invoice,
    vendor: VendorFacts | None,
    payable: Decimal | None,
    offer: Discount | None,
    quorum: int,
    whose: Shares,
    special: Special,
) -> list[Consequence]:
    """What each key does to the money, before it is pressed. `offer` is a discount that still holds, or
    None."""
    made, parts, left_out, first = special.made, special.parts, special.left_out, special.first
    if made is not None:
        return _paid_before(row, vendor, quorum, whose, made)
    amount = f"{row.currency} {payable:,.2f}" if payable is not None else "the amount"
    if row.type == "credit_note":
        takes = f"takes the credit of {amount} off what we owe"
        approving = shared("Approving", whose, takes) if len(whose) > 1 else f"Approving {takes}."
        return [
            Consequence("approve", approving),
            Consequence("reject", "Rejecting leaves what we owe as it is."),
        ]
    to = f" to the verified account of {vendor.name}" if vendor and vendor.verified else ""
    keeps = lapse = ""
    if offer:
        keeps = f", keeps the discount of {row.currency} {offer.amount:,.2f} until {offer.until:%-d %b %Y}"
        lapse = f"; the discount lapses on {offer.until:%-d %b %Y}"
    after = " after a second signature" if quorum > 1 else ""
    when = (
        f"payment in {parts} parts, each by its due date{',' if to else ''}"
        if parts > 1
        else "the next payment run"
    )
    clears = f"clears {amount}{after} for {when}{to}{keeps}"
    if left_out:
        clears = (
            f"clears {amount}{after}, and no run pays it: {left_out}; two people then state that it was paid"
            " elsewhere"
        )
    approving, overriding = (
        sentence(f"Approving {clears}"),
        "Overriding clears it too and names each rule that is set aside.",
    )
    if first:
        return _replacing(row, first)
    if len(whose) > 1:
        approving = shared("Approving", whose, clears)
        overriding = "Overriding settles the same and names each rule that is set aside."
    return [
        Consequence("approve", approving),
        Consequence(
            "reject",
            (
                f"Rejecting pays nothing{lapse}. Nothing is sent to the vendor: the words for it are under"
                " “Where is it?”."
            ),
        ),
        Consequence("override", overriding),
    ]


def _paid_before(
    row: Invoice, vendor: VendorFacts | None, quorum: int, whose: Shares, made: Made
) -> list[Consequence]:
    """The same for an invoice of which something is paid: what is answered is whether the rest is paid,
    too."""
    to = f" to the verified account of {vendor.name}" if vendor and vendor.verified else ""
    after = " after a second signature" if quorum > 1 else ""
    kept, left = f"{row.currency} {made.kept:,.2f}", f"{row.currency} {made.left:,.2f}"
    clears = f"clears {left}{after} to be paid again with the next payment run{to}, and no more"
    if made.left <= 0:
        clears = f"pays nothing: {kept} is paid or on its way, and nothing is left to pay"
    stays = f"Rejecting pays nothing more: {kept} is paid or on its way and stays so"
    return [
        Consequence(
            "approve",
            shared("Approving", whose, clears) if len(whose) > 1 else sentence(f"Approving {clears}"),
        ),
        Consequence("reject", f"{stays}, and {left} is not paid again." if made.left > 0 else f"{stays}."),
        Consequence(
            "override", "Overriding does the same as approving and names each rule that is set aside."
        ),
    ]


def _replacing(row: Invoice, first: str) -> list[Consequence]:
    """The three answers to whether an invoice replaces the one it names."""
    return [
        Consequence(
            "approve",
            (
                f"Approving says that {row.number} replaces {first}: {first} is set aside as void and not"
                f" paid, and {row.number} is cleared for the next payment run, if nothing else is found."
                f" Where {first} is paid already, or in a payment run, {row.number} is paid once a credit"
                f" note over {first} is here."
            ),
        ),
        Consequence("reject", f"Rejecting pays nothing of {row.number}; {first} stays as it is."),
        Consequence(
            "override",
            (
                f"Overriding says that both are owed: {row.number} is looked at again beside {first}, and"
                " each is paid."
            ),
        ),
    ]


def sentence(text: str) -> str:
    """With one full stop, also after a name that ends in one."""
    return text if text.endswith(".") else f"{text}."
