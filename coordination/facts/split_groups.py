"""Who stands before an invoice within days just under the same approval threshold: what a split is judged
by.

A batch reads such invoices of its vendors once, not each invoice its own. Up to `MANY` are told apart. Of
more an agent is told how many there are and what they come to, and only where not each is for an order of its
own: otherwise they are no split, however many they are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from uuid import UUID

from ..agents.order_index import number_key
from ..domain.amounts import SETTLED, stake_of
from ..domain.group_facts import SplitGroup, SplitPart
from ..domain.policy import Policy
from ..models import Invoice as InvoiceRow
from ..tasks.sql import rows
from ..translation import nature
from ..translation.canonical import Invoice
from .places import DIGEST

MANY = 50
"""Invoices of a group up to which each is told apart."""
SHOWN = 10
"""Of more, so many are named: the last before the invoice."""
SLACK = Decimal("0.01")
"""Share by which sums are looked for beyond a window, for what rounding to the cent may move."""

Place = tuple[date, str, str]
Window = tuple[Decimal, Decimal]
"""Least and most gross of an invoice just under a threshold, both included."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An invoice whose neighbours are asked for.

    `place`: its issue date, number, and the beginning of its digest. `per_unit`: company currency for a unit
    of its own, `stake` what it comes to in company currency. `orders`: keys of those that it names.
    """

    id: UUID
    vendor: UUID
    currency: str
    place: Place
    settled: bool
    per_unit: Decimal
    stake: Decimal
    orders: tuple[str, ...]


def ask(row: InvoiceRow, document: Invoice, company: Decimal | None) -> Asked | None:
    """An invoice as its neighbours are asked for; None where it cannot be a part of anything. `company`: the
    amount at stake in company currency."""
    stake, issued = stake_of(document), document.issue_date
    if row.type != "invoice" or not stake or not company or issued is None or row.vendor_id is None:
        return None
    place = (issued, document.number, row.digest[:DIGEST])
    orders = keys_of(document.order_numbers)
    settled = row.state in SETTLED
    return Asked(row.id, row.vendor_id, row.currency, place, settled, company / stake, company, orders)


@dataclass(frozen=True, slots=True)
class Part:
    """Another invoice that may be a part."""

    id: UUID
    place: Place
    settled: bool
    number: str
    gross: Decimal
    orders: tuple[str, ...]


def thresholds(policy: Policy) -> dict[Decimal, Window]:
    """Sums in company currency just under each approval threshold that the rules name."""
    limits = {Decimal(v) for r in policy.rules for f, op, v in r.when if f == "gross_company" and op == ">"}
    return {limit: (limit * policy.split_from_pct / 100, limit) for limit in sorted(limits)}


PARTS = """
SELECT w.vendor, w.currency, i.id, i.issue_date, i.number, left(i.digest, 12), i.state, i.gross,
       i.order_numbers, i.type_code
  FROM unnest(%s::uuid[], %s::text[], %s::date[], %s::date[], %s::numeric[], %s::numeric[])
       AS w(vendor, currency, first, last, least, most)
  JOIN coordination_invoice i ON i.vendor_id = w.vendor AND i.currency = w.currency
   AND i.gross BETWEEN w.least AND w.most AND i.issue_date BETWEEN w.first AND w.last
 WHERE i.type = 'invoice' AND i.state NOT IN ('rejected', 'void')
"""

Found = tuple[list[tuple[UUID, UUID]], dict[UUID, tuple[SplitGroup, ...]]]


Key = tuple[UUID, str, Decimal]
"""Vendor, currency, approval threshold."""


def find(batch: Sequence[Asked], policy: Policy) -> Found:
    """(Invoice, another before it) where these are few enough to be told apart, and by invoice the groups of
    those that are not."""
    under = _under(batch, policy)
    return tell(under, _read(under, policy), policy) if under else ([], {})


def _under(batch: Iterable[Asked], policy: Policy) -> dict[Key, list[Asked]]:
    """Which of these lie just under a threshold."""
    under: dict[Key, list[Asked]] = defaultdict(list)
    for one in batch:
        for limit, (low, high) in thresholds(policy).items():
            if low <= one.stake <= high:
                under[one.vendor, one.currency, limit].append(one)
    return under


def tell(under: Mapping[Key, Sequence[Asked]], known: Mapping[Key, Iterable[Part]], policy: Policy) -> Found:
    """`find`, of what is known."""
    days, windows = timedelta(days=policy.split_days - 1), thresholds(policy)
    pairs: list[tuple[UUID, UUID]] = []
    groups: dict[UUID, tuple[SplitGroup, ...]] = defaultdict(tuple)
    for key, asked in under.items():
        *_, limit = key
        among = BySum(known.get(key, ()))
        for one in asked:
            near = among.under(windows[limit], one.per_unit)
            first, last, beside = near.before(one, days)
            if last - first + len(beside) <= MANY:
                pairs += [(one.id, p.id) for p in (*near.parts[first:last], *beside)]
            elif not near.apart(one, first, last, beside):
                groups[one.id] += (near.group(limit, first, last, beside),)
    return pairs, groups


def _read(under: Mapping[Key, Sequence[Asked]], policy: Policy) -> dict[Key, list[Part]]:
    """All that may stand beside these, by vendor, currency and threshold: one row each, however many ask."""
    before, windows = timedelta(days=policy.split_days - 1), thresholds(policy)
    asked = []
    for (vendor, currency, limit), ones in under.items():
        days = [one.place[0] for one in ones]
        least, most = _in_own_currency(windows[limit], [one.per_unit for one in ones])
        asked.append((vendor, currency, min(days) - before, max(days), least, most))
    found: dict[Key, list[Part]] = defaultdict(list)
    for vendor, currency, key, day, number, digest, state, gross, orders, kind in rows(
        PARTS, *map(list, zip(*asked, strict=True))
    ):
        if nature.claims_nothing(kind):
            continue
        place = (day, number, digest or str(key))
        part = Part(key, place, state in SETTLED, number, gross, keys_of(orders))
        for limit in windows:
            if (vendor, currency, limit) in under:
                found[vendor, currency, limit].append(part)
    return found


def keys_of(numbers: Iterable[str]) -> tuple[str, ...]:
    """Orders that a claim names, as they are compared."""
    return tuple(sorted({number_key(n) for n in numbers}))


def _in_own_currency(window: Window, per_unit: Sequence[Decimal]) -> Window:
    return window[0] / max(per_unit) * (1 - SLACK), window[1] / min(per_unit) * (1 + SLACK)


class BySum:
    """Invoices of one vendor and currency, by what they come to."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self.by_gross = sorted({p.id: p for p in parts}.values(), key=lambda p: p.gross)
        self.near: dict[tuple[int, int], Near] = {}

    def under(self, window: Window, per_unit: Decimal) -> Near:
        """Those within a window of company currency, at so much for a unit."""
        low, high = window
        first = bisect_left(self.by_gross, low, key=lambda p: p.gross * per_unit)
        last = bisect_right(self.by_gross, high, key=lambda p: p.gross * per_unit)
        if (first, last) not in self.near:
            self.near[first, last] = Near(sorted(self.by_gross[first:last], key=lambda p: p.place))
        return self.near[first, last]


@dataclass
class Near:
    """Invoices within one window of sums, in their order."""

    parts: list[Part]
    places: list[Place] = field(init=False)

    def __post_init__(self) -> None:
        self.places = [p.place for p in self.parts]

    def before(self, own: Asked, days: timedelta) -> tuple[int, int, list[Part]]:
        """What stands before an invoice within so many days: a part of the list, and those of the same day
        whose money is on its way."""
        first = bisect_left(self.places, own.place[0] - days, key=lambda place: place[0])
        last = bisect_left(self.places, own.place)
        after = bisect_right(self.places, own.place[0], key=lambda place: place[0])
        if own.settled:  # it stands before all whose money is not on its way
            return first, first, [p for p in self.parts[first:last] if p.settled]
        return first, last, [p for p in self.parts[last:after] if p.settled and p.id != own.id]

    def apart(self, own: Asked, first: int, last: int, beside: Sequence[Part]) -> bool:
        """Is each of these, and the invoice itself, for an order of its own?"""
        if not own.orders or (last and self._again[last - 1] >= first):
            return False
        seen = {own.orders}
        for part in beside:
            if not part.orders or part.orders in seen:
                return False
            seen.add(part.orders)
        return not any(self._among(orders, first, last) for orders in seen)

    def _among(self, orders: tuple[str, ...], first: int, last: int) -> bool:
        found = self._of_orders.get(orders, [])
        at = bisect_left(found, first)
        return at < len(found) and found[at] < last

    @cached_property
    def _of_orders(self) -> dict[tuple[str, ...], list[int]]:
        found: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for at, part in enumerate(self.parts):
            found[part.orders].append(at)
        return found

    @cached_property
    def _again(self) -> list[int]:
        """Up to each place, the latest of those whose orders are named once more up to there; what names none
        is one by itself."""
        newest: dict[tuple[str, ...], int] = {}
        found = []
        for at, part in enumerate(self.parts):
            found.append(newest.get(part.orders, -1) if part.orders else at)
            newest[part.orders] = at
        return list(accumulate(found, max))

    @cached_property
    def _totals(self) -> list[Decimal]:
        return list(accumulate((p.gross for p in self.parts), initial=Decimal(0)))

    def group(self, limit: Decimal, first: int, last: int, beside: Sequence[Part]) -> SplitGroup:
        """These as one fact."""
        named = [*self.parts[max(first, last - SHOWN) : last], *beside][-SHOWN:]
        return SplitGroup(
            limit,
            last - first + len(beside),
            self._totals[last] - self._totals[first] + sum((p.gross for p in beside), Decimal(0)),
            tuple(SplitPart(p.number, p.gross) for p in named),
        )


BEHIND = """
WITH w AS MATERIALIZED (SELECT * FROM
       unnest(%s::uuid[], %s::text[], %s::date[], %s::date[], %s::numeric[], %s::numeric[])
       AS w(vendor, currency, first, last, least, most)), found AS (
  SELECT i.id, i.type, i.state FROM w JOIN coordination_invoice i ON i.vendor_id = w.vendor
     AND i.currency = w.currency AND i.gross BETWEEN w.least AND w.most
     AND i.issue_date BETWEEN w.first AND w.last
   UNION
  SELECT i.id, i.type, i.state FROM w JOIN coordination_invoice i ON i.vendor_id = w.vendor
     AND i.currency = w.currency AND (i.gross < w.least OR i.gross IS NULL)
     AND i.issue_date BETWEEN w.first AND w.last
    JOIN coordination_invoicefacts f ON f.invoice_id = i.id
     AND greatest(abs(i.gross), abs(f.payable)) BETWEEN w.least AND w.most
)
SELECT id FROM found WHERE type = 'invoice' AND state NOT IN ('scheduled', 'paid', 'rejected', 'void')
"""
"""Those behind are found by what is at stake in them: what one asks to be paid may be more than its gross."""

Claim = tuple[UUID, str, date, Decimal]
"""Vendor, currency, issue date, gross."""


def behind(claims: Iterable[Claim], policy: Policy, per_unit: Mapping[str, Window]) -> list[UUID]:
    """Invoices for which one of these may be a part that stands before. `per_unit`: by currency the least and
    most that a unit of it was in company currency."""
    days: dict[tuple[UUID, str, Window], list[date]] = defaultdict(list)
    for vendor, currency, day, gross in claims:
        if currency not in per_unit:
            continue
        for window in thresholds(policy).values():
            least, most = _in_own_currency(window, per_unit[currency])
            if least <= gross <= most:
                days[vendor, currency, (least, most)].append(day)
    after = timedelta(days=policy.split_days - 1)
    asked = [
        (vendor, currency, first, last, *window)
        for (vendor, currency, window), found in days.items()
        for first, last in _spans(found, after)
    ]
    return [key for (key,) in rows(BEHIND, *map(list, zip(*asked, strict=True)))] if asked else []


def _spans(days: Iterable[date], after: timedelta) -> list[tuple[date, date]]:
    """Each day with so many after it, those that overlap as one."""
    spans: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if spans and day <= spans[-1][1]:
            spans[-1] = (spans[-1][0], day + after)
        else:
            spans.append((day, day + after))
    return spans
