"""Counts of invoices by stage and lane, and their worth in company currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Min, Sum
from django.utils import timezone

from ..domain.policy import Policy
from ..facts import policies
from ..facts.exchange_rates import Rates
from ..models import Invoice, State

STAGES = (
    State.RECEIVED,
    State.VALIDATED,
    State.MATCHED,
    State.DELIVERED,
    State.CLEARED,
    State.SCHEDULED,
    State.PAID,
)
CLEARED = (State.CLEARED, State.SCHEDULED, State.PAID)
ENDED = (State.REJECTED, State.VOID)


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


def cells(days: int | None = None) -> list[Cell]:
    """The grid behind flow and overview, one grouped query. Amounts at the newest reference rate."""
    rows = Invoice.objects.all()
    if days is not None:
        rows = rows.filter(received_at__gte=timezone.now() - timedelta(days=days))
    grouped = rows.values("state", "lane", "currency", "type").annotate(
        n=Count("id"), worth=Sum("gross"), since=Min("state_since")
    )
    policy = policy_in_force()
    rates = Rates.load(policy.company_currency if policy else "EUR")
    out: dict[tuple[str, str], Cell] = {}
    for row in grouped:
        key = (row["state"], row["lane"])
        had = out.get(key) or Cell(*key, 0, Decimal(0), None)
        worth = rates.convert(row["worth"], row["currency"], timezone.localdate()) or Decimal(0)
        worth = -worth if row["type"] == "credit_note" else worth
        since = min(filter(None, [had.since, row["since"]]), default=None)
        out[key] = Cell(*key, had.count + row["n"], had.worth + worth, since)
    return list(out.values())
