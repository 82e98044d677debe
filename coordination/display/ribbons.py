"""A picture of ways: from state to state, each step a ribbon as wide as its share. Pure: numbers in, SVG
paths out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..domain.paths import ORDER, STANDS
from ..domain.transitions import ENDED

WIDTH, HEIGHT = 1120.0, 300.0
GAP, GATE = 8.0, 2.5
STUB = 0.4
"""How far a ribbon of those that stay goes, as a part of the way to the next state."""
STATES = (*ORDER, *sorted(ENDED))
LAST = len(ORDER) - 1
STEP = WIDTH / len(ORDER)

Step = tuple[str, str]
Point = tuple[float, float, float]
"""A place of a ribbon: x, and where it is there, above and below."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A state: a bar as high as what came through it."""

    state: str
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Picture:
    """`ribbons`: SVG paths by step; `gates`: the states that anything came through."""

    ribbons: Mapping[Step, str]
    gates: Sequence[Gate]


def curve(points: Sequence[tuple[float, float]]) -> str:
    """A line through points from left to right or back, smooth, and level at each."""
    out = [f"{points[0][0]:.1f},{points[0][1]:.1f}"]
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (x0 + x1) / 2
        out.append(f"C{middle:.1f},{y0:.1f} {middle:.1f},{y1:.1f} {x1:.1f},{y1:.1f}")
    return " ".join(out)


def picture(shares: Mapping[Step, float]) -> Picture:
    """Draw steps, each a share (0 to 1) of all that came in. A step leads further on or to `STANDS`."""
    shares = {step: share for step, share in shares.items() if share > 0}
    heights = {
        state: height
        for state in STATES
        if (height := max(_sum(shares, source=state), _sum(shares, target=state))) > 0
    }
    columns = [_column(at, heights, shares) for at in range(len(ORDER))]
    most = max((len(column) for column in columns), default=1)
    tall = max((sum(height for _, height in column) for column in columns), default=0)
    scale = (HEIGHT - GAP * (most - 1)) / max(tall, 1.0)
    tops = [_stacked(column, scale) for column in columns]
    gates = [
        Gate(state, x_of(state), tops[place(state)][state], round(heights[state] * scale, 2))
        for state in heights
    ]
    leaves = _side({g.state: g.y for g in gates}, shares, scale, out=True)
    enters = _side({g.state: g.y for g in gates}, shares, scale, out=False)
    ribbons = {}
    for step, share in shares.items():
        wide = share * scale
        points = [(x_of(step[0]) + GATE, leaves[step], leaves[step] + wide)]
        points += _between(step, tops, wide)
        points.append(_end(step, leaves, enters, wide))
        ribbons[step] = _ribbon(points)
    return Picture(ribbons, gates)


def place(state: str) -> int:
    """The column of a state: those that end without payment stand below the last one."""
    return ORDER.index(state) if state in ORDER else LAST


def x_of(state: str) -> float:
    return round(place(state) * STEP, 1)


def _sum(shares: Mapping[Step, float], *, source: str = "", target: str = "") -> float:
    return sum(
        share for (a, b), share in shares.items() if (source and a == source) or (target and b == target)
    )


def _order(step: Step) -> tuple[int, int]:
    """Nearer targets first, so that ribbons cross little; those that stay last."""
    source, target = step
    return (len(STATES) if target == STANDS else STATES.index(target), STATES.index(source))


def _column(
    at: int, heights: Mapping[str, float], shares: Mapping[Step, float]
) -> list[tuple[str | Step, float]]:
    """What stands in a column from above: its states, then the steps that pass it by."""
    states = [(state, heights[state]) for state in STATES if state in heights and place(state) == at]
    passing = [s for s in shares if s[1] != STANDS and place(s[0]) < at < place(s[1])]
    return [*states, *((step, shares[step]) for step in sorted(passing, key=_order))]


def _stacked(column: Sequence[tuple[str | Step, float]], scale: float) -> dict[str | Step, float]:
    tops, y = {}, 0.0
    for name, height in column:
        tops[name] = round(y, 2)
        y += height * scale + GAP
    return tops


def _side(
    tops: Mapping[str, float], shares: Mapping[Step, float], scale: float, *, out: bool
) -> dict[Step, float]:
    """Where each step leaves its state, or enters the next."""
    found: dict[Step, float] = {}
    at = dict(tops)
    steps = sorted(shares, key=_order if out else _from_above)
    for step in steps:
        state = step[0] if out else step[1]
        if state != STANDS:
            found[step] = at[state]
            at[state] += shares[step] * scale
    return found


def _from_above(step: Step) -> tuple[bool, int]:
    """The step from the column before comes from above, those that passed it by from below."""
    source, target = step
    return (target == STANDS or place(source) + 1 < place(target), STATES.index(source))


def _between(step: Step, tops: Sequence[Mapping[str | Step, float]], wide: float) -> list[Point]:
    """Where a step passes the columns between its states."""
    source, target = step
    if target == STANDS:
        return []
    columns = range(place(source) + 1, place(target))
    return [
        (x, tops[at][step], tops[at][step] + wide)
        for at in columns
        for x in (round(at * STEP, 1), round(at * STEP + GATE, 1))
    ]


def _end(step: Step, leaves: Mapping[Step, float], enters: Mapping[Step, float], wide: float) -> Point:
    source, target = step
    if target != STANDS:
        return (x_of(target), enters[step], enters[step] + wide)
    far = WIDTH if place(source) == LAST else x_of(source) + STEP * STUB
    return (round(far, 1), leaves[step], leaves[step] + wide)


def _ribbon(points: Sequence[Point]) -> str:
    upper = curve([(x, top) for x, top, _ in points])
    lower = curve([(x, bottom) for x, _, bottom in reversed(points)])
    return f"M{upper} L{lower} Z"
