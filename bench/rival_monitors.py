"""Rules that monitors in use have, over one measure's yes-or-no stream: where they alarm, and which way.

Each takes the events of one measure (0 or 1), how many of them are learned from, and gives (index, up) of
every alarm after those. Rules on windows see 50 decisions at a time.
"""

from __future__ import annotations

import importlib.util
import statistics
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import sqrt

Alarm = tuple[int, bool]
Rule = Callable[[Sequence[int], int], Iterator[Alarm]]
WINDOW = 50
BACK = 50
"""So many windows a rolling rule looks back."""


def windows(events: Sequence[int]) -> list[float]:
    return [sum(events[i : i + WINDOW]) / WINDOW for i in range(0, len(events) - WINDOW + 1, WINDOW)]


def z_score(events: Sequence[int], learned: int, limit: float = 3) -> Iterator[Alarm]:
    """More than three standard deviations off the last 50 windows."""
    rates = windows(events)
    for i in range(max(BACK, learned // WINDOW), len(rates)):
        before = rates[i - BACK : i]
        mean, spread = statistics.fmean(before), statistics.pstdev(before)
        if abs(rates[i] - mean) > limit * spread > 0:
            yield (i + 1) * WINDOW - 1, rates[i] > mean


def twice_the_average(events: Sequence[int], learned: int) -> Iterator[Alarm]:
    """Over twice, or under half, the average of the last 50 windows."""
    rates = windows(events)
    for i in range(max(BACK, learned // WINDOW), len(rates)):
        mean = statistics.fmean(rates[i - BACK : i])
        if rates[i] > 2 * mean or rates[i] < mean / 2:
            yield (i + 1) * WINDOW - 1, rates[i] > mean


def p_chart(events: Sequence[int], learned: int, sigma: float = 3) -> Iterator[Alarm]:
    """Outside three sigma of the learned rate."""
    p = sum(events[:learned]) / learned
    limit = sigma * sqrt(p * (1 - p) / WINDOW)
    rates = windows(events)
    for i in range(learned // WINDOW, len(rates)):
        if abs(rates[i] - p) > limit:
            yield (i + 1) * WINDOW - 1, rates[i] > p


def ewma(events: Sequence[int], learned: int, sigma: float = 3) -> Iterator[Alarm]:
    """A moving average of weight 0.2, outside three of its standard deviations of the learned rate."""
    p = sum(events[:learned]) / learned
    limit = sigma * sqrt(p * (1 - p) / WINDOW * 0.2 / 1.8)
    average, rates = p, windows(events)
    for i in range(learned // WINDOW, len(rates)):
        average += 0.2 * (rates[i] - average)
        if abs(average - p) > limit:
            yield (i + 1) * WINDOW - 1, average > p


def adwin(events: Sequence[int], learned: int) -> Iterator[Alarm]:
    """River's ADWIN as it comes; which way is read off its own estimate."""
    from river.drift import ADWIN

    detector = ADWIN()
    p = sum(events[:learned]) / learned
    for i, x in enumerate(events):
        detector.update(x)
        if detector.drift_detected and i >= learned:
            yield i, detector.estimation > p


def page_hinkley(events: Sequence[int], learned: int) -> Iterator[Alarm]:
    """River's Page-Hinkley as it comes; which way is read off the last 200 decisions."""
    from river.drift import PageHinkley

    detector = PageHinkley()
    p = sum(events[:learned]) / learned
    for i, x in enumerate(events):
        detector.update(x)
        if detector.drift_detected and i >= learned:
            yield i, statistics.fmean(events[max(0, i - 200) : i + 1]) > p


RULES: dict[str, Rule] = {
    "z-score 3, rolling": z_score,
    "2x trailing average": twice_the_average,
    "p-chart, 3 sigma": p_chart,
    "EWMA 0.2, 3 sigma": ewma,
    # as wide as it takes for about one of 24 benign streams to have a false alarm (seeds under 100,000)
    "z-score, widened to 7.5": partial(z_score, limit=7.5),
    "p-chart, widened to 8.5 sigma": partial(p_chart, sigma=8.5),
    "EWMA, widened to 13 sigma": partial(ewma, sigma=13),
}
if importlib.util.find_spec("river"):
    RULES |= {"ADWIN": adwin, "Page-Hinkley": page_hinkley}


def separate(alarms: Sequence[Alarm], apart: int = 20 * WINDOW) -> list[Alarm]:
    """Alarms without those that go on from one before: so many decisions apart, or another way."""
    found: list[Alarm] = []
    latest: dict[bool, int] = {}
    for index, up in alarms:
        if index - latest.get(up, -apart) >= apart:
            found.append((index, up))
        latest[up] = index
    return found
