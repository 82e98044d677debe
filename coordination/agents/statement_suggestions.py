"""What a line of a statement may have meant: offered to a person, never joined.

A number looks like another by the one rule of `translation.identity`; here that rule is only made fast, so
that a statement of thousands of lines can be held against thousands of documents.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal

from ..translation.identity import appearance, normalised_number, similar_numbers, skeleton
from .statement_facts import OurDocument, Stated, StatedLine, Suggestion
from .statement_pairing import Role

BETWEEN_DIGITS = re.compile(r"(?<=\d)[OoIiLlSs](?=\d)")
AS_DIGIT = str.maketrans("OoIiLlSs", "00111155")
MOST = 3
NEAR = timedelta(days=31)
RANKS = [
    "similar number",
    "end of the number",
    "same number",
    "read with digits for letters; not ours",
    "also named by the line",
    "same amount",
]
"""Kinds of suggestion, the likeliest first."""


def neighbours(key: str) -> set[str]:
    """Keys that two similar numbers share at least one of: without one character, without up to two at an
    end, and the reading of look-alike letters."""
    key = appearance(key)
    without_one = {key[:n] + key[n + 1 :] for n in range(len(key))}
    ends = {key[2:], key[:-2]} if len(key) > 2 else set()
    return {key, *without_one, *ends, f"~{skeleton(key)}"} if key else set()


def similar_keys(keys: Iterable[str], known: Iterable[str]) -> set[str]:
    """Those of the known keys that look like one of `keys`."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for key in keys:
        for name in neighbours(key):
            wanted[name].add(key)
    found = ((other, key) for other in known for name in neighbours(other) for key in wanted.get(name, ()))
    return {other for other, key in found if similar_numbers(other, key)}


class Shelf:
    """Documents that may be offered, by what they may be offered for."""

    def __init__(self, books: Sequence[OurDocument]) -> None:
        self.by_name: dict[str, list[OurDocument]] = defaultdict(list)
        self.by_amount: dict[Decimal, list[OurDocument]] = defaultdict(list)
        for document in books:
            self.by_amount[abs(document.amount)].append(document)
            for name in neighbours(document.key):
                self.by_name[name].append(document)

    def near(self, line: StatedLine) -> list[OurDocument]:
        """Documents worth a closer look for this line, each once."""
        names = [*neighbours(line.reference), *map(appearance, line.others)]
        found = [d for name in names for d in self.by_name.get(name, ())]
        found += self.by_amount.get(abs(line.amount), []) if line.amount else []
        return sorted({d.id: d for d in found}.values(), key=lambda d: (str(d.issued or ""), d.id))


def suggestions(line: StatedLine, sense: Role, stated: Stated, shelf: Shelf) -> list[Suggestion]:
    """Documents that this line may have meant, the likeliest first."""
    found: dict[str, Suggestion] = {}
    for document in shelf.near(line):
        why = _why(line, document, stated, same_kind=sense in {"payment", _sense(document)})
        if why:
            found.setdefault(document.number, Suggestion(document.number, why, document.id))
    read = respelled(line.reference)
    if read and read not in found:
        found[read] = Suggestion(read, "read with digits for letters; not ours")
    return sorted(found.values(), key=lambda s: RANKS.index(s.why.partition(",")[0]))[:MOST]


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
    """The number with the digits that its letters look like (A000956O7: A00095607); empty if that is the
    same."""
    read = BETWEEN_DIGITS.sub(lambda m: m[0].translate(AS_DIGIT), reference)
    return read if read != reference else ""


def by_number(found: Suggestion) -> bool:
    """Does the suggestion come from the number itself, and not only from the amount?"""
    return not found.why.startswith(("same amount", "also named"))
