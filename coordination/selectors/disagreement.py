"""How far two agents agree on the same invoices, and the invoices on which they differ."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from django.db.models import F, Max, Sum

from audit import clock

from ..display.reasoning import code_in_words, reasoning_in_words
from ..domain.key_figures import Share
from ..models import AgreementDay
from ..monitoring.kappa import Kappa, kappa
from ..tasks.sql import rows
from .counted_lists import CountedList

PERIODS = (7, 30, 90)
FEWEST = 30
"""Invoices that both answered, below which nothing is said of a pair."""

DIFFER = """
WITH days AS (
    SELECT day, until FROM coordination_agreementday
     WHERE first = %(first)s AND second = %(second)s AND day BETWEEN %(first_day)s AND %(last_day)s),
answers AS (
    SELECT DISTINCT ON (k.day, d.invoice_id, d.agent) k.day, d.invoice_id, d.agent, d.at, d.proposed,
           d.codes, d.entry_id
      FROM days k JOIN coordination_decision d
        ON d.agent = ANY(%(pair)s) AND d.at >= k.day::timestamp AT TIME ZONE 'UTC' AND d.at < k.until
     WHERE d.proposed IN ('approve', 'hold')
     ORDER BY k.day, d.invoice_id, d.agent, d.at DESC, d.entry_id DESC)
SELECT a.invoice_id, NULL::uuid AS case_id, greatest(a.at, b.at) AS at,
       ARRAY[a.proposed, a.codes::text, a.entry_id::text,
             b.proposed, b.codes::text, b.entry_id::text] AS cells
  FROM answers a JOIN answers b ON b.day = a.day AND b.invoice_id = a.invoice_id
 WHERE a.agent = %(first)s AND b.agent = %(second)s AND a.proposed <> b.proposed
"""

Level = Literal["few", "undefined", "poor", "slight", "fair", "good"]
LEVELS: Sequence[tuple[float, Level]] = ((0.2, "poor"), (0.4, "slight"), (0.7, "fair"))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two agents: on how many invoices that both answered they proposed the same, and how far that is beyond
    chance."""

    first: str
    second: str
    both: int
    first_only: int
    second_only: int
    neither: int

    @property
    def agree(self) -> Share:
        return Share(self.both + self.neither, self.both + self.first_only + self.second_only + self.neither)

    @property
    def differ(self) -> int:
        return self.first_only + self.second_only

    @property
    def few(self) -> bool:
        return self.agree.base < FEWEST

    @property
    def kappa(self) -> Kappa | None:
        return kappa([[self.both, self.first_only], [self.second_only, self.neither]])

    @property
    def constant(self) -> bool:
        """Did one of them always say the same? Then kappa is 0 or not defined, whatever the other said."""
        either = (self.both + self.first_only, self.both + self.second_only)
        return not {0, self.agree.base}.isdisjoint(either)

    @property
    def level(self) -> Level:
        """Which colour the cell has; the numbers say the same."""
        if self.few:
            return "few"
        found = self.kappa
        if found is None or self.constant:
            return "undefined"
        shown = round(found.value, 2)
        return next((level for most, level in LEVELS if shown < most), "good")


@dataclass(frozen=True, slots=True)
class Row:
    """One agent beside those before it; None where the two never answered on one invoice on one day. `after`:
    places of the columns that stay empty, so that each pair stands once."""

    agent: str
    pairs: Sequence[Pair | None]
    after: range


@dataclass(frozen=True, slots=True)
class Matrix:
    """Agents against agents, each pair once. `until`: when it was counted last."""

    days: int
    columns: Sequence[str]
    rows: Sequence[Row]
    pairs: Sequence[Pair]
    until: datetime | None


def first_day(days: int) -> date:
    """The first of so many UTC days, today the last."""
    return clock.now().astimezone(UTC).date() - timedelta(days=days - 1)


def matrix(days: int) -> Matrix:
    """Every pair of agents over the last `days` days."""
    found = _pairs(days)
    names = sorted({name for pair in found for name in pair})
    until = AgreementDay.objects.filter(day__gte=first_day(days)).aggregate(at=Max("until"))["at"]
    lines = [
        Row(name, [found.get((other, name)) for other in names[:at]], range(at, len(names) - 1))
        for at, name in enumerate(names)
        if at
    ]
    return Matrix(days, names[:-1], lines, sorted(found.values(), key=lambda p: (p.first, p.second)), until)


def pair_of(days: int, first: str, second: str) -> Pair | None:
    """Two agents, in their order; None where they were never counted beside each other."""
    return _pairs(days).get((first, second))


def _pairs(days: int) -> Mapping[tuple[str, str], Pair]:
    sums = (
        AgreementDay.objects.filter(day__gte=first_day(days))
        .values_list("first", "second")
        .annotate(a=Sum("both"), b=Sum("first_only"), c=Sum("second_only"), d=Sum("neither"))
        .order_by()
    )
    return {(first, second): Pair(first, second, *counts) for first, second, *counts in sums}


def differing(days: int, pair: Pair) -> CountedList:
    """The invoices that a cell counts as different, with both answers. Of a day that goes on it is those that
    were counted, so that the list is as long as the cell says."""
    parameters = {"first": pair.first, "second": pair.second, "pair": [pair.first, pair.second]}
    counted = AgreementDay.objects.filter(first=pair.first, second=pair.second, day__gte=first_day(days))
    by_day = counted.order_by("-day").values_list("day", F("first_only") + F("second_only"))
    return CountedList(
        name=f"differ-{pair.first}-{pair.second}",
        title=f"{pair.first} and {pair.second} differ",
        sentence=(
            f"Invoices on which one of them proposed to approve and the other to hold on the same day, of"
            f" {pair.agree.base:,} that both answered."
        ),
        when="Answered",
        columns=(pair.first, pair.second),
        statement=DIFFER,
        parameters=parameters,
        spoken=_describe_answers,
        by_day=lambda: list(by_day.all()),
    )


REASONS = """
SELECT id::text, body::jsonb #>> '{data,reasoning}' FROM audit_entry WHERE id = ANY(%s::bigint[])
"""


def _describe_answers(found: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """Both answers of each row, with what its agent said for it: hold: Line 1 takes billing to 120, ..."""
    entries = [row[at] for row in found for at in (2, 5)]
    reasons = dict(rows(REASONS, entries))
    return [
        [_describe_answer(row[at], row[at + 1], reasons.get(row[at + 2])) for at in (0, 3)] for row in found
    ]


def _describe_answer(proposed: str, codes: str, reasoning: str | None) -> str:
    """What an agent proposed and its reasons, as it said them, else by their codes: hold: price over."""
    words = [code_in_words(code) for code in dict.fromkeys(json.loads(codes))]
    said = reasoning_in_words(reasoning or "") or (", ".join(words) if proposed == "hold" else "")
    return f"{proposed}: {said}" if said else proposed
