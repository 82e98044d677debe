"""What an agent said for its answer, as people read it: codes of holds in their words.

Reasoning is kept and performed again as it was said, so it is put into words where it is shown.
"""

from __future__ import annotations

import re

from ..domain.hold_codes import CATALOGUE

CODES = r"([a-z_]+(?:, [a-z_]+)*)"
STAND = re.compile(rf"(\d+) holds? stands? against paying (.+): {CODES}\.")
MISSING = re.compile(rf"Only {CODES} is missing; it may still come\.")


def code_in_words(code: str) -> str:
    """no_po -> no order named."""
    return CATALOGUE[code].words if code in CATALOGUE else str(code).replace("_", " ")


def reasoning_in_words(text: str) -> str:
    """1 holds stand against paying EUR 5.00: no_po. -> 1 hold stands against paying EUR 5.00: no order
    named."""
    if found := STAND.fullmatch(text):
        count, amount, codes = found.groups()
        stand = "hold stands" if count == "1" else "holds stand"
        return f"{count} {stand} against paying {amount}: {_in_words(codes)}."
    if found := MISSING.fullmatch(text):
        return f"It waits for what may still come: {_in_words(found.group(1))}."
    return text


def _in_words(codes: str) -> str:
    return ", ".join(code_in_words(code) for code in codes.split(", "))
