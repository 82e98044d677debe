"""Whether people catch what they are there to catch: pure figures of answers to cases with a known answer.

Bounds are exact (Clopper and Pearson, 1934): 54 of 60 caught shows at least 81.2 %, not 90 %. A fall is
looked for in blocks of 40 cases, for which the chance of a false alarm is worked out and not guessed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from statistics import median

from audit.sampling import upper_error_rate

from .key_figures import wilson


class Defect(StrEnum):
    """What is wrong with a known-answer case; `clean` is one that an agent holds although nothing is
    wrong."""

    PRICE = "price"
    QUANTITY = "quantity"
    BANK = "bank"
    DUPLICATE = "duplicate"
    CLEAN = "clean"


DEFECT_WORDS: Mapping[Defect, str] = {
    Defect.PRICE: "Price over the order",
    Defect.QUANTITY: "Quantity not received",
    Defect.BANK: "Another bank account",
    Defect.DUPLICATE: "Look-alike invoice",
    Defect.CLEAN: "Clean, held wrongly",
}

REJECT = "reject"
CAUGHT, MISSED, SPENT = "caught", "missed", "spent"
"""How a known-answer case ended. `spent` ones are counted in no rate: somebody looked it up, or nobody
answered it."""

GOAL = Decimal("0.90")
"""The share of known-answer cases that people are to catch."""

CONFIDENCE = 0.95
BLOCK, LOOK_EVERY = 40, 10
"""A fall is looked for in blocks of so many cases, after each so many of them."""
FALSE_ALARM, EARLY = 0.05, 0.002
"""How often a team that meets the goal is flagged in one block, at most; and at each look before its end."""
FEW = 10
"""Below so many cases a rate is no figure yet; words say so."""


def expected(defect: Defect) -> str:
    """The right answer to a case with this defect."""
    return "approve" if defect is Defect.CLEAN else REJECT


def outcome_of(defect: Defect, verdict: str) -> str:
    """Whether an answer caught it. What is clean is caught by letting it go, with an approval or an
    override."""
    return CAUGHT if (verdict == REJECT) == (expected(defect) == REJECT) else MISSED


# --- exact bounds -------------------------------------------------------------------------------------------


def at_least(part: int, base: int, confidence: float = CONFIDENCE) -> float:
    """The one-sided lower bound of a share (Clopper-Pearson): with this confidence it is no lower."""
    return 1 - upper_error_rate(base - part, base, confidence)


def exact_interval(part: int, base: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The two-sided exact interval of a share."""
    side = 1 - (1 - confidence) / 2
    return at_least(part, base, side), upper_error_rate(part, base, side)


@dataclass(frozen=True, slots=True)
class CatchRate:
    """So many caught of so many shown, with what that proves."""

    caught: int
    shown: int

    @property
    def value(self) -> float | None:
        return self.caught / self.shown if self.shown else None

    @property
    def few(self) -> bool:
        """Are there too few to speak of a rate?"""
        return self.shown < FEW

    @property
    def at_least(self) -> float | None:
        """With 95 % confidence the rate is no lower."""
        return at_least(self.caught, self.shown) if self.shown else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The exact two-sided 95 % interval."""
        return exact_interval(self.caught, self.shown) if self.shown else None

    def __add__(self, other: CatchRate) -> CatchRate:
        return CatchRate(self.caught + other.caught, self.shown + other.shown)


def rate_of(outcomes: Iterable[str]) -> CatchRate:
    """The rate of these outcomes; spent ones do not count."""
    counted = [o for o in outcomes if o in (CAUGHT, MISSED)]
    return CatchRate(sum(o == CAUGHT for o in counted), len(counted))


# --- a fall -------------------------------------------------------------------------------------------------


@cache
def boundary(goal: Decimal = GOAL) -> Mapping[int, int]:
    """Number of cases of a block -> with so many caught or fewer, the rate has fallen below the goal.

    Each bound is the largest with which a team that catches exactly `goal` is flagged by it, not having been
    flagged before, in at most `EARLY` of all blocks, and at the last look in at most what is left of
    `FALSE_ALARM`.
    """
    p, spent, bounds = float(goal), 0.0, {}
    going: dict[int, float] = {0: 1.0}  # caught -> chance of having come to it without a flag
    for n in range(1, BLOCK + 1):
        going = _one_more(going, p)
        if n % LOOK_EVERY:
            continue
        allowed = FALSE_ALARM - spent if n == BLOCK else EARLY
        bound, chance = -1, 0.0
        while bound + 1 <= n and chance + going.get(bound + 1, 0.0) <= allowed:
            bound += 1
            chance += going.get(bound, 0.0)
        if bound >= 0:
            bounds[n] = bound
        spent += chance
        going = {k: q for k, q in going.items() if k > bound}
    return bounds


def _one_more(going: Mapping[int, float], p: float) -> dict[int, float]:
    out: dict[int, float] = {}
    for k, q in going.items():
        out[k + 1] = out.get(k + 1, 0.0) + q * p
        out[k] = out.get(k, 0.0) + q * (1 - p)
    return out


def flagged_share(rate: float, goal: Decimal = GOAL) -> float:
    """In how many blocks a team that catches `rate` is flagged: the power of the test, worked out exactly."""
    going: dict[int, float] = {0: 1.0}
    flagged, bounds = 0.0, boundary(goal)
    for n in range(1, BLOCK + 1):
        going = _one_more(going, rate)
        if n in bounds:
            flagged += sum(q for k, q in going.items() if k <= bounds[n])
            going = {k: q for k, q in going.items() if k > bounds[n]}
    return flagged


@dataclass(frozen=True, slots=True)
class Course:
    """How a team's catch rate goes: `falling`, `steady` or `learning`, and after how many cases of the block
    in hand it was seen (of `learning`: how many there are), of which `caught` were."""

    word: str
    cases: int
    caught: int


def course(outcomes: Sequence[str], goal: Decimal = GOAL) -> Course:
    """How the rate goes, by the newest block of cases that was begun, in the order of their answers.

    A block is over with its last case or with its flag, so that a team that was flagged begins anew. The
    word is `falling` from a flag until a whole block has passed without one.
    """
    counted = [o == CAUGHT for o in outcomes if o in (CAUGHT, MISSED)]
    bounds, caught, n, last = boundary(goal), 0, 0, Course("learning", 0, 0)
    for one in counted:
        caught, n = caught + one, n + 1
        if n in bounds and caught <= bounds[n]:
            last, caught, n = Course("falling", n, caught), 0, 0
        elif n == BLOCK:
            last, caught, n = Course("steady", n, caught), 0, 0
    return last if last.word != "learning" else Course("learning", n, caught)


@dataclass(frozen=True, slots=True)
class Recovery:
    """How far a team that had fallen is: in the block in hand `caught` of `cases`. `met`: some block has met
    the goal."""

    cases: int
    caught: int
    met: bool


def to_catch(goal: Decimal = GOAL) -> int:
    """How many of a block's cases meet the goal."""
    return math.ceil(goal * BLOCK)


def recovery(outcomes: Iterable[str], goal: Decimal = GOAL) -> Recovery:
    """Whether a team has met the goal since it was flagged, by whole blocks of its cases, one after the
    other.

    A block that is not flagged (`course`) proves nothing of a team that had fallen: here it has to catch as
    many as the goal says.
    """
    cases = caught = 0
    for outcome in outcomes:
        if outcome not in (CAUGHT, MISSED):
            continue
        if cases == BLOCK:
            cases = caught = 0
        cases, caught = cases + 1, caught + (outcome == CAUGHT)
        if cases == BLOCK and caught >= to_catch(goal):
            return Recovery(cases, caught, met=True)
    return Recovery(cases, caught, met=False)


# --- two orders of a page -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OrderEffect:
    """Catch rates of cases whose page had the evidence first, and of those that had the recommendation first,
    where it was drawn which."""

    evidence: CatchRate
    recommendation: CatchRate

    @property
    def few(self) -> bool:
        """Are there too few of either to compare?"""
        return self.evidence.few or self.recommendation.few

    @property
    def difference(self) -> float:
        """Rate with evidence first less rate with recommendation first, -1 to 1. There are cases of both."""
        return (self.evidence.value or 0.0) - (self.recommendation.value or 0.0)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the difference."""
        return newcombe(self.evidence, self.recommendation)


def newcombe(one: CatchRate, other: CatchRate) -> tuple[float, float]:
    """The 95 % interval of the difference of two independent rates: Newcombe's hybrid of Wilson's intervals
    (Statistics in Medicine 17, 1998, method 10). There are cases of both."""
    p, q = one.caught / one.shown, other.caught / other.shown
    (low_p, high_p), (low_q, high_q) = wilson(p, one.shown), wilson(q, other.shown)
    return (
        p - q - math.hypot(p - low_p, high_q - q),
        p - q + math.hypot(high_p - p, q - low_q),
    )


# --- noise between people -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers of two people to one case, neither knowing of the other's: what each let go, in company
    currency."""

    agreed: bool
    first: Decimal
    second: Decimal


@dataclass(frozen=True, slots=True)
class Noise:
    """How far two people differ on the same case."""

    agreed: int
    pairs: int
    per_case: Decimal | None
    """What they let go differs by so much, on average, in company currency."""


def noise(pairs: Sequence[Pair]) -> Noise:
    """The share of pairs that agree, and what the others cost."""
    apart = sum((abs(p.first - p.second) for p in pairs), Decimal(0))
    each = (apart / len(pairs)).quantize(Decimal("0.01")) if pairs else None
    return Noise(sum(p.agreed for p in pairs), len(pairs), each)


# --- time on case -------------------------------------------------------------------------------------------

BANDS: tuple[tuple[str, Decimal | None], ...] = (
    ("up to 1,000", Decimal(1000)),
    ("1,000 to 10,000", Decimal(10000)),
    ("over 10,000", None),
)
"""Amounts in company currency by which time on case is told, each up to and including its bound."""
QUICK = 10
"""Seconds below which nobody can have read a case."""


@dataclass(frozen=True, slots=True)
class Dwell:
    """How long cases of one band of amounts lay before a person, in seconds."""

    band: str
    answers: int
    median: float | None
    quick: int


def dwell(answers: Iterable[tuple[Decimal, int]]) -> list[Dwell]:
    """Time on case by amount, of (amount in company currency, seconds)."""
    found: dict[str, list[int]] = {name: [] for name, _ in BANDS}
    for amount, seconds in answers:
        band = next(name for name, most in BANDS if most is None or abs(amount) <= most)
        found[band].append(seconds)
    return [
        Dwell(name, len(times), median(times) if times else None, sum(t < QUICK for t in times))
        for name, times in found.items()
    ]
