"""The quality review: how much is drawn of what, what people found in it, and what that says of the invoices
that nobody looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from django.db import connection
from django.db.models import Max

from audit import clock, sampling
from reviews.models import Escalation, Status

from ..agents import ADVISORY, REGISTRY
from ..decisions import case
from ..domain.key_figures import Share
from ..domain.policy import Rule
from ..domain.review_plan import Plan
from ..facts import policies, review_plans
from ..governance.rule_facts import in_share
from ..models import Agent, Decision, ReviewPlan
from ..monitoring import review_plan
from ..monitoring.calibration import Outlook
from ..monitoring.review_plan import CONFIDENCE, VALUE, Stratum
from ..monitoring.thresholds import Case, Weeks
from ..services.behaviour import reviewed
from ..services.behaviour.answers import SAMPLED
from ..services.behaviour.plan_review import VERSIONS, drawn_rate


@dataclass(frozen=True, slots=True)
class Found:
    """One stratum as the page shows it: its bands in words, what was found, the rate that as many reviews as
    were drawn would have if they were spread by what was found so far, and that of the plan in force."""

    confidence: str
    value: tuple[Decimal | None, Decimal | None]
    stratum: Stratum
    best: Decimal
    rate: Decimal | None


@dataclass(frozen=True, slots=True)
class InForce:
    """The plan in force. `hit`: invoices since then that were drawn by their amount alone or would have been,
    `answered` of them by people; `upper`: with 95 % confidence no more money of all eligible invoices since
    then should not have gone (Stringer bound); None where none of them is answered yet."""

    row: ReviewPlan
    plan: Plan
    hit: int
    answered: int
    upper: Decimal | None


@dataclass(frozen=True, slots=True)
class OfAgent:
    """What the review says of one agent: the share reviewed (None: as the policy says), and what was found of
    the invoices that it would have let go."""

    name: str
    share: Decimal | None
    drawn: int
    answered: int
    outlook: Outlook


BLIND = """
SELECT coalesce("case"->>'blind', '') <> '', verdict <> 'reject', count(*) FROM reviews_escalation
 WHERE kind = 'invoice' AND decided_at > %s AND decided_at <= %s AND verdict <> ''
   AND jsonb_array_length(reasons) = 1 AND reasons->0->>'code' = %s
 GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often people agreed with the agents on invoices drawn for review and nothing else: without knowing
    their answers, and with them beside."""

    blind: Share
    open: Share


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """The whole page. `overall`: what is wrong of what goes by itself, weighed by the chances of the draws;
    `raised`: drawn with a greater chance than the rule's; `budget`: so many reviews the rule's rate comes to;
    `limit`: so much money at most went wrongly; `released`: all that nobody looked at."""

    rule: Rule | None
    policy: str
    since: datetime
    looked_at: int
    newest: int | None
    whole: int
    strata: Sequence[Found]
    overall: Outlook
    decided: int
    drawn: int
    raised: int
    answered: int
    wrong: int
    budget: int
    limit: Decimal
    released: Decimal
    agents: Sequence[OfAgent]
    agreement: Agreement
    blind_share: Decimal
    plan: InForce | None
    waiting: ReviewPlan | None
    question: UUID | None
    """The open question about the plan that waits."""


def load(now: datetime | None = None) -> ReviewPage:
    """The page, for the last weeks."""
    now = now or clock.now()
    policy = policies.active()
    read = read_releases(now)
    found = review_plan.strata(read.cases)
    eligible = review_plan.eligible(read.cases)
    drawn = [c for c in eligible if c.way == "drawn"]
    answered = [c for c in drawn if c.right is not None]
    best = review_plan.spread(found, len(drawn))
    plan, waiting = _in_force(eligible, policy.audit_seed), VERSIONS.waiting()
    return ReviewPage(
        rule=next((r for r in policy.rules if r.then == "sample" and r.reason == SAMPLED), None),
        policy=policy.name,
        since=read.since,
        looked_at=len(read.cases),
        newest=read.newest,
        whole=read.whole,
        strata=[_found(s, rate, plan) for s, rate in zip(found, best, strict=True)],
        overall=Weeks(eligible, 0.0, 1, 1).at(0.0),
        decided=len(eligible),
        drawn=len(drawn),
        raised=sum(c.chance > float(drawn_rate()) for c in drawn),
        answered=len(answered),
        wrong=sum(not c.right for c in answered),
        budget=int(drawn_rate() * len(eligible)),
        limit=review_plan.money_limit(read.cases),
        released=sum((c.amount for c in eligible if c.way == "automatic"), Decimal(0)),
        agents=_agents(drawn, now),
        agreement=_agreement(read.since, now),
        blind_share=case.BLIND,
        plan=plan,
        waiting=waiting,
        question=_question(waiting),
    )


def _question(row: ReviewPlan | None) -> UUID | None:
    if row is None:
        return None
    asked = Escalation.objects.filter(subject=VERSIONS.subject(row), status=Status.OPEN)
    return asked.values_list("pk", flat=True).first()


def _in_force(eligible: Sequence[Case], seed: str) -> InForce | None:
    """The plan in force, and what its draw by amount says of the money."""
    row = ReviewPlan.objects.filter(status=ReviewPlan.Status.ACTIVE).first()
    if row is None:
        return None
    plan = review_plans.plan_of(row.number, row.text)
    if plan.interval is None or row.activated_at is None:
        return InForce(row, plan, 0, 0, None)
    since = [c for c in eligible if c.at >= row.activated_at and c.amount > 0]
    share = {c.invoice: min(Decimal(1), c.amount / plan.interval) for c in since}
    hit = [c for c in since if c.way == "drawn" and in_share(f"{seed}|{c.invoice}", share[c.invoice])]
    answers = [(c.amount, c.amount if c.right else Decimal(0)) for c in hit if c.right is not None]
    upper = sampling.project_monetary(plan.interval, answers).upper if answers else None
    return InForce(row, plan, len(hit), len(answers), upper)


def _agreement(since: datetime, until: datetime) -> Agreement:
    with connection.cursor() as cursor:
        cursor.execute(BLIND, [since, until, SAMPLED])
        found = {(blind, agreed): count for blind, agreed, count in cursor.fetchall()}
    shares = [
        Share(found.get((blind, True), 0), found.get((blind, True), 0) + found.get((blind, False), 0))
        for blind in (True, False)
    ]
    return Agreement(*shares)


def _found(stratum: Stratum, best: Decimal, plan: InForce | None) -> Found:
    amounts = (None, *VALUE, None)
    same = plan is not None and (plan.plan.value, len(plan.plan.confidence)) == (VALUE, len(CONFIDENCE))
    return Found(
        between(stratum.confidence),
        (amounts[stratum.value], amounts[stratum.value + 1]),
        stratum,
        best,
        plan.plan.rates[stratum.value][stratum.confidence] if plan is not None and same else None,
    )


def between(number: int) -> str:
    """A band of confidence in words."""
    if number == 0:
        return f"under {CONFIDENCE[0]:.2f}"
    if number == len(CONFIDENCE):
        return f"{CONFIDENCE[-1]:.2f} and more"
    return f"{CONFIDENCE[number - 1]:.2f} to under {CONFIDENCE[number]:.2f}"


def _agents(drawn: Sequence[Case], now: datetime) -> list[OfAgent]:
    """Of each agent, the drawn invoices that it would have let go."""
    shares = dict(Agent.objects.values_list("name", "review_share"))
    approved = reviewed.approved([c.invoice for c in drawn], now)
    found = []
    for name in REGISTRY:
        if name not in ADVISORY:
            own = [c for c in drawn if (name, c.invoice) in approved]
            weeks = Weeks(own, 0.0, 1, 1)
            found.append(OfAgent(name, shares.get(name), len(own), len(weeks.drawn), weeks.at(0.0)))
    return found


def read_releases(now: datetime) -> reviewed.Read:
    """What is read changes with decisions alone, of agents and of people: nothing is read twice for one."""
    newest = Decision.objects.aggregate(newest=Max("entry_id"))["newest"] or 0
    return _read_at(newest, now.replace(minute=59, second=59, microsecond=0))


@lru_cache(maxsize=2)
def _read_at(_newest: int, until: datetime) -> reviewed.Read:
    return reviewed.of_releases(until)
