"""Who is paid how much and when, worked out from frozen facts. Pure: no table, no clock.

The rules, in this order: a credit that names an invoice goes to that one first, to the earliest of its parts;
the best discount of those agreed and offered is taken on what then is left, if the pay day is inside its
window and the invoice is paid at once; what is left of credits goes to the vendor's other invoices, those
that are paid soonest first. Nothing is ever paid below zero, and what is left of a credit stays for the next
run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal
from uuid import UUID

from ...domain import instalments
from ...domain.amounts import ZERO, cents
from ...domain.payment_terms import Discount, best
from ...translation.canonical import DiscountTerm
from . import bank_days

Basis = Literal["discount", "due", "at_once"]

HORIZON = timedelta(days=366)
"""A bank takes no order for a day further off than about a year."""

TOO_FAR = HORIZON + timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Payable:
    """A cleared invoice, or a part of one of `count`. `asked` is what is to be paid of it; `why_not` says why
    it cannot be paid, whatever its amount. `discounts` are what the document offers beside the `terms`
    agreed."""

    id: UUID
    vendor: UUID
    number: str
    currency: str
    asked: Decimal
    issued: date | None
    due: date | None
    terms: str = ""
    why_not: str = ""
    earliest: date | None = None
    """The first day on which the bank can carry out an order in its currency, where that is another than the
    run's."""
    part: int | None = None
    count: int = 1
    discounts: tuple[DiscountTerm, ...] = ()

    @property
    def label(self) -> str:
        """The invoice, and which of its parts."""
        return instalments.label(self.number, self.part, self.count)


@dataclass(frozen=True, slots=True)
class Credit:
    """What is left of an accepted credit, and the invoices of this plan that it names."""

    id: UUID
    vendor: UUID
    number: str
    currency: str
    left: Decimal
    issued: date | None = None
    names: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Excluded:
    """A cleared invoice that is not in the run, and why."""

    invoice: str
    why: str


@dataclass(slots=True)
class Planned:
    """One payment: asked = amount + discount + credits."""

    claim: Payable
    execute_on: date
    basis: Basis
    discount: Decimal = ZERO
    discount_until: date | None = None
    credits: dict[UUID, Decimal] = field(default_factory=dict)

    @property
    def amount(self) -> Decimal:
        return self.claim.asked - self.discount - sum(self.credits.values(), ZERO)


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be paid, and what would not."""

    payments: tuple[Planned, ...]
    left: tuple[Excluded, ...]


def make(
    claims: Sequence[Payable], open_credits: Sequence[Credit], first: date, until: date | None = None
) -> Plan:
    """The plan for a run that the bank can carry out from `first` on; with `until` only what is to be paid by
    then."""
    pots = {c.id: c.left for c in open_credits}
    ordered = sorted(open_credits, key=lambda c: (c.issued or date.max, c.number, c.id))
    payments, left = (
        [],
        [Excluded(n, why) for n, why in {c.id: (c.number, c.why_not) for c in claims if c.why_not}.values()],
    )
    naming: dict[UUID, list[Credit]] = defaultdict(list)
    for credit in ordered:
        for claim_id in credit.names:
            naming[claim_id].append(credit)
    for claim in claims:
        if claim.why_not:
            continue
        named = [c for c in naming.get(claim.id, ()) if c.currency == claim.currency]
        planned = _planned(claim, named, pots, claim.earliest or first)
        why = _too_late(planned, claim.earliest or first, until)
        if why:
            left.append(Excluded(claim.label, why))
            _give_back(planned, pots)
        else:
            payments.append(planned)
    _spread(payments, ordered, pots)
    left += [Excluded(p.claim.label, _nothing(p)) for p in payments if p.amount <= ZERO]
    return Plan(tuple(p for p in payments if p.amount > ZERO), tuple(left))


def _nothing(planned: Planned) -> str:
    return "nothing is left to pay" + (" after credits" if planned.credits else "")


def _planned(claim: Payable, named: Sequence[Credit], pots: dict[UUID, Decimal], first: date) -> Planned:
    """The payment of a claim after the credits that name it, on its day."""
    planned = Planned(claim, first, "at_once")
    for credit in named:
        _take(planned, credit, pots)
    offer = None
    if claim.part is None:  # instalments are paid without discount
        offer = best(planned.amount, claim.asked, claim.issued, claim.terms, claim.discounts, first)
    day, basis, keeps = pay_day(claim.due, offer, first, claim.currency)
    planned.execute_on, planned.basis = day, basis
    if offer is not None and keeps:
        planned.discount = instalments.carried(offer.amount, claim.currency)
        planned.discount_until = offer.until
    return planned


def pay_day(
    due: date | None, offer: Discount | None, first: date, currency: str = bank_days.EURO
) -> tuple[date, Basis, bool]:
    """(day, why then, discount kept): the last bank day that keeps a discount, else the last until the due
    date, else the first there is."""
    latest = first
    if due is not None and due >= first:
        latest = max(first, bank_days.last_until(min(due, first + TOO_FAR), currency))
    if offer is not None and offer.until >= first:
        by = max(first, bank_days.last_until(offer.until, currency))
        return by if due is None else min(by, latest), "discount", True
    return latest, "due" if due is not None and due >= first else "at_once", False


def _too_late(planned: Planned, first: date, until: date | None) -> str:
    day = planned.execute_on
    if day > first + HORIZON:
        return f"due on {planned.claim.due or day:%-d %b %Y}, more than a year ahead"
    if until is not None and day > max(until, first):
        return f"to be paid on {day:%-d %b %Y}, after this run"
    return ""


def _take(planned: Planned, credit: Credit, pots: dict[UUID, Decimal]) -> None:
    """As much of a credit as the payment can bear and the bank can carry; the rest stays with the credit."""
    used = instalments.carried(min(pots[credit.id], planned.amount), credit.currency)
    if used > ZERO:
        pots[credit.id] -= used
        planned.credits[credit.id] = planned.credits.get(credit.id, ZERO) + used


def _give_back(planned: Planned, pots: dict[UUID, Decimal]) -> None:
    for credit, used in planned.credits.items():
        pots[credit] += used


def _spread(payments: Iterable[Planned], ordered: Sequence[Credit], pots: dict[UUID, Decimal]) -> None:
    """What is left of credits, off the vendor's payments in the order in which they fall due."""
    by_vendor: dict[tuple[UUID, str], list[Planned]] = defaultdict(list)
    for planned in payments:
        by_vendor[planned.claim.vendor, planned.claim.currency].append(planned)
    for group in by_vendor.values():
        group.sort(
            key=lambda p: (
                p.execute_on,
                p.claim.issued or date.max,
                p.claim.number,
                p.claim.id,
                p.claim.part or 0,
            )
        )
    for credit in ordered:
        for planned in by_vendor.get((credit.vendor, credit.currency), ()):
            if pots[credit.id] <= ZERO:
                break
            _take(planned, credit, pots)


def whole_cents(amount: Decimal | None) -> Decimal:
    """What a bank can carry: cents."""
    return cents(amount or ZERO)
