"""How numbers and days are written in tables of other systems. A format is chosen, never guessed from a
value.

A text that does not have the format of its map is no value, even where another format could read it: under
a decimal comma 1.234 is one thousand two hundred and thirty-four, and 12.5 is nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from . import values
from .values import BadValueError


@dataclass(frozen=True, slots=True)
class DecimalFormat:
    """A decimal mark and the mark between thousands ("" for none); `shown` is how a person knows it."""

    shown: str
    mark: str
    group: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """Whole numbers plain or in groups of three, then the fraction."""
        group, mark = re.escape(self.group), re.escape(self.mark)
        whole = rf"[0-9]+|[0-9]{{1,3}}(?:{group}[0-9]{{3}})+" if self.group else "[0-9]+"
        return re.compile(rf"[+-]?(?:{whole})(?:{mark}[0-9]+)?")


DECIMALS: Final = {
    "point": DecimalFormat("1234.56", ".", ""),
    "comma": DecimalFormat("1234,56", ",", ""),
    "comma-point": DecimalFormat("1,234.56", ".", ","),
    "point-comma": DecimalFormat("1.234,56", ",", "."),
    "space-comma": DecimalFormat("1 234,56", ",", " "),
    "quote-point": DecimalFormat("1'234.56", ".", "'"),
}
_PATTERNS: Final = {name: form.pattern for name, form in DECIMALS.items()}
_SPACES: Final = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2019": "'"})
"""No-break and narrow spaces and the typographic apostrophe, as spreadsheets write them between thousands."""


def decimal_text(text: str, form: str) -> str:
    """The number as an `xs:decimal`, or `BadValueError`."""
    chosen = DECIMALS[form]
    plain = text.translate(_SPACES)
    if not _PATTERNS[form].fullmatch(plain):
        raise BadValueError(f"no number of the form {chosen.shown}")
    if chosen.group:
        plain = plain.replace(chosen.group, "")
    plain = plain.replace(chosen.mark, ".")
    values.decimal(plain)
    return plain


@dataclass(frozen=True, slots=True)
class DateFormat:
    """A pattern with the groups y, m and d; `shown` is how a person knows it."""

    shown: str
    pattern: re.Pattern[str]


def _date(shown: str, pattern: str) -> DateFormat:
    parts = {
        "Y": "(?P<y>[0-9]{4})",
        "y": "(?P<y>[0-9]{2})",
        "M": "(?P<m>[0-9]{1,2})",
        "D": "(?P<d>[0-9]{1,2})",
    }
    parts |= {"MM": "(?P<m>[0-9]{2})", "DD": "(?P<d>[0-9]{2})"}
    places = re.split(r"(MM|DD|[YyMD])", pattern)
    return DateFormat(shown, re.compile("".join(parts.get(place, re.escape(place)) for place in places)))


DATES: Final = {
    "iso": _date("2026-03-31", "Y-MM-DD"),
    "compact": _date("20260331", "YMMDD"),
    "day-point": _date("31.03.2026", "D.M.Y"),
    "day-slash": _date("31/03/2026", "D/M/Y"),
    "day-dash": _date("31-03-2026", "D-M-Y"),
    "month-slash": _date("03/31/2026", "M/D/Y"),
    "day-point-short": _date("31.03.26", "D.M.y"),
    "day-slash-short": _date("31/03/26", "D/M/y"),
}
"""Formats of days. A year of two digits is one of this century."""


def iso_day(text: str, form: str) -> str:
    """The day as an ISO date, or `BadValueError`."""
    chosen = DATES[form]
    match = chosen.pattern.fullmatch(text)
    if match is None:
        raise BadValueError(f"no day of the form {chosen.shown}")
    year = match["y"] if len(match["y"]) == 4 else f"20{match['y']}"
    day = f"{year}-{match['m'].zfill(2)}-{match['d'].zfill(2)}"
    values.day(day)
    return day
