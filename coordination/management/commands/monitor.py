"""manage.py monitor: run the drift detectors over a recorded stream."""

import signal
from argparse import ArgumentTypeError
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audit.errors import CountersignError

from ...monitoring.alarms import Alarm, kind_in_words
from ...monitoring.baselines import Baseline
from ...monitoring.expected_delay import days_between_false_alarms, expected_delay
from ...monitoring.observations import echo, read_stream
from ...monitoring.replay import Replayed, replay
from ...project.database_ready import prepare_database
from ...services.behaviour import calibrate, measured_versions, plan_review
from ...services.behaviour import watch as watching
from ...workers import loop
from ..base import Report, ReportingCommand


def positive(text: str) -> int:
    """The type of an option that is a number of something."""
    if text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0:
        return int(text)
    raise ArgumentTypeError(f"{echo(text)} is no whole number above 0")


class NoFile(CountersignError):
    """Name the file with the recorded decisions."""

    exit_code = 2


class Command(ReportingCommand):
    help = (
        "replay: over a recorded stream of decisions, one JSON object a line, what is learned from its first"
        " days and which alarms the rest raises; the database is not touched. Exit code 2: a line cannot be"
        " read; each is named, and nothing is learned. watch: read the installation's own decisions as they"
        " are made. calibrate: measure from people's answers how sure agents may say that they are."
        " plan: compute from what the quality review found how it is spread best. A manager is asked to put"
        " either in force."
    )

    prepares_database = False

    def _watch(self, *, once: bool) -> Report:
        """Read decisions as they come, until told to stop."""
        prepare_database(self.say)
        if once:
            return _watched(watching.watch())
        stop = loop.Stop()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop.request)
        return _watched(loop.watch_decisions(stop))

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["replay", "watch", "calibrate", "plan"])
        parser.add_argument(
            "file", metavar="FILE", nargs="?", help="decisions in order of time, business days only"
        )
        parser.add_argument("--once", action="store_true", help="watch: read what there is, and end")
        parser.add_argument(
            "--learn-days", type=positive, default=63, metavar="N", help="calendar days to learn from (63)"
        )
        parser.add_argument(
            "--sla-ms", type=positive, default=10_000, metavar="N", help="slower than this is late (10000)"
        )

    def report(self, options: dict[str, Any]) -> Report:
        if options["action"] == "watch":
            return self._watch(once=options["once"])
        if options["action"] == "calibrate":
            return self._calibrate()
        if options["action"] == "plan":
            return self._plan()
        if options["file"] is None:
            raise NoFile
        with Path(options["file"]).open("rb") as lines:
            stream = read_stream(lines)
        found = replay(stream, learn_days=options["learn_days"], sla_ms=options["sla_ms"])
        data = {"learned": sum(found.learned.values()), "alarms": [_line(a) for a in found.alarms]}
        return Report(data, _table(found))

    def _calibrate(self) -> Report:
        """Measure how sure agents may say that they are, and ask a manager to put it in force."""
        prepare_database(self.say)
        try:
            row = calibrate.propose()
        except measured_versions.NothingNew as nothing:
            return Report({"calibration": None}, [str(nothing)])
        told = f"Calibration {row.number} from {row.answers:,} answers of people waits for a manager."
        return Report({"calibration": row.number, "answers": row.answers, "sha256": row.sha256}, [told])

    def _plan(self) -> Report:
        """Compute how reviews are spread best, and ask a manager to put it in force."""
        prepare_database(self.say)
        try:
            row = plan_review.propose()
        except (measured_versions.NothingNew, plan_review.TooFew) as nothing:
            return Report({"review_plan": None}, [str(nothing)])
        told = f"Review plan {row.number}, {row.budget:,} of {row.decided:,} invoices, waits for a manager."
        data = {"review_plan": row.number, "budget": row.budget, "decided": row.decided, "sha256": row.sha256}
        return Report(data, [told])


def _watched(found: watching.Watched) -> Report:
    data = {"decisions": found.decisions, "alarms": [_line(a) for a in found.alarms]}
    return Report(data, [f"{found.decisions:,} decisions read, {len(found.alarms)} alarms."])


def _line(alarm: Alarm) -> dict[str, Any]:
    return {
        "index": alarm.index,
        "at": alarm.at,
        "agent": alarm.agent,
        "measure": alarm.measure,
        "direction": alarm.direction.value,
        "level": alarm.level.value,
        "category": alarm.category.value,
        "action": alarm.action.value,
    }


def _table(found: Replayed) -> list[str]:
    """For people: what was learned and watched of each agent, then its alarms with their extent."""
    lines = []
    for agent, learned in found.learned.items():
        lines.append(f"{agent}: learned from {learned:,} decisions, watched {found.watched[agent]:,}")
        lines += _beforehand(found.baselines[agent]) if agent in found.baselines else []
    lines += [text for alarm in found.alarms for text in _words(alarm)]
    if found.alarms:
        return lines
    if not found.learned:
        return ["There is no decision in it: nothing was learned, and nothing was watched."]
    if not any(found.watched.values()):
        return [*lines, "Nothing was watched: all of it was learned from."]
    return [*lines, "No alarm."]


FORESEEN = {"approve_rate": "approvals", "override_rate": "overrides"}
"""Measures whose rise may open a breaker, and what they count."""


def _beforehand(baseline: Baseline) -> Iterator[str]:
    """What would be noticed of this agent's work, and when."""
    a_day = baseline.decisions / baseline.days
    for measure, what in FORESEEN.items():
        rate = baseline.rates.get(measure)
        if rate is None:
            yield f"  {what} are not watched: too few of its decisions were answered in the learning days"
            continue
        base = rate.cases / baseline.decisions
        found = expected_delay(measure, rate, 2.0, decisions_a_day=a_day, base=base)
        when = f"after about {found.decisions:,.0f} decisions, {found.days:.0f} days" if found else "never"
        yield f"  twice the odds of {what} would be noticed {when}"
    days = days_between_false_alarms(a_day)
    yield f"  by chance there is a warning about once in {days:,.0f} days at most"


def _words(alarm: Alarm) -> list[str]:
    extent = alarm.extent
    strata = "; ".join(
        f"{kind_in_words(s.name)} {s.events} of {s.cases}, expected {s.expected:.0f}" for s in extent.strata
    )
    what = f"{alarm.level.upper()} {alarm.agent}: {alarm.measure} {alarm.direction}"
    where = f"line {alarm.index + 1}, {alarm.at}, incident {alarm.incident}"
    rates = f"{extent.before:.1%} -> {extent.after:.1%} (95 %: {extent.low:.1%} to {extent.high:.1%})"
    since = f"since {extent.onset}: {extent.decisions:,} decisions, {extent.amount:,.2f}"
    return [
        "",
        f"{what}; {where}; {alarm.category}, action {alarm.action}",
        f"  {rates} {since}",
        f"  by chance about once in {alarm.evidence:,.0f} decisions; most in: {strata or 'no one kind'}",
    ]
