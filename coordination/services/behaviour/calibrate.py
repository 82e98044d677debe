"""How sure agents may say that they are: measured anew each night from what people answered, and put in force
by a manager like a policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

import orjson
from django.db import transaction

from audit import clock

from ...domain.calibration import MEASURED, Pattern, Row
from ...facts import measured_confidence
from ...models import CalibrationTable
from ...monitoring import calibration
from ..master_data import Change
from . import observed
from .measured_versions import NothingNew, Versions

VERSIONS = Versions(CalibrationTable, "calibration", "measured")
CODE = "calibration_changed"
BASIS = timedelta(days=180)
"""How far back people's answers count."""
LEAST = 20
"""A pattern of which people have answered less often keeps the confidence that its agent states."""
WORDS = {"approve": "approve", "escalate": "hold"}
"""Kinds of answer as proposals call them, by the word of the monitors."""
SHOWN = 40
WORTH_ASKING = Decimal("0.01")
"""A manager is asked when the confidence of some pattern has moved by so much."""


def measure(now: datetime) -> tuple[list[Row], int]:
    """The table as people's answers of the last half year make it, and how many these are."""
    stated = {row.pattern: row.stated for row in measured_confidence.active()}
    verdicts: dict[Pattern, list[bool]] = defaultdict(list)
    said: dict[Pattern, list[float]] = defaultdict(list)
    for seen in observed.answers_between(now - BASIS, now):
        o = seen.observation
        kind = WORDS.get(o.outcome, o.outcome)
        if kind not in MEASURED or not seen.method:
            continue
        vendor = "new" if o.vendor_new else "known"
        pattern = Pattern(o.agent, kind, seen.method, seen.source_format, vendor)
        verdicts[pattern].append(o.verdict == "confirmed")
        said[pattern].append(o.confidence)
    rows = [
        calibration.row(p, stated.get(p) or _stated(said[p]), answers)
        for p, answers in sorted(verdicts.items())
        if len(answers) >= LEAST
    ]
    return rows, sum(map(len, verdicts.values()))


def _stated(confidences: list[float]) -> Decimal:
    return Decimal(str(median(confidences))).quantize(calibration.PLACES)


@transaction.atomic
def propose(now: datetime | None = None) -> CalibrationTable:
    """Measure, keep what came of it as a draft, and ask a manager to put it in force. Raises `NothingNew`:
    also where no confidence moved by as much as `WORTH_ASKING` since the last table."""
    now = now or clock.now()
    VERSIONS.lock()
    rows, answers = measure(now)
    latest = VERSIONS.latest()
    if not rows or (latest is not None and not _moved(measured_confidence.rows_of(latest.text), rows)):
        raise NothingNew
    text = orjson.dumps([row.as_json() for row in rows], option=orjson.OPT_SORT_KEYS).decode()
    before = VERSIONS.active()
    row = VERSIONS.keep(text, now - BASIS, now, answers=answers)
    VERSIONS.ask(
        row,
        _changes(measured_confidence.rows_of(before.text) if before else (), rows)[:SHOWN],
        now,
        if_approved=f"Approving lets agents say the confidence of {row} from now on. What is decided stays as"
        " it is.",
        if_rejected=f"Rejecting keeps {before or 'what agents state themselves'}.",
    )
    return row


def _moved(before: Sequence[Row], rows: Sequence[Row]) -> bool:
    """Is a pattern new or gone, or does one differ by enough to ask somebody?"""
    then, now = ({r.pattern: r.confidence for r in some} for some in (before, rows))
    return then.keys() != now.keys() or any(abs(now[p] - then[p]) >= WORTH_ASKING for p in now)


def _changes(before: Sequence[Row], rows: Sequence[Row]) -> list[Change]:
    known = {r.pattern: r.confidence for r in before}
    return [
        Change(
            f"{r.pattern.agent}, {r.pattern.words}",
            str(known[r.pattern]) if r.pattern in known else f"{r.stated} stated",
            str(r.confidence),
            f"{r.confirmed} of {r.answers} answers of people confirmed it.",
            CODE,
        )
        for r in rows
        if known.get(r.pattern) != r.confidence
    ]
