"""finance.statements: a vendor's statement of account against our books, line by line and never balance to
balance.

Differences cancel out in a balance; on lines they do not. Each line is paired by its exact number
(`statement_pairing`) and judged (`statement_judging`); then come what our books have beyond the lines and
where the statement contradicts itself. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from ..domain.amounts import ZERO, format_amount
from .statement_facts import (
    Contradiction,
    Kind,
    LineResult,
    OurDocument,
    OurPayment,
    OwnItem,
    Reconciliation,
    Stated,
)
from .statement_judging import JUDGES, Work
from .statement_pairing import Pair, pair

NAME: Final = "finance.statements"
VERSION: Final = "1"
CENT = Decimal("0.01")


def reconcile(stated: Stated, books: Sequence[OurDocument]) -> Reconciliation:
    """The result for every line, what our books have beyond them, and where the statement contradicts
    itself."""
    work = Work(stated, books, pair(stated, books))
    lines = tuple(_judged(work, one) for one in work.pairs)
    own, balance = _own(work)
    their_sum = sum((line.theirs for line in lines), ZERO)
    return Reconciliation(lines, own, _contradictions(stated), their_sum, balance)


def _judged(work: Work, one: Pair) -> LineResult:
    kind, sentence, ours, found = JUDGES[one.role](work, one)
    document = one.document
    if document is not None:
        work.counted[document.id] += ours - sum((d.amount for d in one.less), ZERO)
        for credit in one.less:
            work.counted[credit.id] += credit.amount
    payment = document.payment if document and one.role == "payment" else None
    if document and payment and not one.repeated:
        _count_credits(work, document, payment)
    return LineResult(
        position=one.line.position,
        kind=kind,
        sentence=sentence,
        theirs=one.line.amount or ZERO,
        ours=ours,
        document=document.id if document else "",
        payment=payment.id if payment else "",
        suggestions=tuple(found),
    )


def _count_credits(work: Work, document: OurDocument, payment: OurPayment) -> None:
    """A payment settles its invoice together with the credits taken off it: where the statement shows these,
    too, they meet each other and not nothing."""
    for credit, amount in payment.credits:
        if work.named_by_id(credit, "credit"):
            work.counted[document.id] -= amount
            work.counted[credit] += amount


# --- beyond the lines ---------------------------------------------------------------------------------------


def _own(work: Work) -> tuple[tuple[OwnItem, ...], Decimal]:
    """What our books have that the lines do not say, and our balance: documents of the statement's currency
    up to its day, and those that a line names."""
    items, balance = [], ZERO
    for d in work.books:
        named = d.id in work.counted
        later = work.stated.on is not None and d.issued is not None and d.issued > work.stated.on
        if not named and (later or (work.stated.currency and d.currency != work.stated.currency)):
            continue
        balance += d.open
        beyond = d.open - work.counted.get(d.id, ZERO)
        if beyond:
            items.append(OwnItem(d.id, d.number, d.issued, beyond, _lacking(d, beyond, named=named)))
    return tuple(sorted(items, key=lambda i: (str(i.on or ""), i.number, i.document))), balance


def _lacking(document: OurDocument, beyond: Decimal, *, named: bool) -> str:
    payment = document.payment
    if named and payment and beyond == -payment.discount:
        return f"The discount of {format_amount(payment.discount)} that we took is not on the statement."
    if named and beyond == document.asked - document.amount:
        return f"{format_amount(-beyond)} of it is prepaid; the statement does not show that."
    if named and document.is_paid:
        return "Paid; the statement shows the payment and not the invoice."
    if named:
        return "The statement says something else of it."
    if document.is_credit:
        return "We have this credit; the statement does not show it."
    return "The statement does not claim it."


def of_unknown_vendor(stated: Stated) -> Reconciliation:
    """Nothing can be compared with the books of nobody; that the statement adds up can still be said."""
    sentence = "We do not know this vendor, so nothing can be compared."
    lines = tuple(
        LineResult(line.position, "unmatched", sentence, line.amount or ZERO, ZERO) for line in stated.lines
    )
    their_sum = sum((line.theirs for line in lines), ZERO)
    return Reconciliation(lines, (), _contradictions(stated), their_sum, ZERO)


WORDS: Final[tuple[tuple[Kind, str], ...]] = (
    ("missing_invoice", "not here"),
    ("unapplied_credit", "not applied"),
    ("duplicate_payment", "paid twice"),
    ("wrong_amount", "of another amount"),
    ("unmatched", "without a counterpart"),
    ("timing", "a matter of days"),
    ("disputed", "rejected by us"),
)


def reasoning(stated: Stated, found: Reconciliation) -> str:
    """What was found, in one paragraph."""
    text = f"{len(found.of('matched'))} of {len(found.lines)} lines of {stated.number} agree."
    counts = [f"{len(group)} {words}" for kind, words in WORDS if (group := found.of(kind))]
    if counts:
        text += f" The rest: {', '.join(counts)}."
    if found.own:
        text += f" {len(found.own)} in our books that the statement does not show so."
    for one in found.contradictions:
        text += (
            f" It states {format_amount(one.stated)} as its {one.what}; its lines come to"
            f" {format_amount(one.computed)}."
        )
    return (
        f"{text} Its lines say {format_amount(found.their_sum)}, our books"
        f" {format_amount(found.our_balance)}."
    )


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
