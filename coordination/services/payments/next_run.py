"""What a run proposed now would pay, for the page that shows it: nothing is locked and nothing proposed.

Up to `FEW` cleared invoices the plan is worked out at each look. The plan of many costs seconds, so it is
kept, with the moment at which it was worked out, and shown with it. It is worked out anew as soon as a person
has done something to payments, vendors, agents or policy, and when a bank day is over; of what was decided
about invoices meanwhile the next round of the clock knows (`renew`). Proposing a run never reads what is
kept.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, overload
from uuid import UUID

from django.db import connection
from django.utils import timezone

from audit import clock

from ...facts.serialization import decode, encode
from ...models import NextRun
from . import bank_days, paid_elsewhere, selection
from .plan import Planned

FEW = 200
SHARE, AT_LEAST = 20, timedelta(minutes=1)
"""A kept plan stands for so many times what it cost, and for a minute at least."""
NAMED, REASONS = 5, 20
"""So many invoices that are left out for one reason are named, and so many reasons are listed: one may be of
a single invoice, as what a credit note that it names is."""

ACTS = """
SELECT ARRAY[(SELECT max(history_id) FROM coordination_historicalpayment),
             (SELECT max(history_id) FROM coordination_historicalpaidelsewhere),
             (SELECT max(history_id) FROM coordination_historicalvendor),
             (SELECT max(history_id) FROM coordination_historicalbankaccount),
             (SELECT max(history_id) FROM coordination_historicalagent),
             (SELECT max(history_id) FROM coordination_historicalpolicyversion),
             (SELECT max(id) FROM coordination_rate)]::text
"""


@dataclass(frozen=True, slots=True)
class Next:
    """What a run proposed now would pay in one currency, by SEPA or abroad."""

    currency: str
    abroad: bool
    count: int
    amount: Decimal
    discount: Decimal
    credits: Decimal
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Cleared invoices that it would not pay, by reason; the first of them by number."""

    why: str
    count: int
    numbers: tuple[str, ...]

    @property
    def more(self) -> int:
        return self.count - len(self.numbers)


def left_out(why: str, numbers: Sequence[str]) -> LeftOut:
    """These invoices, left out for one reason."""
    return LeftOut(why, len(numbers), tuple(sorted(numbers)[:NAMED]))


@dataclass(frozen=True, slots=True)
class Preview:
    """The next run. `others`: how many more reasons there are than `left` lists, and for how many invoices;
    `worked_out_at`: of a plan that is kept, as of when."""

    earliest: date
    runs: tuple[Next, ...]
    left: tuple[LeftOut, ...]
    unpayable: Sequence[paid_elsewhere.Unpayable]
    others: tuple[int, int] = (0, 0)
    worked_out_at: datetime | None = None

    @property
    def abroad(self) -> bool:
        """Is there a run among them that SEPA does not carry?"""
        return any(run.abroad for run in self.runs)


def preview(now: datetime | None = None) -> Preview:
    """The run that would be proposed now, or one that was worked out lately where that is dear."""
    now = now or clock.now()
    if selection.candidates()[: FEW + 1].count() <= FEW:
        return work_out(now)
    kept = NextRun.objects.first()
    return _read(kept) if kept is not None and _holds(kept, now) else _keep(now)


def renew(now: datetime) -> bool:
    """Work a kept plan out anew if it has stood long enough; nothing where none is kept."""
    kept = NextRun.objects.first()
    if kept is None or (_holds(kept, now) and now < kept.worked_out_at + _stands(kept)):
        return False
    if selection.candidates()[: FEW + 1].count() <= FEW:
        NextRun.objects.all().delete()
        return False
    _keep(now)
    return True


def work_out(now: datetime) -> Preview:
    """The run that would be proposed now."""
    chosen = selection.select(list(selection.candidates().order_by("id")), now)
    groups: dict[tuple[str, bool], list[Planned]] = defaultdict(list)
    for planned in chosen.plan.payments:
        groups[planned.claim.currency, planned.claim.id in chosen.abroad].append(planned)
    reasons: dict[str, list[str]] = defaultdict(list)
    for out in chosen.plan.left:
        reasons[out.why].append(out.invoice)
    left = sorted(reasons.items(), key=lambda x: (-len(x[1]), x[0]))
    further = left[REASONS:]
    return Preview(
        earliest=chosen.first,
        runs=tuple(_next(*key, group) for key, group in sorted(groups.items())),
        left=tuple(left_out(why, numbers) for why, numbers in left[:REASONS]),
        unpayable=tuple(paid_elsewhere.unpayable(chosen)),
        others=(len(further), sum(len(numbers) for _, numbers in further)),
    )


def _next(currency: str, abroad: bool, group: Sequence[Planned]) -> Next:
    zero, days = Decimal(0), [p.execute_on for p in group]
    return Next(
        currency,
        abroad,
        len(group),
        sum((p.amount for p in group), zero),
        sum((p.discount for p in group), zero),
        sum((sum(p.credits.values(), zero) for p in group), zero),
        min(days),
        max(days),
    )


# --- what is kept -------------------------------------------------------------------------------------------


def _acts(now: datetime) -> str:
    """What a plan hangs on beside the invoices, as one word: who did what last, and on which day the bank can
    pay."""
    with connection.cursor() as cursor:
        cursor.execute(ACTS)
        return f"{timezone.localdate(now)} {bank_days.earliest(now)} {cursor.fetchone()[0]}"


def _stands(kept: NextRun) -> timedelta:
    return max(AT_LEAST, SHARE * timedelta(seconds=kept.seconds))


def _holds(kept: NextRun, now: datetime) -> bool:
    """May it be shown? A clock that does not run leaves none older than ten times what it should be."""
    return kept.acts == _acts(now) and now < kept.worked_out_at + 10 * _stands(kept)


def _keep(now: datetime) -> Preview:
    acts, begun = _acts(now), time.perf_counter()
    found = replace(work_out(now), worked_out_at=now)
    NextRun.objects.update_or_create(
        pk=NextRun.ONLY,
        defaults={
            "worked_out_at": now,
            "seconds": time.perf_counter() - begun,
            "acts": acts,
            "runs": encode(found.runs),
            "left": encode(found.left),
            "others": list(found.others),
            "unpayable": encode(found.unpayable),
            "earliest": found.earliest,
        },
    )
    return found


def _read(kept: NextRun) -> Preview:
    return Preview(
        kept.earliest,
        tuple(decode(Next, row) for row in kept.runs),
        tuple(decode(LeftOut, row) for row in kept.left),
        KeptRows(kept.unpayable),
        (kept.others[0], kept.others[1]),
        kept.worked_out_at,
    )


class KeptRows(Sequence[paid_elsewhere.Unpayable]):
    """What no SEPA run pays, as it is kept. A page shows few of the rows, and only these are read."""

    def __init__(self, rows: list[Any]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, at: int) -> paid_elsewhere.Unpayable: ...
    @overload
    def __getitem__(self, at: slice) -> list[paid_elsewhere.Unpayable]: ...
    def __getitem__(self, at: int | slice) -> paid_elsewhere.Unpayable | list[paid_elsewhere.Unpayable]:
        return [_row(row) for row in self.rows[at]] if isinstance(at, slice) else _row(self.rows[at])


def _row(row: dict[str, Any]) -> paid_elsewhere.Unpayable:
    found = decode(paid_elsewhere.Unpayable, row)
    return replace(found, invoice=UUID(str(found.invoice)))
