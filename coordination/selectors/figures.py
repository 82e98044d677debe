"""Counts of invoices by stage and lane, and their worth in company currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, Sum

from audit import clock

from ..domain import paths
from ..domain.policy import Policy
from ..facts import policies
from ..facts.exchange_rates import Rates
from ..models import Invoice, Lane, State, Tally

STAGES = tuple(State(name) for name in paths.ORDER)
CLEARED = (State.CLEARED, State.SCHEDULED, State.PAID)
ENDED = (State.REJECTED, State.VOID)


STATE_SETS: Mapping[str, frozenset[str]] = {
    **{state: frozenset({state}) for state in State.values},
    **{f"{s.value}-on": frozenset(x.value for x in STAGES[at:]) for at, s in enumerate(STAGES) if at},
    "ended": frozenset(s.value for s in ENDED),
}
"""What a list may be narrowed to by state: one, one and those further on, or the ends without payment."""
LANE_SETS: Mapping[str, frozenset[str]] = {
    **{lane: frozenset({lane}) for lane in Lane.values},
    "ruled-on": frozenset(Lane.values) - {Lane.OPEN, Lane.WAITING},
}
"""The same by lane: one, or all whose release was ruled on."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Invoices of one state and lane: how many, worth what, standing since when."""

    state: str
    lane: str
    count: int
    worth: Decimal
    since: datetime | None


def policy_in_force() -> Policy | None:
    """The active policy; None on an installation that has not begun, whose pages are empty but not broken."""
    try:
        return policies.active()
    except policies.NoPolicy:
        return None


def company_currency() -> str:
    """The currency that sums of all currencies are in."""
    policy = policy_in_force()
    return policy.company_currency if policy else "EUR"


@dataclass(frozen=True, slots=True)
class Counted:
    """Invoices that differ in nothing that is counted: how many, and their gross in their currency."""

    state: str
    lane: str
    currency: str
    type: str
    count: int
    gross: Decimal


def counted(since: datetime | None = None) -> list[Counted]:
    """Invoices received since a moment: of whole days as they are kept, of the day of the moment counted."""
    if since is None:
        return _kept(date.min)
    next_day = since.astimezone(UTC).date() + timedelta(days=1)
    begun = Invoice.objects.filter(
        received_at__gte=since, received_at__lt=datetime.combine(next_day, time(), UTC)
    )
    rows = begun.values_list("state", "lane", "currency", "type").annotate(n=Count("id"), worth=Sum("gross"))
    return _kept(next_day) + [
        Counted(state, lane, currency, type_, n, worth or Decimal(0))
        for state, lane, currency, type_, n, worth in rows.order_by()
    ]


def _kept(first: date) -> list[Counted]:
    """Invoices received on this UTC day or later, as they are kept."""
    return [
        Counted(state, lane, currency, type_, n, worth)
        for (state, lane, currency, type_), n, worth in Tally.objects.sums_by(
            "invoices", 4, key__4__gte=first.isoformat()
        )
    ]


def cells(days: int | None = None) -> list[Cell]:
    """The grid behind flow and overview. Amounts at the newest reference rate."""
    since = clock.now() - timedelta(days=days) if days is not None else None
    policy, today = policy_in_force(), clock.today()
    rates = Rates.load(policy.company_currency if policy else "EUR")
    out: dict[tuple[str, str], Cell] = {}
    for group in _as_one(counted(since)):
        key = (group.state, group.lane)
        had = out.get(key) or Cell(*key, 0, Decimal(0), _oldest(*key, since))
        worth = rates.convert(group.gross, group.currency, today) or Decimal(0)
        worth = -worth if group.type == "credit_note" else worth
        out[key] = Cell(*key, had.count + group.count, had.worth + worth, had.since)
    return list(out.values())


def _as_one(groups: Iterable[Counted]) -> Iterable[Counted]:
    """What is kept and what was counted as one, so that their sum is rounded once when it is converted."""
    out: dict[tuple[str, ...], Counted] = {}
    for one in groups:
        key = (one.state, one.lane, one.currency, one.type)
        had = out.get(key) or replace(one, count=0, gross=Decimal(0))
        out[key] = replace(one, count=had.count + one.count, gross=had.gross + one.gross)
    return out.values()


def _oldest(state: str, lane: str, since: datetime | None) -> datetime | None:
    """Since when the first of these invoices stands there. None of them stands there longer than it is here,
    so that the index on both begins at `since`."""
    rows = Invoice.objects.filter(state=state, lane=lane)
    if since is not None:
        rows = rows.filter(received_at__gte=since, state_since__gte=since)
    return rows.order_by("state_since").values_list("state_since", flat=True).first()
