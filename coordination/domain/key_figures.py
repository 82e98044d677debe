"""Formulas of the key figures, pure: what is a part of what, and what others publish about the same.

Published figures and their standing are those of the sources named; "quoted" means that a secondary source
quotes them. A figure without a study behind it is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt
from typing import Any, Literal

from ..translation.identity import normalised_number, similar_numbers

CENT = Decimal("0.01")
Z95 = 1.959964


def wilson(p: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a share `p` of `n` cases that are independent (E. B. Wilson, 1927)."""
    middle, spread = p + Z95 * Z95 / (2 * n), Z95 * sqrt(p * (1 - p) / n + Z95 * Z95 / (4 * n * n))
    scale = 1 + Z95 * Z95 / n
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    base: int

    @property
    def value(self) -> float | None:
        return self.part / self.base if self.base else None

    @property
    def rest(self) -> int:
        """What of the base is not the part."""
        return self.base - self.part

    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval; None without a base."""
        return wilson(self.part / self.base, self.base) if self.base else None

    def __add__(self, other: Share) -> Share:
        return Share(self.part + other.part, self.base + other.base)


@dataclass(frozen=True, slots=True)
class Spread:
    """Durations of `count` cases: half take at most `median`, 95 of 100 at most `p95`."""

    count: int
    median: timedelta | None
    p95: timedelta | None


# --- discounts ----------------------------------------------------------------------------------------------

Taken = Literal["captured", "lost", "open"]


def discount_taken(until: date, discount: Decimal | None, today: date) -> Taken:
    """What became of a discount that could be had until a day: taken with the payment, gone, or still to be
    had."""
    if discount:
        return "captured"
    return "lost" if until < today else "open"


@dataclass(frozen=True, slots=True)
class Discounts:
    """Money by currency that was captured, lost and is still open, and on how many invoices."""

    captured: Mapping[str, Decimal]
    lost: Mapping[str, Decimal]
    open: Mapping[str, Decimal]
    invoices: Share
    still_open: int


# --- payment ------------------------------------------------------------------------------------------------


def due_on(due: date | None, issued: date | None, net_days: int | None) -> date | None:
    """The due date printed, else the one our terms with the vendor give; None where neither is known."""
    if due is not None or issued is None or net_days is None:
        return due
    return issued + timedelta(days=net_days)


def on_time(paid_on: date, due: date) -> bool:
    """Paid on the due date is on time."""
    return paid_on <= due


@dataclass(frozen=True, slots=True)
class Paid:
    """One invoice that was paid. `cleared_up`: a person has said that it is no duplicate."""

    key: str
    number: str
    issued: date | None
    cleared_up: bool = False


def same_claim(one: Paid, other: Paid, days: int) -> bool:
    """Would two paid invoices of one vendor be suspected as duplicates: the same number, or, with the same
    amount (which the caller has compared), a similar number within so many days?"""
    if normalised_number(one.number) == normalised_number(other.number):
        return True
    close = (
        one.issued is not None and other.issued is not None and abs((one.issued - other.issued).days) <= days
    )
    return close and similar_numbers(one.number, other.number)


def same_claims(pairs: Iterable[tuple[Paid, Paid]], days: int) -> list[tuple[Paid, Paid]]:
    """Those of the pairs that are one claim."""
    return [(a, b) for a, b in pairs if same_claim(a, b, days)]


def paid_twice(pairs: Iterable[tuple[Paid, Paid]], days: int) -> tuple[int, int]:
    """Of pairs that may be one claim: how many were paid twice, and how many more a person had cleared up
    before."""
    found = same_claims(pairs, days)
    cleared = sum(a.cleared_up or b.cleared_up for a, b in found)
    return len(found) - cleared, cleared


# --- cost ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Costs:
    """What work costs, in company currency: the `costs` of the policy. All nothing where the policy names
    none."""

    person_hour: Decimal = Decimal(0)
    minutes_per_answer: Decimal = Decimal(0)
    model_per_decision: Decimal = Decimal(0)
    per_invoice: Decimal = Decimal(0)

    @property
    def stated(self) -> bool:
        return any((self.person_hour, self.minutes_per_answer, self.model_per_decision, self.per_invoice))

    def of(self, invoices: int, answers: int, decisions: int) -> Decimal | None:
        """Cost of one invoice: answers of people, decisions of agents, and what each costs anyway; None of
        none."""
        if not invoices:
            return None
        people = answers * self.minutes_per_answer * self.person_hour / 60
        whole = people + decisions * self.model_per_decision
        return (whole / invoices + self.per_invoice).quantize(CENT, ROUND_HALF_UP)


def costs_of(policy: Mapping[str, Any]) -> Costs:
    """The costs a policy states; amounts are text, as all its numbers."""
    stated = policy.get("costs", {})
    names = ("person_hour", "minutes_per_answer", "model_per_decision", "per_invoice")
    return Costs(**{name: Decimal(stated[name]) for name in names if name in stated})


# --- what others publish ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Published:
    """A figure of others: on average, the best, and who says so."""

    average: str
    best: str
    source: str


NOTHING = Published("–", "–", "no published figure")
PUBLISHED: Mapping[str, Published] = {
    "touchless": Published(
        "24.2 % (2019), 32–35 % (quoted)",
        "65.3 % (2019), 49.2 % (2025, quoted)",
        "Ardent Partners; definitions differ",
    ),
    "exceptions": Published("22.6 %", "10.1 %", "Ardent Partners, 2019"),
    "cycle": Published("9.2 days (2024), 17.4 days (2025)", "3.1 days", "Ardent Partners, Pagero"),
    "cost": Published(
        "USD 9.40 (2024)", "78 % lower; top quartile at most USD 2.07", "Ardent Partners, APQC"
    ),
}


def total(rows: Sequence[tuple[str, Decimal]], company: str = "EUR") -> dict[str, Decimal]:
    """Sums by currency, that of the company first, then the largest."""
    sums: dict[str, Decimal] = {}
    for currency, amount in rows:
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    return dict(sorted(sums.items(), key=lambda pair: (pair[0] != company, -pair[1])))


# --- shares of a period -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clearing:
    """How invoices received in the period came through. `exceptions`: ever held, of those agents have ruled
    on."""

    received: int
    touchless: Share
    touchless_ordered: Share
    first_match: Share
    exceptions: Share


@dataclass(frozen=True, slots=True)
class Period:
    """What is measured over: since when, and what became of the invoices received in it."""

    days: int
    since: datetime
    clearing: Clearing


@dataclass(frozen=True, slots=True)
class Measure:
    """One key figure that is a share: its title, its value over a period, and in words what it is a share of.

    The words stand behind "7 of 9". `read` may ask the database; `published` is what others say of the same.
    `listed` names the lists behind part and base (`selectors.figure_lists`), where there are some.
    """

    title: str
    of: str
    read: Callable[[Period], Share]
    published: Published = NOTHING
    listed: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure with its value."""

    measure: Measure
    share: Share
