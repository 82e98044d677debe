"""What codes say of a document's nature: of which kind it is (BT-3) and how it is paid (BT-81). Both lists
are data.

The lists stand in `lists/`: `untdid_1001.json` and `untdid_4461.json`. Each names its edition and its source,
and of each code says what it means for us. Another edition takes their place without a change of code: a file
of the same name in the folder of `COUNTERSIGN_LISTS`, which `manage.py check` reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args

from .canonical import Invoice, PaymentMeans, QuarantineCode, Unreadable

Kind = Literal["invoice", "credit_note", "none", "other", "unknown"]
"""A claim, a credit, a document that claims nothing, one that no invoice is called, a code that no list
has."""

Trait = Literal["advance", "corrected", "debit", "price", "self_billed", "factored"]
"""`price`: it moves money for goods that were billed before, and never goods (a price variation, a financial
adjustment)."""

Way = Literal[
    "transfer",
    "agreed",
    "collected",
    "card",
    "cash",
    "cheque",
    "bill",
    "online",
    "offset",
    "unclear",
    "unknown",
]
"""How money moves: we transfer it; as agreed, which says no more than nothing; they collect it; by card,
cash, cheque, bill of exchange or note, online service; set off; a way that is no way of paying an invoice; a
code that no list has."""

FOLDER: Final = Path(__file__).with_name("lists")
DOCUMENTS: Final = "untdid_1001.json"
MEANS: Final = "untdid_4461.json"
_OWN: Final[list[Path]] = []
"""The folder whose lists take the place of ours, if one is configured."""


class ListError(ValueError):
    """A code list is wrong; the message names the file, the code and what to write instead."""


@dataclass(frozen=True, slots=True)
class Nature:
    """One code of the list of documents: what it means for us. A document may be several things, such as a
    self-billed credit. `why` says in words why one of kind `none` claims nothing."""

    code: str
    name: str
    kind: Kind
    traits: frozenset[str] = frozenset()
    why: str = ""

    def is_(self, trait: Trait) -> bool:
        """Has it this trait?"""
        return trait in self.traits


@dataclass(frozen=True, slots=True)
class Means:
    """One code of the list of means of payment."""

    code: str
    name: str
    way: Way


@dataclass(frozen=True, slots=True)
class Edition:
    """A list as it stands: which, of when, from where."""

    name: str
    edition: str
    source: str
    codes: tuple[Mapping[str, Any], ...]


SAYS_NO_MORE: Final = frozenset({"", "380", "381", "SALESINVOICE"})
"""Codes that say no more than invoice or credit note; syntaxes leave them out or write them differently."""

PLAIN: Final = Nature("", "", "invoice")
"""A document that states no code is what its syntax says it is."""


def configure(folder: Path | None) -> None:
    """Take lists from this folder instead of ours, each that is there."""
    _OWN[:] = [folder] if folder is not None else []
    for kept in (edition, documents, means):
        kept.cache_clear()


@cache
def edition(file: str) -> Edition:
    """The list in this file, ours or the one that takes its place. Raises `ListError`."""
    own = [folder / file for folder in _OWN if (folder / file).exists()]
    return parse(own[0] if own else FOLDER / file)


def parse(path: Path) -> Edition:
    """A list from its file. Raises `ListError` for a shape that is not that of a list."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ListError(f"{path.name} cannot be read as JSON: {error}") from None
    head = ("list", "edition", "source")
    if not isinstance(content, dict) or not all(isinstance(content.get(k), str) and content[k] for k in head):
        raise ListError(f"{path.name}: write one object with the texts list, edition and source, and codes.")
    rows = content.get("codes")
    if not isinstance(rows, list) or not rows or not all(isinstance(r, dict) for r in rows):
        raise ListError(f"{path.name}: codes is a list of objects, one for each code.")
    seen: set[str] = set()
    for row in rows:
        _check(path.name, row, seen)
    return Edition(content["list"], content["edition"], content["source"], tuple(rows))


_SHAPES: Final[dict[str, tuple[str, frozenset[str], tuple[str, ...]]]] = {
    DOCUMENTS: ("kind", frozenset(get_args(Kind)) - {"unknown"}, ("code", "name", "kind", "traits", "why")),
    MEANS: ("way", frozenset(get_args(Way)) - {"unknown"}, ("code", "name", "way")),
}


def _check(file: str, row: dict[str, Any], seen: set[str]) -> None:
    says, allowed, fields = _SHAPES[file]
    code = row.get("code")
    if not isinstance(code, str) or not code.strip() or code != code.strip().upper() or code in seen:
        raise ListError(f"{file}: each code stands once, as a text in capitals; {code!r} does not.")
    seen.add(code)
    if not isinstance(row.get("name"), str) or not row["name"]:
        raise ListError(f"{file}, code {code}: name is the text that the list has for it.")
    if row.get(says) not in allowed:
        raise ListError(
            f"{file}, code {code}: {says} is one of {', '.join(sorted(allowed))}, not {row.get(says)!r}."
        )
    if unknown := set(row) - set(fields):
        raise ListError(f"{file}, code {code}: {', '.join(sorted(unknown))} is not known here.")
    if not set(row.get("traits", ())) <= set(get_args(Trait)):
        raise ListError(f"{file}, code {code}: traits are some of {', '.join(get_args(Trait))}.")
    if (row.get("kind") == "none") != bool(row.get("why")):
        raise ListError(
            f"{file}, code {code}: why says what a document of kind none is for, and stands at no other."
        )


@cache
def documents() -> dict[str, Nature]:
    """The kinds of document by code."""
    return {
        r["code"]: Nature(r["code"], r["name"], r["kind"], frozenset(r.get("traits", ())), r.get("why", ""))
        for r in edition(DOCUMENTS).codes
    }


@cache
def means() -> dict[str, Means]:
    """The means of payment by code."""
    return {r["code"]: Means(r["code"], r["name"], r["way"]) for r in edition(MEANS).codes}


def look_up(code: str) -> Nature:
    """The nature that a document type code states."""
    stated = code.strip().upper()
    return documents().get(stated, Nature(stated, "", "unknown")) if stated else PLAIN


def claims_nothing(code: str) -> bool:
    """Is a document of this type no claim and no credit, whatever it lists?"""
    return look_up(code).kind == "none"


def is_credit(code: str) -> bool:
    """Is a document of this type a credit note?"""
    return look_up(code).kind == "credit_note"


def is_billing(code: str) -> bool:
    """Is a document of this type one that an invoice message carries: a claim, a credit, or what only looks
    like one?"""
    return bool(code) and look_up(code).kind in {"invoice", "credit_note", "none"}


def refuse_others(code: str, line: int | None = None) -> None:
    """A document that calls itself something else than an invoice is not read as one. Raises `Unreadable`."""
    nature = look_up(code)
    if nature.kind == "other":
        error = (
            f"its document type {nature.code} says that it is no invoice but “{nature.name}”: ask for the"
            " invoice"
        )
        raise Unreadable(QuarantineCode.UNSUPPORTED, error, line)


def means_of(code: str) -> Means:
    """What a code of payment means says."""
    stated = code.strip().upper()
    found = means().get(stated.lstrip("0") if stated.isdigit() else stated)
    return found or Means(stated, "", "unknown")


def by(found: Iterable[PaymentMeans]) -> Means | None:
    """The one of several ways of payment that decides; None where the document names none.

    Means are alternatives: where one of them is a transfer, we may transfer. Not beside a direct debit with
    its mandate: what the vendor collects is not paid twice. What is left to agreement says nothing beside
    another.
    """
    stated = [(one, means_of(one.code)) for one in found if one.code.strip()]
    mandates = [says for one, says in stated if says.way == "collected" and one.mandate]
    order: tuple[Way, ...] = ("transfer", "collected")
    preferred = [says for way in order for _, says in stated if says.way == way]
    rest = sorted((says for _, says in stated), key=lambda says: says.way == "agreed")
    return next(iter((*mandates, *preferred, *rest)), None)


def collected(invoice: Invoice) -> bool:
    """Does the vendor collect the money, so that we do not send it?"""
    decides = by(invoice.means)
    return invoice.type == "invoice" and decides is not None and decides.way == "collected"


SENT: Final[frozenset[Way]] = frozenset({"transfer", "agreed"})
"""Ways that a transfer of ours is, or may be."""


def codes(trait: Trait) -> list[str]:
    """The codes of the list that have a trait."""
    return sorted(code for code, found in documents().items() if found.is_(trait))
