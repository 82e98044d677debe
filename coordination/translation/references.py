"""References that name nothing: what senders write where a number is demanded and they have none.

Read once, here, for every syntax: behind this nobody sees them as numbers. What a document said instead of an
order stays among its texts.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

from .canonical import Canonical, Invoice, InvoiceLine, Origin, Provenance, Receipt, Rejected

_DATA: Final[dict[str, Any]] = json.loads(Path(__file__).with_name("no_orders.json").read_text("utf-8"))
_PHRASES: Final[dict[str, str]] = _DATA["phrases"]
_POINTERS: Final[dict[str, str]] = _DATA["pointers"]
_PLACES: Final = frozenset(_DATA["places"])
INSTEAD: Final = "order_numbers"
"""Path of the texts that stood in the place of an order number."""

D = TypeVar("D", bound=Canonical | Rejected)


@lru_cache(maxsize=65536)
def no_number(text: str) -> str:
    """Why a reference names nothing, in words; empty where it may be a number."""
    words = _words(text)
    if not words:
        return "nothing but signs" if text.strip() else ""
    plain = "".join(words)
    if set(plain) <= {"0"}:
        return "nothing but zeros"
    if len(plain) > 1 and len(set(plain)) == 1 and not plain.isdigit():
        return "filler"
    phrase = " ".join(words)
    if phrase in _PHRASES:
        return _PHRASES[phrase]
    return "" if _PLACES.isdisjoint(words[1:]) else _POINTERS.get(words[0], "")


def _words(text: str) -> list[str]:
    """Runs of letters and digits, in lower case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c if c.isalnum() else " " for c in unicodedata.normalize("NFC", folded)).split()


def without_fillers(document: D) -> D:
    """The document with the references that are some; an invoice keeps the others as texts."""
    if isinstance(document, Invoice):
        return _invoice(document)  # type: ignore[return-value] # an invoice for an invoice
    if isinstance(document, Receipt) and any(
        map(no_number, (document.order_number, *(x.order_number for x in document.lines)))
    ):
        lines = tuple(replace(x, order_number=_kept(x.order_number)) for x in document.lines)
        return replace(document, order_number=_kept(document.order_number), lines=lines)
    return document


def _invoice(invoice: Invoice) -> Invoice:
    instead = [n for n in (*invoice.order_numbers, *(x.order_number for x in invoice.lines)) if no_number(n)]
    lists = ("order_numbers", "despatch_numbers", "receipt_numbers", "sales_orders", "preceding")
    named = [n for x in invoice.lines for n in (x.despatch_number, x.receipt_number)]
    named += [n for name in lists for n in getattr(invoice, name)]
    if not instead and not any(map(no_number, named)):
        return invoice
    changes: dict[str, Any] = {
        name: tuple(n for n in getattr(invoice, name) if not no_number(n)) for name in lists
    }
    return replace(
        invoice,
        lines=tuple(map(_line, invoice.lines)),
        texts=(*invoice.texts, *(Origin(INSTEAD, n) for n in dict.fromkeys(instead))),
        provenance=_moved_up(invoice, lists),
        **changes,
    )


def _line(line: InvoiceLine) -> InvoiceLine:
    return replace(
        line,
        order_number=_kept(line.order_number),
        despatch_number=_kept(line.despatch_number),
        receipt_number=_kept(line.receipt_number),
    )


def _moved_up(invoice: Invoice, lists: tuple[str, ...]) -> Provenance:
    """Where fields came from, with the places in lists as they are without their fillers."""
    moved: Provenance = {}
    for path, origin in invoice.provenance.items():
        name, _, place = path.partition("/")
        if name not in lists or not place.isdigit():
            moved[path] = origin
            continue
        numbers = getattr(invoice, name)[: int(place)]
        if numbers and not no_number(numbers[-1]):
            moved[f"{name}/{sum(not no_number(n) for n in numbers)}"] = origin
    return moved


def _kept(number: str) -> str:
    return "" if no_number(number) else number
