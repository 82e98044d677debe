"""Amounts and days as people print them, in any of the usual ways of Europe and America.

Two questions: which values could a text mean (all of them, to look for a known one), and what does one
printed value mean (one or nothing, to read an unknown one). The second never guesses between two readings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from ..values import BadValueError

_SPACE: Final = " \u00a0\u2009\u202f"
_AMOUNT: Final = re.compile(
    rf"(?<![0-9.,'’])(?:[0-9]{{1,3}}(?:[{_SPACE}][0-9]{{3}})+(?:[.,][0-9]{{1,2}})?|[0-9][0-9.,'’]*)(?![0-9])"
)
_PART: Final = re.compile(r"[0-9][0-9.,'’]*")
"""A number without spaces: in "2 500,00" it may be all there is, after a quantity of two."""

_PLAIN: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,6})?")

MAX_DIGITS: Final = 15


def amounts(text: str) -> set[Decimal]:
    """Every number that any amount in the text can mean, without signs."""
    found: set[Decimal] = set()
    for match in _AMOUNT.finditer(text):
        found |= set(_readings(match[0]))
        if any(space in match[0] for space in _SPACE):
            found |= {value for part in _PART.findall(match[0]) for value in _readings(part)}
    return found


def amount(text: str, decimal_mark: str = "") -> Decimal:
    """The number that a printed amount means, or `BadValueError`; a minus may stand before or after it.

    With `decimal_mark` ("," or ".") the other mark separates thousands; without one, an amount such as
    `1.234` could mean two numbers and is refused.
    """
    bare = "".join(text.split()).replace("−", "-").replace("–", "-")
    negative = bare.startswith("-") or bare.endswith("-")
    bare = bare.strip("-+")
    if decimal_mark:
        other = "." if decimal_mark == "," else ","
        bare = re.sub(rf"{re.escape(other)}(?=[0-9]{{3}}(?![0-9]))", "", bare)
        bare = bare if other in bare else bare.replace(decimal_mark, ".")
        bare = re.sub("(?<=[0-9])['’](?=[0-9]{3})", "", bare)
        readings = [Decimal(bare)] if _PLAIN.fullmatch(bare) else []
    else:
        readings = list(_readings(bare)) if _AMOUNT.fullmatch(bare) else []
    if len(set(readings)) != 1:
        raise BadValueError("not one amount" if readings else "not an amount")
    return -readings[0] if negative else readings[0]


def _readings(text: str) -> Iterator[Decimal]:
    """What one number can mean: a single mark before three digits may separate thousands or decimals."""
    bare = re.sub(f"[{_SPACE}'’]", "", text).rstrip(".,")
    if sum(map(str.isdigit, bare)) > MAX_DIGITS:
        return
    marks = [character for character in bare if character in ".,"]
    last = bare.rfind(marks[-1]) if marks else -1
    whole = re.sub("[.,]", "", bare[:last] if marks else bare)
    fraction = bare[last + 1 :] if marks else ""
    if not marks:
        yield Decimal(bare)
    elif len(marks) > 1 and len(set(marks)) == 1:
        if _grouped(bare, marks[0]):
            yield Decimal(whole + fraction)
    else:
        if len(fraction) <= 6:
            yield Decimal(f"{whole or 0}.{fraction or 0}")
        if len(marks) == 1 and len(fraction) == 3 and bare[0] != "0":
            yield Decimal(whole + fraction)


def _grouped(text: str, mark: str) -> bool:
    return all(len(group) == 3 for group in text.split(mark)[1:])


# --- days ---------------------------------------------------------------------------------------------------

_MONTH_NAMES: Final = (
    "january januar janvier januari enero gennaio janeiro styczen stycznia ledna ianuarie tammikuuta",
    "february februar fevrier februari febrero febbraio fevereiro luty lutego unora februarie helmikuuta",
    "march marz maerz mars maart marzo marco marzec marca marts brezna martie maaliskuuta",
    "april avril abril aprile kwiecien kwietnia dubna aprilie huhtikuuta",
    "may mai mei mayo maggio maio maj maja kvetna toukokuuta",
    "june juni juin junio giugno junho czerwiec czerwca cervna iunie kesakuuta",
    "july juli juillet julio luglio julho lipiec lipca cervence iulie heinakuuta",
    "august aout augustus agosto augusti sierpien sierpnia srpna elokuuta",
    "september septembre septiembre settembre setembro wrzesien wrzesnia zari septembrie syyskuuta",
    "october oktober octobre octubre ottobre outubro pazdziernik pazdziernika rijna octombrie lokakuuta",
    "november novembre noviembre novembro listopad listopada listopadu noiembrie marraskuuta",
    "december dezember decembre diciembre dicembre dezembro grudzien grudnia prosince decembrie joulukuuta",
)
"""Without accents, as they stand in dates, of the languages most invoices here are written in."""


def _months() -> dict[str, int]:
    """Names of the months and their beginnings of three letters and more, where only one month begins so.

    Finnish shortens its names in ways of its own, and a `mar` of its November would cost all others March.
    """
    found: dict[str, set[int]] = {}
    for number, names in enumerate(_MONTH_NAMES, 1):
        for name in names.split():
            shortest = len(name) if name.endswith("kuuta") else 3
            for length in range(shortest, len(name) + 1):
                found.setdefault(name[:length], set()).add(number)
    return {name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1}


MONTHS: Final = _months()

_NUMERIC: Final = re.compile(r"(?<!\d)(\d{1,4})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{1,4})(?!\d)")
_COMPACT: Final = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)")
_DAY_FIRST: Final = re.compile(
    r"(?<!\d)(\d{1,2})(?:\.|st|nd|rd|th|er|º)?[\s-]*(?:de\s|of\s)?\s*([^\W\d_]{3,12})\.?\s*,?[\s-]*"
    r"(?:de\s)?\s*(\d{4}|\d{2})(?!\d)",
    re.IGNORECASE,
)
_MONTH_FIRST: Final = re.compile(
    r"([^\W\d_]{3,12})\.?\s*(\d{1,2})(?:st|nd|rd|th)?\s*,?\s*(\d{4})(?!\d)", re.IGNORECASE
)


def days(text: str) -> set[date]:
    """Every day that any date in the text can mean; 03/04/2026 is both of two."""
    text = " ".join(text.split())  # so that no pattern runs over a run of spaces twice
    found = {_day(int(match[1]), int(match[2]), int(match[3])) for match in _COMPACT.finditer(text)}
    for match in _NUMERIC.finditer(text):
        found |= set(_numeric(match[1], match[3], match[4]))
    found |= {_day(_year(m[3]), MONTHS.get(_plain(m[2]), 0), int(m[1])) for m in _DAY_FIRST.finditer(text)}
    found |= {_day(int(m[3]), MONTHS.get(_plain(m[1]), 0), int(m[2])) for m in _MONTH_FIRST.finditer(text)}
    return {day for day in found if day is not None}


def day(text: str, order: str = "") -> date:
    """The day that a printed date means, or `BadValueError`.

    `order` ("dmy" or "mdy") decides between two readings of one date; without it they are refused.
    """
    found = days(text)
    if len(found) > 1 and order:
        match = _NUMERIC.search(text)
        first, second, third = (match[1], match[3], match[4]) if match else ("", "", "")
        wanted = (third, second, first) if order == "dmy" else (third, first, second)
        chosen = _day(_year(wanted[0]), int(wanted[1]), int(wanted[2])) if match else None
        found = {chosen} if chosen is not None else found
    if len(found) != 1:
        raise BadValueError("could be two days" if found else "not a date")
    return found.pop()


def _numeric(first: str, second: str, third: str) -> Iterator[date | None]:
    if len(first) == 4:
        yield _day(int(first), int(second), int(third))
    elif len(third) in {2, 4} and len(first) <= 2:
        yield _day(_year(third), int(second), int(first))
        yield _day(_year(third), int(first), int(second))


def _year(text: str) -> int:
    return int(text) + 2000 if len(text) == 2 else int(text)


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _plain(name: str) -> str:
    """A name without accents, in small letters."""
    bare = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in bare if not unicodedata.combining(letter))
