"""What comes in over some weeks, day by day: orders, receipts and invoices of an ordinary desk, with two
month-ends and a vendor group that changes how it writes. Everything follows from the seed. Pure."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from ..translation.canonical import Invoice
from . import calendar
from .case import SCENARIOS, Case
from .claim import Claim
from .files import Documents, as_files, as_tables
from .generate import ATTEMPTS, PLAIN, Taken, labels_of
from .labels import Expected, Label
from .making import Maker, Ware
from .traders import Trader, Traders, traders

FIRST = 20_000
"""Numbers of the past count from here, so that they meet none of the present."""

BY_WEEKDAY = (Decimal("1.15"), Decimal("1.10"), Decimal("1.00"), Decimal("0.95"), Decimal("0.80"))
"""How busy a Monday, a Tuesday and so on is, by the mean."""
MONTH_END = Decimal("1.7")
"""How much busier the days are on which a month is closed."""

WRONG = (
    ("price", 22),
    ("short receipt", 16),
    ("waiting", 14),
    ("no order", 10),
    ("over ordered", 8),
    ("never received", 6),
    ("strange item", 5),
    ("unknown order", 4),
    ("tax", 4),
    ("rejected goods", 4),
    ("unit", 3),
    ("duplicate", 2),
    ("other account", 2),
)
"""What is wrong with the trades in which something is, in per cent."""
ODD = (
    "partial deliveries",
    "several orders on one invoice",
    "foreign currency",
    "price exactly +2 %",
    "two tax rates",
    "gross off by 0.02",
    "one invoice, receipts in parts",
    "credit for a part",
    "cheaper and less",
)
"""Trades in which nothing is wrong and that look as if."""
SHARE_WRONG, SHARE_LARGE, SHARE_ODD = 0.22, 0.02, 0.18
LARGE_AT_MONTH_END, ODD_AT_MONTH_END = 0.05, 0.30
"""Month-ends are harder: more that needs a signature, more that looks odd. No more is wrong."""

CHANGING = ("office", "packaging")
"""Goods of the vendors that change how they write their invoices."""
QUOTES_NO_ORDER = "office"
"""Of these, those whose new invoices name no order."""


@dataclass(frozen=True, slots=True)
class Day:
    """A working day: what comes in with the first post, and the posts that bring invoices."""

    on: date
    closes_a_month: bool
    first: dict[str, bytes]
    posts: tuple[dict[str, bytes], ...]
    labels: tuple[Label, ...]
    claims: tuple[Invoice, ...]


class Recent(Maker):
    """Ordered about two weeks before the invoice comes in, a few articles at a time."""

    def day(self, oldest: int = 16, newest: int = 9) -> date:
        return super().day(min(oldest, 30), newest)

    def wares(self, trader: Trader, least: int = 1, most: int = 3) -> list[Ware]:
        return super().wares(trader, least, max(least, most))


POSTS = 2


def weeks(seed: int, days: Sequence[date], a_day: int, *, changed_on: date | None = None) -> Iterator[Day]:
    """One `Day` for each of these working days, with about `a_day` invoices in the mean. From `changed_on` on
    the vendors in `CHANGING` send another format, and some of them name no order."""
    known, taken = traders(), Taken()
    late: dict[date, Documents] = defaultdict(Documents)
    index = FIRST
    for on in days:
        chance = random.Random(f"{seed}/{on}/day")  # noqa: S311 - a game, not a secret
        cases: list[tuple[Case, str]] = []
        left = _volume(on, a_day, chance)
        while left > 0:
            case, name = _case(seed, index, on, known, taken, chance)
            index += len(case.claims)
            left -= len(case.claims)
            cases.append((case, name))
        changed = changed_on is not None and on >= changed_on
        yield _day(on, [(_rewritten(c) if changed else c, n) for c, n in cases], changed, late, chance)


def _volume(on: date, a_day: int, chance: random.Random) -> int:
    mean = Decimal(a_day) * BY_WEEKDAY[on.weekday()] * (MONTH_END if calendar.closes_a_month(on) else 1)
    spread = Decimal(str(round(chance.uniform(0.9, 1.1), 3)))
    return max(1, int((mean * spread).quantize(Decimal(1), ROUND_HALF_UP)))


def _kind(on: date, chance: random.Random) -> str:
    """What sort of trade it is, by chance."""
    closing, drawn = calendar.closes_a_month(on), chance.random()
    large, odd = (LARGE_AT_MONTH_END, ODD_AT_MONTH_END) if closing else (SHARE_LARGE, SHARE_ODD)
    names, weights = zip(*WRONG, strict=True)
    if drawn < SHARE_WRONG:
        return str(chance.choices(names, weights)[0])
    if drawn < SHARE_WRONG + large:
        return "large"
    return chance.choice(ODD) if drawn < SHARE_WRONG + large + odd else PLAIN


def _case(
    seed: int, index: int, on: date, known: Traders, taken: Taken, chance: random.Random
) -> tuple[Case, str]:
    """A case that resembles nothing else that came in."""
    for name in (_kind(on, chance), PLAIN):
        for attempt in range(ATTEMPTS):
            case = SCENARIOS[name].build(Recent(f"{seed}/past/{attempt}", index, on, known))
            if taken.admit(case):
                return case, name
    raise RuntimeError("The world is too full for one more invoice.")


def _day(
    on: date,
    cases: Sequence[tuple[Case, str]],
    changed: bool,
    late: dict[date, Documents],
    chance: random.Random,
) -> Day:
    first = late.pop(on, Documents())
    posts = [(Documents(), Documents()) for _ in range(POSTS)]
    for case, _ in cases:
        first.orders += case.orders
        first.receipts += case.receipts
        if case.late:
            late[_later(on, chance)].receipts += case.late
        places = sorted(chance.choices(range(POSTS), k=len(case.claims)))
        for place, claim in zip(places, case.claims, strict=True):
            table, files = posts[place]
            (files if _sends_files(claim.invoice, changed) else table).invoices.append(claim.invoice)
    return Day(
        on,
        calendar.closes_a_month(on),
        as_tables(first),
        tuple(as_tables(table) | as_files(files) for table, files in posts),
        labels_of((case, SCENARIOS[name]) for case, name in cases),
        tuple(claim.invoice for case, _ in cases for claim in case.claims),
    )


def _later(on: date, chance: random.Random) -> date:
    """The working day on which a late receipt comes."""
    day = on
    for _ in range(chance.randint(1, 4)):
        day = calendar.next_working_day(day)
    return day


def _goods(invoice: Invoice) -> str:
    return _GOODS.get(invoice.vendor_id, "")


_GOODS = {t.vendor_id: t.company.goods for t in traders().usual}


def _sends_files(invoice: Invoice, changed: bool) -> bool:
    """Does the vendor send its invoices as UBL? Of the others, those come as a table."""
    if _goods(invoice) in CHANGING:
        return changed
    return _goods(invoice) in ("steel", "service")


def _rewritten(case: Case) -> Case:
    """The invoices of a vendor that names no order any more; what they should come to says so."""
    return replace(case, claims=tuple(_unquoted(claim) for claim in case.claims))


def _unquoted(claim: Claim) -> Claim:
    if _goods(claim.invoice) != QUOTES_NO_ORDER:
        return claim
    holds = (*claim.holds, Expected("no_po"))
    return replace(claim, invoice=_without_order(claim.invoice), lane="escalated", holds=holds)


def _without_order(invoice: Invoice) -> Invoice:
    lines = tuple(replace(line, order_number="", order_line="") for line in invoice.lines)
    return replace(invoice, order_numbers=(), lines=lines)


def since(today: date, count: int) -> list[date]:
    """The working days of so many weeks, the last of them yesterday or before."""
    return list(calendar.working_days(today - timedelta(weeks=count), today - timedelta(days=1)))
