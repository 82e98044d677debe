"""Measured oversight as its page shows it: figures with what they prove, and words where they prove
nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from audit import clock, sealing
from reviews.queues import titles

from ..assurance import oversight as read
from ..assurance.oversight import Figures, OfDefect, OfQueue
from ..domain.doses import DisplayOrder, Dose
from ..domain.oversight import BLOCK, FEW, GOAL, CatchRate, Dwell, Recovery, flagged_share, recovery, to_catch
from ..domain.policy import Policy
from ..facts import doses, policies
from ..models import CatchRateFall
from ..oversight import draw
from ..services import catch_rate_falls, keyed_draw

PERIODS = (30, 90, 365)


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval on a line from 0 to 100 %: where it begins, how long it is, where the rate and the goal
    are."""

    start: str
    width: str
    dot: str
    goal: str


@dataclass(frozen=True, slots=True)
class DefectRow:
    """The cases with one defect; without a bar where there are none."""

    row: OfDefect
    bar: Bar | None


@dataclass(frozen=True, slots=True)
class FallRow:
    """A fall of a queue with its doses: when they began and why, and how far its end is."""

    title: str
    fall: CatchRateFall
    doses: Sequence[Dose]
    so_far: Recovery


@dataclass(frozen=True, slots=True)
class Doses:
    """What is done about falls: the rows of the policy, the falls whose doses are in force, and those that
    ended last, newest first."""

    policy: str
    rows: Sequence[Dose]
    falls: Sequence[FallRow]
    over: Sequence[tuple[str, CatchRateFall]]
    to_catch: int


@dataclass(frozen=True, slots=True)
class Oversight:
    """The page. `mine` is the reader's own rate; `auc` None where there are too few cases to say; `order` is
    what stands first on the page of a case, by the policy in force."""

    figures: Figures
    days: int
    rows: Sequence[DefectRow]
    queues: Sequence[OfQueue]
    large: Dwell
    mine: CatchRate
    auc: float | None
    root: str
    on: bool
    per_cent: int
    goal: int
    few: int
    block: int
    power: float
    doses: Doses
    order: str
    drawn: bool

    @property
    def worst(self) -> OfDefect | None:
        """What is missed most, where there are enough cases to say so."""
        told = [row.row for row in self.rows if not row.row.rate.few and row.row.rate.value is not None]
        below = [one for one in told if (one.rate.value or 0) < float(GOAL)]
        return min(below, key=lambda one: one.rate.value or 0, default=None)

    @property
    def empty(self) -> bool:
        rate = self.figures.wrong_payments + self.figures.wrong_holds
        return not rate.shown and not self.figures.commitments.made


def oversight(days: int, actor: str) -> Oversight:
    """The page of the last so many days, for one reader."""
    until = clock.now()
    since = until - timedelta(days=days)
    found = read.figures(since, until)
    checkpoint, policy = sealing.latest(), policies.active()
    return Oversight(
        figures=found,
        days=days,
        rows=[DefectRow(row, _bar(row.rate)) for row in found.by_defect],
        queues=found.by_queue,
        large=found.dwell[-1],
        mine=read.of_person(actor, since, until),
        auc=read.told_from_real(draw.can_imitate, since, until),
        root=checkpoint.root if checkpoint else "",
        on=keyed_draw.share() > 0,
        per_cent=round(keyed_draw.share() * 100),
        goal=int(GOAL * 100),
        few=FEW,
        block=BLOCK,
        power=flagged_share(0.7),
        doses=_doses(policy),
        order=ORDERS[policy.oversight.order],
        drawn=policy.oversight.order is DisplayOrder.DRAWN,
    )


OVER = 5
"""So many falls that are over are shown."""


def _doses(policy: Policy) -> Doses:
    named = dict(titles())
    running = CatchRateFall.objects.filter(ended_at=None).order_by("began_at")
    over = CatchRateFall.objects.exclude(ended_at=None).order_by("-ended_at")[:OVER]
    return Doses(
        policy=policy.name,
        rows=policy.oversight.doses,
        falls=[
            FallRow(
                named.get(f.queue, f.queue),
                f,
                doses.rows(f.doses),
                recovery(catch_rate_falls.outcomes(f.queue, f.since)),
            )
            for f in running
        ],
        over=[(named.get(f.queue, f.queue), f) for f in over],
        to_catch=to_catch(),
    )


ORDERS = {
    DisplayOrder.EVIDENCE: "the evidence",
    DisplayOrder.RECOMMENDATION: "what the agents recommend",
    DisplayOrder.DRAWN: "one of the two, drawn for each question by a keyed hash",
}


def _bar(rate: CatchRate) -> Bar | None:
    interval = rate.interval
    if interval is None or rate.value is None:
        return None
    low, high = interval
    return Bar(_at(low), _at(high - low), _at(rate.value), _at(float(GOAL)))


def _at(share: float) -> str:
    """A place as SVG has it: 81.2%."""
    return f"{share * 100:.1f}%"
