"""What a vendor is told of a hold beyond its code: a sentence with the figures, and the business term it is
about.

Only holds that `support_status.BY_HOLD` names are told at all. Tolerances, accounts, other vendors and
everything that concerns fraud or sanctions stay with us, whatever the hold's own words say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .nature import TYPE
from .support_status import BY_HOLD

SENTENCES: dict[str, str] = {
    "po_unknown": "Order {found} is not known to us.",
    "not_a_claim": "The document is no invoice but “{found}”.",
    "not_addressed_to_us": "The invoice is addressed to {found}.",
    "vat_id_invalid": "The VAT id {found} is not valid.",
    "price_over": "Line {line}: the unit price is {found}, ordered at {expected}.",
    "amount_over_po": "All invoices of the order come to {found}, the order to {expected}.",
    "charge_unplanned": "A charge of {found} was not agreed.",
    "item_not_ordered": "Line {line}: {found} was not ordered.",
    "qty_over_ordered": "Line {line}: {found} billed in all, {expected} ordered.",
    "qty_over_received": "Line {line}: {found} billed in all, {expected} received.",
    "qty_not_accepted": "Line {line}: {found} billed in all, {expected} accepted.",
    "totals_unbalanced": "{found} is stated where the parts come to {expected}.",
    "tax_mismatch": "Tax of {found} is stated where {expected} is due.",
}
"""Hold -> the sentence with its figures; the plain words of `BY_HOLD` where a figure is missing."""

TERMS = {"not_a_claim": "BT-3", "no_po": "BT-13", "po_unknown": "BT-13", "vat_id_invalid": "BT-31"}
"""Hold -> the business term of EN 16931 that is to be corrected, where it stands once on an invoice."""

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
    told = BY_HOLD.get(code)
    if told is None:
        return None
    _, reason, action, plain = told
    return Asked(reason, action, _sentence(code, line, detail) or plain, TERMS.get(code, ""), proposed)


def _sentence(code: str, line: int | None, detail: Mapping[str, str]) -> str:
    template = _of_a_field(detail) if code == "missing_data" else SENTENCES.get(code, "")
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
