"""How long each class of data is kept, read from `retention.json` into exact types. What cannot be read stops
everything.

A class is counted from the event or, as commercial law does, from the end of the year of the event. Only a
class that says so is ever removed; the others are reported when their time is over.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from audit import canonical
from audit.errors import CountersignError

DEFAULT = Path(__file__).with_name("retention.json")
KEYS = ("ledger", "invoices", "payments", "policies", "personal_texts", "access_log", "quarantined_bytes")
"""Classes that have to be there, each once: what `services.retention.classes` knows how to find."""
ERASABLE = frozenset({"personal_texts", "access_log", "quarantined_bytes"})
"""Classes that can be removed at all; the others are bound by the ledger."""
FIELDS = {"key", "title", "keep", "from", "erasable", "basis"}
FROM = ("event", "end of year")
KEEP = re.compile(r"([1-9][0-9]?) years?|always")


class RetentionInvalid(CountersignError):
    """The retention classes are not valid; nothing is removed on them."""


@dataclass(frozen=True, slots=True)
class Class:
    """One class. `years` is None for what is kept for good."""

    key: str
    title: str
    years: int | None
    from_year_end: bool
    erasable: bool
    basis: str

    @property
    def words(self) -> str:
        """8 years from the end of the year."""
        if self.years is None:
            return "for good"
        span = "1 year" if self.years == 1 else f"{self.years} years"
        return f"{span} from the end of the year" if self.from_year_end else span

    def cutoff(self, now: datetime) -> datetime | None:
        """What happened before this moment is past its time at `now`; None when nothing ever is."""
        if self.years is None:
            return None
        day = now.astimezone(UTC)
        if self.from_year_end:
            return datetime(day.year - self.years, 1, 1, tzinfo=UTC)
        leap = (day.month, day.day) == (2, 29)
        return day.replace(year=day.year - self.years, day=28 if leap else day.day)


@dataclass(frozen=True, slots=True)
class Schedule:
    """All classes in order, and the digest of the text they were read from."""

    classes: tuple[Class, ...]
    sha256: str

    def of(self, key: str) -> Class:
        return next(c for c in self.classes if c.key == key)


@cache
def default() -> Schedule:
    """The classes of this installation."""
    return load(DEFAULT.read_text(encoding="utf-8"))


def load(text: str) -> Schedule:
    """Read classes. Raises `RetentionInvalid` and says which class and why."""
    try:
        found = json.loads(text)["classes"]
        classes = tuple(_class(item) for item in found)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RetentionInvalid(f"The retention classes cannot be read: {error}.") from error
    if sorted(c.key for c in classes) != sorted(KEYS):
        raise RetentionInvalid(f"The retention classes are these, each once: {', '.join(KEYS)}.")
    return Schedule(classes, canonical.sha256(canonical.dumps(found)))


def _class(item: dict[str, Any]) -> Class:
    key = str(item.get("key"))
    keep = KEEP.fullmatch(str(item.get("keep")))
    if set(item) != FIELDS:
        raise RetentionInvalid(f"{key}: a class has exactly {', '.join(sorted(FIELDS))}.")
    if keep is None:
        raise RetentionInvalid(f"{key}: keep is a number of years such as '8 years', or 'always'.")
    if item["from"] not in FROM:
        raise RetentionInvalid(f"{key}: from is 'event' or 'end of year'.")
    if not isinstance(item["erasable"], bool) or (item["erasable"] and key not in ERASABLE):
        raise RetentionInvalid(f"{key}: erasable is true for {', '.join(sorted(ERASABLE))} at most.")
    if item["erasable"] and keep[1] is None:
        raise RetentionInvalid(f"{key}: what is kept always is not erasable.")
    years = int(keep[1]) if keep[1] else None
    return Class(
        key, str(item["title"]), years, item["from"] == "end of year", item["erasable"], str(item["basis"])
    )
