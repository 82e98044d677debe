"""How sure an agent says it is: whether that is true, what another threshold would cost, and the table that
it goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from django.db.models import Max

from audit import clock

from ..agents import ADVISORY
from ..domain.calibration import Row
from ..facts import policies
from ..facts.measured_confidence import rows_of
from ..models import CalibrationTable, Decision
from ..monitoring import calibration
from ..monitoring.calibration import Band, Label, Outlook
from ..monitoring.thresholds import BINS, FEW, HIGHEST, Case, Weeks, WhatIf, histogram
from ..services import policy_thresholds
from ..services.behaviour import reviewed
from ..services.behaviour.breaker import MINUTES_A_CASE
from .plots import Mark, Plot, clear_words, steps

RECENT = timedelta(days=7)
SHOWN = 20
TABLES = 20
FOR_A_TEST = 2 * calibration.LEAST_IN_BAND
"""With fewer answers it is not told whether what an agent says is true."""
UNLIKELY = 0.05


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the histogram: its shares (of 7 days and of the weeks before), where it is drawn."""

    low: float
    recent: float
    before: float
    x: float
    width: float
    y: float
    height: float
    line: float
    automatic: bool

    @property
    def high(self) -> float:
        return self.low + 0.05


@dataclass(frozen=True, slots=True)
class Histogram:
    """How sure the agent was when it proposed to let an invoice go."""

    plot: Plot
    bars: Sequence[Bar]
    threshold: float
    down: Sequence[Mark]
    along: Sequence[Mark]
    recent: int
    before: int


@dataclass(frozen=True, slots=True)
class Point:
    """A band of the reliability diagram, as it is drawn."""

    band: Band
    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """What the agent said beside what people confirmed, and in words whether it is true."""

    plot: Plot
    points: Sequence[Point]
    diagonal: str
    down: Sequence[Mark]
    along: Sequence[Mark]
    words: str
    standing: str
    answers: int


@dataclass(frozen=True, slots=True)
class Curve:
    """Wrong automatic decisions against how much is automatic, threshold by threshold. `now_words`: how high
    the words of `now` stand, clear of those of `then`."""

    plot: Plot
    band: str
    line: str
    target: float
    now: tuple[float, float] | None
    then: tuple[float, float] | None
    now_words: float
    down: Sequence[Mark]
    along: Sequence[Mark]
    outlooks: Sequence[Outlook]


@dataclass(frozen=True, slots=True)
class Sentence:
    """The sentence about a threshold, number by number, in words and digits."""

    automatic: tuple[str, str]
    people: str
    hours: str
    wrong: tuple[str, str]
    interval: str
    at_risk: tuple[Decimal, Decimal]
    at_most: Decimal
    labels: int
    reviewed: int
    few: str


@dataclass(frozen=True, slots=True)
class ConfidencePage:
    """The whole page of one agent."""

    agent: str
    policy: str
    in_force: Decimal
    lowest: int
    highest: int
    rule: str
    chosen: int
    target: int
    read: reviewed.Read
    told: Sentence
    safe: Outlook | None
    histogram: Histogram
    reliability: Reliability
    curve: Curve
    moved: Sequence[Case]
    moved_in_all: int
    ways: dict[str, int]
    stricter: bool
    minutes: int

    @property
    def threshold(self) -> Decimal:
        return (Decimal(self.chosen) / 100).quantize(Decimal("0.01"))

    @property
    def changed(self) -> bool:
        return self.threshold != self.in_force

    @property
    def worth_proposing(self) -> bool:
        """Would the threshold have changed anything, and is it stricter where no safe one is known?"""
        return self.changed and self.moved_in_all > 0 and (self.stricter or self.safe is not None)

    @property
    def safe_per_cent(self) -> int | None:
        return round(self.safe.threshold * 100) if self.safe else None


def has_threshold(agent: str) -> bool:
    """Does a threshold decide about the answers of this agent? Not where they hold nothing up."""
    return agent not in ADVISORY


def weeks(agent: str, now: datetime | None = None) -> tuple[Weeks, reviewed.Read]:
    """The invoices of the last weeks of one agent, with its threshold in force."""
    read = _read(agent, now or clock.now())
    threshold = policy_thresholds.in_force(policies.active(), agent)
    days = {c.at.date() for c in read.cases}
    span = (max(days) - min(days)).days + 1 if days else 1
    return Weeks(read.cases, float(threshold), len(days), span), read


def _read(agent: str, now: datetime) -> reviewed.Read:
    """What is read changes with decisions alone, of agents and of people: nothing is read twice for one."""
    newest = Decision.objects.aggregate(newest=Max("entry_id"))["newest"] or 0
    return _read_at(agent, newest, now.replace(minute=59, second=59, microsecond=0))


@lru_cache(maxsize=16)
def _read_at(agent: str, _newest: int, until: datetime) -> reviewed.Read:
    return reviewed.of_agent(agent, until)


def load(agent: str, chosen: int | None, target: int, now: datetime | None = None) -> ConfidencePage:
    """The page: `chosen` a threshold in per cent (None: the one in force), `target` so many wrong decisions
    per 1,000 automatic ones at most."""
    now = now or clock.now()
    found, read = weeks(agent, now)
    policy = policies.active()
    least, rule = policy_thresholds.lowest(policy)
    lowest = max(1, round(least * 100))
    in_force = policy_thresholds.in_force(policy, agent)
    chosen = min(HIGHEST, max(lowest, chosen if chosen is not None else round(in_force * 100)))
    then = chosen / 100
    what, outlooks = found.what_if(then), found.curve(float(lowest / 100))
    moved = found.moved(then)
    ways = {way: sum(c.way == way for c in read.cases) for way in ("automatic", "drawn", "unsure", "other")}
    return ConfidencePage(
        agent=agent,
        policy=policy.name,
        in_force=in_force,
        lowest=lowest,
        highest=HIGHEST,
        rule=rule,
        chosen=chosen,
        target=target,
        read=read,
        told=_sentence(what),
        safe=calibration.safe_threshold(outlooks, target / 1000),
        histogram=_histogram(read, float(in_force), now),
        reliability=_reliability([*found.drawn, *found.asked]),
        curve=_curve(outlooks, what, target),
        moved=moved[:SHOWN],
        moved_in_all=len(moved),
        ways=ways,
        stricter=then >= float(in_force),
        minutes=MINUTES_A_CASE,
    )


# --- the sentence -------------------------------------------------------------------------------------------


def _sentence(what: WhatIf) -> Sentence:
    hours = abs(what.more_a_day) * MINUTES_A_CASE / 60
    sign = "−" if what.more_a_day < 0 else "+"
    none = what.more_a_day == 0
    return Sentence(
        automatic=(_whole_per_cent(what.now.automatic), _whole_per_cent(what.then.automatic)),
        people="none" if none else f"{sign}{abs(what.more_a_day):.1f} a day",
        hours="" if none else f"{hours:.1f} h",
        wrong=(per_thousand(what.now), per_thousand(what.then)),
        interval="" if what.then.wrong is None else f"{what.then.low * 1000:.1f}–{what.then.high * 1000:.1f}",
        at_risk=what.at_risk,
        at_most=what.at_risk_at_most,
        labels=what.then.labels,
        reviewed=what.reviewed,
        few=_few(what.then.labels),
    )


def _whole_per_cent(share: float) -> str:
    return f"{share * 100:.0f}\N{NO-BREAK SPACE}%"


def per_thousand(outlook: Outlook) -> str:
    """Wrong automatic decisions per 1,000; "not known" where nobody has looked."""
    return "not known" if outlook.wrong is None else f"{outlook.wrong * 1000:.1f}"


def _few(labels: int) -> str:
    if labels == 0:
        return "Nobody has answered about an invoice that this threshold would let go, so nothing is known."
    if labels >= FEW:
        return ""
    words = "1 answer is" if labels == 1 else f"{labels} answers are"
    return f"{words} few: how many of them were wrong shows little. Go by the interval."


# --- charts -------------------------------------------------------------------------------------------------


def _histogram(read: reviewed.Read, threshold: float, now: datetime) -> Histogram:
    said = [c for c in read.cases if c.way != "other"]
    new = [c.confidence for c in said if c.at > now - RECENT]
    old = [c.confidence for c in said if c.at <= now - RECENT]
    recent, before = histogram(new), histogram(old)
    marks = [share for share in steps(max([*recent, *before]), 3) if share <= 1]
    plot = Plot(340, 180, BINS[0], 1.0, max(marks[-1], *recent, *before))
    width = (plot.x(0.95) - plot.x(0.90)) - 3
    bars = [
        Bar(
            low=low,
            recent=recent[n],
            before=before[n],
            x=plot.x(low) + 1.5,
            width=round(width, 1),
            y=plot.y(recent[n]),
            height=round(plot.bottom - plot.y(recent[n]), 1),
            line=plot.y(before[n]),
            automatic=low + 1e-9 >= threshold,
        )
        for n, low in enumerate(BINS)
    ]
    down, along = plot.down(marks[1:], 100), plot.along((0.5, 0.65, 0.8, 0.95))
    return Histogram(plot, bars, plot.x(threshold), down, along, len(new), len(old))


def _reliability(labels: Sequence[Label]) -> Reliability:
    bands = calibration.reliability(labels)
    low = min([0.5, *(b.low for b in bands), *(b.confidence for b in bands)])
    low = int(low * 10) / 10
    plot = Plot(260, 220, low, 1.0, 1.0, low)
    points = [Point(b, plot.x(b.confidence), plot.y(b.right), plot.y(b.low), plot.y(b.high)) for b in bands]
    marks = [low, low + (1 - low) / 2, 1.0]
    words, standing = verdict(labels)
    return Reliability(
        plot,
        points,
        plot.line([(low, low), (1.0, 1.0)]),
        plot.down(marks, 1, 2),
        plot.along(marks),
        words,
        standing,
        len(labels),
    )


def verdict(labels: Sequence[Label]) -> tuple[str, str]:
    """In words whether an agent is as sure as it says, by a test; and ok, warn or open."""
    count = len(labels)
    if count < FOR_A_TEST:
        words = f"{count} answer{'' if count == 1 else 's'} of people so far."
        return f"{words} From {FOR_A_TEST} on it is told whether what the agent says is true.", "open"
    chance = calibration.calibration_test(labels)
    if chance is None:
        return "It says the same of all of them with certainty, so there is nothing to test.", "open"
    said = sum(x.confidence for x in labels) / count
    right = sum(x.right for x in labels) / count
    figures = f"{said:.3f} said on average, {right:.3f} confirmed, {count:,} answers, p = {chance:.2g}"
    if chance >= UNLIKELY:
        return f"Nothing speaks against what it says: {figures}.", "ok"
    more = "more" if said > right else "less"
    return f"It is {more} sure than people confirm: {figures}.", "warn"


def _curve(outlooks: Sequence[Outlook], what: WhatIf, target: int) -> Curve:
    known = sorted((o for o in outlooks if o.wrong is not None), key=lambda o: o.automatic)
    limit = target / 1000
    top = max([limit * 2, *(1.5 * (o.wrong or 0) for o in known)])
    marks = steps(top, 4)
    shares = [o.automatic for o in known] or [0.0, 1.0]
    low, high = int(min(shares) * 10) / 10, min(1.0, int(max(shares) * 10 + 1) / 10)
    plot = Plot(340, 220, low, high, marks[-1])
    middle = round((low + high) / 2, 2)
    now, then = _point(plot, what.now), _point(plot, what.then)
    return Curve(
        plot,
        plot.band([(o.automatic, o.low, o.high) for o in known]),
        plot.line((o.automatic, o.wrong or 0) for o in known),
        plot.y(limit),
        now,
        then,
        clear_words(now, then if what.then.threshold != what.now.threshold else None),
        plot.down(marks, 1000, 0 if marks[1] * 1000 >= 1 else 1),
        plot.along((low, middle, high), 100, 0),
        outlooks,
    )


def _point(plot: Plot, outlook: Outlook) -> tuple[float, float] | None:
    return None if outlook.wrong is None else (plot.x(outlook.automatic), plot.y(outlook.wrong))


# --- the table in force -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Calibration:
    """The table in force with its rows about one agent (None: no table is in force), and every version."""

    table: CalibrationTable | None
    rows: Sequence[Row]
    versions: Sequence[CalibrationTable]


def calibration_of(agent: str) -> Calibration:
    """What was measured of one agent, and the versions of the table, newest first."""
    versions = list(CalibrationTable.objects.order_by("-number")[:TABLES])
    active = CalibrationTable.objects.filter(status=CalibrationTable.Status.ACTIVE).first()
    rows = [r for r in rows_of(active.text) if r.pattern.agent == agent] if active else []
    return Calibration(active, rows, versions)


def table_rows(agent: str, number: int) -> list[Row] | None:
    """The rows of one version about one agent; None where there is no such version."""
    found = CalibrationTable.objects.filter(number=number).first()
    return None if found is None else [r for r in rows_of(found.text) if r.pattern.agent == agent]
