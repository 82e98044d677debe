"""When is a change evident: a mixture Shiryaev-Roberts e-detector over yes-or-no decisions.

For each side of a stream and each of three sizes of change a value M grows by `M <- (1 + M) * LR`, where LR
is how much better the decision fits the changed rate than the rate to expect. As long as nothing has changed,
M is expected to be at most the number of decisions so far; so an alarm when the mean of the three reaches A
is a false one at most about once in A decisions (Shin, Ramdas and Rinaldo, "E-detectors").

Three things keep that so where decisions are not independent and the rates are estimates:
the rate to expect is the 90 % bound on the side that is watched (guard band); both hypotheses know that days
differ, so that what the day so far shows is first put down to the day; and one day alone, however strange,
raises the evidence by a bounded factor (`day_cap`).
"""

from __future__ import annotations

from math import exp, log

from .baselines import Expected
from .measures import Direction

ODDS_RATIOS = (1.4, 2.0, 3.0)
"""Sizes of change that are bet on, in odds; their inverses on the other side."""
DAY_CAP, CALM_CAP = 100.0, 2_000.0
"""By how much one day can multiply the evidence; the second where the learning days hardly differed."""
CALM = 0.11**2
"""Days hardly differ where the variance of their log odds is under this."""
HIGHEST = 1e11
"""Where a day begins at most, so that evidence falls in time once a change is over."""

Bets = tuple[float, float, float, float]
"""The rate to expect, and the three changed ones."""


def place_bets(expected: Expected, direction: Direction) -> Bets:
    """The rates that one side of a stream compares in one context."""
    bound, sign = (expected.high, 1) if direction is Direction.UP else (expected.low, -1)
    a, b, c, d = (1 / (1 + exp(-(bound + sign * log(ratio)))) for ratio in (1.0, *ODDS_RATIOS))
    return a, b, c, d


def day_cap(between_days: float) -> float:
    """By how much one day can multiply the evidence of a stream whose days differ with this variance."""
    return CALM_CAP if between_days < CALM else DAY_CAP


class Detector:
    """One side of one stream. `between_days` is the variance of a day's log odds.

    Of the day so far it keeps, for each of the four rates, by how many events it is ahead (s) and the
    information of its decisions (i): the day's own log odds are estimated as `t * s / (1 + t * i)`.
    """

    __slots__ = (
        "cap",
        "i0",
        "i1",
        "i2",
        "i3",
        "m1",
        "m2",
        "m3",
        "s0",
        "s1",
        "s2",
        "s3",
        "t",
        "top1",
        "top2",
        "top3",
    )

    def __init__(self, between_days: float) -> None:
        self.t = between_days
        self.cap = day_cap(between_days)
        self.m1 = self.m2 = self.m3 = 0.0
        self.begin_day()

    @property
    def evidence(self) -> float:
        """By chance, decisions of this kind come to so much about once in so many."""
        return (self.m1 + self.m2 + self.m3) / 3

    def begin_day(self) -> None:
        """What the day before showed of its own chance does not hold for the next."""
        self.s0 = self.s1 = self.s2 = self.s3 = self.i0 = self.i1 = self.i2 = self.i3 = 0.0
        self.m1, self.m2, self.m3 = min(self.m1, HIGHEST), min(self.m2, HIGHEST), min(self.m3, HIGHEST)
        self.top1, self.top2, self.top3 = self.m1 * self.cap, self.m2 * self.cap, self.m3 * self.cap

    def observe(self, event: bool, bets: Bets) -> float:
        """Take in one decision; the evidence after it."""
        p0, p1, p2, p3 = bets
        t = self.t
        w0, w1, w2, w3 = p0 - p0 * p0, p1 - p1 * p1, p2 - p2 * p2, p3 - p3 * p3
        s0, s1, s2, s3 = self.s0, self.s1, self.s2, self.s3
        # the rates that the day so far suggests
        q0 = p0 + w0 * t * s0 / (1 + t * self.i0)
        q1 = p1 + w1 * t * s1 / (1 + t * self.i1)
        q2 = p2 + w2 * t * s2 / (1 + t * self.i2)
        q3 = p3 + w3 * t * s3 / (1 + t * self.i3)
        if not event:
            q0, q1, q2, q3 = 1 - q0, 1 - q1, 1 - q2, 1 - q3
        q0 = max(q0, 1e-4)
        m1, m2, m3 = (1 + self.m1) * q1 / q0, (1 + self.m2) * q2 / q0, (1 + self.m3) * q3 / q0
        cap = self.cap
        self.top1 = top1 = self.top1 + cap
        self.top2 = top2 = self.top2 + cap
        self.top3 = top3 = self.top3 + cap
        self.m1 = m1 = 0.0 if m1 < 0 else m1 if m1 < top1 else top1
        self.m2 = m2 = 0.0 if m2 < 0 else m2 if m2 < top2 else top2
        self.m3 = m3 = 0.0 if m3 < 0 else m3 if m3 < top3 else top3
        self.s0, self.s1, self.s2, self.s3 = (
            s0 + event - p0,
            s1 + event - p1,
            s2 + event - p2,
            s3 + event - p3,
        )
        self.i0 += w0
        self.i1 += w1
        self.i2 += w2
        self.i3 += w3
        return (m1 + m2 + m3) / 3
