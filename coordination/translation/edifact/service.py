"""What an interchange says of its own notation: service characters (UNA), character set, decimal mark.

ISO 9735: UNA gives six characters; without it they are `:+.? '`. The syntax identifier of UNB names the
character set. Up to version 3 the decimal mark is that of UNA, from version 4 on point and comma are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pydifact.control.characters import Characters

from ..canonical import QuarantineCode, Unreadable

_LATIN: Final = {
    "UNOC": "iso8859-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOL": "iso8859-15",
}
"""Syntax identifiers (data element 0001) of the eight-bit character sets."""

_ASCII_OR_UTF8: Final = frozenset({"UNOA", "UNOB", "UNOW", "UNOY", ""})
"""Sets of ASCII, or of ISO 10646: what goes beyond is UTF-8, and where it is none, Latin-1."""

NO_RELEASE: Final = "\x00"
"""Stands for "no release character": no text of an interchange may hold a NUL."""


@dataclass(frozen=True, slots=True)
class Service:
    """The service characters in force."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    terminator: str = "'"
    stated: bool = False

    def segment(self) -> re.Pattern[bytes]:
        """One segment with its terminator, and the space up to the next; a released character ends
        nothing."""
        release, end = (re.escape(one.encode("latin-1")) for one in (self.release, self.terminator))
        pattern = rb"((?:[^%b%b]++|%b.)*+%b)[ \t\r\n]*+" % (release, end, release, end)
        return re.compile(pattern, re.DOTALL)

    @property
    def characters(self) -> Characters:
        """The same for pydifact."""
        return Characters(  # type: ignore[no-untyped-call]
            component_separator=self.component,
            data_separator=self.element,
            decimal_point=self.decimal,
            escape_character=self.release,
            segment_terminator=self.terminator,
        )

    def decimal_marks(self, version: str) -> str:
        """The characters that may part whole and fraction in an interchange of this syntax version."""
        return self.decimal if self.stated and version[:1] in {"1", "2", "3"} else ".,"


def service_of(advice: bytes) -> Service:
    """The characters of a UNA segment (the nine bytes that begin with `UNA`)."""
    text = advice[3:9].decode("latin-1")
    component, element, decimal, release, _, terminator = tuple(text)
    parts = [component, element, terminator, *([release] if release != " " else [])]
    is_text = any(part.isalnum() or part == " " or not part.isascii() for part in parts)
    if len(set(parts)) < len(parts) or is_text or decimal not in ".,":
        error = f"the service characters {text!r} of UNA cannot be told apart: ask for the file again"
        raise Unreadable(QuarantineCode.MALFORMED, error, 1)
    return Service(component, element, decimal, NO_RELEASE if release == " " else release, terminator, True)


def encoding(segments: Iterable[bytes], syntax: str) -> str:
    """The character set of the segments, by the syntax identifier of UNB, or `Unreadable`.

    Senders put UTF-8 or Latin-1 behind an identifier that allows neither. Separators and numbers are the
    same bytes in all of them, so that only words are at stake.
    """
    if syntax in _LATIN:
        return _LATIN[syntax]
    if syntax not in _ASCII_OR_UTF8:
        error = f"the character set {syntax[:8]} is not read: ask for UNOC (Latin-1) or UNOW (UTF-8)"
        raise Unreadable(QuarantineCode.UNSUPPORTED, error)
    try:
        for segment in segments:
            segment.decode()
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"
