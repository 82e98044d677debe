"""How a document says it is to be paid (BT-9, BT-20, BG-35 of EN 16931-1:2026), in the same shapes whatever
its syntax.

Readers take the words of their syntax; what they mean together is decided here: which terms are parts of one
sum and which are several ways to pay all of it, and what is offered for early payment.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from .canonical import DiscountTerm, Instalment, Invoice

ZERO: Final = Decimal(0)
CENT: Final = Decimal("0.01")
HUNDRED: Final = Decimal(100)

SKONTO: Final = re.compile(
    r"#SKONTO#TAGE=([0-9]{1,4})#PROZENT=([0-9]{1,3}\.[0-9]{2})(?:#BASISBETRAG=(-?[0-9]{1,20}\.[0-9]{2}))?#"
)
"""One line of BT-20 that offers a discount, as XRechnung writes it (rule BR-DE-18): days from the issue date,
per cent with two decimals, and the amount it is taken of where that is not all that is payable (BT-115)."""

DAYS: Final = {"DAY": 1, "DAYS": 1, "D": 1, "WEE": 7, "W": 7}
MONTHS: Final = {"MON": 1, "M": 1, "ANN": 12, "Y": 12}
"""Units of a period, of UN/ECE Recommendation 20 and of UNTDID 2151."""

INSTALMENTS, DISCOUNTS = "instalments", "discounts"
"""Fields whose origins and problems are noted under one name each: parts are put in order and offers of
nothing left out, so that a number in the source is none in the document."""

LONGEST: Final = 3660
"""Days after which no term of payment ends."""


@dataclass(frozen=True, slots=True)
class Part:
    """One term of payment as it is stated: an amount, or per cent of what is payable, and its day."""

    amount: Decimal | None = None
    percent: Decimal | None = None
    due: date | None = None


def instalments(parts: Iterable[Part], payable: Decimal | None) -> tuple[Instalment, ...]:
    """The parts in which the document is to be paid, the earliest first; none where it is paid as one.

    Terms that each name the whole sum are ways to pay it, of which one is taken. A single part that is all of
    it is none.
    """
    stated = [p for p in parts if p.amount is not None or (p.percent is not None and payable is not None)]
    amounts = _amounts(stated, payable)
    if not amounts or all(amount == payable for amount in amounts):
        return ()
    found = [Instalment(amount, part.due) for amount, part in zip(amounts, stated, strict=True)]
    return tuple(sorted(found, key=lambda i: i.due or date.max))


def _amounts(parts: Sequence[Part], payable: Decimal | None) -> list[Decimal]:
    """What each comes to. The last of parts that are a hundred per cent together has the cents that are
    left."""
    out = [_amount(p, payable or ZERO) for p in parts]
    shares = [p.percent for p in parts if p.amount is None]
    if out and len(shares) == len(out) and sum((s for s in shares if s), ZERO) == HUNDRED:
        out[-1] += (payable or ZERO) - sum(out, ZERO)
    return out


def _amount(part: Part, payable: Decimal) -> Decimal:
    if part.amount is not None:
        return part.amount
    return (payable * (part.percent or ZERO) / HUNDRED).quantize(CENT, ROUND_HALF_UP)


def discounts(structured: Iterable[DiscountTerm], text: str = "") -> tuple[DiscountTerm, ...]:
    """What is offered for early payment: by the fields of the syntax, and by the lines of BT-20. A rate of
    nought is the end of a ladder and offers nothing. What is said both ways is one offer."""
    found = [*structured, *skonto(text)]
    return tuple(dict.fromkeys(term for term in found if term.percent or term.amount))


def skonto(text: str) -> list[DiscountTerm]:
    """The offers in a text of payment terms, each on a line of its own."""
    matches = (SKONTO.fullmatch(line.strip()) for line in text.splitlines())
    return [
        DiscountTerm(percent=Decimal(m[2]), days=int(m[1]), base=Decimal(m[3]) if m[3] else None)
        for m in matches
        if m is not None
    ]


def later(start: date | None, count: Decimal | None, unit: str) -> date | None:
    """The day a period ends that begins on `start`; None where the period is none that we know."""
    if start is None or count is None or count != count.to_integral_value() or not 0 <= count <= LONGEST:
        return None
    name = unit.strip().upper() or "DAY"
    if name in DAYS:
        return start + timedelta(days=int(count) * DAYS[name])
    if name not in MONTHS:
        return None
    months = start.month - 1 + int(count) * MONTHS[name]
    year, month = start.year + months // 12, months % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1])) if year <= date.max.year else None


def dated(invoice: Invoice) -> Invoice:
    """Without terms on a credit, which nobody pays; and due with its first instalment, wherever its syntax
    has a due date of all of it."""
    if invoice.type == "credit_note":
        return replace(invoice, instalments=(), discounts=())
    days = [i.due for i in invoice.instalments if i.due is not None]
    return replace(invoice, due_date=min(days)) if days else invoice
