"""From received to where invoices stand: the steps that a week's invoices took, by number and by value,
beside the average week of the eight before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from audit import clock

from ..display.format import amount, count
from ..display.ribbons import STATES, Gate, Step, picture
from ..domain.paths import STANDS, forward, steps
from ..domain.transitions import ENDED
from ..facts.exchange_rates import Rates
from ..models import WayDay
from ..services.behaviour.day_counts import PATHS, week_to
from ..tasks.sql import rows
from .counted_lists import CountedList
from .figures import company_currency

WEEKS = 8
FEWEST_WEEKS = 4
"""Weeks with invoices before something is called usual."""
By = Literal["count", "value"]
POINT = Decimal(1)
"""Percentage points of difference below which a share is as usual."""


@dataclass(frozen=True, slots=True)
class Much:
    """So many invoices, worth so much in company currency; credit notes are counted, and worth nothing."""

    invoices: int = 0
    worth: Decimal = Decimal(0)

    def __add__(self, other: Much) -> Much:
        return Much(self.invoices + other.invoices, self.worth + other.worth)

    def of(self, by: By) -> Decimal:
        return Decimal(self.invoices) if by == "count" else self.worth


@dataclass(frozen=True, slots=True)
class Band:
    """One step of the week's ways. `usual` and `usual_base` are the sums of the weeks before; None while
    there are too few."""

    source: str
    target: str
    much: Much
    base: Much
    usual: Much | None
    usual_base: Much | None
    weeks: int
    by: By
    currency: str
    path: str

    @property
    def title(self) -> str:
        if self.target:
            return f"{self.source} to {self.target}".capitalize()
        if self.source in ENDED:
            return f"Ended as {self.source}"
        return "Paid" if self.source == "paid" else f"Stand at {self.source}"

    @property
    def kind(self) -> str:
        """How it is drawn: on the way, to an end without payment, or standing."""
        return "ends" if self.target in ENDED else "on" if self.target else "stands"

    @property
    def where(self) -> str:
        """The step as an address names it."""
        return self.target or "stand"

    @property
    def share(self) -> Decimal | None:
        """Per cent of all that came in the week."""
        return _per_cent(self.much.of(self.by), self.base.of(self.by))

    @property
    def usual_share(self) -> Decimal | None:
        if self.usual is None or self.usual_base is None:
            return None
        return _per_cent(self.usual.of(self.by), self.usual_base.of(self.by))

    @property
    def part(self) -> str:
        """41 of 182; by value EUR 41.00 of 182.00."""
        return _describe_part(self.much, self.base, self.by, self.currency)

    @property
    def usual_week(self) -> str:
        """What the average week of those before has: 27.4 of 181.3."""
        if self.usual is None or self.usual_base is None:
            return ""
        if self.by == "value":
            mean = [amount(x.worth / self.weeks) for x in (self.usual, self.usual_base)]
            return f"{self.currency} {mean[0]} of {mean[1]}"
        return f"{self.usual.invoices / self.weeks:,.1f} of {self.usual_base.invoices / self.weeks:,.1f}"

    @property
    def sentence(self) -> str:
        """41 of 182, 23 %; usually 15 %."""
        share = "" if self.share is None else f", {self.share:.0f} %"
        usual = (
            "still learning what is usual"
            if self.usual_share is None
            else f"usually {self.usual_share:.0f} %"
        )
        return f"{self.part}{share}; {usual}"

    @property
    def difference(self) -> str:
        """Beside what is usual, in words."""
        if self.share is None or self.usual_share is None:
            return "still learning"
        points = self.share - self.usual_share
        if abs(points) < POINT:
            return "as usual"
        size = f"{abs(points):.0f} point{'' if f'{abs(points):.0f}' == '1' else 's'}"
        return f"{size} {'more' if points > 0 else 'less'} than usual"


@dataclass(frozen=True, slots=True)
class Ways:
    """A week: its last day (UTC), how far it was counted, what came in, its steps, and how many of the weeks
    before it is held against."""

    day: date
    first_day: date
    until: datetime | None
    base: Much
    weeks: int
    bands: Sequence[Band]
    gates: Sequence[Gate]
    through: Sequence[tuple[str, Much]]
    by: By
    currency: str

    @property
    def learning(self) -> bool:
        return self.weeks < FEWEST_WEEKS


def _per_cent(part: Decimal, base: Decimal) -> Decimal | None:
    return part / base * 100 if base else None


def _describe_part(part: Much, base: Much, by: By, currency: str) -> str:
    if by == "value":
        return f"{currency} {amount(part.worth)} of {amount(base.worth)}"
    return f"{count(part.invoices)} of {count(base.invoices)}"


def ways(by: By) -> Ways:
    """The week to today."""
    currency = company_currency()
    day, until = counted_day()
    found = _weeks([day - timedelta(weeks=ago) for ago in range(WEEKS + 1)], currency)
    week = found.pop(day, {})
    base, usual_base = _all(week), sum(map(_all, found.values()), Much())
    usual = _sum(found.values()) if len(found) >= FEWEST_WEEKS else None
    drawn = picture({step: _share(much, base, by) for step, much in week.items()})
    bands = [
        Band(
            source=source,
            target=target,
            much=much,
            base=base,
            usual=None if usual is None else usual.get((source, target), Much()),
            usual_base=None if usual is None else usual_base,
            weeks=len(found),
            by=by,
            currency=currency,
            path=drawn.ribbons.get((source, target), ""),
        )
        for (source, target), much in sorted(week.items(), key=_order)
    ]
    return Ways(
        day=day,
        first_day=day - timedelta(days=6),
        until=until,
        base=base,
        weeks=len(found),
        bands=bands,
        gates=drawn.gates,
        through=_through(week),
        by=by,
        currency=currency,
    )


def _order(item: tuple[Step, Much]) -> tuple[int, int]:
    (source, target), _ = item
    return STATES.index(source), STATES.index(target) if target else len(STATES)


def _share(part: Much, base: Much, by: By) -> float:
    whole = base.of(by)
    return float(part.of(by) / whole) if whole > 0 else 0.0


def counted_day() -> tuple[date, datetime | None]:
    """The day that the newest counted week ends with, and how far it was counted: today, or yesterday while
    today was not counted yet."""
    today = clock.now().astimezone(UTC).date()
    newest = (
        WayDay.objects.filter(day__in=(today, today - timedelta(days=1)))
        .order_by("-day")
        .values_list("day", "until")
        .first()
    )
    return newest or (today, None)


def _weeks(days: Sequence[date], company: str) -> dict[date, dict[Step, Much]]:
    """The steps of the weeks that end with these days; weeks in which nothing came in are left out."""
    rates, today = Rates.load(company), clock.today()
    found: dict[date, dict[Step, Much]] = {}
    read = WayDay.objects.filter(day__in=days)
    for day, source, target, currency, n, gross in read.values_list(
        "day", "source", "target", "currency", "invoices", "gross"
    ):
        week = found.setdefault(day, {})
        worth = rates.convert(gross, currency, today) or Decimal(0)
        week[source, target] = week.get((source, target), Much()) + Much(n, worth)
    return found


def _all(week: Mapping[Step, Much]) -> Much:
    """Everything that came in: each invoice stands somewhere."""
    return sum((much for (_, target), much in week.items() if target == STANDS), Much())


def _sum(weeks: Iterable[Mapping[Step, Much]]) -> dict[Step, Much]:
    out: dict[Step, Much] = {}
    for week in weeks:
        for step, much in week.items():
            out[step] = out.get(step, Much()) + much
    return out


def _through(week: Mapping[Step, Much]) -> list[tuple[str, Much]]:
    """How many left or stand at each state: how many came through it."""
    return [
        (state, sum((much for (source, _), much in week.items() if source == state), Much()))
        for state in STATES
    ]


def list_step(source: str, target: str) -> CountedList | None:
    """The invoices of a step, as it was counted; None where there is no such step."""
    if source not in STATES or (target != STANDS and target not in STATES):
        return None
    day, until = counted_day()
    keys = []
    if until is not None:
        found = rows(KEYS_OF_PATHS, since=week_to(day), until=until)
        keys = [keys for path, keys in found if (source, target) in steps(forward(path))]
    band = Band(source, target, Much(), Much(), None, None, 0, "count", "", "")
    return CountedList(
        name=f"ways-{source}-{target or 'stand'}",
        title=band.title,
        sentence=(
            f"Of the invoices and credit notes received from {day - timedelta(days=6):%-d %B} to"
            f" {day:%-d %B %Y} (UTC), those whose way to where they stand has this step."
        ),
        when="Received",
        columns=("Now", "How"),
        statement=LIST,
        parameters={"keys": f"{{{','.join(keys)}}}"},
    )


KEYS_OF_PATHS = f"""
{PATHS} SELECT path, string_agg(id::text, ',') FROM paths GROUP BY path
"""  # noqa: S608 - made of constants
"""Many invoices took few ways: each with the keys of its invoices, as the text of an array has them."""
LIST = """
SELECT id AS invoice_id, NULL::uuid AS case_id, received_at AS at, ARRAY[state, lane]::text[] AS cells
  FROM coordination_invoice WHERE id = ANY(%(keys)s::uuid[])
"""

HEAD = (
    *("from", "to", "invoices", "of_invoices", "usual_invoices", "usual_of_invoices"),
    *("value", "of_value", "usual_value", "usual_of_value", "currency"),
)


def as_rows(found: Ways) -> list[Sequence[str | int | Decimal | None]]:
    """The table behind the picture, in the order of `HEAD`; what is usual is of the average week."""
    return [
        [
            band.source,
            band.where,
            band.much.invoices,
            band.base.invoices,
            *_usual(band, "count"),
            band.much.worth,
            band.base.worth,
            *_usual(band, "value"),
            found.currency,
        ]
        for band in found.bands
    ]


def _usual(band: Band, by: By) -> list[Decimal | None]:
    if band.usual is None or band.usual_base is None:
        return [None, None]
    return [(x.of(by) / band.weeks).quantize(Decimal("0.01")) for x in (band.usual, band.usual_base)]
