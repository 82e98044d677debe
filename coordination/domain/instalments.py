"""The parts in which an invoice is paid, and what of them is still open. Pure: no table, no clock.

The plan is the document's. What was cleared bounds it: parts that come to less leave the rest to the last,
parts that come to more end where what was cleared does. Of a part of which some came back the rest is a
payment of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from ..translation.canonical import Instalment
from ..translation.cross_border import WHOLE
from .amounts import ZERO, cents


@dataclass(frozen=True, slots=True)
class Made:
    """A payment that lives: its part (none: it is the only one), and how much of what was cleared it
    takes."""

    part: int | None
    taken: Decimal


@dataclass(frozen=True, slots=True)
class Open:
    """So much of an invoice is not in any payment. `part` is the number its payment gets; none pays all of
    it."""

    part: int | None
    amount: Decimal
    due: date | None = None


def carried(amount: Decimal, currency: str) -> Decimal:
    """What a bank can carry of an amount in this currency: whole units where it has no smaller ones."""
    return amount.to_integral_value(ROUND_DOWN) if currency in WHOLE else amount


def schedule(
    cleared: Decimal, instalments: Sequence[Instalment], currency: str = "EUR"
) -> list[tuple[Decimal, date | None]]:
    """Amount and day of each part, together what was cleared; one part of all of it where the document names
    none. What a bank cannot carry of a part in this currency goes to the last."""
    left, out = cleared, []
    for one in instalments:
        amount = carried(min(max(cents(one.amount), ZERO), left), currency)
        left -= amount
        out.append((amount, one.due))
    if out and left:
        out[-1] = (out[-1][0] + left, out[-1][1])
    return out or [(cleared, None)]


def still_open(
    cleared: Decimal, instalments: Sequence[Instalment], made: Sequence[Made], currency: str = "EUR"
) -> list[Open]:
    """What is left to be paid of an invoice, the earliest part first. Together: what was cleared less what is
    taken."""
    if sum((m.taken for m in made), ZERO) >= cleared:
        return []
    if not instalments and not made:
        return [Open(None, cleared)]
    plan = schedule(cleared, instalments, currency)
    taken = _by_part(made, in_parts=bool(instalments))
    rests = [amount - taken.get(n, ZERO) for n, (amount, _) in enumerate(plan, 1)]
    # what parts outside the plan took, or one took beyond its own, is off the earliest that are open
    beyond = sum((t for n, t in taken.items() if n > len(plan)), ZERO) - sum(
        (r for r in rests if r < ZERO), ZERO
    )
    used, out = {m.part or 1 for m in made}, []
    for number, (rest, (_, due)) in enumerate(zip(rests, plan, strict=True), 1):
        off = min(max(rest, ZERO), beyond)
        beyond -= off
        if rest - off <= ZERO:
            continue
        part = number if number not in used else max(len(plan), *used) + 1
        used.add(part)
        out.append(Open(part, rest - off, due))
    return out


def _by_part(made: Iterable[Made], *, in_parts: bool) -> dict[int, Decimal]:
    """Taken by each part of the plan; without one every payment is of the only part there is, and so is one
    of the whole beside a plan."""
    out: dict[int, Decimal] = {}
    for m in made:
        number = (m.part or 1) if in_parts else 1
        out[number] = out.get(number, ZERO) + m.taken
    return out


def label(number: str, part: int | None, count: int) -> str:
    """How a payment is named where several pay one invoice: RE-9200 1/2."""
    return number if part is None else f"{number} {part}/{max(count, part)}"
