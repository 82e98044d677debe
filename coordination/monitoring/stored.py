"""Baselines and monitors as they are kept between two runs, and read back to the bit.

Floats are JSON numbers in their shortest form, which read back as the same number; amounts are text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from .baselines import Baseline, Effect, Rate
from .detectors import Detector
from .measures import Direction, Level, Limits
from .monitor import Monitor, Side

Json = dict[str, Any]


def baseline_to_json(baseline: Baseline) -> Json:
    """A baseline as it is stored; `baseline_from_json` reads it."""
    return {
        "agent": baseline.agent,
        "number": baseline.number,
        "first_day": baseline.first_day.isoformat(),
        "last_day": baseline.last_day.isoformat(),
        "days": baseline.days,
        "month_ends": baseline.month_ends,
        "decisions": baseline.decisions,
        "limits": asdict(baseline.limits) | {"amount_high": str(baseline.limits.amount_high)},
        "rates": {name: _rate_to_json(rate) for name, rate in baseline.rates.items()},
        "excluded": [day.isoformat() for day in baseline.excluded],
        "country": baseline.country,
    }


def _rate_to_json(rate: Rate) -> Json:
    return {
        "cases": rate.cases,
        "events": rate.events,
        "log_odds": rate.log_odds,
        "variance": rate.variance,
        "between_days": rate.between_days,
        "effects": [
            {value: [e.log_odds, e.variance] for value, e in effects.items()} for effects in rate.effects
        ],
    }


def baseline_from_json(stored: Mapping[str, Any]) -> Baseline:
    """The baseline that was stored."""
    limits = stored["limits"]
    return Baseline(
        agent=stored["agent"],
        number=stored["number"],
        first_day=date.fromisoformat(stored["first_day"]),
        last_day=date.fromisoformat(stored["last_day"]),
        days=stored["days"],
        month_ends=stored["month_ends"],
        decisions=stored["decisions"],
        limits=Limits(**{**limits, "amount_high": Decimal(limits["amount_high"])}),
        rates={name: _rate_from_json(rate) for name, rate in stored["rates"].items()},
        excluded=tuple(date.fromisoformat(day) for day in stored["excluded"]),
        country=stored.get("country", ""),
    )


def _rate_from_json(stored: Mapping[str, Any]) -> Rate:
    effects = tuple({value: Effect(*e) for value, e in place.items()} for place in stored["effects"])
    return Rate(**{**stored, "effects": effects})


def monitor_to_json(monitor: Monitor) -> Json:
    """What a monitor has in hand beside its days: detectors and what was told, by measure and direction."""
    return {
        stream.measure.name: {side.direction.value: _side_to_json(side) for side in (stream.up, stream.down)}
        for stream in monitor.streams
    }


def _side_to_json(side: Side) -> Json:
    asked = None if side.asked is None else [side.asked[0].isoformat(), side.asked[1].value]
    return {
        "detector": [getattr(side.detector, name) for name in CARRIED],
        "reached": side.reached and side.reached.value,
        "told": side.told and side.told.value,
        "asked": asked,
    }


CARRIED: Sequence[str] = tuple(sorted(set(Detector.__slots__) - {"t", "cap"}))
"""What of a detector changes; the rest comes with the baseline."""


def restore_monitor(monitor: Monitor, stored: Mapping[str, Any], day: date | None) -> None:
    """Bring a new monitor to where one stood; its days are the caller's to fill in. Streams that are new to
    it begin at nothing."""
    for stream in monitor.streams:
        if kept := stored.get(stream.measure.name):
            for side in (stream.up, stream.down):
                _restore_side(side, kept[side.direction.value])
    monitor.go_on(day)


def _restore_side(side: Side, stored: Mapping[str, Any]) -> None:
    for name, value in zip(CARRIED, stored["detector"], strict=True):
        setattr(side.detector, name, value)
    side.reached = _level(stored["reached"])
    side.told = _level(stored["told"])
    if stored["asked"] is not None:
        day, level = stored["asked"]
        side.asked = date.fromisoformat(day), Level(level)


def _level(stored: str | None) -> Level | None:
    return None if stored is None else Level(stored)


def evidence_of(stored: Mapping[str, Any], measure: str, direction: Direction) -> float:
    """Where the evidence of one side stood, before its share of the agent's false alarms."""
    place = stored[measure][direction.value]["detector"]
    values = dict(zip(CARRIED, place, strict=True))
    return float(values["m1"] + values["m2"] + values["m3"]) / 3
