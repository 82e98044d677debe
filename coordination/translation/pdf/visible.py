"""Whether the pages of a hybrid PDF say what the XML inside says: number, day and total.

A person who approves sees the page, the machine reads the XML; a PDF on which the two differ is a mistake or
an attack, and nobody here can know which of the two is meant. Only what the page does say is held against the
XML: a page of pictures, or of letters that mean nothing, contradicts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from ..canonical import Invoice, Order
from ..identity import with_numbers_normal
from . import printed
from .contents import Page

ZERO: Final = Decimal(0)
TOLERANCE: Final = Decimal("0.02")
"""On the total: pages that round each position come out a cent beside the XML."""

_TOTAL: Final = re.compile(
    r"grand total|invoice total|amount due|balance due|total due|due payable|total payable"
    r"|gesamtbetrag|rechnungsbetrag|endsumme|endbetrag|zahlbetrag|zu zahlen"
    r"|total ttc|net [aà] payer|montant [aà] payer|somme [aà] payer"
    r"|te betalen|totaalbedrag|factuurbedrag|totale documento|importe total|total a pagar",
    re.IGNORECASE,
)
"""Labels that name the total with tax, or what is to be paid of it, and nothing else."""

_WITHOUT_TAX: Final = re.compile(
    r"\b(?:netto?|excl\w*|exkl\w*|ohne|zzgl|hors|ht|before|without)\b", re.IGNORECASE
)
_SUM: Final = re.compile(r"total|summe|betrag|somme|montant|payer|due|betalen|totale|importe", re.IGNORECASE)
"""Rows where a number without cents can be a sum of money; elsewhere it is a quantity."""

_LONG_NUMBER: Final = 6


def difference(document: Invoice | Order, pages: Sequence[Page]) -> str:
    """What the pages say otherwise than the document, as one sentence; empty where they agree or are
    silent."""
    text = "\n".join(line for page in pages for line in (page.text, *page.rows))
    days, sums = printed.days(text), printed.amounts(text)
    if not days and not any(_has_cents(value) for value in sums):
        return ""
    wrong = [
        *_number(document.number, text),
        *_day(document.issue_date if isinstance(document, Invoice) else document.order_date, days),
        *_total(document, sums, [row for page in pages for row in page.rows]),
    ]
    return "the page and the XML inside differ: " + "; ".join(wrong) if wrong else ""


def _number(number: str, text: str) -> list[str]:
    """The number has to stand on a page, with any spaces and punctuation between its letters and digits."""
    letters = _letters(number)
    if not letters:
        return []
    between = "[^A-Z0-9]{0,3}"
    whole = rf"(?<![A-Z0-9]){between.join(letters)}(?![A-Z0-9])"
    found = re.search(whole, with_numbers_normal(text)) is not None
    if not found and len(letters) >= _LONG_NUMBER:
        found = letters in _letters(text)
    return [] if found else [f"number {' '.join(number.split())[:60]} is on no page"]


def _letters(text: str) -> str:
    """What every font gives of a number: letters beyond A to Z may be lost on a page."""
    return re.sub("[^A-Z0-9]", "", with_numbers_normal(text))


def _day(day: date | None, days: set[date]) -> list[str]:
    return [f"no page is dated {day.isoformat()}"] if day is not None and days and day not in days else []


def _total(document: Invoice | Order, sums: set[Decimal], rows: list[str]) -> list[str]:
    """The total has to stand on a page, and on the row that is called the total where there is one."""
    if document.gross is None:
        return []
    payable = document.payable if isinstance(document, Invoice) else None
    gross, asked = abs(document.gross), abs(payable or ZERO)
    money = {value for value in sums if _has_cents(value)}
    money |= {value for row in rows if _SUM.search(row) for value in printed.amounts(row)}
    if money and not _near([gross, asked or gross], money):
        return [f"a total of {gross} is on no page"]
    called = _called_total(rows)
    if called and not _near([gross, asked], called):
        return [f"the total of the page is {max(called)}, that of the XML {gross}"]
    return []


def _called_total(rows: list[str]) -> set[Decimal]:
    """The amounts, with cents, behind the words for a total with tax."""
    found: set[Decimal] = set()
    for row in rows:
        match = _TOTAL.search(row)
        if match and not _WITHOUT_TAX.search(row[: match.start()] + " " + row[match.end() :]):
            found |= {value for value in printed.amounts(row[match.end() :]) if _has_cents(value)}
    return found


def _near(wanted: list[Decimal], stated: set[Decimal]) -> bool:
    return any(abs(one - other) <= TOLERANCE for one in wanted for other in stated)


def _has_cents(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent <= -2
