"""Shapes of small charts, drawn by the server: scales, lines and bands as SVG geometry, without style."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LEFT, RIGHT, TOP, BOTTOM = 34.0, 18.0, 10.0, 24.0
"""Room for words around a plot."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis with its words."""

    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot of this size in SVG units, with the values that its axes run over. What lies outside is drawn on
    the edge."""

    width: float
    height: float
    x_from: float
    x_to: float
    y_to: float
    y_from: float = 0.0

    @property
    def left(self) -> float:
        return LEFT

    @property
    def right(self) -> float:
        return self.width - RIGHT

    @property
    def top(self) -> float:
        return TOP

    @property
    def bottom(self) -> float:
        return self.height - BOTTOM

    @property
    def words_at(self) -> float:
        """Where words below the plot stand."""
        return self.height - 8

    def x(self, value: float) -> float:
        """The place of a value on the horizontal axis."""
        return round(_place(value, self.x_from, self.x_to, LEFT, self.right), 1)

    def y(self, value: float) -> float:
        """The place of a value on the vertical axis."""
        return round(_place(value, self.y_from, self.y_to, self.bottom, TOP), 1)

    def line(self, points: Iterable[tuple[float, float]]) -> str:
        """The path through these values; empty with fewer than two."""
        placed = [f"{self.x(x)},{self.y(y)}" for x, y in points]
        return "M" + " L".join(placed) if len(placed) > 1 else ""

    def band(self, points: Sequence[tuple[float, float, float]]) -> str:
        """The area between two lines, given as (x, low, high); empty with fewer than two."""
        if len(points) < 2:
            return ""
        there = [f"{self.x(x)},{self.y(low)}" for x, low, _ in points]
        back = [f"{self.x(x)},{self.y(high)}" for x, _, high in reversed(points)]
        return "M" + " L".join([*there, *back]) + " Z"

    def down(self, values: Iterable[float], scale: float = 1, places: int = 0) -> list[Mark]:
        """Marks of the vertical axis; `scale` is what a value is multiplied by in its words."""
        return [Mark(self.y(v), f"{v * scale:.{places}f}") for v in values]

    def along(self, values: Iterable[float], scale: float = 1, places: int = 2) -> list[Mark]:
        """Marks of the horizontal axis."""
        return [Mark(self.x(v), f"{v * scale:.{places}f}") for v in values]


def _place(value: float, low: float, high: float, start: float, end: float) -> float:
    share = (min(max(value, low), high) - low) / (high - low) if high > low else 0.0
    return start + share * (end - start)


def steps(high: float, count: int = 4) -> list[float]:
    """Round values from nought to at least `high`, about so many."""
    if high <= 0:
        return [0.0, 1.0]
    size = 10.0**-6
    while size * count < high:
        size *= 2 if f"{size:.0e}"[0] in "15" else 2.5
    return [n * size for n in range(count + 1)]


WORDS_WIDE, WORDS_HIGH, WORDS_ABOVE = 80, 14, 10
"""Room for the words beside a point, and how far above it they stand."""


def clear_words(now: tuple[float, float] | None, then: tuple[float, float] | None) -> float:
    """How high the words of the first point stand so that those of the second do not cover them."""
    if now is None:
        return 0.0
    high = now[1] - WORDS_ABOVE
    if then is None or abs(now[0] - then[0]) > WORDS_WIDE or abs(now[1] - then[1]) > WORDS_HIGH:
        return high
    return min(now[1], then[1]) - WORDS_ABOVE - WORDS_HIGH
