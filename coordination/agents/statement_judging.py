"""What one line of a statement comes to: agreed, a matter of days, or a difference, each said in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from ..domain.amounts import ENDED, ZERO, format_amount
from ..translation.identity import similar_numbers
from .statement_facts import Kind, OurDocument, Stated, Suggestion
from .statement_pairing import Pair, Role, amounts
from .statement_suggestions import Shelf, by_number, suggestions

TRANSIT = timedelta(days=5)
"""How long after we paid a vendor may not have booked it yet."""


@dataclass
class Work:
    """A reconciliation in the making. `counted`: what the lines say of each of our documents."""

    stated: Stated
    books: Sequence[OurDocument]
    pairs: list[Pair]
    counted: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def has_line(self, document: OurDocument, role: Role) -> bool:
        """Is there a line in this sense about the document?"""
        return self.named_by_id(document.id, role)

    def named_by_id(self, document: str, role: Role) -> bool:
        """The same by the document's key."""
        return (document, role) in self._senses

    @cached_property
    def _senses(self) -> frozenset[tuple[str, Role]]:
        return frozenset((p.document.id, p.role) for p in self.pairs if p.document and not p.repeated)

    @cached_property
    def unnamed(self) -> Shelf:
        """Documents that no line is about."""
        taken = {p.document.id for p in self.pairs if p.document}
        return Shelf([d for d in self.books if d.id not in taken])

    @cached_property
    def paid(self) -> Shelf:
        """Documents with a payment of ours."""
        return Shelf([d for d in self.books if d.payment])


Verdict = tuple[Kind, str, Decimal, Sequence[Suggestion]]


def _nothing(_work: Work, one: Pair) -> Verdict:
    if one.line.amount is None:
        return "unmatched", "The line states no amount that can be read.", ZERO, ()
    return "matched", "Nothing is owed on this line.", ZERO, ()


def _opening(_work: Work, _one: Pair) -> Verdict:
    sentence = "A balance brought forward names no document. Ask for a statement of open items."
    return "unmatched", sentence, ZERO, ()


def _not_found(work: Work, one: Pair, kind: Kind, sentence: str) -> Verdict:
    """No document of ours has this number: what looks like it is offered."""
    found = suggestions(one.line, one.role, work.stated, work.unnamed)
    if any(map(by_number, found)):
        return "unmatched", "No document of ours has this number; some look like it.", ZERO, found
    return kind, sentence, ZERO, found


# --- invoices -----------------------------------------------------------------------------------------------


def _invoice(work: Work, one: Pair) -> Verdict:
    document, theirs = one.document, one.line.amount or ZERO
    if document is None:
        return _not_found(work, one, "missing_invoice", "We do not have this invoice. Ask for it.")
    if one.repeated:
        return "wrong_amount", f"It stands on the statement {one.times} times; we know it once.", ZERO, ()
    if document.state in ENDED:
        return (
            "disputed",
            f"In dispute: {_ended(document)}, so that nothing is owed on it. The vendor still lists it.",
            ZERO,
            (),
        )
    if one.part:
        return "matched", f"One of {one.times} lines that make up the invoice.", theirs, ()
    if document.is_paid and not work.has_line(document, "payment"):
        return _already_paid(work, document, theirs)
    if one.less:
        numbers = ", ".join(d.number for d in one.less)
        return "matched", f"Open here too, less {numbers}.", theirs, ()
    if theirs in amounts(document, "invoice"):
        return "matched", describe_state(document), theirs, ()
    ours = document.amount
    return (
        "wrong_amount",
        f"Our invoice is over {format_amount(ours)}, the line over {format_amount(theirs)}.",
        ours,
        (),
    )


def _ended(document: OurDocument) -> str:
    return "we rejected it" if document.state == "rejected" else "we set it aside as no claim"


def describe_state(document: OurDocument) -> str:
    """How an agreed invoice stands with us."""
    if document.is_paid:
        return "Paid, and the statement shows the payment."
    if document.payment is not None:
        return f"Open here too; payment run {document.payment.run} pays it{_on(document.payment.on)}."
    return "Open here too."


def _already_paid(work: Work, document: OurDocument, theirs: Decimal) -> Verdict:
    """The vendor shows as open what we have paid."""
    payment = document.payment
    if payment is None:
        return "wrong_amount", "We have settled it; the vendor shows it as open.", ZERO, ()
    paid = f"Paid{_on(payment.on)} with run {payment.run}"
    if document.back and theirs == document.back:
        return "matched", f"{paid}; {format_amount(theirs)} of it came back and is open here too.", theirs, ()
    if theirs not in amounts(document, "invoice"):
        if theirs == payment.discount and payment.discount:
            return "wrong_amount", f"{paid}; what is left is the discount that we took.", ZERO, ()
        return "wrong_amount", f"{paid}; the vendor still shows {format_amount(theirs)} of it.", ZERO, ()
    if _is_fresh(payment.on, work.stated.on):
        return "timing", f"{paid}; the vendor had not booked it yet.", ZERO, ()
    return "wrong_amount", f"{paid}, and the vendor has not booked it. Send the proof of payment.", ZERO, ()


def _is_fresh(day: date | None, stated: date | None) -> bool:
    """Did it happen so short before the statement, or after it, that the vendor could not know?"""
    return day is None or stated is None or day >= stated - TRANSIT


def _on(day: date | None) -> str:
    return f" on {day:%-d %b %Y}" if day else ""


# --- credits ------------------------------------------------------------------------------------------------


def _credit(work: Work, one: Pair) -> Verdict:
    document, theirs = one.document, one.line.amount or ZERO
    if document is None:
        sentence = "The vendor credits us, and we do not have the credit note. Ask for it."
        return _not_found(work, one, "unapplied_credit", sentence)
    if one.repeated:
        return "wrong_amount", f"It stands on the statement {one.times} times; we know it once.", ZERO, ()
    if document.state in ENDED:
        return (
            "disputed",
            f"In dispute: {_ended(document)}, so that it is taken off nothing. The vendor still grants it.",
            ZERO,
            (),
        )
    if one.part:
        return "matched", f"One of {one.times} lines that make up the credit.", theirs, ()
    if document.used and theirs != document.open:
        return _taken_credit(work, document)
    if theirs not in {*amounts(document, "credit"), document.open}:
        ours = document.open
        return (
            "wrong_amount",
            f"Our credit is {format_amount(-ours)}, the line says {format_amount(-theirs)}.",
            ours,
            (),
        )
    return _open_credit(work, document)


def _taken_credit(work: Work, document: OurDocument) -> Verdict:
    """The vendor shows a credit, or more of it, that we have taken off a payment."""
    payments = [
        d for d in work.books if d.payment and any(key == document.id for key, _ in d.payment.credits)
    ]
    if payments and all(work.has_line(d, "payment") for d in payments):
        return "matched", "Taken off our payment, which the statement shows.", document.amount, ()
    taken = f"{format_amount(document.used)} of it is taken off our payment{_on(document.used_on)}"
    if _is_fresh(document.used_on, work.stated.on):
        return "timing", f"{taken}; the vendor had not booked it yet.", document.open, ()
    return "wrong_amount", f"{taken}, and the vendor still shows it as open.", document.open, ()


def _open_credit(work: Work, document: OurDocument) -> Verdict:
    """Both sides have it open: it is taken off the next payment, if there is one and nothing is held."""
    held = ", ".join(dict.fromkeys(document.held))
    if held or document.state != "cleared":
        why = f"held: {held}" if held else "still being checked"
        return "unapplied_credit", f"We have it and have not taken it: {why}.", document.open, ()
    owed = sum((d.open for d in work.books if not d.is_credit), ZERO)
    if owed < sum((-d.open for d in work.books if d.is_credit), ZERO):
        sentence = (
            "We have it, and nothing is open that it could be taken off. Ask for the money or keep it for"
            " later."
        )
        return "unapplied_credit", sentence, document.open, ()
    return "matched", "Open here too; it is taken off the next payment.", document.open, ()


# --- payments -----------------------------------------------------------------------------------------------


def _payment(work: Work, one: Pair) -> Verdict:
    document = one.document
    payment = document.payment if document else None
    if document is None or payment is None:
        found = suggestions(one.line, "payment", work.stated, work.paid)
        return "unmatched", "We know of no such payment of ours.", ZERO, found
    run = f"run {payment.run}{_on(payment.on)}"
    if one.repeated:
        sentence = (
            f"The statement shows {one.times} payments of {document.number}; we made one, with {run}. Ask for"
            " the money back."
        )
        return "duplicate_payment", sentence, ZERO, ()
    if twin := _twin(work, document):
        sentence = (
            f"Paid with {run}, but the statement has no {document.number}: it looks like {twin.number}, which"
            " is paid too."
        )
        return "duplicate_payment", sentence, -payment.amount, ()
    if one.line.amount != -payment.amount:
        sentence = (
            f"We paid {format_amount(payment.amount)} with {run}; the line says"
            f" {format_amount(-(one.line.amount or ZERO))}."
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


def _twin(work: Work, document: OurDocument) -> OurDocument | None:
    """A paid invoice on the statement that this one, which is not on it, looks like: one claim, paid
    twice."""
    if work.has_line(document, "invoice"):
        return None
    return next(
        (
            d
            for d in work.books
            if d is not document
            and d.is_paid
            and d.amount == document.amount
            and work.has_line(d, "invoice")
            and similar_numbers(d.number, document.number)
        ),
        None,
    )


JUDGES: dict[Role, Callable[[Work, Pair], Verdict]] = {
    "invoice": _invoice,
    "credit": _credit,
    "payment": _payment,
    "opening": _opening,
    "nothing": _nothing,
}
