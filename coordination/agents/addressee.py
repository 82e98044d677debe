"""Is a document addressed to us? By VAT id, electronic address and name, as the settings, the order or other vendors state ours."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..translation.canonical import Party
from ..translation.identity import normalised_number
from ..translation.notices import fold
from .around import Ours
from .base import Evidence, Finding, Snapshot
from .identity import same_vat

FORMS = {
    "gmbh": "gmbh", "mbh": "gmbh", "ag": "ag", "aktiengesellschaft": "ag", "kg": "kg", "ohg": "ohg", "ug": "ug", "se": "se",
    "eg": "eg", "ev": "ev", "ltd": "ltd", "limited": "ltd", "plc": "plc", "llc": "llc", "inc": "inc", "incorporated": "inc",
    "corp": "corp", "corporation": "corp", "sa": "sa", "sas": "sas", "sarl": "sarl", "srl": "srl", "spa": "spa", "bv": "bv",
    "nv": "nv", "ab": "ab", "as": "as", "asa": "asa", "aps": "aps", "oy": "oy", "oyj": "oyj", "sro": "sro", "kft": "kft",
    "zrt": "zrt", "doo": "doo", "lda": "lda", "ltda": "lda", "sl": "sl", "slu": "sl", "zoo": "spzoo", "oü": "ou", "sia": "sia",
    "uab": "uab",
}  # fmt: skip
"""Legal forms as names end in them, and the one way in which each is compared."""
_JOINING = frozenset({"co", "und", "and", "et", "sp", "haftungsbeschrankt", "the"})
_LETTERS = re.compile(r"(?<=\b\w)[.\s](?=\w\b)")
"""What parts the letters of an abbreviation, as in S.A. or d. o. o."""


@dataclass(frozen=True, slots=True)
class Name:
    """A company's name taken apart: its words, and its legal forms."""

    words: tuple[str, ...]
    forms: frozenset[str]


def name_of(text: str) -> Name:
    """A name without case, accents and signs."""
    words = re.findall(r"\w+", _LETTERS.sub("", fold(text)))
    forms = frozenset(FORMS[w] for w in words[1:] if w in FORMS)
    kept = tuple(w for n, w in enumerate(words) if not n or (w not in FORMS and w not in _JOINING))
    return Name(kept, forms)


def company_in(text: str) -> str:
    """The first company that a sentence names: the words in capitals before a legal form, with it; empty if it names none."""
    words = [w.strip(',;:()„“”"') for w in text.split()]
    for n, word in enumerate(words):
        if (
            n
            and fold(word).strip(".") in FORMS
            and (word[:1].isupper() or word.strip(".") in {"plc", "gmbh"})
        ):
            first = n
            while first and (words[first - 1][:1].isupper() or words[first - 1] in {"&", "+"}):
                first -= 1
            if first < n:
                return " ".join(words[first : n + 1])
    return ""


def same_name(one: str, other: str) -> bool:
    """Do both name one company? The legal form may be left out by one of them, but not be another one."""
    a, b = name_of(one), name_of(other)
    return bool(a.words) and a.words == b.words and _forms_agree(a, b)


def _forms_agree(a: Name, b: Name) -> bool:
    return not a.forms or not b.forms or a.forms == b.forms


def _names_us(stated: str, ours: str) -> bool:
    """Is this our name, with whatever stands beside it: a department, a place?"""
    theirs, mine = name_of(stated), name_of(ours)
    return bool(mine.words) and set(mine.words) <= set(theirs.words) and _forms_agree(theirs, mine)


def addressed(snapshot: Snapshot) -> list[Finding]:
    """The buyer is us: by what the settings say, else by what the orders say that it bills, else by what vendors agree on.

    Where nothing says who we are, a name alone is not held against a document; a VAT id or electronic address that
    nothing of ours confirms is.
    """
    buyer, ours = snapshot.document.buyer, snapshot.ours
    if ours is not None and not ours.agreed:
        said = _said(ours)
        return [_finding(snapshot, said, f"we are {said}")] if _other(buyer, ours) else []
    stated = [o.buyer for o in snapshot.orders if o.buyer is not None]
    if stated:
        told, said = [_other(buyer, of_party(one)) for one in stated], _said(of_party(stated[0]))
        return [_finding(snapshot, said, f"the order is one of {said}")] if all(told) else []
    if ours is not None and not _other(buyer, ours):
        return []
    if snapshot.orders and (buyer.vat_id or buyer.endpoint):
        return [_finding(snapshot, "", "neither the settings nor the order say that this is us")]
    return []


def of_party(party: Party) -> Ours:
    """Who a party of a document is, as who we are is told."""
    names = tuple(dict.fromkeys(filter(None, (party.legal_name, party.name))))
    ids = tuple(filter(None, (party.endpoint, *party.party_ids, party.company_id)))
    return Ours(names, (party.vat_id,) if party.vat_id else (), ids)


def _other(buyer: Party, ours: Ours) -> bool:
    """Is this somebody else? A VAT id decides; without one any name or address of ours that it states, if it states one."""
    if buyer.vat_id and ours.vat_ids:
        return not any(same_vat(buyer.vat_id, one) for one in ours.vat_ids)
    ids = {_id(one) for one in (buyer.endpoint, *buyer.party_ids, buyer.company_id) if one}
    mine = {_id(one) for one in ours.endpoints}
    if ids & mine:
        return False
    names = [one for one in (buyer.name, buyer.legal_name) if one]
    if names and ours.names:
        return not any(_names_us(one, our) for one in names for our in ours.names)
    return bool(buyer.endpoint and mine and _scheme(buyer.endpoint) in {_scheme(e) for e in ours.endpoints})


def _id(text: str) -> str:
    """An address without its scheme: a GLN is one in whatever field it stands."""
    return normalised_number(text.rpartition(":")[2])


def _scheme(text: str) -> str:
    return text.rpartition(":")[0]


def _said(ours: Ours) -> str:
    names, keys = ours.names[:2], (*ours.vat_ids[:2], *ours.endpoints[:1])
    return " ".join(filter(None, (" / ".join(names), f"({', '.join(keys)})" if keys else "")))


def _finding(snapshot: Snapshot, expected: str, against: str) -> Finding:
    buyer = snapshot.document.buyer
    keys = ", ".join(filter(None, (buyer.vat_id, buyer.endpoint)))
    found = " ".join(filter(None, (buyer.legal_name or buyer.name, f"({keys})" if keys else "")))
    return Finding(
        "nature", f"It is addressed to {found}; {against}.", code="not_addressed_to_us",
        expected=expected or "a company that is ours", found=found,
        evidence=(Evidence(f"invoice {snapshot.document.number}", "buyer", found),),
    )  # fmt: skip
