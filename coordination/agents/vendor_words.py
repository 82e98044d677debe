"""What a vendor is told of a hold beyond its code: a sentence with the figures, and the business term it is
about.

Only holds whose row has words for the vendor are told at all. Tolerances, accounts, other vendors and
everything that concerns fraud or sanctions stay with us, whatever the hold's own words say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..domain.hold_codes import CATALOGUE, VendorWords
from .nature import TYPE

REQUESTS = {
    "NOA": "",
    "PIN": "We ask for the missing information.",
    "NIN": "We ask for a corrected invoice.",
    "CNF": "We ask for a credit note over the whole invoice.",
    "CNP": "We ask for a credit note over the difference.",
}
"""Action code -> the request in words."""

LONGEST = 80
"""Characters of a figure; a longer one is the vendor's own text and not repeated."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing the vendor is told: reason and action code, the sentence, the term it is about and its right
    value."""

    reason: str
    action: str
    sentence: str
    term: str = ""
    value: str = ""


def asked(code: str, line: int | None, detail: Mapping[str, str], proposed: str = "") -> Asked | None:
    """What is told of a hold, or None where nothing is. `proposed` is the value that we think is right."""
    told = CATALOGUE[code].vendor
    if told is None:
        return None
    sentence = _sentence(code, told, line, detail) or told.words
    return Asked(told.reason, told.action, sentence, told.term, proposed)


def _sentence(code: str, told: VendorWords, line: int | None, detail: Mapping[str, str]) -> str:
    template = _of_a_field(detail) if code == "missing_data" else told.sentence
    facts = {
        "line": str(line or ""),
        "found": detail.get("found", ""),
        "expected": detail.get("expected", ""),
    }
    used = [value for name, value in facts.items() if f"{{{name}}}" in template]
    if not template or not all(map(_repeatable, used)):
        return ""
    return template.format_map(facts)


def _of_a_field(detail: Mapping[str, str]) -> str:
    """What is asked of a field of the document itself. What is missing among our own papers, "a VAT id on
    file", is named with an article and not the vendor's affair."""
    expected, found = detail.get("expected", ""), detail.get("found", "")
    if not expected[:1].islower() or expected.partition(" ")[0] in {"a", "an", "the"}:
        return ""
    if found in {"", "nothing"}:
        return "The document states no {expected}."
    if expected == TYPE:
        return "The document type is in no code list" + (": {found}." if _repeatable(found) else ".")
    return "The {expected} cannot be used as stated" + (": {found}." if _repeatable(found) else ".")


def _repeatable(value: str) -> bool:
    return bool(value) and len(value) <= LONGEST and value.isprintable()
