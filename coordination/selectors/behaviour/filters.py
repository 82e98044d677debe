"""What a list of decisions is narrowed to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from .days import Window


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to. Empty texts narrow nothing; `event` "yes" or "no" is of `measure`, and with
    a measure only its base is listed."""

    first: date
    last: date
    measure: str = ""
    event: str = ""
    version: str = ""
    type: str = ""
    format: str = ""
    vendor: str = ""
    order: str = ""
    band: str = ""

    @property
    def window(self) -> Window:
        return Window(self.first, self.last)

    @property
    def query(self) -> str:
        """The filter as an address carries it."""
        values = {"since": self.first.isoformat(), "until": self.last.isoformat()}
        names = ("measure", "event", "version", "type", "format", "vendor", "order", "band")
        return urlencode(values | {n: getattr(self, n) for n in names if getattr(self, n)})
