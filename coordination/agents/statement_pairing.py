"""Which of our documents and payments each line of a statement is about: by exact number, in the line's own sense.

Numbers are compared normalised (letters and digits, upper case) and nothing else: what merely looks alike is offered
to a person by `suggestions`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final, Literal

from ..translation.identity import normalised_number, similar_numbers
from .amounts import ZERO
from .statement_facts import OurDocument, Stated, StatedLine, Suggestion

Role = Literal["invoice", "credit", "payment", "opening", "nothing"]

WORDS: Final[tuple[tuple[Role, tuple[str, ...]], ...]] = (
    ("opening", ("broughtforward", "opening", "carriedforward", "balance")),
    ("payment", ("payment", "paid", "receipt", "remittance", "transfer", "zahlung")),
    ("credit", ("credit", "gutschrift", "refund", "return")),
    ("invoice", ("invoice", "debit", "bill", "charge", "rechnung")),
)
"""What a line is about, by the words vendors use for its type; the sign of its amount decides where they say nothing."""

BETWEEN_DIGITS = re.compile(r"(?<=\d)[OoIiLlSs](?=\d)")
AS_DIGIT = str.maketrans("OoIiLlSs", "00111155")
SUGGESTIONS = 3
NEAR = timedelta(days=31)


def role(line: StatedLine) -> Role:
    """What a line is about."""
    if not line.amount:
        return "nothing"
    plain = "".join(filter(str.isalpha, line.type.lower()))
    for found, words in WORDS:
        if any(word in plain for word in words):
            credit_by_name = found == "invoice" and line.amount < 0
            return "credit" if credit_by_name else found
    return "invoice" if line.amount > 0 else "credit"


@dataclass(slots=True)
class Pair:
    """A line and what it is about. `repeated`: another line was about the same before; `part`: one of several lines
    that together are one document; `less`: credits that the line has already taken off."""

    line: StatedLine
    role: Role
    document: OurDocument | None = None
    repeated: bool = False
    part: bool = False
    less: tuple[OurDocument, ...] = ()
    times: int = 1


def pair(stated: Stated, books: Sequence[OurDocument]) -> list[Pair]:
    """Every line with its document, in the order of the statement."""
    ours = [d for d in books if not stated.currency or d.currency == stated.currency]
    pairs = [Pair(line, role(line)) for line in stated.lines]
    _settle_unsaid(pairs, ours)
    groups: dict[tuple[Role, str], list[Pair]] = defaultdict(list)
    for one in pairs:
        key = normalised_number(one.line.reference)
        if key and one.role in {"invoice", "credit", "payment"}:
            groups[one.role, key].append(one)
    for (sense, key), group in groups.items():
        found = [d for d in ours if d.key == key and _fits(d, sense)]
        _assign(group, sorted(found, key=_standing), ours)
    return pairs


def _settle_unsaid(pairs: Iterable[Pair], ours: Sequence[OurDocument]) -> None:
    """A negative line without a word for its type is a payment where it names an invoice of ours and no credit."""
    for one in pairs:
        if one.role != "credit" or one.line.type:
            continue
        found = [d for d in ours if d.key == normalised_number(one.line.reference)]
        if found and not any(d.is_credit for d in found):
            one.role = "payment"


def _fits(document: OurDocument, sense: Role) -> bool:
    if sense == "payment":
        return document.payment is not None
    return document.is_credit == (sense == "credit")


def _standing(document: OurDocument) -> tuple[bool, str, str]:
    """Living documents before ended ones."""
    return document.state in {"rejected", "void"}, str(document.issued or ""), document.id


def _assign(group: list[Pair], found: list[OurDocument], ours: Sequence[OurDocument]) -> None:
    """Equal amounts first; then one document for several lines that add up to it; then in order."""
    left = list(found)
    for one in group:
        one.times = len(group)
        exact = next((d for d in left if one.line.amount in amounts(d, one.role)), None)
        if exact is None and one.role == "invoice":
            exact = next((d for d in left if _less_credits(one, d, ours)), None)
        if exact is not None:
            one.document = exact
            left.remove(exact)
    rest = [one for one in group if one.document is None]
    whole = sum((one.line.amount or ZERO for one in rest), ZERO)
    if len(rest) > 1 and left and whole in amounts(left[0], rest[0].role):
        for one in rest:
            one.document, one.part = left[0], True
        return
    for one in rest:
        if left:
            one.document = left.pop(0)
        elif found:
            one.document, one.repeated = found[0], True


def amounts(document: OurDocument, sense: Role) -> set[Decimal]:
    """Amounts by which a line may say this document: as billed, as asked for, or as paid."""
    if sense == "payment":
        return {-document.payment.amount} if document.payment else set()
    return {document.amount, document.asked}


def _less_credits(one: Pair, document: OurDocument, ours: Sequence[OurDocument]) -> bool:
    """Is it the invoice less the credits that name it?"""
    credits_ = tuple(
        d for d in ours
        if d.is_credit and d.open and document.key in {normalised_number(n) for n in d.names}
    )  # fmt: skip
    if not credits_ or one.line.amount != document.amount + sum((d.amount for d in credits_), ZERO):
        return False
    one.less = credits_
    return True


# --- what a line may have meant ------------------------------------------------------------------------------------


def suggestions(
    line: StatedLine, sense: Role, stated: Stated, books: Sequence[OurDocument]
) -> list[Suggestion]:
    """Documents that this line may have meant, the likeliest first. `books` are those that no line names."""
    found: dict[str, Suggestion] = {}
    for document in books:
        why = _why(line, document, stated, same_kind=sense in {"payment", _sense(document)})
        if why:
            found.setdefault(document.number, Suggestion(document.number, why, document.id))
    read = respelled(line.reference)
    if read and read not in found:
        found[read] = Suggestion(read, "read with digits for letters; not ours")
    ranked = sorted(found.values(), key=lambda s: RANKS.index(s.why.partition(",")[0]))
    return ranked[:SUGGESTIONS]


RANKS = [
    "similar number", "end of the number", "same number", "read with digits for letters; not ours", "also named by the line",
    "same amount",
]  # fmt: skip


def _sense(document: OurDocument) -> Role:
    return "credit" if document.is_credit else "invoice"


def _why(line: StatedLine, document: OurDocument, stated: Stated, *, same_kind: bool) -> str:
    key = normalised_number(line.reference)
    same_sum = line.amount is not None and abs(line.amount) == abs(document.amount)
    extra = ", same amount" if same_sum else ""
    if key and key == document.key:
        foreign = bool(stated.currency) and document.currency != stated.currency
        other = f"in {document.currency}" if foreign else "of another kind"
        return f"same number, {other}"
    if not same_kind:
        return ""
    if key and similar_numbers(line.reference, document.number):
        return f"similar number{extra}"
    if same_sum and len(key) >= 2 and key.isdigit() and document.key.endswith(key):
        return "end of the number, same amount"
    if document.key in {normalised_number(n) for n in line.others}:
        return "also named by the line"
    days = abs(line.on - document.issued) if line.on and document.issued else NEAR
    return "same amount" if same_sum and days <= NEAR else ""


def respelled(reference: str) -> str:
    """The number with the digits that its letters look like (A000956O7: A00095607); empty if that is the same."""
    read = BETWEEN_DIGITS.sub(lambda m: m[0].translate(AS_DIGIT), reference)
    return read if read != reference else ""


def is_alike(found: Suggestion) -> bool:
    """Does the suggestion come from the number itself, and not only from the amount?"""
    return not found.why.startswith(("same amount", "also named"))
