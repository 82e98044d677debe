"""Names of companies: taken apart, and when two of them are one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz.distance import DamerauLevenshtein

from ..translation.notices import fold

FORMS = {
    "gmbh": "gmbh",
    "mbh": "gmbh",
    "ag": "ag",
    "aktiengesellschaft": "ag",
    "kg": "kg",
    "ohg": "ohg",
    "ug": "ug",
    "se": "se",
    "eg": "eg",
    "ev": "ev",
    "ltd": "ltd",
    "limited": "ltd",
    "plc": "plc",
    "llc": "llc",
    "inc": "inc",
    "incorporated": "inc",
    "corp": "corp",
    "corporation": "corp",
    "sa": "sa",
    "sas": "sas",
    "sarl": "sarl",
    "srl": "srl",
    "spa": "spa",
    "bv": "bv",
    "nv": "nv",
    "ab": "ab",
    "as": "as",
    "asa": "asa",
    "aps": "aps",
    "oy": "oy",
    "oyj": "oyj",
    "sro": "sro",
    "kft": "kft",
    "zrt": "zrt",
    "doo": "doo",
    "lda": "lda",
    "ltda": "lda",
    "cv": "cv",
    "kgaa": "kgaa",
    "llp": "llp",
    "sprl": "sprl",
    "sl": "sl",
    "slu": "sl",
    "zoo": "spzoo",
    "ou": "ou",
    "sia": "sia",
    "uab": "uab",
}
"""Legal forms as folded names end in them (OÜ as ou), and the one way in which each is compared."""
_JOINING = frozenset({"co", "company", "gesellschaft", "und", "and", "et", "sp", "haftungsbeschrankt", "the"})
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
    """The first company that a sentence names: the words in capitals before a legal form, with it; empty if
    it names none."""
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


def same_company(one: str, other: str) -> bool:
    """Do both name one company? The legal form may be left out by one of them, but not be another one."""
    a, b = name_of(one), name_of(other)
    return bool(a.words) and a.words == b.words and forms_agree(a, b)


def forms_agree(a: Name, b: Name) -> bool:
    """Is the legal form the same, or left out by one of them?"""
    return not a.forms or not b.forms or a.forms == b.forms


LONG_ENOUGH = 5
"""Letters from which on one of them may differ and the name is still the same one."""


def nearly_same(one: str, other: str) -> bool:
    """Are two texts one name, written otherwise? Case, accents, punctuation and legal form do not count, nor
    one slip."""
    a, b = letters(one), letters(other)
    if re.findall(r"\d", a) != re.findall(r"\d", b):
        return False  # “Works 2” is no slip of “Works 1”
    slips = 1 if min(len(a), len(b)) >= LONG_ENOUGH else 0
    return DamerauLevenshtein.distance(a, b, score_cutoff=slips) <= slips


def letters(name: str) -> str:
    """A name in plain lower-case letters and digits, without its legal form unless it is nothing else."""
    words = name_of(name).words
    return "".join(word for word in words if word not in FORMS) or "".join(words)
