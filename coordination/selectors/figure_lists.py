"""The invoices behind key figures: parts and bases of the shares of a period, what was cleared in it, and
holds that stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from audit import clock

from .counted_lists import CountedList
from .kpis import CYCLE_SET, SETS, first_key

SET = f"""
SELECT x.id AS invoice_id, NULL::uuid AS case_id, x.received_at AS at, ARRAY[x.state, x.lane]::text[] AS cells
  FROM ({SETS}) x WHERE
"""  # noqa: S608 - made of constants
CLEARED = f"""
SELECT i.id AS invoice_id, NULL::uuid AS case_id, d.at AS at, ARRAY[i.state, i.lane]::text[] AS cells
  FROM {CYCLE_SET}
"""  # noqa: S608 - made of constants
STANDING = """
SELECT h.invoice_id, NULL::uuid AS case_id, h.opened_at AS at, ARRAY[h.code, h.status]::text[] AS cells
  FROM coordination_hold h WHERE h.status <> 'released' AND h.owner = %(owner)s
   AND (NOT %(waiting)s OR h.status = 'waiting')
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """A set of invoices received in a period, by its condition on the sets of `kpis.SETS`."""

    title: str
    condition: str


FIGURES: dict[str, Figure] = {
    "received": Figure("Received", "true"),
    "ruled-on": Figure("Ruled on", "ruled"),
    "touchless": Figure("Touchless, all", "ruled AND lane = 'auto'"),
    "ruled-on-ordered": Figure("Ruled on, order-based", "ruled AND ordered"),
    "touchless-ordered": Figure("Touchless, order-based", "ruled AND ordered AND lane = 'auto'"),
    "matched": Figure("Matched, order-based", "matched AND ordered"),
    "first-time-match": Figure("First-time match", "matched AND ordered AND off_match IS NOT TRUE"),
    "looked-at": Figure("Received, agents have looked at them", "seen"),
    "exceptions": Figure("Exceptions", "seen AND off_match IS NOT NULL"),
}


def behind(name: str, days: int) -> CountedList:
    """The invoices of a figure over the last `days` days. Raises `KeyError`."""
    since = clock.now() - timedelta(days=days)
    parameters = {"since": since, "first": first_key(since)}
    if name == "cleared":
        return CountedList(
            name=f"cleared-{days}-days",
            title="Cleared",
            sentence=f"Cleared in the last {days} days, and not held again since.",
            when="Cleared",
            columns=("State", "Lane"),
            statement=CLEARED,
            parameters=parameters,
        )
    figure = FIGURES[name]
    return CountedList(
        name=f"{name}-{days}-days",
        title=figure.title,
        sentence=f"Of the invoices and credit notes received in the last {days} days.",
        when="Received",
        columns=("State", "Lane"),
        statement=f"{SET} {figure.condition}",
        parameters=parameters,
    )


def list_holds(owner: str, *, waiting: bool) -> CountedList:
    """The holds of an owner that stand now, each a row."""
    return CountedList(
        name=f"holds-{owner}",
        title=f"Holds of {owner}{', waiting' if waiting else ''}",
        sentence="Holds that stand now, each a row; an invoice may have several.",
        when="Since",
        columns=("Cause", "Hold"),
        statement=STANDING,
        parameters={"owner": owner, "waiting": waiting},
    )
