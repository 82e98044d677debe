"""A corrected invoice: does it differ from the one that it names, or replace it?

Both are sent under one code (UNTDID 1001: 384, with BG-3), and some replace an invoice under a plain one. A difference
takes something back; what bills the same once more without taking anything back may be a replacement, and only who
sent it knows. A person says which: the two are never both paid because nobody asked.
"""

from __future__ import annotations

import re
from typing import Final

from ..translation import nature
from ..translation.identity import normalised_number
from . import goods
from .amounts import ENDED, SETTLED
from .base import Evidence, Finding, Sibling, Snapshot
from .preceding import credited

RULE: Final = "C-01"
"""The rule of a hold that asks whether an invoice replaces the one it names."""

REPLACES: Final = re.compile(
    r"\bersetz(?:t|en|te)\b|\breplac(?:es?|ing|ement)\b|\bsupersed(?:es?|ing)\b|\bremplace\b|\bsustituye\b|\breemplaza\b"
    r"|\bsostituisce\b|\bvervangt\b|\bzastępuje\b|\bsubstitui\b|\berstatter\b|\bersätter\b|\bkorvaa\b|\bnahrazuje\b",
    re.IGNORECASE,
)
"""The word for it where invoices of our vendors come from."""


def in_question(snapshot: Snapshot) -> list[Sibling]:
    """The invoices that this one may replace; none where it surely differs from them, or is something else altogether."""
    document, stated = snapshot.document, nature.of(snapshot.document.type_code)
    plain = not any(stated.is_(t) for t in ("advance", "debit", "price"))
    if snapshot.credit or not plain or stated.kind == "none" or goods.takes_back(document):
        return []
    first = [
        s for s in credited(snapshot) if s.state not in ENDED and not nature.of(s.type_code).is_("advance")
    ]
    if (
        stated.is_("corrected")
        or (first and _says_so(snapshot))
        or (not document.prepaid and _again(snapshot))
    ):
        return first
    return []


def _says_so(snapshot: Snapshot) -> bool:
    document = snapshot.document
    return any(REPLACES.search(text) for text in (document.note, *(x.note for x in document.lines)))


def _again(snapshot: Snapshot) -> bool:
    """Does it bill every line of what it names once more, in the same quantity?"""
    lines = [x for x in snapshot.document.lines if x.quantity]
    same = [
        x for line in lines for x in goods.same_goods(line, snapshot.named) if x.quantity == line.quantity
    ]
    billed = [x for x in snapshot.named if x.quantity]
    return bool(billed) and all(x in same for x in billed)


def replacement(snapshot: Snapshot) -> list[Finding]:
    """The question to a person, on the invoice that names the other, whatever came in first; and on the one that is named
    where the other is paid already."""
    document = snapshot.document
    first = in_question(snapshot)
    if first:
        numbers = ", ".join(sorted({s.number for s in first}))
        why = f"{document.number} {_does(snapshot)} {numbers} and takes nothing back"
        paid = sorted({s.number for s in first if s.state in SETTLED})
        known = f" {', '.join(paid)} is paid or on its way to the bank." if paid else ""
        return [
            _finding(
                snapshot, f"{why}: does it replace that invoice, or is it owed beside it?{known}", numbers
            )
        ]
    own = normalised_number(document.number)
    paid_after = [s for s in snapshot.siblings if _replaces_paid(s, own)]
    if snapshot.credit or not paid_after:
        return []
    numbers = ", ".join(sorted(s.number for s in paid_after))
    return [
        _finding(
            snapshot,
            f"{numbers}, which corrects {document.number}, is paid or on its way: is this one owed beside it?",
            numbers,
        )
    ]


def _replaces_paid(other: Sibling, own: str) -> bool:
    corrects = other.type == "invoice" and nature.of(other.type_code).is_("corrected")
    return corrects and other.state in SETTLED and own in {normalised_number(n) for n in other.preceding}


def _does(snapshot: Snapshot) -> str:
    if nature.of(snapshot.document.type_code).is_("corrected"):
        return "corrects"
    return "says that it replaces" if _says_so(snapshot) else "names"


def _finding(snapshot: Snapshot, sentence: str, numbers: str) -> Finding:
    number = snapshot.document.number
    return Finding(
        "duplicate", sentence, code="duplicate_suspect", expected="a difference", found=numbers, rule=RULE,
        money=snapshot.document.gross,
        evidence=(Evidence(f"invoice {number}", "preceding", ", ".join(snapshot.document.preceding)),),
    )  # fmt: skip
