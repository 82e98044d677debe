"""What a document says of its own nature (BT-3), read from one list that is data: `lists/untdid_1001.json`.

The list names its edition and source; another edition is put in its place without a change of code.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

Kind = Literal["invoice", "credit_note", "none", "unknown"]
"""A claim, a credit, a document that claims nothing, a code that no list has."""

Trait = Literal["advance", "corrected", "debit", "price", "self_billed", "factored"]
"""`price`: it moves money for goods that were billed before, and never goods (a price variation, a financial adjustment)."""

LIST: Final = Path(__file__).with_name("lists") / "untdid_1001.json"


@dataclass(frozen=True, slots=True)
class Nature:
    """One code of the list: what it means for us. A document may be several things, such as a self-billed credit."""

    code: str
    name: str
    kind: Kind
    traits: frozenset[str] = frozenset()

    def is_(self, trait: Trait) -> bool:
        """Has it this trait?"""
        return trait in self.traits


PLAIN: Final = Nature("", "", "invoice")
"""A document that states no code is what its syntax says it is."""


@cache
def _list() -> dict[str, Nature]:
    rows = json.loads(LIST.read_text())["codes"]
    return {r["code"]: Nature(r["code"], r["name"], r["kind"], frozenset(r.get("traits", ()))) for r in rows}


def of(code: str) -> Nature:
    """The nature that a document type code states."""
    stated = code.strip().upper()
    return _list().get(stated, Nature(stated, "", "unknown")) if stated else PLAIN


def codes(trait: Trait) -> list[str]:
    """The codes of the list that have a trait."""
    return sorted(code for code, found in _list().items() if found.is_(trait))
