"""The monitors over a recorded stream: what would have alarmed, and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .alarms import Alarm
from .baselines import Baseline
from .monitor import Watch
from .observations import Observation


@dataclass(frozen=True)
class Replayed:
    """`learned` is how many decisions were learned from, by agent, and `baselines` what of those of whom it
    was enough; alarms in order of time."""

    learned: dict[str, int]
    watched: dict[str, int]
    baselines: dict[str, Baseline]
    alarms: tuple[Alarm, ...]


def replay(stream: Iterable[Observation], *, learn_days: int, sla_ms: float) -> Replayed:
    """Each agent learns for itself and is watched for itself. `learn_days` are days of the calendar."""
    watches: dict[str, Watch] = {}
    seen: dict[str, int] = {}
    alarms: list[Alarm] = []
    for o in stream:
        watch = watches.get(o.agent)
        if watch is None:
            watch = watches[o.agent] = Watch(learn_days, sla_ms)
        seen[o.agent] = seen.get(o.agent, 0) + 1
        alarms += watch.observe(o)
    learned = {agent: len(watch.learned) for agent, watch in watches.items()}
    baselines = {agent: w.monitor.baseline for agent, w in watches.items() if w.monitor is not None}
    return Replayed(learned, {a: seen[a] - learned[a] for a in seen}, baselines, tuple(alarms))
