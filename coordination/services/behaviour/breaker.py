"""The drift breaker of an agent, by degrees: more of its work is reviewed, all of it goes to people, a part
goes through again, all of it does.

Each step is an entry in the agent's chain. What opens it by itself is a critical alarm of a direction in
which money moves more easily; what closes it by itself is what people's answers prove.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection

from audit import clock
from audit.models import Entry
from audit.subjects import Subject
from reviews import services as reviews
from reviews.models import Escalation, Verdict

from ...agents import OWNERS, RELEASE
from ...models import Agent, Breaker, MonitorState, OnCritical
from ...monitoring import proof
from ...tasks.announce import announce
from ..agent_steps import step
from ..master_data import Change, Proposal, waiting

KIND, CODE, PREFIX = "breaker", "drift_breaker", "breaker"
ACTOR = "system:monitor"
BOOSTED = Decimal("0.300")
"""The share of automatic clearances that is reviewed while a warning stands."""
SHARES = (10, 50)
"""Per cent of releases that a half-open breaker lets through, step by step; then it is closed."""
MINUTES_A_CASE = 8
"""What a case takes a person, where the forecast has nothing better to go by."""
FORECAST_DAYS = 14
MOVES = ("agent.breaker_opened", "agent.breaker_half_opened", "agent.breaker_closed")
"""Entries by which a breaker moves."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What an open breaker would cost: more questions a day, and hours of people's time for them."""

    questions_a_day: float
    hours_a_day: float

    @property
    def words(self) -> str:
        return f"+{self.questions_a_day:,.0f} questions a day, {self.hours_a_day:,.1f} h"


AUTOMATIC = """
SELECT count(*) FROM coordination_decision d
 WHERE d.agent = %s AND d.outcome = 'act' AND d.at > %s AND d.at <= %s
   AND EXISTS (SELECT 1 FROM coordination_decision o
        WHERE o.invoice_id = d.invoice_id AND o.agent = %s AND o.entry_id <= d.entry_id)
"""


def forecast(agent: str, now: datetime) -> Forecast:
    """How many releases of the last fortnight rested on the agent's answers and asked nobody: about as many
    questions a business day would come in addition."""
    with connection.cursor() as cursor:
        cursor.execute(AUTOMATIC, [OWNERS[RELEASE], now - timedelta(days=FORECAST_DAYS), now, agent])
        found = cursor.fetchone()[0]
    a_day = found / (FORECAST_DAYS * 5 / 7)
    return Forecast(a_day, a_day * MINUTES_A_CASE / 60)


def boost(row: Agent, why: str) -> None:
    """Review more of what rests on this locked agent's answers; what is reviewed more already stays so."""
    if row.review_share is None or row.review_share < BOOSTED:
        step(row, "agent.review_raised", why, ACTOR, {"review_share": BOOSTED})


def calm(row: Agent, why: str, actor: str) -> None:
    """Review no more of it than the policy says."""
    if row.review_share is not None:
        step(row, "agent.review_lowered", why, actor, {"review_share": None})


def trip(row: Agent, why: str) -> None:
    """A critical alarm of this locked agent: open the breaker, or ask a manager where that was chosen."""
    if row.breaker == Breaker.OPEN:
        return
    if row.on_critical == OnCritical.ASK:
        _ask(row.name, why)
    else:
        _open(row, f"{why} {forecast(row.name, clock.now()).words}.", ACTOR)


def _open(row: Agent, why: str, actor: str) -> None:
    opened = {"breaker": Breaker.OPEN, "breaker_by": actor, "breaker_reason": why, "breaker_share": None}
    step(row, "agent.breaker_opened", why, actor, opened)


def _ask(agent: str, why: str) -> None:
    """Ask managers, once: an open question stays."""
    subject = Subject.of(PREFIX, agent)
    if waiting([subject]):
        return
    cost = forecast(agent, clock.now()).words
    Proposal(
        subject=subject,
        text=f"Open the drift breaker of {agent}?",
        changes=(Change("drift breaker", "closed", "open", f"{why} Open, it costs {cost}.", CODE),),
        case={"vendor": agent, "agent": agent},
        if_approved=f"Approving sends every release that rests on answers of {agent} to a person: {cost}.",
        if_rejected=f"Rejecting lets {agent} go on as before. The alarm stays open.",
        makers=(),
        kind=KIND,
    ).ask(ACTOR, clock.now())
    announce([("inbox", "")])


def lock(subject: str) -> None:
    """Lock the agent that a question is about."""
    Agent.objects.select_for_update().filter(pk=Subject(subject).key).first()


def carry_out(escalation: Escalation, verdict: Verdict, _at: datetime) -> None:
    """A manager's answer: open it, or leave all as it is."""
    row = Agent.objects.select_for_update().get(pk=escalation.case["agent"])
    if verdict.verdict == "approve" and row.breaker != Breaker.OPEN:
        _open(row, str(escalation.reasons[0]["sentence"]), verdict.by)


def answered(state: MonitorState, entry: int, *, confirmed: bool) -> None:
    """A person has answered a case that an agent would have let go, in this entry of the ledger: while its
    breaker is open or half-open, that may prove it. What was answered before the breaker came to where it is
    says nothing of it, however late it is read.

    All answers since then count. A count that began anew with each override would prove any agent in the end:
    of one that is wrong in 5 % one run of 59 in twenty has no override.
    """
    if Agent.objects.filter(pk=state.agent_id, breaker=Breaker.CLOSED).exists():
        return
    row = Agent.objects.select_for_update().get(pk=state.agent_id)  # nobody moves it meanwhile
    move = last_move(row.name)
    if row.breaker == Breaker.CLOSED or entry <= move:
        return
    answers, overridden = answers_since(row, state)
    state.breaker, state.answers, state.overridden = str(move), answers + 1, overridden + (not confirmed)
    if proof.proves(state.answers, state.overridden):
        _next(row, state)


def answers_since(row: Agent, state: MonitorState) -> tuple[int, int]:
    """People's answers about an agent since its breaker was moved last, and how many of them overrode it."""
    return (state.answers, state.overridden) if state.breaker == str(last_move(row.name)) else (0, 0)


def last_move(agent: str) -> int:
    """The ledger's number of the last move of an agent's breaker; 0 where it was never moved."""
    moves = Entry.objects.filter(subject=Subject.of("agent", agent), type__in=MOVES).order_by("-seq")
    return moves.values_list("id", flat=True).first() or 0


def withdraw(agent: str, by: str, why: str, at: datetime) -> None:
    """Take back the question whether to open an agent's breaker: what it was asked for is over."""
    for gone in reviews.withdraw([Subject.of(PREFIX, agent)], by=by, why=why, at=at):
        announce([("inbox", str(gone.id))])


def next_share(row: Agent) -> int | None:
    """Per cent of releases that the next step towards closed lets through; None where that is the last."""
    further = (share for share in SHARES if row.breaker == Breaker.OPEN or share > (row.breaker_share or 0))
    return next(further, None)


def _next(row: Agent, state: MonitorState) -> None:
    """One step towards closed."""
    told = (
        f"{state.answers - state.overridden} of {state.answers} answers of people agree with it: wrong in"
        f" less than {proof.ERROR:.0%}, {proof.SURE:.0%} sure."
    )
    if share := next_share(row):
        half_open(row, share, told, ACTOR)
    else:
        shut = {"breaker": Breaker.CLOSED, "breaker_by": ACTOR, "breaker_reason": told, "breaker_share": None}
        step(row, "agent.breaker_closed", told, ACTOR, shut)


def half_open(row: Agent, share: int, why: str, actor: str) -> None:
    """Let so many per cent of releases through again, chosen by a keyed hash."""
    half = {"breaker": Breaker.HALF, "breaker_by": actor, "breaker_reason": why, "breaker_share": share}
    step(row, "agent.breaker_half_opened", why, actor, half)
