"""The beta distribution: what is known of a share after so many cases. The regularised incomplete beta
function by its continued fraction (Abramowitz and Stegun 26.5.8, evaluated by Lentz's method)."""

from __future__ import annotations

from math import exp, lgamma, log, log1p

STEPS, TINY = 300, 1e-30


def below(share: float, a: float, b: float) -> float:
    """The chance that a share with this distribution is at most so large."""
    if share <= 0:
        return 0.0
    if share >= 1:
        return 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(share) + b * log1p(-share))
    if share < (a + 1) / (a + b + 2):
        return front * _fraction(share, a, b) / a
    return 1 - front * _fraction(1 - share, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1 / _apart(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _apart(1 + term * d)
            c = _apart(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return value


def _apart(value: float) -> float:
    """Away from nought, so that it can be divided by."""
    return value if abs(value) > TINY else TINY


def quantile(chance: float, a: float, b: float) -> float:
    """The share that is reached or stayed under with this chance."""
    low, high = 0.0, 1.0
    for _ in range(80):
        middle = (low + high) / 2
        if below(middle, a, b) < chance:
            low = middle
        else:
            high = middle
    return (low + high) / 2
