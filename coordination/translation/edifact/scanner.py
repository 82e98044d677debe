"""An interchange as bytes, segment by segment, with the line each begins in; nothing is decoded here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..canonical import QuarantineCode, Unreadable
from ..xml import MAX_VALUE
from .segments import Segment, malformed, parse
from .service import Service, service_of

_SPACE: Final = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Raw:
    """One segment as bytes, with its terminator."""

    content: bytes
    line: int

    @property
    def tag(self) -> bytes:
        return self.content[:3]


class Scanner:
    """Walks the bytes segment by segment and knows the line; nothing is decoded here."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.service = Service()
        self.segment = self.service.segment()
        self.at = 0
        self.ended = 0
        self.line = 1
        self._skip_space()

    def advice(self) -> None:
        """Take in the service characters that UNA states; an interchange without UNA has the standard's."""
        begins = self.content[self.at : self.at + 3]
        if begins == b"UNA":
            self.service = service_of(self.content[self.at : self.at + 9].ljust(9))
            self.at = min(self.at + 9, len(self.content))
            self._skip_space()
        elif begins == b"UNB":
            self.service = Service()
        self.segment = self.service.segment()

    def next(self) -> Raw | None:
        """The next segment, or None at the end; what is left without a terminator is refused."""
        if self.at >= len(self.content):
            return None
        found = self.segment.match(self.content, self.at)
        if found is None:
            raise malformed("the file is cut off within a segment", self.line)
        if found.end(1) - self.at > MAX_VALUE:
            raise Unreadable(QuarantineCode.TOO_LARGE, "one segment is over 8 MB: leave it out", self.line)
        raw = Raw(found[1], self.line)
        self.line += self.content.count(b"\n", self.at, found.end())
        self.ended, self.at = found.end(1), found.end()
        return raw

    def skip(self, octets: int) -> None:
        """Go past the bytes of a package, which begin right behind the last segment."""
        to = self.ended + octets
        if to > len(self.content):
            raise malformed("the package is shorter than it says", self.line)
        self.line += self.content.count(b"\n", min(self.at, to), to)
        self.at = to
        self._skip_space()

    def _skip_space(self) -> None:
        to = self.at
        while self.content[to : to + 1] and self.content[to : to + 1] in _SPACE:
            to += 1
        self.line += self.content.count(b"\n", self.at, to)
        self.at = to

    def service_segment(self, raw: Raw) -> Segment:
        """A service segment; its text is ASCII by the standard."""
        return parse(raw.content.decode("latin-1"), self.service.characters, 1, raw.line)
