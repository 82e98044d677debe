"""How the quality review is spread: computed from what it found so far, and put in force by a manager like a
policy. Without a plan in force the rule of the policy draws everything alike."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import orjson
from django.db import transaction

from audit import canonical, clock, ledger, trail
from audit.errors import CountersignError
from audit.ids import new_id
from audit.subjects import Subject
from reviews import services as reviews
from reviews.models import Escalation, Status, Verdict

from ...domain.review_plan import Plan
from ...facts import policies, review_plans
from ...models import ReviewPlan
from ...monitoring import review_plan
from ...monitoring.review_plan import CONFIDENCE, VALUE
from ...tasks.announce import announce
from ..master_data import Change, Proposal
from . import reviewed
from .answers import SAMPLED

ACTOR = "system:monitor"
KIND, CODE, PREFIX = "review_plan", "review_plan_changed", "review_plan"
LEAST = 20
"""A plan is made for at least so many reviews: with fewer nothing can be spread."""
FIRST_OF_VENDOR = 20
CENTS = Decimal("0.01")


class TooFew(CountersignError):
    """At the rate of the policy fewer reviews than a plan needs came of the last weeks; the rule draws on."""

    status = 409


class NothingNew(CountersignError):
    """The plan would be the one that was made last; nothing changes."""

    status = 409


def compute(now: datetime) -> tuple[Plan, int, int]:
    """The plan that spreads the policy's rate best over invoices like those of the last weeks, how many these
    are, and for how many reviews it is. Half of these go by amount, half by stratum. Raises `TooFew`."""
    cases = review_plan.eligible(reviewed.of_releases(now).cases)
    rates = [r.rate for r in policies.active().rules if r.then == "sample" and r.reason == SAMPLED and r.rate]
    rate = max(rates, default=Decimal(0))
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
def propose(now: datetime | None = None) -> ReviewPlan:
    """Compute a plan, keep it as a draft, and ask a manager to put it in force. An older question about a
    draft makes way. Raises `TooFew`, `NothingNew`."""
    now = now or clock.now()
    _lock()
    plan, decided, budget = compute(now)
    text = orjson.dumps(plan.as_json(), option=orjson.OPT_SORT_KEYS).decode()
    digest = canonical.sha256(text.encode())
    latest = ReviewPlan.objects.order_by("-number").first()
    if latest is not None and latest.sha256 == digest:
        raise NothingNew
    row = ReviewPlan(
        id=new_id(),
        number=(latest.number if latest else 0) + 1,
        text=text,
        sha256=digest,
        decided=decided,
        budget=budget,
        basis_from=now - reviewed.WINDOW,
        basis_until=now,
        made_by=ACTOR,
        made_at=now,
    )
    changes = trail.insert([row], trail.Stamp(ACTOR, now, "computed"))
    subject = Subject.of(PREFIX, row.number)
    data = {"number": str(row.number), "sha256": digest, "budget": str(budget), "text": text}
    ledger.append([ledger.Event(subject, "review_plan.computed", ACTOR, now, data, changes)])
    older = [str(Subject.of(PREFIX, n)) for n in range(1, row.number)]
    open_ = Escalation.objects.filter(kind=KIND, status=Status.OPEN, subject__in=older)
    why = f"review plan {row.number} was computed"
    reviews.withdraw(list(open_.values_list("subject", flat=True)), by=ACTOR, why=why, at=now)
    _ask(row, plan, now)
    announce([("inbox", "")])
    return row


def _ask(row: ReviewPlan, plan: Plan, now: datetime) -> None:
    before = review_plans.active()
    rates = [r.rate for r in policies.active().rules if r.then == "sample" and r.rate]
    stands = f"review plan {before.number}" if before else f"{per_cent(max(rates))} of everything"
    changes = [
        Change(
            f"amounts from {low}, confidence from {sure}",
            per_cent(before.rates[v][c]) if before else per_cent(max(rates)),
            per_cent(rate),
            "Spread by what the review found so far.",
            CODE,
        )
        for v, (low, shares) in enumerate(zip((Decimal(0), *plan.value), plan.rates, strict=True))
        for c, (sure, rate) in enumerate(zip((Decimal(0), *plan.confidence), shares, strict=True))
    ]
    if plan.interval is not None:
        once = "one unit of money in"
        was = f"{before.interval:,.2f}" if before and before.interval else "none"
        said = "Larger invoices are drawn more often, so that what went wrongly is bounded in money."
        changes.append(Change(once, was, f"{plan.interval:,.2f}", said, CODE))
    said = "And all that rests on an agent with a critical incident. These come on top of the budget."
    was = str(before.first_of_vendor) if before else "0"
    always = Change("first invoices of a vendor, all", was, str(plan.first_of_vendor), said, CODE)
    Proposal(
        subject=Subject.of(PREFIX, row.number),
        text=f"Put review plan {row.number} in force?",
        changes=(*changes, always),
        case={"vendor": f"Review plan {row.number}", "number": str(row.number), "sha256": row.sha256},
        if_approved=f"Approving draws invoices for review by plan {row.number} from now on: {row.budget} of"
        f" {row.decided} like those of the last weeks. What is decided stays as it is.",
        if_rejected=f"Rejecting keeps {stands}.",
        makers=(),
        kind=KIND,
    ).ask(ACTOR, now)


def per_cent(share: Decimal) -> str:
    """0.025 -> 2.5 %."""
    return f"{share * 100:.1f} %"


def carry_out(escalation: Escalation, verdict: Verdict, at: datetime) -> None:
    """A manager's answer: the plan is in force from now on, or is refused."""
    _lock()
    row = ReviewPlan.objects.get(number=int(escalation.case["number"]))
    stamp = trail.Stamp(verdict.by, at, verdict.verdict)
    changes: list[trail.Change] = []
    approved = verdict.verdict == "approve"
    if approved:
        before = ReviewPlan.objects.filter(status=ReviewPlan.Status.ACTIVE).first()
        if before is not None:
            before.status = ReviewPlan.Status.RETIRED
            changes += trail.update([before], ("status",), stamp)
        row.status, row.activated_by, row.activated_at = ReviewPlan.Status.ACTIVE, verdict.by, at
    else:
        row.status = ReviewPlan.Status.REFUSED
    changes += trail.update([row], ("status", "activated_by", "activated_at"), stamp)
    type_ = "review_plan.activated" if approved else "review_plan.refused"
    data = {"number": str(row.number), "sha256": row.sha256}
    ledger.append([ledger.Event(Subject.of(PREFIX, row.number), type_, verdict.by, at, data, changes)])
    announce([("agents", "")])


def lock(subject: str) -> None:
    """Lock all plans, as everybody does who writes one."""
    del subject
    _lock()


def _lock() -> None:
    ledger.lock(PREFIX)
    list(ReviewPlan.objects.select_for_update().values("id"))
