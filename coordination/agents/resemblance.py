"""How much an invoice line resembles an order line, and who belongs to whom when only resemblance is left."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from rapidfuzz import fuzz

from ..domain.amounts import billed_prices, ordered_price
from ..domain.facts import OrderLineFacts
from ..domain.units import per, times
from ..translation.canonical import InvoiceLine
from .order_index import words

ALIKE = 60.0
"""rapidfuzz `token_set_ratio` from which two descriptions may mean the same goods."""
MARGIN = 1.0
"""How far the best candidate must stand before the next; anything closer is a tie."""
_SIZES = re.compile(r"\w*\d\w*")


@dataclass(frozen=True, slots=True)
class Score:
    """Points out of 100, and by what the pair would be made."""

    points: float
    by: str


def text(a: str, b: str) -> float:
    """Likeness of two descriptions, 0 to 100; nothing is like an empty one."""
    return fuzz.token_set_ratio(a.casefold(), b.casefold()) if a and b else 0.0


def sizes(description: str) -> set[str]:
    """The words with a number in them: pack sizes, dimensions, grades (M8, 5l, 60W)."""
    return set(_SIZES.findall(description.casefold()))


def score(line: InvoiceLine, ordered: OrderLineFacts, left: Decimal, factor: Decimal | None) -> Score | None:
    """Points for one pair; None where it is out of the question.

    At the ordered price a like description is enough; at another price it has to be the same words. Sizes
    that differ make other goods of the same words.
    """
    prices = billed_prices(line)
    if factor is None or not prices:
        return None
    same_price = ordered_price(ordered) in {per(price, factor) for price in prices}
    likeness = text(line.description, ordered.description)
    if likeness < ALIKE or (not same_price and words(line.description) != words(ordered.description)):
        return None
    mine, theirs = sizes(line.description), sizes(ordered.description)
    if mine and theirs and not mine & theirs:
        return None
    quantity = times(line.quantity or Decimal(0), factor)
    fits = 15 if quantity == left else 8 if quantity <= left else 0
    return Score(
        likeness / 2 + (30 if same_price else 0) + fits + (5 if line.unit else 0),
        "content" if same_price else "wording",
    )


Goods = tuple[object, ...]


def goods(line: OrderLineFacts) -> Goods:
    """What makes order lines equal: which of several equal ones is taken makes no difference."""
    return (
        line.description,
        line.quantity,
        line.unit,
        line.price,
        line.base_quantity,
        line.net,
        line.tax_rate,
        line.billed,
    )


def assign(scores: dict[int, dict[Goods, Score]], places: dict[Goods, int]) -> dict[int, Goods]:
    """One assignment for all lines. `scores`: points of each line for each kind of goods; `places`: how many
    order lines of that kind are free.

    A line gets the goods that are its best by a margin, if there is room for everybody who wants them as
    much. That leaves less to choose from for the others, so it is repeated until nobody is left or only ties
    are.
    """
    waiting = {p: dict(row) for p, row in scores.items()}
    room = dict(places)
    made: dict[int, Goods] = {}
    while pairs := _round(waiting, room):
        made |= pairs
        for kind in pairs.values():
            room[kind] -= 1
        waiting = {
            p: left
            for p, row in waiting.items()
            if p not in pairs and (left := {k: s for k, s in row.items() if room[k]})
        }
    return made


def _round(waiting: dict[int, dict[Goods, Score]], room: dict[Goods, int]) -> dict[int, Goods]:
    sure: dict[Goods, list[tuple[float, int]]] = {}
    wanted: dict[Goods, list[float]] = {}
    for position, row in sorted(waiting.items()):
        top = max(score.points for score in row.values())
        near = [k for k, score in row.items() if score.points >= top - MARGIN]
        for kind in near:
            wanted.setdefault(kind, []).append(row[kind].points)
        if len(near) == 1:
            sure.setdefault(near[0], []).append((row[near[0]].points, position))
    pairs: dict[int, Goods] = {}
    for kind, lines in sure.items():
        rivals = sorted(wanted[kind], reverse=True)
        for points, position in sorted(lines, key=lambda pair: (-pair[0], pair[1])):
            if sum(p >= points - MARGIN for p in rivals) <= room[kind]:
                pairs[position] = kind
    return pairs
