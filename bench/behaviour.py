"""python -m bench.behaviour [--streams N] [--seed S] [--processes P] [--out FILE]

How soon `monitor replay` notices a shift, and how often it cries wolf, beside rules that monitors in use
have.

Benign streams of several kinds count false alarms; streams with one known shift count the delay from its
first decision. Streams are made from seeds (S onwards); the constants of the monitor were chosen on seeds
under 100,000, so that the default (900,000) reports on others. ADWIN and Page-Hinkley are River's and are
left out where River is not installed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import orjson

from bench.rival_monitors import RULES, separate
from coordination.monitoring.learning import learn_limits
from coordination.monitoring.measures import BY_NAME, MEASURES, Direction
from coordination.monitoring.observations import Observation, read_stream
from coordination.monitoring.replay import replay
from coordination.world.recorded_stream import Shift, Work, recorded_stream

OURS = "Countersign"
SLA_MS, LEARN_DAYS = 10_000, 63
ONSET = 52
"""Business day of the shift; the first 45 are learned."""
BENIGN = {
    "ordinary": Work(),
    "no noise between days": Work(noise=0.0),
    "noise 0.4": Work(noise=0.4),
    "one wild day in 15": Work(outliers=15),
    "heavy month-ends": Work(month_end=2.5, month_end_volume=2.5),
    "volume doubled for good": Work(burst=(60, 10_000, 2.0)),
    "volume doubled for two weeks": Work(burst=(55, 65, 2.0)),
    "60 a day": Work(per_day=60),
}
SIZES = {"small": 1.4, "medium": 2.0, "large": 3.0}
"""Odds ratio of a shift; up, or its inverse down."""
GRADUAL = "medium, over ten days"


@dataclass(frozen=True)
class Trial:
    kind: str
    seed: int
    shift: Shift | None = None


@dataclass
class Outcome:
    """What one method made of one stream: false alarms (before a shift, or in a benign stream), whether and
    when (decisions, business days) it noticed, alarms on other measures than the shifted one after it."""

    trial: Trial
    months: float
    false: dict[str, int]
    delay: dict[str, tuple[int, int]]
    others: int
    level: str
    seconds: float


def run(trial: Trial) -> Outcome:
    work = BENIGN.get(trial.kind, BENIGN["ordinary"])
    lines = 9_000 if work.per_day < 100 else 24_000
    made = [orjson.dumps(row) for row in recorded_stream(work, trial.seed, lines=lines, shift=trial.shift)]
    started = time.process_time()
    stream = read_stream(made)
    found = replay(stream, learn_days=LEARN_DAYS, sla_ms=SLA_MS)
    seconds = time.process_time() - started
    learned = sum(found.learned.values())
    days = sorted({o.at.date() for o in stream})
    number = {day: i for i, day in enumerate(days)}
    onset = len(stream)
    if trial.shift:
        onset = next(i for i, o in enumerate(stream) if number[o.at.date()] >= trial.shift.day)
    watched_days = (trial.shift.day if trial.shift else len(days)) - len(
        {o.at.date() for o in stream[:learned]}
    )
    alarms = {OURS: [(a.index, a.measure, a.direction is Direction.UP) for a in found.alarms]}
    alarms |= rival_alarms(stream, learned)
    delay: dict[str, tuple[int, int]] = {}
    if trial.shift:
        up = trial.shift.odds > 1
        for method, raised in alarms.items():
            hits = [i for i, m, u in raised if i >= onset and m == trial.shift.measure and u is up]
            if hits:
                delay[method] = (
                    min(hits) - onset + 1,
                    number[stream[min(hits)].at.date()] - trial.shift.day + 1,
                )
    levels = [a.level.value for a in found.alarms if trial.shift and a.measure == trial.shift.measure]
    return Outcome(
        trial=trial,
        months=watched_days / 21,
        false={method: sum(i < onset for i, _, _ in distinct(raised)) for method, raised in alarms.items()},
        delay=delay,
        others=sum(
            a.index >= onset and family(a.measure) != family(trial.shift.measure)
            for a in found.alarms
            if trial.shift
        ),
        level=levels[-1] if levels else "",
        seconds=seconds,
    )


def family(measure: str) -> str:
    return BY_NAME[measure].family


def rival_alarms(stream: list[Observation], learned: int) -> dict[str, list[tuple[int, str, bool]]]:
    limits = learn_limits(stream[:learned], SLA_MS)
    found: dict[str, list[tuple[int, str, bool]]] = {method: [] for method in RULES}
    for measure in MEASURES:
        base = [(o.position, x) for o in stream if (x := measure.value(o, limits)) is not None]
        events = [int(x) for _, x in base]
        before = sum(i < learned for i, _ in base)
        for method, rule in RULES.items():
            found[method] += [(base[i][0], measure.name, up) for i, up in rule(events, before)]
    return found


def distinct(raised: Iterable[tuple[int, str, bool]]) -> list[tuple[int, str, bool]]:
    by_measure: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for i, measure, up in sorted(raised):
        by_measure[measure].append((i, up))
    return [(i, measure, up) for measure, own in by_measure.items() for i, up in separate(own)]


def trials(count: int, seed: int) -> list[Trial]:
    """Three times as many streams of each benign kind as of each shift."""
    found = [Trial(kind, seed + 100 * i + n) for i, kind in enumerate(BENIGN) for n in range(3 * count)]
    for i, measure in enumerate(MEASURES):
        for direction in Direction:
            for j, (size, odds) in enumerate(SIZES.items()):
                ratio = odds if direction is Direction.UP else 1 / odds
                seeds = [seed + 10_000 + 400 * i + 200 * (ratio < 1) + 40 * j + n for n in range(count)]
                found += [Trial(size, s, Shift(measure.name, ratio, ONSET)) for s in seeds]
                if size == "medium":
                    gradual = Shift(measure.name, ratio, ONSET, over=10)
                    found += [Trial(GRADUAL, s + 20, gradual) for s in seeds]
    return found


def summary(outcomes: list[Outcome]) -> dict[str, Any]:
    """Figures by method: false alarms on benign streams, detections and delays by kind of shift."""
    benign = [o for o in outcomes if o.trial.shift is None]
    shifted = [o for o in outcomes if o.trial.shift is not None]
    methods = [OURS, *RULES]
    return {
        "streams": {"benign": len(benign), "shifted": len(shifted)},
        "false": {m: false_alarms(benign, m) for m in methods},
        "false_by_kind": {
            kind: false_alarms([o for o in benign if o.trial.kind == kind], OURS) for kind in BENIGN
        },
        "noticed": {
            kind: {
                m: noticed([o for o in shifted if o.trial.kind == kind and hurting(o)], m) for m in methods
            }
            for kind in (*SIZES, GRADUAL)
        },
        "by_measure": {
            f"{measure.name} {direction}": {
                kind: noticed(
                    [o for o in shifted if o.trial.kind == kind and moves(o, measure.name, direction)], OURS
                )
                for kind in (*SIZES, GRADUAL)
            }
            for measure in MEASURES
            for direction in Direction
        },
        "critical": share(o.level == "critical" for o in shifted if o.trial.kind == "large"),
        "alarms_on_other_measures": sum(o.others for o in shifted) / max(1, len(shifted)),
        "false_before_a_shift": sum(o.false[OURS] for o in shifted),
        "seconds_a_stream": statistics.median(o.seconds for o in outcomes),
    }


def moves(o: Outcome, measure: str, direction: Direction) -> bool:
    shift = o.trial.shift
    return shift is not None and shift.measure == measure and (shift.odds > 1) is (direction is Direction.UP)


def hurting(o: Outcome) -> bool:
    """Whether the shift is of a side that hurts."""
    shift = o.trial.shift
    assert shift
    direction = Direction.UP if shift.odds > 1 else Direction.DOWN
    return BY_NAME[shift.measure].response(direction).hurts


def share(found: Iterable[bool]) -> float:
    values = list(found)
    return sum(values) / max(1, len(values))


def false_alarms(benign: list[Outcome], method: str) -> dict[str, float]:
    months = sum(o.months for o in benign)
    return {
        "streams": len(benign),
        "with_one": share(o.false[method] > 0 for o in benign),
        "a_month": sum(o.false[method] for o in benign) / months if months else 0.0,
    }


def noticed(shifted: list[Outcome], method: str) -> dict[str, Any]:
    """`share` of the streams in which the shift was noticed to the end; of these, the delay in decisions and
    business days (1: on the day itself), median and 90th percentile."""
    delays = [o.delay[method] for o in shifted if method in o.delay]
    found: dict[str, Any] = {"streams": len(shifted), "share": len(delays) / max(1, len(shifted))}
    for name, values in (("decisions", [d for d, _ in delays]), ("days", [d for _, d in delays])):
        if values:
            ordered = sorted(values)
            found[name] = [ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 9 // 10)]]
    return found


def tables(report: dict[str, Any]) -> str:
    """The figures as three tables of Markdown."""
    lines = ["| method | benign streams with a false alarm | false alarms a month |"]
    lines[0] = lines[0][:-1] + "".join(f"| {kind} " for kind in report["noticed"]) + "|"
    lines.append("|" + "---|" * (3 + len(report["noticed"])))
    for method, false in report["false"].items():
        cells = [f"{false['with_one']:.0%}", f"{false['a_month']:.2f}"]
        cells += [cell(kinds[method], "decisions") for kinds in report["noticed"].values()]
        lines.append(f"| {method} | " + " | ".join(cells) + " |")
    lines += ["", "| benign kind | streams | with a false alarm | a month |", "|---|---|---|---|"]
    for kind, false in report["false_by_kind"].items():
        lines.append(f"| {kind} | {false['streams']} | {false['with_one']:.0%} | {false['a_month']:.2f} |")
    lines += ["", "| shift of | " + " | ".join(report["noticed"]) + " |", "|" + "---|" * 5]
    for name, kinds in report["by_measure"].items():
        lines.append(f"| {name} | " + " | ".join(cell(k, "days") for k in kinds.values()) + " |")
    return "\n".join(lines)


def cell(found: dict[str, Any], unit: str) -> str:
    if unit not in found:
        return "never"
    return f"{found['share']:.0%}: {found[unit][0]:,}, {found[unit][1]:,}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--streams", type=int, default=2, help="streams a shift; three times as many a benign kind"
    )
    parser.add_argument("--seed", type=int, default=900_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out")
    options = parser.parse_args()
    with Pool(options.processes) as pool:
        outcomes = pool.map(run, trials(options.streams, options.seed), chunksize=1)
    report = summary(outcomes)
    print(tables(report))
    rest = {name: report[name] for name in report if not isinstance(report[name], dict)}
    print("\n" + json.dumps(rest | report["streams"]))
    if options.out:
        Path(options.out).write_text(
            json.dumps({"report": report, "outcomes": [asdict(o) for o in outcomes]})
        )


if __name__ == "__main__":
    main()
