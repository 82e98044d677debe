"""What the product made of a labelled world: export lines against labels, counted with their denominators.
Pure.

A code counts once per invoice. Precision: of the invoices on which a code stands, how many it should stand
on. Recall: of those on which it should stand, on how many it does. A *false clear* is an invoice that a
person or a late fact should have stopped and that cleared by itself; an *over-escalation* is one that should
have cleared and did not.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ..domain.key_figures import Share
from .labels import Key, Label

Row = Mapping[str, Any]
CENT = Decimal("0.01")
AUTO = "auto"


NONE = Share(0, 0)


@dataclass(frozen=True, slots=True)
class Tally:
    """One code: on how many invoices expected, found, both; and of both, on how many at the line expected."""

    code: str
    expected: int = 0
    found: int = 0
    right: int = 0
    placed: Share = NONE

    @property
    def precision(self) -> Share:
        return Share(self.right, self.found)

    @property
    def recall(self) -> Share:
        return Share(self.right, self.expected)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.code,
            self.expected + other.expected,
            self.found + other.found,
            self.right + other.right,
            self.placed + other.placed,
        )


@dataclass(frozen=True, slots=True)
class Worth:
    """Money by currency, and in EUR where a rate is known."""

    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    eur: Decimal = Decimal(0)

    def __add__(self, other: Worth) -> Worth:
        currencies = sorted({*self.amounts, *other.amounts})
        joined = {c: self.amounts.get(c, Decimal(0)) + other.amounts.get(c, Decimal(0)) for c in currencies}
        return Worth(joined, self.eur + other.eur)


@dataclass(frozen=True, slots=True)
class Wrong:
    """An invoice that came to something else than it should, and how."""

    seed: int
    invoice: str
    vendor: str
    scenario: str
    amount: str
    currency: str
    expected_lane: str
    found_lane: str
    why: str
    false_clear: bool = False


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of one or several worlds. Every count of a part comes with what it is a part of."""

    invoices: int
    lanes_right: Share
    all_right: Share
    over_escalated: Share
    false_clears: Share
    false_clear_worth: Worth
    held_worth: Worth
    lost: int
    unlabelled: int
    codes: tuple[Tally, ...]
    lanes: Mapping[tuple[str, str], int]
    scenarios: Mapping[str, Share]
    wrong: tuple[Wrong, ...]


def evaluate(
    labels: Sequence[Label], rows: Iterable[Row], rates: Mapping[str, Decimal], seed: int = 0
) -> Evaluation:
    """Compare labels with the lines of `export invoices`. `rates`: units of a currency for one EUR."""
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        found[key_of(row)].append(row)
    pairs = _paired(labels, found)
    judged = [(label, lines[0]) for label, lines in pairs if lines]
    clean = [(a, b) for a, b in judged if a.lane == AUTO]
    held = [(a, b) for a, b in judged if a.lane != AUTO]
    cleared = [(a, b) for a, b in held if b["lane"] == AUTO]
    faults = {id(a): fault(a, b) for a, b in judged}
    return Evaluation(
        invoices=len(labels),
        lanes_right=Share(sum(a.lane == b["lane"] for a, b in judged), len(labels)),
        all_right=Share(sum(not faults[id(a)] for a, _ in judged), len(labels)),
        over_escalated=Share(sum(b["lane"] != AUTO for _, b in clean), len(clean)),
        false_clears=Share(len(cleared), len(held)),
        false_clear_worth=worth((b for _, b in cleared), rates),
        held_worth=worth((b for _, b in held), rates),
        lost=sum(not lines for _, lines in pairs),
        unlabelled=sum(len(lines) for lines in found.values())
        + sum(len(lines) - 1 for _, lines in pairs if lines),
        codes=_tallies(judged),
        lanes=dict(Counter((a.lane, str(b["lane"])) for a, b in judged)),
        scenarios=_scenarios(labels, faults),
        wrong=tuple(_wrong(seed, pairs, faults)),
    )


def _paired(labels: Sequence[Label], found: dict[Key, list[Row]]) -> list[tuple[Label, list[Row]]]:
    """Each label with the lines about it; taken out of `found`. A line whose gross is not the one stated
    still counts, if nothing else has its number."""
    exact = {label.key: found.pop(label.key, []) for label in labels}
    loose: dict[tuple[str, ...], list[Key]] = defaultdict(list)
    for key in found:
        loose[key[:3]].append(key)
    pairs = []
    for label in labels:
        lines = exact[label.key]
        others = loose.get(label.key[:3], [])
        if not lines and len(others) == 1:
            lines = found.pop(others.pop(), [])
        pairs.append((label, lines))
    return pairs


def key_of(row: Row) -> Key:
    """What a line of the export is about, as `Label.key`."""
    return row["vendor_id"] or "", row["invoice_number"], row["type"], row["gross"] or ""


def live_codes(row: Row) -> dict[str, set[int | None]]:
    """Codes that stand on an invoice, each with its lines."""
    out: dict[str, set[int | None]] = defaultdict(set)
    for hold in row["holds"]:
        if hold["status"] != "released":
            out[hold["code"]].add(hold["line"])
    return out


def fault(label: Label, row: Row) -> str:
    """What is wrong with an invoice, in words; empty where lane, codes and lines are as labelled."""
    wanted, there = set(label.codes), live_codes(row)
    parts = []
    if label.lane != row["lane"]:
        parts.append(f"{row['lane']} instead of {label.lane}")
    if missing := sorted(wanted - set(there)):
        parts.append(f"without {', '.join(missing)}")
    if extra := sorted(set(there) - wanted):
        parts.append(f"with {', '.join(extra)}")
    if misplaced := sorted(c for c in wanted & set(there) if not _placed(label, c, there[c])):
        parts.append(f"{', '.join(misplaced)} on another line")
    return "; ".join(parts)


def _lines(label: Label, code: str) -> set[int | None]:
    return {hold.line for hold in label.holds if hold.code == code}


def _placed(label: Label, code: str, lines: set[int | None]) -> bool:
    """Does the code stand on just the lines it should? One expected without a line may stand anywhere."""
    expected = _lines(label, code)
    return None in expected or expected == lines


def _tallies(judged: Sequence[tuple[Label, Row]]) -> tuple[Tally, ...]:
    out: dict[str, Tally] = {}
    for label, row in judged:
        there = live_codes(row)
        for code in {*label.codes, *there}:
            expected, found = code in label.codes, code in there
            located = expected and found and None not in _lines(label, code)
            placed = Share(int(located and _placed(label, code, there[code])), int(located))
            one = Tally(code, int(expected), int(found), int(expected and found), placed)
            out[code] = out[code] + one if code in out else one
    return tuple(sorted(out.values(), key=lambda tally: tally.code))


def worth(rows: Iterable[Row], rates: Mapping[str, Decimal]) -> Worth:
    """What invoices come to, credits included with their amount."""
    amounts: dict[str, Decimal] = {}
    for row in rows:
        if row["gross"] is not None:
            amounts[row["currency"]] = amounts.get(row["currency"], Decimal(0)) + Decimal(row["gross"])
    known = (amount / rates[currency] for currency, amount in amounts.items() if currency in rates)
    return Worth(amounts, sum(known, Decimal(0)).quantize(CENT, ROUND_HALF_UP))


def _scenarios(labels: Sequence[Label], faults: Mapping[int, str]) -> dict[str, Share]:
    out: dict[str, Share] = {}
    for label in labels:
        right = Share(int(faults.get(id(label)) == ""), 1)
        out[label.defect] = out.get(label.defect, NONE) + right
    return out


def _wrong(
    seed: int, pairs: Sequence[tuple[Label, Sequence[Row]]], faults: Mapping[int, str]
) -> Iterable[Wrong]:
    for label, lines in pairs:
        row: Row = lines[0] if lines else {}
        why = faults[id(label)] if lines else "not in the export"
        if len(lines) > 1:
            why = "; ".join(filter(None, [why, f"{len(lines)} times in the export"]))
        if why:
            lane = str(row.get("lane", ""))
            yield Wrong(
                seed,
                label.invoice,
                label.vendor,
                label.defect,
                str(row.get("gross") or ""),
                str(row.get("currency") or ""),
                label.lane,
                lane,
                why,
                label.lane != AUTO and lane == AUTO,
            )


def together(found: Sequence[Evaluation]) -> Evaluation:
    """Several worlds as one."""
    codes: dict[str, Tally] = {}
    lanes: Counter[tuple[str, str]] = Counter()
    scenarios: dict[str, Share] = {}
    for one in found:
        lanes.update(one.lanes)
        for tally in one.codes:
            codes[tally.code] = codes[tally.code] + tally if tally.code in codes else tally
        for name, share in one.scenarios.items():
            scenarios[name] = scenarios.get(name, NONE) + share
    return Evaluation(
        invoices=sum(e.invoices for e in found),
        lanes_right=_sum(e.lanes_right for e in found),
        all_right=_sum(e.all_right for e in found),
        over_escalated=_sum(e.over_escalated for e in found),
        false_clears=_sum(e.false_clears for e in found),
        false_clear_worth=sum((e.false_clear_worth for e in found), Worth()),
        held_worth=sum((e.held_worth for e in found), Worth()),
        lost=sum(e.lost for e in found),
        unlabelled=sum(e.unlabelled for e in found),
        codes=tuple(sorted(codes.values(), key=lambda tally: tally.code)),
        lanes=dict(lanes),
        scenarios=scenarios,
        wrong=tuple(w for e in found for w in e.wrong),
    )


def _sum(shares: Iterable[Share]) -> Share:
    return sum(shares, NONE)
