"""Text of strangers on its way into a spreadsheet or onto paper. It is shown as it is, and does nothing."""

from __future__ import annotations

import re
import unicodedata
from xml.sax.saxutils import escape

from audit.words import how_many

_FORMULA = "=+\\-@＝＋－＠"
_STARTS = re.compile(rf"^([\s\"]*)([{_FORMULA}])")
_AFTER_SEPARATOR = re.compile(rf"([;\t\n][ \"]*)([{_FORMULA}])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
_PLAIN = {
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "ı": "i",
    "ħ": "h",
    "Ħ": "H",
    "−": "-",
    "→": "->",
    "\u202f": " ",
    "\u2009": " ",
    "\u2007": " ",
    "\u2011": "-",
}
"""Characters that have a plain form which Unicode does not know of, or knows as compatible with one that is
wide."""


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe before `=`, `+`, `-`, `@` and their wide
    forms.

    Also after a separator inside of the text, for a program that separates by something else than the comma
    (OWASP, CSV injection). Control characters, which no format carries, are left out.
    """
    plain = _CONTROL.sub("", text)
    return _AFTER_SEPARATOR.sub(r"\1'\2", _STARTS.sub(r"'\1\2", plain))


def unguarded(text: str) -> str:
    """A guarded text as it was, if it was guarded at its start only."""
    return text[1:] if text.startswith("'") and _STARTS.match(text[1:]) else text


def without_control(text: str) -> str:
    """Text without characters that XML, and so a workbook, cannot carry."""
    return _CONTROL.sub("", text)


def printable(text: str) -> str:
    """Text in the characters that the print font has (Windows-1252).

    A letter with a mark that it lacks is written without the mark; anything else as its number, ‹U+4E2D›, so
    that nothing disappears, and neither a hidden nor a right-to-left character can change what is read.
    """
    return "".join(c if " " <= c <= "~" else _printed(c) for c in text)


def _printed(character: str) -> str:
    if character in "\n\t\r":
        return " " if character != "\n" else "\n"
    if _has(character):
        return character
    plain = _PLAIN.get(character) or unicodedata.normalize("NFKD", character)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return plain if plain and all(map(_has, plain)) else f"‹U+{ord(character):04X}›"


def _has(character: str) -> bool:
    """Is it in Windows-1252, and visible?"""
    if unicodedata.category(character) in {"Cc", "Cf"}:
        return False
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def clipped(text: str, most: int) -> str:
    """At most so many characters, and how many were left out."""
    return text if len(text) <= most else f"{text[:most]} … ({how_many(len(text) - most, 'character')} more)"


def marked(text: str, most: int = 2000) -> str:
    """Text for a paragraph of a paper: printable, without markup of its own, of bounded length."""
    short = clipped(
        text, most
    )  # before, since a text may be megabytes, and after, since a number is longer than its letter
    return escape(clipped(printable(short), most + 40)).replace("\n", "<br/>")
