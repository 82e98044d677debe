"""Which of our documents and payments each line of a statement is about: by exact number, in the line's own
sense.

Numbers are compared normalised (letters and digits, upper case) and nothing else: what merely looks alike is
offered to a person by `statement_suggestions`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from ..domain.amounts import ZERO
from ..translation.identity import normalised_number
from .statement_facts import OurDocument, Stated, StatedLine

Role = Literal["invoice", "credit", "payment", "opening", "nothing"]

WORDS: Final[tuple[tuple[Role, tuple[str, ...]], ...]] = (
    ("opening", ("broughtforward", "opening", "carriedforward", "balance")),
    ("payment", ("payment", "paid", "receipt", "remittance", "transfer", "zahlung")),
    ("credit", ("credit", "gutschrift", "refund", "return")),
    ("invoice", ("invoice", "debit", "bill", "charge", "rechnung")),
)
"""What a line is about, by the words vendors use for its type; the sign of its amount decides where they say
nothing."""


DENIED: Final = ("unpaid", "notpaid")
"""What has another word in it and says the contrary."""


def role(line: StatedLine) -> Role:
    """What a line is about."""
    if not line.amount:
        return "nothing"
    plain = "".join(filter(str.isalpha, line.type.lower()))
    for word in DENIED:
        plain = plain.replace(word, "")
    for found, words in WORDS:
        if any(word in plain for word in words):
            credit_by_name = found == "invoice" and line.amount < 0
            return "credit" if credit_by_name else found
    return "invoice" if line.amount > 0 else "credit"


@dataclass(slots=True)
class Pair:
    """A line and what it is about. `repeated`: another line was about the same before; `part`: one of several
    lines that together are one document; `less`: credits that the line has already taken off."""

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
    by_key: dict[str, list[OurDocument]] = defaultdict(list)
    for document in ours:
        by_key[document.key].append(document)
    _settle_unstated(pairs, by_key)
    groups: dict[tuple[Role, str], list[Pair]] = defaultdict(list)
    for one in pairs:
        key = normalised_number(one.line.reference)
        if key and one.role in {"invoice", "credit", "payment"}:
            groups[one.role, key].append(one)
    for (sense, key), group in groups.items():
        found = [d for d in by_key.get(key, ()) if _fits(d, sense)]
        _assign(group, sorted(found, key=_rank), ours)
    return pairs


def _settle_unstated(pairs: Iterable[Pair], by_key: Mapping[str, Sequence[OurDocument]]) -> None:
    """A negative line without a word for its type is a payment where it names an invoice of ours and no
    credit."""
    for one in pairs:
        if one.role != "credit" or one.line.type:
            continue
        found = by_key.get(normalised_number(one.line.reference), ())
        if found and not any(d.is_credit for d in found):
            one.role = "payment"


def _fits(document: OurDocument, sense: Role) -> bool:
    if sense == "payment":
        return document.payment is not None
    return document.is_credit == (sense == "credit")


def _rank(document: OurDocument) -> tuple[bool, str, str]:
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
        d for d in ours if d.is_credit and d.open and document.key in {normalised_number(n) for n in d.names}
    )
    if not credits_ or one.line.amount != document.amount + sum((d.amount for d in credits_), ZERO):
        return False
    one.less = credits_
    return True
