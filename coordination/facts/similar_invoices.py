"""Which of many invoices over the same amount may be one claim made twice, without comparing each with each.

Numbers that resemble each other (one edit apart, one the other with up to two characters more, equal after
the usual confusions, the same signs exchanged) share a key; only those that share one are compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain
from uuid import UUID

from ..tasks.sql import rows
from ..translation.identity import appearance, normalised_number, similar_numbers, skeleton


@dataclass(frozen=True, slots=True)
class Lookalike:
    """What makes an invoice resemble another: the group it may be in, its day and its number."""

    id: UUID
    group: tuple[object, ...]
    day: date | None
    number: str


SAME_SUM = """
SELECT s.id, s.vendor_id, s.currency, s.gross, s.type, s.issue_date, s.number
  FROM (SELECT DISTINCT vendor_id, currency, gross FROM coordination_invoice WHERE id = ANY(%s)) x
  JOIN coordination_invoice s ON s.vendor_id = x.vendor_id AND s.currency = x.currency AND s.gross = x.gross
 WHERE s.state NOT IN ('rejected', 'void')
"""


def pairs(ids: Sequence[UUID], days: int) -> list[tuple[UUID, UUID]]:
    """(One of `ids`, another invoice): same vendor, type, currency and gross, other numbers, and numbers and
    days that may be one claim. What goes by the same number is the same claim anyhow."""
    claims = [
        Lookalike(key, (vendor, currency, gross, kind), day, number)
        for key, vendor, currency, gross, kind, day, number in rows(SAME_SUM, list(ids))
    ]
    wanted = set(ids)
    return list(resembling([c for c in claims if c.id in wanted], claims, days, renumbered=True))


def resembling(
    asked: Iterable[Lookalike], among: Iterable[Lookalike], days: int, *, renumbered: bool = False
) -> Iterator[tuple[UUID, UUID]]:
    """Pairs of an asked one and another that resembles it. Both directions where both are asked.
    `renumbered`: only those under another number."""
    groups: dict[tuple[object, ...], list[Lookalike]] = defaultdict(list)
    for one in among:
        groups[one.group].append(one)
    wanted: dict[tuple[object, ...], list[Lookalike]] = defaultdict(list)
    for one in asked:
        wanted[one.group].append(one)
    for group, ones in wanted.items():
        others = groups[group]
        if len(others) > 1:
            yield from _in_group(ones, others, days, renumbered)


def _in_group(
    asked: Sequence[Lookalike], others: Sequence[Lookalike], days: int, renumbered: bool
) -> Iterator[tuple[UUID, UUID]]:
    """Only what some asked number may resemble is put on the shelf, and a number once."""
    wanted = {normalised_number(one.number) for one in asked}
    names = set().union(*map(keys, wanted))
    shelf: dict[str, list[str]] = defaultdict(list)
    of_number: dict[str, list[Lookalike]] = defaultdict(list)
    for other in others:
        of_number[normalised_number(other.number)].append(other)
    for number in of_number:
        for name in names & keys(number):
            shelf[name].append(number)
    for one in asked:
        own = normalised_number(one.number)
        found = dict.fromkeys(chain.from_iterable(shelf[name] for name in keys(own)))
        if renumbered:
            found.pop(own, None)
        for other in chain.from_iterable(of_number[number] for number in found):
            if other.id != one.id and _one_claim(one, other, days):
                yield one.id, other.id


def _one_claim(one: Lookalike, other: Lookalike, days: int) -> bool:
    if one.day == other.day and signs(one.number) == signs(other.number):
        return True
    close = one.day is None or other.day is None or abs((one.day - other.day).days) <= days
    return close and similar_numbers(one.number, other.number)


def signs(number: str) -> str:
    """The letters and digits of a number, as they print, in the order of the alphabet."""
    return "".join(sorted(appearance(number)))


@lru_cache(100_000)
def keys(number: str) -> frozenset[str]:
    """Names under which a number is put and looked for: two that resemble each other have one in common."""
    plain = appearance(number)
    found = {f"={plain}", f"~{skeleton(number)}", f"*{signs(number)}"}
    found |= {f"={plain[:-1]}", f"={plain[:-2]}", f"={plain[1:]}", f"={plain[2:]}"}
    for at in range(len(plain)):
        found.add(f"{at}?{plain[:at]}?{plain[at + 1 :]}")
        found.add(f"={plain[:at]}{plain[at + 1 :]}")
    return frozenset(found)
