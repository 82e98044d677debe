"""Claims under one number, and credits of one invoice, that stand before an invoice: all where they are few.

Where more than `MANY` stand before, an agent is told what it can use of them. Of claims under one number that
is the first, by whatever it may compare with; of credits, what they come to in all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import accumulate, chain
from typing import Any
from uuid import UUID

from ..domain.amounts import ENDED, rank
from ..domain.group_facts import CreditGroup
from ..models import Invoice as InvoiceRow
from ..tasks.sql import rows
from ..translation import nature
from ..translation.identity import normalised_number, normalised_numbers
from .documents import Content
from .places import seen_by

MANY = 50
"""Claims up to which each is told apart."""

Rank = tuple[bool, date, str, str]
Pair = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Asked:
    """An invoice whose claims before are asked for: its vendor, place, sum, the number it goes by, and, of a
    credit note, those that it names."""

    id: UUID
    vendor: UUID
    rank: Rank
    currency: str
    gross: Decimal | None
    key: str
    named: frozenset[str] = frozenset()


def ask(row: InvoiceRow, content: Content) -> Asked | None:
    """An invoice as its claims before are asked for; None where its vendor is unknown."""
    if row.vendor_id is None:
        return None
    named = normalised_numbers(row.preceding) if row.type == "credit_note" else ()
    place, key = seen_by(row, content).rank, normalised_number(row.number)
    return Asked(row.id, row.vendor_id, place, row.currency, row.gross, key, frozenset(named))


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that may stand before others. `named`: keys of what it names."""

    id: UUID
    rank: Rank
    number: str
    type: str
    type_code: str
    ended: bool
    currency: str
    gross: Decimal | None
    named: frozenset[str] = frozenset()


COLUMNS = """i.id, i.state, i.issue_date, i.number, left(i.digest, 12), i.type, i.type_code, i.currency,
       i.gross, f.preceding_keys"""

UNDER_NUMBER = f"""
SELECT w.vendor, w.key, {COLUMNS}
  FROM unnest(%s::uuid[], %s::text[]) AS w(vendor, key)
  JOIN coordination_invoicefacts f ON f.number_key = w.key
  JOIN coordination_invoice i ON i.id = f.invoice_id AND i.vendor_id = w.vendor
"""  # noqa: S608 - made of constants
CREDITS_OF = f"""
SELECT w.vendor, w.key, {COLUMNS}
  FROM unnest(%s::uuid[], %s::text[]) AS w(vendor, key)
  JOIN coordination_invoicefacts f ON f.preceding_keys @> ARRAY[w.key]
  JOIN coordination_invoice i ON i.id = f.invoice_id AND i.vendor_id = w.vendor AND i.type = 'credit_note'
"""  # noqa: S608 - made of constants

Known = dict[tuple[UUID, str], list[Claim]]


Found = tuple[list[Pair], dict[UUID, tuple[CreditGroup, ...]]]


def find(batch: Sequence[Asked]) -> Found:
    """(Invoice, another before it) to be told apart, and by credit note the sums of those that are not."""
    if not batch:
        return [], {}
    known = _read(UNDER_NUMBER, ((a.vendor, a.key) for a in batch))
    claims = {key: Numbered(found) for key, found in known.items()}
    naming = [a for a in batch if a.named]
    credited = _read(CREDITS_OF, ((a.vendor, n) for a in naming for n in a.named))
    pairs = [(a.id, other) for a in batch for other in claims[a.vendor, a.key].before(a)]
    groups: dict[UUID, tuple[CreditGroup, ...]] = {}
    together: dict[tuple[UUID, frozenset[str]], Credits] = {}
    for one in naming:
        if (one.vendor, one.named) not in together:
            found = (credited.get((one.vendor, name), ()) for name in one.named)
            together[one.vendor, one.named] = Credits({c.id: c for c in chain(*found)}.values())
        apart, groups[one.id] = together[one.vendor, one.named].before(one)
        pairs += [(one.id, other) for other in apart]
    return pairs, groups


def _read(statement: str, wanted: Iterable[tuple[UUID, str]]) -> Known:
    keys = sorted(set(wanted))
    found: Known = {key: [] for key in keys}
    for vendor, key, *row in rows(statement, *map(list, zip(*keys, strict=True))) if keys else ():
        found[vendor, key].append(_claim(row))
    return found


def _claim(row: Sequence[Any]) -> Claim:
    """A claim of the columns of `COLUMNS`."""
    key, state, issued, number, digest, type_, type_code, currency, gross, named = row
    place = rank(state, issued, number, digest or str(key))
    return Claim(key, place, number, type_, type_code, state in ENDED, currency, gross, frozenset(named))


class Numbered:
    """Claims of one vendor under one number."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self.claims = sorted(claims, key=lambda c: c.rank)
        self._ranks = [c.rank for c in self.claims]

    def before(self, own: Asked) -> list[UUID]:
        """Those before an invoice; of very many the first of each kind that may be the same claim.

        The first are those of their type, before and after the money that is on its way; and where the same
        sum is asked on the same day, whichever of a number came in first.
        """
        last = bisect_left(self._ranks, own.rank)
        if last <= MANY or not own.key:
            return [c.id for c in self.claims[:last] if c.id != own.id]
        found = [c for at, c in self._first if at < last]
        same = self._same.get((own.rank[1], own.currency, own.gross), ())
        for group in same:
            at = bisect_left(group, (last,), key=lambda entry: (entry[0],))
            found += [group[at - 1][1]] if at else []
        return list(dict.fromkeys(c.id for c in found if c.id != own.id))

    @cached_property
    def _first(self) -> list[tuple[int, Claim]]:
        """The first of each kind that still counts, with its place in the list."""
        first: dict[tuple[object, ...], tuple[int, Claim]] = {}
        for at, claim in enumerate(self.claims):
            if not claim.ended:
                advance = nature.look_up(claim.type_code).is_("advance")
                nothing = nature.claims_nothing(claim.type_code)
                first.setdefault((claim.type, advance, nothing, claim.rank[0]), (at, claim))
        return list(first.values())

    @cached_property
    def _same(self) -> dict[tuple[object, ...], list[list[tuple[int, Claim]]]]:
        """By day, currency and sum, and there by number and type: up to each place the one with the least
        key."""
        groups: dict[tuple[object, ...], dict[tuple[str, str], list[tuple[int, Claim]]]]
        groups = defaultdict(dict)
        for at, claim in enumerate(self.claims):
            if claim.ended or claim.gross is None or nature.claims_nothing(claim.type_code):
                continue
            like = groups[claim.rank[1], claim.currency, claim.gross]
            group = like.setdefault((claim.number, claim.type), [])
            least = min(claim, group[-1][1], key=lambda c: c.id) if group else claim
            group.append((at, least))
        return {key: list(found.values()) for key, found in groups.items()}


class Credits:
    """Credit notes of one vendor that name one of some invoices."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        groups: dict[tuple[frozenset[str], str, bool], list[Claim]] = defaultdict(list)
        self.claims = sorted(claims, key=lambda c: c.rank)
        self.ranks = [c.rank for c in self.claims]
        for claim in self.claims:
            if not claim.ended and not nature.claims_nothing(claim.type_code):
                groups[claim.named, claim.currency, claim.gross is None].append(claim)
        self.groups = [
            CreditSums(names, currency, unknown, found)
            for (names, currency, unknown), found in groups.items()
        ]

    def before(self, own: Asked) -> tuple[list[UUID], tuple[CreditGroup, ...]]:
        """Those before a credit note that are told apart, and of very many their sums. One whose sum is
        unknown or in another currency stands for all like it."""
        last = bisect_left(self.ranks, own.rank)
        if last <= MANY:
            return [c.id for c in self.claims[:last] if c.id != own.id], ()
        apart, sums = [], []
        for group in self.groups:
            count = bisect_left(group.ranks, own.rank)
            if not count:
                continue
            if group.unknown or group.currency != own.currency:
                apart.append(group.least[count - 1])
            else:
                sums.append(CreditGroup(tuple(sorted(group.names)), count, group.sums[count - 1]))
        return apart, tuple(sorted(sums, key=lambda g: g.named))


class CreditSums:
    """Credit notes that name the same invoices, in one currency, in their order."""

    def __init__(self, names: frozenset[str], currency: str, unknown: bool, claims: Sequence[Claim]) -> None:
        self.names, self.currency, self.unknown = names, currency, unknown
        self.ranks = [c.rank for c in claims]
        self.sums = list(accumulate(c.gross or Decimal(0) for c in claims))
        self.least = list(accumulate((c.id for c in claims), min))
