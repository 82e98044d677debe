"""The one figure that gate, quorum, limits, lists and payments go by: the amount at stake. Pure.

Of one invoice it is the larger of gross and payable (`domain.amounts.at_stake`). Where a person's answer
stands for a group of invoices, as for a suspected split, it is what the group comes to: who may not sign the
whole may not sign it in parts. What is not known is over every limit.
"""

from __future__ import annotations

from decimal import Decimal

from ..domain.amounts import cents, stake_of
from ..domain.facts import HoldFacts, Snapshot
from ..domain.hold_codes import CATALOGUE


def stake(snapshot: Snapshot) -> Decimal | None:
    """The amount at stake in the invoice's currency; None where it is not known."""
    own = stake_of(snapshot.document)
    if own is None:
        return None
    return max([own, *(abs(h.money) for h in _of_a_group(snapshot) if h.money is not None)])


def in_company(snapshot: Snapshot) -> Decimal | None:
    """The amount at stake in company currency, by the rate of the invoice; None where amount or rate is
    unknown."""
    own, whole, company = stake_of(snapshot.document), stake(snapshot), snapshot.gross_company
    if company is None or not own or whole is None or whole == own:
        return company
    return cents(whole * company / own)


def _of_a_group(snapshot: Snapshot) -> list[HoldFacts]:
    return [h for h in snapshot.live_holds() if CATALOGUE[h.code].of_group]
