"""A corrected invoice: does it differ from the one that it names, or replace it?

Both are sent under one code (UNTDID 1001: 384, with BG-3), and some replace an invoice under a plain one. A
difference takes something back; what bills the same once more without taking anything back may be a
replacement, and only who sent it knows. A person says which: the two are never both paid because nobody
asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ..domain.amounts import ENDED, SETTLED
from ..domain.facts import NamedLine, Sibling, Snapshot
from ..domain.proposal import Evidence, Finding
from ..translation import nature
from ..translation.canonical import Invoice
from . import goods
from .preceding import credited

RULE: Final = "C-01"
"""The rule of a hold that asks whether an invoice replaces the one it names."""

REPLACED: Final = "C-02"
"""The rule of a hold on the invoice that is named, where what may replace it is paid already."""

REPLACES: Final = re.compile(
    r"\bersetz(?:t|en|te)\b|\breplac(?:es?|ing|ement)\b|\bsupersed(?:es?|ing)\b|\bremplace\b|\bsustituye\b|\breemplaza\b"
    r"|\bsostituisce\b|\bvervangt\b|\bzastępuje\b|\bsubstitui\b|\berstatter\b|\bersätter\b|\bkorvaa\b|\bnahrazuje\b",
    re.IGNORECASE,
)
"""The word for it where invoices of our vendors come from."""


def in_question(snapshot: Snapshot) -> list[Sibling]:
    """The invoices that this one may replace; none where it surely differs from them, or is something else
    altogether."""
    if not may_replace(snapshot.document, snapshot.named):
        return []
    return [
        s
        for s in credited(snapshot)
        if s.state not in ENDED and not nature.look_up(s.type_code).is_("advance")
    ]


def may_replace(document: Invoice, named: Sequence[NamedLine]) -> bool:
    """May this document replace one that it names, whose lines are `named`? It tells by itself, whatever came
    in first."""
    stated = nature.look_up(document.type_code)
    if document.type == "credit_note" or any(stated.is_(t) for t in ("advance", "debit", "price")):
        return False
    if nature.claims_nothing(document.type_code) or goods.takes_back(document):
        return False
    return stated.is_("corrected") or _says_so(document) or (not document.prepaid and _again(document, named))


def _says_so(document: Invoice) -> bool:
    return any(REPLACES.search(text) for text in (document.note, *(x.note for x in document.lines)))


def _again(document: Invoice, named: Sequence[NamedLine]) -> bool:
    """Does it bill every line of what it names once more, in the same quantity?"""
    lines = [x for x in document.lines if x.quantity]
    same = [x for line in lines for x in goods.same_goods(line, named) if x.quantity == line.quantity]
    billed = [x for x in named if x.quantity]
    return bool(billed) and all(x in same for x in billed)


def replacement(snapshot: Snapshot) -> list[Finding]:
    """The question to a person, on the invoice that names the other, whatever came in first; and on the one
    that is named where the other is paid already."""
    document = snapshot.document
    first = in_question(snapshot)
    if first:
        numbers = ", ".join(sorted({s.number for s in first}))
        why = f"{document.number} {_does(snapshot)} {numbers} and takes nothing back"
        paid = sorted({s.number for s in first if s.state in SETTLED})
        known = (
            f"{', '.join(paid)} is paid or on its way to the bank." if paid else f"{numbers} is not paid yet."
        )
        return [
            _finding(
                snapshot, f"{why}: does it replace that invoice, or is it owed beside it? {known}", numbers
            )
        ]
    if snapshot.credit:
        return []
    return _replaced(snapshot) or _not_here(snapshot)


def _replaced(snapshot: Snapshot) -> list[Finding]:
    """On the invoice that is named: what may replace it came first and is paid. Whoever approves pays it,
    too."""
    number = snapshot.document.number
    paid = paid_instead(snapshot)
    if not paid:
        return []
    numbers = ", ".join(sorted(s.number for s in paid))
    return [
        _finding(
            snapshot,
            f"{numbers}, which names {number} and may replace it, is paid or on its way: is this one owed"
            " beside it?",
            numbers,
            REPLACED,
        )
    ]


def paid_instead(snapshot: Snapshot) -> list[Sibling]:
    """What names this invoice, may replace it, and is paid or on its way."""
    return [s for s in snapshot.siblings if s.may_replace and s.state in SETTLED]


def _not_here(snapshot: Snapshot) -> list[Finding]:
    """A plain invoice says that it replaces one, and none that it names is here. (One by its code:
    `claims.credit`.)"""
    document = snapshot.document
    plain = not nature.look_up(document.type_code).is_("corrected") and may_replace(document, ())
    if not plain or not document.preceding or credited(snapshot) or not _says_so(document):
        return []
    named = ", ".join(document.preceding)
    return [
        Finding(
            "credit",
            f"The replaced invoice ({named}) is not here.",
            code="credit_unlinked",
            expected="an invoice we have",
            found=named,
            money=document.gross,
        )
    ]


def _does(snapshot: Snapshot) -> str:
    if nature.look_up(snapshot.document.type_code).is_("corrected"):
        return "corrects"
    return "says that it replaces" if _says_so(snapshot.document) else "names"


def _finding(snapshot: Snapshot, sentence: str, numbers: str, rule: str = RULE) -> Finding:
    number = snapshot.document.number
    return Finding(
        "duplicate",
        sentence,
        code="duplicate_suspect",
        found=numbers,
        rule=rule,
        money=snapshot.document.gross,
        evidence=(Evidence(f"invoice {number}", "preceding", ", ".join(snapshot.document.preceding)),),
    )
