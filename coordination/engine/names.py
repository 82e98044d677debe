"""When two texts are one name of a company."""

from __future__ import annotations

import re
import unicodedata

from rapidfuzz.distance import DamerauLevenshtein

LEGAL_FORMS = frozenset(
    [
        "ab",
        "ag",
        "aktiengesellschaft",
        "as",
        "aps",
        "asa",
        "bv",
        "co",
        "company",
        "corp",
        "corporation",
        "cv",
        "eg",
        "ev",
        "gesellschaft",
        "gmbh",
        "inc",
        "incorporated",
        "kg",
        "kgaa",
        "limited",
        "llc",
        "llp",
        "ltd",
        "mbh",
        "nv",
        "ohg",
        "oy",
        "oyj",
        "plc",
        "sa",
        "sarl",
        "sas",
        "se",
        "sl",
        "spa",
        "sprl",
        "srl",
        "ug",
        "und",
    ]
)
LONG_ENOUGH = 5
"""Letters from which on one of them may differ and the name is still the same one."""


def same_name(one: str, other: str) -> bool:
    """Are two texts one name, written otherwise? Case, accents, punctuation and legal form do not count, nor one slip."""
    a, b = letters(one), letters(other)
    if re.findall(r"\d", a) != re.findall(r"\d", b):
        return False  # “Works 2” is no slip of “Works 1”
    slips = 1 if min(len(a), len(b)) >= LONG_ENOUGH else 0
    return DamerauLevenshtein.distance(a, b, score_cutoff=slips) <= slips


def letters(name: str) -> str:
    """A name in plain lower-case letters and digits, without its legal form unless it is nothing else."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace(".", "")).casefold()
    words = re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))
    return "".join(word for word in words if word not in LEGAL_FORMS) or "".join(words)
