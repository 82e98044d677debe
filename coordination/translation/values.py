"""Strict reading of single values, the same for every format.

A value is what its standard allows or it is nothing: no thousands separators, no decimal comma, no
exponent, no NaN. `BadValueError` says why in a few words; the reader records it and leaves the field empty.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

WHITE_SPACE = " \t\r\n"
"""White space of XML 1.0. A no-break or zero-width space is a character of the text and stays in it."""

OUTER_SPACE = WHITE_SPACE + "\u00a0\u202f\u200b\ufeff"
"""What a spreadsheet leaves around the value of a cell: no-break and zero-width spaces and byte order marks
as well."""

MAX_KEY = 255
MAX_INTEGER_DIGITS = 15
MAX_FRACTION_DIGITS = 10

FILLERS = frozenset({"", "n/a", "n.a.", "na", "-", "--", ".", "none", "null", "nil", "dummywert", "dummy"})
"""What stands where a format demands a key and the sender has none: absence, not a key."""

_DECIMAL = re.compile(r"[+-]?(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))")
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:([.,'\u2019\u00a0\u202f ])[0-9]{3})(?:\1[0-9]{3})*(?:[.,][0-9]+)?")
_SHORTENED = re.compile(r"[+-]?[0-9](?:[.,][0-9]+)?[eE][+-][0-9]{2,3}|[+-]?[0-9][.,][0-9]+[eE][0-9]{1,3}")
_NO_RESULT = re.compile(r"#(?:[A-ZÀ-Ý]{2,12}[!?]|DIV/0!|N/A|NV|#{2,})", re.IGNORECASE)
_DAY_COUNT = re.compile(r"[2-6][0-9]{4}(?:[.,][0-9]+)?")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_ZONE = re.compile(r"(?:Z|[+-][0-9]{2}:[0-9]{2})")
_CURRENCY = re.compile(r"[A-Z]{3}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_BOOK_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._/-]{0,38}[A-Za-z0-9])?")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


class BadValueError(ValueError):
    """The text is not a value of the kind asked for; the message says why in a few words."""


def decimal(text: str) -> Decimal:
    """Read an `xs:decimal`: ASCII digits, a point, a sign; at most 15 digits before and 10 after the point.

    The bounds keep every sum and product of an invoice exact within the 28 digits of the decimal context.
    """
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise BadValueError(_why_no_number(text))
    if len((match[1] or "").lstrip("0")) > MAX_INTEGER_DIGITS:
        raise BadValueError(f"a number with more than {MAX_INTEGER_DIGITS} digits before the point")
    if len((match[2] or match[3] or "").rstrip("0")) > MAX_FRACTION_DIGITS:
        raise BadValueError(f"a number with more than {MAX_FRACTION_DIGITS} decimals")
    return Decimal(text)


def _why_no_number(text: str) -> str:
    reason = spoilt(text)
    if reason:
        return reason
    if _GROUPED.fullmatch(text) and not _COMMA.fullmatch(text):
        return "not a decimal number: it has marks between the thousands"
    if _COMMA.fullmatch(text):
        return "not a decimal number: it has a comma where the decimal point belongs"
    return "not a decimal number"


def spoilt(text: str) -> str:
    """Why a spreadsheet has left nothing to rely on in a number or identifier, empty where it has not.

    A program that takes 202612000123 for a quantity writes 2.02612E+11 (Excel and its like: one digit, the
    decimals that fit, E, a sign, two digits; Java and its like: one digit with decimals, E, the exponent).
    Which number it was, nobody can tell. Without a sign or decimals, as in 1E5 or 12E34, it may be an
    identifier as it stands. A formula without a result leaves an error (#N/A, #REF!), a column that is too
    narrow leaves ######.
    """
    if _SHORTENED.fullmatch(text):
        return "a number that a spreadsheet has shortened, so that its digits are lost"
    if _NO_RESULT.fullmatch(text):
        return "what a spreadsheet shows where it has no value"
    return ""


FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Years that a paper of trade can be of; others are slips or fillers, and no days can be counted from
them."""


def day(text: str, *, zone: bool = False) -> date:
    """Read an ISO date; with `zone` also with the time zone of `xs:date`, which does not change the day."""
    match = _DATE.match(text)
    rest = text[match.end() :] if match else ""
    if match is None and _DAY_COUNT.fullmatch(text):
        raise BadValueError("the count by which a spreadsheet keeps days, not a date of the form YYYY-MM-DD")
    if match is None or (rest and not (zone and _ZONE.fullmatch(rest))):
        raise BadValueError(
            "not a date of the form YYYY-MM-DD"
            + (": it has a time behind the day" if rest[:1] == "T" else "")
        )
    try:
        read = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise BadValueError("no such day in the calendar") from None
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        raise BadValueError(f"of no year between {FIRST_YEAR} and {LAST_YEAR}")
    return read


def truth(text: str) -> bool:
    """Read an `xs:boolean`."""
    if text not in _TRUTH:
        raise BadValueError("neither true nor false")
    return _TRUTH[text]


def key(text: str) -> str:
    """An identifier, or empty where a filler stands for absence."""
    if text.lower() in FILLERS:
        return ""
    if len(text) > MAX_KEY:
        raise BadValueError(f"longer than {MAX_KEY} characters")
    return text


def currency(text: str) -> str:
    """An ISO 4217 code in upper case."""
    code = text.upper()
    if not _CURRENCY.fullmatch(code):
        raise BadValueError("not a currency code of three letters")
    return code


def country(text: str) -> str:
    """An ISO 3166-1 alpha-2 code in upper case, or empty for anything else: it is used for display only."""
    code = text.upper()
    return code if _COUNTRY.fullmatch(code) else ""


def book_code(text: str) -> str:
    """An account or cost centre of our books, of at most 40 characters."""
    if not _BOOK_CODE.fullmatch(text):
        raise BadValueError("not a code of letters, digits and . _ / - (at most 40)")
    return text


def is_bic(text: str) -> bool:
    """Whether the text has the form of a BIC (ISO 9362)."""
    return _BIC.fullmatch(text) is not None


def is_currency(text: str) -> bool:
    """Whether the text has the form of a currency code."""
    return _CURRENCY.fullmatch(text.upper()) is not None


def order_kind(code: str) -> str:
    """The kind of an order (UNTDID 1001), empty for an ordinary one, whether it says 220 or nothing."""
    return "" if code == "220" else code
