"""Until when a case can be put aside: the moments that are offered, in the zone of whoever looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from .handling import LONGEST_ASIDE, Awaited

MORNING = time(8)
AT_LATEST = timedelta(days=14)
"""What waits for something to happen comes back after so long all the same."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment on offer: its name in a form, its words, and until when."""

    name: str
    words: str
    until: datetime
    awaited: Awaited = Awaited.TIME


def moments(now: datetime) -> list[Moment]:
    """What is offered: a few hours, mornings of working days, and the first thing that happens."""
    today = timezone.localdate(now)
    tomorrow, monday = _working(today, 1), today + timedelta(days=7 - today.weekday())
    found = [
        Moment("hours", "3 hours", now + timedelta(hours=3)),
        Moment("tomorrow", f"{tomorrow:%A}, 8:00", _morning(tomorrow)),
        Moment("days", f"{_working(today, 3):%A}, 8:00", _morning(_working(today, 3))),
        Moment("monday", f"Monday {monday.day} {monday:%B}, 8:00", _morning(monday)),
        Moment("event", "Until something arrives", now + AT_LATEST, Awaited.EVENT),
    ]
    return [m for i, m in enumerate(found) if m.until not in {other.until for other in found[:i]}]


def chosen(name: str, day: str, now: datetime) -> Moment | None:
    """What somebody chose: one of the moments, or the morning of a day (ISO); None for neither."""
    if name != "day":
        return next((m for m in moments(now) if m.name == name), None)
    try:
        on = date.fromisoformat(day)
    except ValueError:
        return None
    far = abs((on - timezone.localdate(now)).days) > LONGEST_ASIDE.days + 1
    return None if far else Moment("day", f"{on.day} {on:%B}, 8:00", _morning(on))


def _working(day: date, days: int) -> date:
    """So many days of work later: weekends are none."""
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, MORNING))
