"""How the quality review is spread: computed from what it found so far, and put in force by a manager like a
policy. Without a plan in force the rule of the policy draws everything alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import orjson
from django.contrib.auth.models import User
from django.db import transaction

from audit import clock
from audit.errors import CountersignError
from reviews.access import may_now
from reviews.errors import NotAllowed
from reviews.services import person

from ... import rights
from ...domain.review_plan import Plan
from ...facts import policies, review_plans
from ...models import ReviewPlan
from ...monitoring import review_plan
from ...monitoring.review_plan import CONFIDENCE, VALUE
from ..master_data import Change
from . import reviewed
from .answers import SAMPLED
from .measured_versions import ACTOR, NothingNew, Versions

VERSIONS = Versions(ReviewPlan, "review_plan", "computed")
CODE = "review_plan_changed"
LEAST = 20
"""A plan is made for at least so many reviews: with fewer nothing can be spread."""
FIRST_OF_VENDOR = 20
CENTS = Decimal("0.01")


class TooFew(CountersignError):
    """At the rate of the policy fewer reviews than a plan needs came of the last weeks; the rule draws on."""

    status = 409


class StillWaits(CountersignError):
    """A plan waits for a manager's answer already; there is no other before that."""

    status = 409


def compute(now: datetime) -> tuple[Plan, int, int]:
    """The plan that spreads the policy's rate best over invoices like those of the last weeks, how many these
    are, and for how many reviews it is. Half of these go by amount, half by stratum. Raises `TooFew`."""
    cases = review_plan.eligible(reviewed.of_releases(now).cases)
    rate = drawn_rate()
    budget = int(rate * len(cases))
    if budget < LEAST:
        raise TooFew
    found = review_plan.strata(cases)
    by_amount = budget // 2
    worth = sum((c.amount for c in cases if c.amount > 0), Decimal(0))
    spread = review_plan.spread(found, budget - by_amount)
    best = {
        (s.value, s.confidence): share if s.decided else rate for s, share in zip(found, spread, strict=True)
    }
    plan = Plan(
        number=0,
        confidence=tuple(Decimal(str(c)) for c in CONFIDENCE),
        value=VALUE,
        rates=tuple(tuple(best[v, c] for c in range(len(CONFIDENCE) + 1)) for v in range(len(VALUE) + 1)),
        interval=(worth / by_amount).quantize(CENTS) if worth else None,
        first_of_vendor=FIRST_OF_VENDOR,
        incidents=True,
    )
    return plan, len(cases), budget


@transaction.atomic
def propose(now: datetime | None = None, *, by: str = ACTOR) -> ReviewPlan:
    """Compute a plan, keep it as a draft, and ask a manager to put it in force; a question about an older
    draft makes way. Raises `TooFew`, `NothingNew`."""
    now = now or clock.now()
    VERSIONS.lock()
    plan, decided, budget = compute(now)
    text = orjson.dumps(plan.as_json(), option=orjson.OPT_SORT_KEYS).decode()
    before, rate = review_plans.active(), drawn_rate()
    row = VERSIONS.keep(text, now - reviewed.WINDOW, now, by, decided=decided, budget=budget)
    stands = f"review plan {before.number}" if before else f"{per_cent(rate)} of everything"
    VERSIONS.ask(
        row,
        _changes(before, rate, plan),
        now,
        if_approved=f"Approving draws invoices for review by plan {row.number} from now on: {budget} of"
        f" {decided} like those of the last weeks. What is decided stays as it is.",
        if_rejected=f"Rejecting keeps {stands}.",
    )
    return row


@transaction.atomic
def make(*, by: User) -> ReviewPlan:
    """The same on a manager's word, unless a plan waits already; another manager answers. Raises
    `NotAllowed`, `StillWaits`, `TooFew`, `NothingNew`."""
    if not may_now(by, rights.ACTIVATE_POLICY):
        raise NotAllowed("A plan of the quality review is made by managers.")
    VERSIONS.lock()
    if (row := VERSIONS.waiting()) is not None:
        raise StillWaits(f"Review plan {row.number} waits for a manager's answer already.")
    return propose(by=person(by))


@transaction.atomic
def make_monthly(now: datetime) -> ReviewPlan | None:
    """The plan of a month; None where one waits, where the month (of UTC) has had one, however it came about,
    and where there are too few reviews or nothing new."""
    VERSIONS.lock()
    month = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    after = (month + timedelta(days=31)).replace(day=1)  # a plan of a clock that was ahead is of its month
    of_month = ReviewPlan.objects.filter(made_at__gte=month, made_at__lt=after)
    if VERSIONS.waiting() is not None or of_month.exists():
        return None
    try:
        return propose(now)
    except (TooFew, NothingNew):
        return None


def _changes(before: Plan | None, rate: Decimal, plan: Plan) -> list[Change]:
    changes = [
        Change(
            f"{amounts}, confidence {sure}",
            per_cent(before.rates[v][c] if before else rate),
            per_cent(share),
            "Spread by what the review found so far.",
            CODE,
        )
        for v, (amounts, shares) in enumerate(zip(bands("amounts ", plan.value, 0), plan.rates, strict=True))
        for c, (sure, share) in enumerate(zip(bands("", plan.confidence, 2), shares, strict=True))
    ]
    if plan.interval is not None:
        was = f"{before.interval:,.2f}" if before and before.interval else "none"
        said = "Larger invoices are drawn more often, so that what went wrongly is bounded in money."
        changes.append(Change("one unit of money in", was, f"{plan.interval:,.2f}", said, CODE))
    said = "And all that rests on an agent with a critical incident. These come on top of the budget."
    was = str(before.first_of_vendor) if before else "0"
    return [*changes, Change("first invoices of a vendor, all", was, str(plan.first_of_vendor), said, CODE)]


def bands(before: str, bounds: Sequence[Decimal], places: int) -> list[str]:
    """Each band between these bounds in words: under 0.90, 0.90 to under 0.97, 0.97 and more."""
    said = [f"{bound:,.{places}f}" for bound in bounds]
    first, last = said[0], said[-1]
    between = [f"{before}{low} to under {high}" for low, high in pairwise(said)]
    return [f"{before}under {first}", *between, f"{before}{last} and more"]


def drawn_rate() -> Decimal:
    """The share that the policy's rule draws."""
    rules = policies.active().rules
    return max(
        (r.rate for r in rules if r.then == "sample" and r.reason == SAMPLED and r.rate), default=Decimal(0)
    )


def per_cent(share: Decimal) -> str:
    """0.025 -> 2.5 %."""
    return f"{share * 100:.1f} %"
