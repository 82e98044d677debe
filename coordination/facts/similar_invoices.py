"""Which of many invoices over the same amount may be one claim made twice, without comparing each with each.

Numbers that resemble each other (one edit apart, one the other with up to two characters more, equal after
the usual confusions, the same signs exchanged) share a key; only those that share one are compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from uuid import UUID

from ..tasks.sql import rows
from ..translation.identity import appearance, similar_numbers, skeleton


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
    """(One of `ids`, another invoice): same vendor, type, currency and gross, and numbers and days that may
    be one claim."""
    claims = [
        Lookalike(key, (vendor, currency, gross, kind), day, number)
        for key, vendor, currency, gross, kind, day, number in rows(SAME_SUM, list(ids))
    ]
    wanted = set(ids)
    return list(resembling([c for c in claims if c.id in wanted], claims, days))


def resembling(
    asked: Iterable[Lookalike], among: Iterable[Lookalike], days: int
) -> Iterator[tuple[UUID, UUID]]:
    """Pairs of an asked one and another that resembles it. Both directions where both are asked."""
    groups: dict[tuple[object, ...], list[Lookalike]] = defaultdict(list)
    for one in among:
        groups[one.group].append(one)
    wanted: dict[tuple[object, ...], list[Lookalike]] = defaultdict(list)
    for one in asked:
        wanted[one.group].append(one)
    for group, ones in wanted.items():
        others = groups[group]
        if len(others) > 1:
            yield from _in_group(ones, others, days)


def _in_group(
    asked: Sequence[Lookalike], others: Sequence[Lookalike], days: int
) -> Iterator[tuple[UUID, UUID]]:
    shelf: dict[str, list[Lookalike]] = defaultdict(list)
    for other in others:
        for name in keys(other.number):
            shelf[name].append(other)
    for one in asked:
        seen = {one.id}
        for other in chain.from_iterable(shelf[name] for name in keys(one.number)):
            if other.id not in seen:
                seen.add(other.id)
                if _one_claim(one, other, days):
                    yield one.id, other.id


def _one_claim(one: Lookalike, other: Lookalike, days: int) -> bool:
    if one.day == other.day and signs(one.number) == signs(other.number):
        return True
    close = one.day is None or other.day is None or abs((one.day - other.day).days) <= days
    return close and similar_numbers(one.number, other.number)


def signs(number: str) -> str:
    """The letters and digits of a number, as they print, in the order of the alphabet."""
    return "".join(sorted(appearance(number)))


def keys(number: str) -> set[str]:
    """Names under which a number is put and looked for: two that resemble each other have one in common."""
    plain = appearance(number)
    found = {f"={plain}", f"~{skeleton(number)}", f"*{signs(number)}"}
    found |= {f"={plain[:-1]}", f"={plain[:-2]}", f"={plain[1:]}", f"={plain[2:]}"}
    for at in range(len(plain)):
        found.add(f"{at}?{plain[:at]}?{plain[at + 1 :]}")
        found.add(f"={plain[:at]}{plain[at + 1 :]}")
    return found
