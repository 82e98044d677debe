"""Samples that anybody can draw again, and what they say about the whole. Pure.

A draw is a function of a seed and the population alone: items are ranked by SHA-256 of seed and id, so that
neither the order of the list nor a library's generator decides. Evaluation follows the AICPA guide *Audit
Sampling*: attribute samples by the exact binomial (Clopper-Pearson) bound, monetary-unit samples by the
Stringer bound on Poisson factors.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from .errors import CountersignError
from .words import how_many


class NoSample(CountersignError):
    """This sample cannot be drawn."""

    status = 400


@dataclass(frozen=True, slots=True)
class Item:
    """One member of the population; `amount` is what it is weighed by, in one currency."""

    id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Drawn:
    """One item of a sample. `hits`: how many times money of it was hit (monetary-unit samples; 1
    otherwise)."""

    item: Item
    stratum: str = ""
    hits: int = 1


def digest(population: Iterable[Item]) -> str:
    """SHA-256 over ids and amounts in order of id: the population a sample was drawn from."""
    found = hashlib.sha256()
    for item in sorted(population, key=lambda i: i.id):
        found.update(f"{item.id}\t{item.amount:f}\n".encode())
    return found.hexdigest()


def rank(seed: str, item: str) -> bytes:
    """The place of an item in the draw of a seed."""
    return hashlib.sha256(f"{seed}|{item}".encode()).digest()


def random_sample(population: Sequence[Item], size: int, seed: str) -> list[Drawn]:
    """`size` items, each as likely as any other."""
    _demand(population, size)
    return [Drawn(i) for i in sorted(population, key=lambda i: rank(seed, i.id))[:size]]


def stratified_sample(
    population: Sequence[Item], size: int, seed: str, bounds: Sequence[Decimal]
) -> list[Drawn]:
    """Random samples of the strata that `bounds` (ascending) cut the amounts into, each in proportion to its
    money and at least one item; the largest remainders get what is left over."""
    _demand(population, size)
    strata: dict[str, list[Item]] = defaultdict(list)
    for item in population:
        strata[stratum_of(item.amount, bounds)].append(item)
    if size < len(strata):
        raise NoSample(f"{len(strata)} strata hold something; draw at least as many items.")
    shares = _shares({name: (len(items), _money(items)) for name, items in strata.items()}, size)
    return [
        Drawn(drawn.item, name)
        for name in sorted(strata)
        for drawn in random_sample(strata[name], shares[name], f"{seed}|{name}")
    ]


def stratum_of(amount: Decimal, bounds: Sequence[Decimal]) -> str:
    """The stratum of an amount, named so that strata sort by their bounds."""
    place = sum(abs(amount) >= bound for bound in sorted(bounds))
    return f"{place + 1}"


def _shares(strata: dict[str, tuple[int, Decimal]], size: int) -> dict[str, int]:
    whole = sum((money for _, money in strata.values()), Decimal(0))
    ideal = {
        name: Fraction(size) * (Fraction(money) / Fraction(whole) if whole else Fraction(1, len(strata)))
        for name, (_, money) in strata.items()
    }
    shares = {name: min(strata[name][0], max(1, int(ideal[name]))) for name in strata}
    while (left := size - sum(shares.values())) != 0:
        step = 1 if left > 0 else -1
        room = [n for n in shares if (shares[n] < strata[n][0] if step > 0 else shares[n] > 1)]
        if not room:
            break
        name = max(room, key=lambda n: (step * (ideal[n] - shares[n]), n))
        shares[name] += step
    return shares


def monetary_unit_sample(population: Sequence[Item], size: int, seed: str) -> list[Drawn]:
    """Every n-th unit of money from a seeded start, items in the order of their rank; an item of at least an
    interval is always hit. Items of nothing or less cannot be hit and have to be looked at otherwise."""
    _demand(population, size)
    positive = sorted((i for i in population if i.amount > 0), key=lambda i: rank(seed, i.id))
    whole = _money(positive)
    if not whole:
        raise NoSample("Nothing in this population has a positive amount.")
    interval = Fraction(whole) / size
    start = interval * Fraction(int.from_bytes(rank(seed, "start")[:8]), 2**64)
    drawn, passed = [], Fraction(0)
    for item in positive:
        before = _hits_up_to(passed, start, interval)
        passed += Fraction(item.amount)
        hits = _hits_up_to(passed, start, interval) - before
        if hits:
            drawn.append(Drawn(item, hits=hits))
    return drawn


def _hits_up_to(money: Fraction, start: Fraction, interval: Fraction) -> int:
    """How many of the points start, start + interval, ... lie below `money`."""
    return max(0, math.ceil((money - start) / interval)) if money > start else 0


def _money(items: Iterable[Item]) -> Decimal:
    return sum((abs(i.amount) for i in items), Decimal(0))


def _demand(population: Sequence[Item], size: int) -> None:
    if size < 1:
        raise NoSample("Draw at least one item.")
    if size > len(population):
        raise NoSample(f"The population has {how_many(len(population), 'item')}; {size} cannot be drawn.")


# --- what a sample says -------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def upper_error_rate(errors: int, size: int, confidence: float = 0.95) -> float:
    """The one-sided upper bound of the error rate (Clopper-Pearson): with this confidence it is no higher."""
    if not 0 <= errors <= size or size < 1:
        raise NoSample("Between no and all items of a sample can be wrong.")
    if errors == size:
        return 1.0
    return _solve(lambda p: chance_of_at_most(errors, size, p), 1 - confidence)


def chance_of_at_most(k: int, n: int, p: float) -> float:
    """P(X <= k) of n trials that each come true with chance p (binomial), in logarithms so that no power
    underflows."""
    if p <= 0:
        return 1.0
    if p >= 1:
        return 0.0
    logs = (
        math.lgamma(n + 1)
        - math.lgamma(i + 1)
        - math.lgamma(n - i + 1)
        + i * math.log(p)
        + (n - i) * math.log1p(-p)
        for i in range(k + 1)
    )
    return math.fsum(math.exp(x) for x in logs)


def reliability_factor(errors: int, confidence: float = 0.95) -> float:
    """The Poisson factor of the AICPA tables: 3.00 for no error at 95 %, 4.75 for one, 6.30 for two."""
    return _solve(lambda x: _poisson(errors, x * 200), 1 - confidence) * 200


def _poisson(k: int, mean: float) -> float:
    return (
        math.fsum(math.exp(-mean + i * math.log(mean) - math.lgamma(i + 1)) for i in range(k + 1))
        if mean
        else 1.0
    )


def _solve(falling: Callable[[float], float], target: float) -> float:
    """Where a function that falls from 1 at 0 reaches `target`, between 0 and 1."""
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break  # no number lies between them any more
        if falling(middle) > target:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@dataclass(frozen=True, slots=True)
class Projected:
    """Money: errors found, projected to the whole, and with confidence no more than `upper`."""

    found: Decimal
    projected: Decimal
    upper: Decimal


def project_monetary(
    interval: Decimal, results: Sequence[tuple[Decimal, Decimal]], confidence: float = 0.95
) -> Projected:
    """Stringer bound of overstatement. `results`: (recorded, audited) amounts of the sampled items.

    An item of at least an interval is known whole: its error counts as it is. Of the others the share that is
    wrong (tainting) is projected over the interval, the worst first.
    """
    known = [recorded - audited for recorded, audited in results if recorded >= interval]
    taintings = sorted(
        (float((recorded - audited) / recorded) for recorded, audited in results if 0 < recorded < interval),
        reverse=True,
    )
    wrong = [t for t in taintings if t > 0]
    bound = reliability_factor(0, confidence)
    for i, tainting in enumerate(wrong, 1):
        bound += (reliability_factor(i, confidence) - reliability_factor(i - 1, confidence)) * tainting
    cents = Decimal("0.01")
    exact = sum((e for e in known if e > 0), Decimal(0))
    found = sum((r - a for r, a in results if r > a), Decimal(0))
    return Projected(
        found.quantize(cents),
        (exact + interval * Decimal(str(sum(wrong)))).quantize(cents),
        (exact + interval * Decimal(str(bound))).quantize(cents),
    )


def upper_errors_of_strata(strata: Sequence[tuple[int, int, int]], confidence: float = 0.95) -> float:
    """How many errors the whole has at most. `strata`: (members, looked at, wrong) of each.

    A stratum that was looked at whole counts as it is. Each other has its own exact bound, at a confidence
    that leaves the given one for all of them together (Bonferroni), since a plain bound over all assumes
    equal chances.
    """
    part = [(whole, size, wrong) for whole, size, wrong in strata if size < whole]
    known = float(sum(wrong for whole, size, wrong in strata if size >= whole))
    each = 1 - (1 - confidence) / len(part) if part else confidence
    return known + sum(whole * upper_error_rate(wrong, size, each) for whole, size, wrong in part)
