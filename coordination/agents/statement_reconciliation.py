"""finance.statements: a vendor's statement of account against our books, line by line and never balance to balance.

Differences cancel out in a balance; on lines they do not. Each line is paired by its exact number (`statement_pairing`)
and then judged: agreed, a matter of days, or one of the differences that somebody has to look at. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from ..translation.identity import similar_numbers
from .amounts import ENDED, ZERO, said
from .statement_facts import (
    Contradiction,
    Kind,
    LineResult,
    OurDocument,
    OwnItem,
    Reconciliation,
    Stated,
    Suggestion,
)
from .statement_pairing import Pair, Role, amounts, is_alike, pair, suggestions

NAME: Final = "finance.statements"
VERSION: Final = "1"
TRANSIT = timedelta(days=5)
"""How long after we paid a vendor may not have booked it yet."""

CENT = Decimal("0.01")


@dataclass(slots=True)
class _Work:
    """A reconciliation in the making. `counted`: what the lines say of each of our documents."""

    stated: Stated
    books: Sequence[OurDocument]
    pairs: list[Pair]
    counted: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def named(self, document: OurDocument, role: Role) -> bool:
        """Is there a line in this sense about the document?"""
        return any(p.document is document and p.role == role and not p.repeated for p in self.pairs)

    def unnamed(self) -> list[OurDocument]:
        taken = {p.document.id for p in self.pairs if p.document}
        return [d for d in self.books if d.id not in taken]


def reconcile(stated: Stated, books: Sequence[OurDocument]) -> Reconciliation:
    """The result for every line, what our books have beyond them, and where the statement contradicts itself."""
    work = _Work(stated, books, pair(stated, books))
    lines = tuple(_judged(work, one) for one in work.pairs)
    own, balance = _own(work)
    their_sum = sum((line.theirs for line in lines), ZERO)
    return Reconciliation(lines, own, _contradictions(stated), their_sum, balance)


def _judged(work: _Work, one: Pair) -> LineResult:
    kind, sentence, ours, found = JUDGES[one.role](work, one)
    document = one.document
    if document is not None:
        work.counted[document.id] += ours - sum((d.amount for d in one.less), ZERO)
        for credit in one.less:
            work.counted[credit.id] += credit.amount
    about_payment = one.role == "payment" and document is not None and document.payment is not None
    return LineResult(
        position=one.line.position, kind=kind, sentence=sentence, theirs=one.line.amount or ZERO, ours=ours,
        document=document.id if document else "",
        payment=document.payment.id if about_payment and document and document.payment else "",
        suggestions=tuple(found),
    )  # fmt: skip


Verdict = tuple[Kind, str, Decimal, Sequence[Suggestion]]


def _nothing(_work: _Work, one: Pair) -> Verdict:
    if one.line.amount is None:
        return "unmatched", "The line states no amount that can be read.", ZERO, ()
    return "matched", "Nothing is owed on this line.", ZERO, ()


def _opening(_work: _Work, _one: Pair) -> Verdict:
    sentence = "A balance brought forward names no document. Ask for a statement of open items."
    return "unmatched", sentence, ZERO, ()


def _not_found(work: _Work, one: Pair, kind: Kind, sentence: str) -> Verdict:
    """No document of ours has this number: what looks like it is offered."""
    found = suggestions(one.line, one.role, work.stated, work.unnamed())
    if any(map(is_alike, found)):
        return "unmatched", "No document of ours has this number; some look like it.", ZERO, found
    return kind, sentence, ZERO, found


# --- invoices ------------------------------------------------------------------------------------------------------


def _invoice(work: _Work, one: Pair) -> Verdict:
    document, theirs = one.document, one.line.amount or ZERO
    if document is None:
        return _not_found(work, one, "missing_invoice", "We do not have this invoice. Ask for it.")
    if one.repeated:
        return "wrong_amount", f"It stands on the statement {one.times} times; we know it once.", ZERO, ()
    if document.state in ENDED:
        what = "rejected it" if document.state == "rejected" else "set it aside as no claim"
        return "wrong_amount", f"We {what}: nothing is owed on it.", ZERO, ()
    if one.part:
        return "matched", f"One of {one.times} lines that make up the invoice.", theirs, ()
    if document.is_paid and not work.named(document, "payment"):
        return _already_paid(work, document, theirs)
    if one.less:
        numbers = ", ".join(d.number for d in one.less)
        return "matched", f"Open here too, less {numbers}.", theirs, ()
    if theirs in amounts(document, "invoice"):
        return "matched", _standing(document), theirs, ()
    ours = document.amount
    return "wrong_amount", f"Our invoice is over {said(ours)}, the line over {said(theirs)}.", ours, ()


def _standing(document: OurDocument) -> str:
    """How an agreed invoice stands with us."""
    if document.is_paid:
        return "Paid, and the statement shows the payment."
    if document.payment is not None:
        return f"Open here too; payment run {document.payment.run} pays it{_on(document.payment.on)}."
    held = ", ".join(dict.fromkeys(document.held))
    return f"Open here too; held: {held}." if held else "Open here too."


def _already_paid(work: _Work, document: OurDocument, theirs: Decimal) -> Verdict:
    """The vendor shows as open what we have paid."""
    payment = document.payment
    if payment is None:
        return "wrong_amount", "We have settled it; the vendor shows it as open.", ZERO, ()
    paid = f"Paid{_on(payment.on)} with run {payment.run}"
    if theirs not in amounts(document, "invoice"):
        if theirs == payment.discount and payment.discount:
            return "wrong_amount", f"{paid}; what is left is the discount that we took.", ZERO, ()
        return "wrong_amount", f"{paid}; the vendor still shows {said(theirs)} of it.", ZERO, ()
    if _is_fresh(payment.on, work.stated.on):
        return "timing", f"{paid}; the vendor had not booked it yet.", ZERO, ()
    return "wrong_amount", f"{paid}, and the vendor has not booked it. Send the proof of payment.", ZERO, ()


def _is_fresh(day: date | None, stated: date | None) -> bool:
    """Did it happen so short before the statement, or after it, that the vendor could not know?"""
    return day is None or stated is None or day >= stated - TRANSIT


def _on(day: date | None) -> str:
    return f" on {day:%-d %b %Y}" if day else ""


# --- credits -------------------------------------------------------------------------------------------------------


def _credit(work: _Work, one: Pair) -> Verdict:
    document, theirs = one.document, one.line.amount or ZERO
    if document is None:
        sentence = "The vendor credits us, and we do not have the credit note. Ask for it."
        return _not_found(work, one, "unapplied_credit", sentence)
    if one.repeated:
        return "wrong_amount", f"It stands on the statement {one.times} times; we know it once.", ZERO, ()
    if document.state in ENDED:
        return "unapplied_credit", "We rejected this credit; the vendor still grants it.", ZERO, ()
    if one.part:
        return "matched", f"One of {one.times} lines that make up the credit.", theirs, ()
    if not document.open:
        taken = f"Taken off our payment{_on(document.used_on)}"
        if _is_fresh(document.used_on, work.stated.on):
            return "timing", f"{taken}; the vendor had not booked it yet.", ZERO, ()
        return "wrong_amount", f"{taken}, and the vendor still shows it as open.", ZERO, ()
    if theirs not in {*amounts(document, "credit"), document.open}:
        ours = document.open
        return "wrong_amount", f"Our credit is {said(-ours)}, the line says {said(-theirs)}.", ours, ()
    return _open_credit(work, document)


def _open_credit(work: _Work, document: OurDocument) -> Verdict:
    """Both sides have it open: it is taken off the next payment, if there is one and nothing is held."""
    held = ", ".join(dict.fromkeys(document.held))
    if held or document.state != "cleared":
        why = f"held: {held}" if held else "still being checked"
        return "unapplied_credit", f"We have it and have not taken it: {why}.", document.open, ()
    owed = sum((d.open for d in work.books if not d.is_credit), ZERO)
    if owed < sum((-d.open for d in work.books if d.is_credit), ZERO):
        sentence = "We have it, and nothing is open that it could be taken off. Ask for the money or keep it for later."
        return "unapplied_credit", sentence, document.open, ()
    return "matched", "Open here too; it is taken off the next payment.", document.open, ()


# --- payments ------------------------------------------------------------------------------------------------------


def _payment(work: _Work, one: Pair) -> Verdict:
    document = one.document
    payment = document.payment if document else None
    if document is None or payment is None:
        found = suggestions(one.line, "payment", work.stated, [d for d in work.books if d.payment])
        return "unmatched", "We know of no such payment of ours.", ZERO, found
    run = f"run {payment.run}{_on(payment.on)}"
    if one.repeated:
        sentence = f"The statement shows {one.times} payments of {document.number}; we made one, with {run}. Ask for the money back."
        return "duplicate_payment", sentence, ZERO, ()
    if twin := _twin(work, document):
        sentence = f"Paid with {run}, but the statement has no {document.number}: it looks like {twin.number}, which is paid too."
        return "duplicate_payment", sentence, -payment.amount, ()
    if one.line.amount != -payment.amount:
        sentence = (
            f"We paid {said(payment.amount)} with {run}; the line says {said(-(one.line.amount or ZERO))}."
        )
        return "wrong_amount", sentence, -payment.amount, ()
    if not payment.left:
        return (
            "matched",
            f"It is the payment of {run}; our bank has not confirmed it yet.",
            -payment.amount,
            (),
        )
    return "matched", f"Our payment, {run}.", -payment.amount, ()


def _twin(work: _Work, document: OurDocument) -> OurDocument | None:
    """A paid invoice on the statement that this one, which is not on it, looks like: one claim, paid twice."""
    if work.named(document, "invoice"):
        return None
    return next(
        (
            d for d in work.books
            if d is not document and d.is_paid and d.amount == document.amount and work.named(d, "invoice")
            and similar_numbers(d.number, document.number)
        ), None,
    )  # fmt: skip


JUDGES: dict[Role, Callable[[_Work, Pair], Verdict]] = {
    "invoice": _invoice, "credit": _credit, "payment": _payment, "opening": _opening, "nothing": _nothing,
}  # fmt: skip


# --- beyond the lines ----------------------------------------------------------------------------------------------


def _own(work: _Work) -> tuple[tuple[OwnItem, ...], Decimal]:
    """What our books have that the lines do not say, and our balance: documents of the statement's currency up to its
    day, and those that a line names."""
    items, balance = [], ZERO
    for d in work.books:
        named = d.id in work.counted
        later = work.stated.on is not None and d.issued is not None and d.issued > work.stated.on
        if not named and (later or (work.stated.currency and d.currency != work.stated.currency)):
            continue
        balance += d.open
        beyond = d.open - work.counted.get(d.id, ZERO)
        if beyond and not (named and d.state in ENDED):
            items.append(OwnItem(d.id, d.number, d.issued, beyond, _lacking(d, named=named)))
    return tuple(sorted(items, key=lambda i: (str(i.on or ""), i.number, i.document))), balance


def _lacking(document: OurDocument, *, named: bool) -> str:
    if named and document.is_paid:
        return "Paid; the statement shows the payment and not the invoice."
    if named:
        return "The statement says something else of it."
    if document.is_credit:
        return "We have this credit; the statement does not show it."
    held = ", ".join(dict.fromkeys(document.held))
    return "The statement does not claim it." + (f" Held: {held}." if held else "")


def _contradictions(stated: Stated) -> tuple[Contradiction, ...]:
    """Do the lines add up to the totals and the balance that the statement itself states?"""
    known = [line.amount for line in stated.lines if line.amount is not None]
    sums = (
        ("debits", stated.total_debit, sum((a for a in known if a > 0), ZERO)),
        ("credits", stated.total_credit, -sum((a for a in known if a < 0), ZERO)),
        ("balance", stated.balance, sum(known, ZERO)),
    )
    return tuple(
        Contradiction(what, said_, computed)
        for what, said_, computed in sums
        if said_ is not None and abs(said_ - computed) >= CENT and stated.lines
    )
