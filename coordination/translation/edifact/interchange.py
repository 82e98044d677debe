"""The envelope of an interchange (ISO 9735-1): UNB to UNZ, groups, packages, and the counts that prove it
whole.

pydifact reads segments and checks no count, so that a file that was cut or padded passes it. Here a message
whose UNT does not agree is set aside, and an interchange whose UNZ does not agree is refused as a whole:
nobody knows what is missing. The bytes of a package (UNO to UNP) are skipped by the length it states.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ..canonical import Origin, QuarantineCode, Rejected, Unreadable
from .scanner import Raw, Scanner
from .segments import Segment, malformed, parse
from .service import Service, encoding

SEGMENT_WEIGHT: Final = 950
BYTE_WEIGHT: Final = 18
MAX_WEIGHT: Final = 175_000_000
"""Bytes of memory that a segment and a byte of one message cost on their way into the tables, measured, and
how many there may be: about 15,000 lines. A larger message is split by its sender; an interchange may hold
many."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its kind, its directory (`d96a`), its segments from UNH to UNT, and its notation.

    `binding` is the association's code, by which users of a directory agree on more (EAN008, 16B). A bare
    message has no UNH, and so no kind.
    """

    kind: str
    directory: str
    binding: str
    reference: str
    segments: tuple[Segment, ...]
    marks: str

    @property
    def line(self) -> int:
        """The line of the file it begins in."""
        return self.segments[0].line

    def first(self, tag: str) -> Segment | None:
        """The first segment of that tag."""
        return next((segment for segment in self.segments if segment.tag == tag), None)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A message whose envelope agrees, as bytes. `head` is UNH, None for a bare message."""

    raws: tuple[Raw, ...]
    service: Service
    syntax: str = ""
    version: str = ""
    head: Segment | None = None

    @property
    def line(self) -> int:
        return self.raws[0].line

    @property
    def reference(self) -> str:
        return self.head.component(0) if self.head is not None else ""

    def open(self) -> Message:
        """Read its segments, or `Unreadable` where one of them is none."""
        if any(b"\x00" in raw.content for raw in self.raws):
            raise malformed("it has NUL bytes", self.line)
        codec = encoding((raw.content for raw in self.raws), self.syntax)
        characters, head = self.service.characters, self.head
        return Message(
            kind=head.component(1, 0) if head is not None else "",
            directory=(head.component(1, 1) + head.component(1, 2)).lower() if head is not None else "",
            binding=head.component(1, 5) if head is not None else "",
            reference=self.reference,
            segments=tuple(
                parse(raw.content.decode(codec, errors="replace"), characters, number, raw.line)
                for number, raw in enumerate(self.raws, 1)
            ),
            marks=self.service.decimal_marks(self.version),
        )


@dataclass(frozen=True, slots=True)
class Attached:
    """Comes after the messages of an interchange: the words of its packages' headers, file names among
    them."""

    texts: tuple[Origin, ...]


Part = Sealed | Rejected | Attached


@dataclass(slots=True)
class Count:
    """What was met between a header and its trailer."""

    messages: int = 0
    packages: int = 0
    groups: int = 0
    reference: str = ""
    attached: list[Origin] = field(default_factory=list)


def parts(content: bytes) -> Iterator[Part]:
    """The messages of all interchanges of a file in order; `Unreadable` where an envelope is broken.

    A broken end is found at the end: whoever acts on what came before has to go through all of it first.
    """
    scanner = Scanner(content)
    while scanner.at < len(content):
        scanner.advice()
        first = scanner.next()
        if first is None:
            raise malformed("the file holds no message", None)
        if first.tag == b"UNB":
            yield from _interchange(scanner, scanner.service_segment(first))
        elif first.tag == b"UNH":
            yield _message(scanner, first, "", "")
        elif first.tag == b"BGM":
            yield _bare(scanner, first)
        else:
            raise malformed("the file begins with neither UNB, UNH nor BGM", first.line)


def _interchange(scanner: Scanner, header: Segment) -> Iterator[Part]:
    syntax, version = header.component(0, 0), header.component(0, 1)
    if header.component(10) == "1":
        error = "the interchange is marked as a test (UNB, test indicator 1): ask for the real one"
        raise Unreadable(QuarantineCode.TEST_DOCUMENT, error, header.line)
    count, group, opened = Count(), Count(), ""
    while (raw := scanner.next()) is not None:
        if raw.tag == b"UNZ":
            _check_end(scanner.service_segment(raw), header, count)
            yield Attached(tuple(count.attached))
            return
        if raw.tag == b"UNG":
            count.groups, group = count.groups + 1, Count()
            opened = scanner.service_segment(raw).component(4)
        elif raw.tag == b"UNE":
            _check_group(scanner.service_segment(raw), opened, group)
        elif raw.tag == b"UNO":
            _skip_package(scanner, raw, count)
            group.packages += 1
        elif raw.tag == b"UNH":
            count.messages, group.messages = count.messages + 1, group.messages + 1
            count.reference = scanner.service_segment(raw).component(0)
            yield _message(scanner, raw, syntax, version)
        else:
            raise malformed(f"segment {_shown(raw)} stands outside of a message", raw.line)
    raise malformed("the interchange is cut off: it has no UNZ", scanner.line)


def _check_end(end: Segment, header: Segment, count: Count) -> None:
    """UNZ counts groups, or else messages with or without packages, and repeats the reference of UNB.

    Where the interchange holds one message, its reference stands for that of UNB as well: some senders
    write it there, the published examples of EN 16931 among them.
    """
    allowed = {count.groups} if count.groups else {count.messages, count.messages + count.packages}
    if _number(end.component(0)) not in allowed:
        error = f"UNZ counts {end.component(0) or 'nothing'} where the interchange has {max(allowed)}"
        raise malformed(error, end.line)
    references = [header.component(4), *([count.reference] if count.messages == 1 else [])]
    if end.component(1) not in references:
        error = f"UNZ ends interchange {end.component(1)[:40]}, UNB began {header.component(4)[:40]}"
        raise malformed(error, end.line)


def _check_group(end: Segment, reference: str, group: Count) -> None:
    if _number(end.component(0)) not in {group.messages, group.messages + group.packages}:
        error = f"UNE counts {end.component(0) or 'nothing'} where the group has {group.messages}"
        raise malformed(error, end.line)
    if end.component(1) != reference:
        raise malformed(f"UNE ends group {end.component(1)[:40]}, UNG began {reference[:40]}", end.line)


def _skip_package(scanner: Scanner, raw: Raw, count: Count) -> None:
    """UNO states the octets between its terminator and UNP; what they are is never looked at."""
    begin = scanner.service_segment(raw)
    octets = _number(begin.component(3))
    if octets is None:
        raise malformed("the package does not state its length (UNO)", raw.line)
    scanner.skip(octets)
    end = scanner.next()
    closing = scanner.service_segment(end) if end is not None and end.tag == b"UNP" else None
    if closing is None or _number(closing.component(0)) != octets:
        raise malformed(f"no UNP where the {octets} bytes of the package end", raw.line)
    if closing.component(1) != begin.component(0):
        raise malformed("UNP ends another package than UNO began", raw.line)
    count.packages += 1
    said = [text for n in range(len(begin.elements)) for text in begin.components(n)]
    count.attached.append(Origin(f"UNO {count.packages}", " ".join(said)))


def _message(scanner: Scanner, first: Raw, syntax: str, version: str) -> Sealed | Rejected:
    """One message to its UNT; one that its own count or reference belies is set aside."""
    raws = _Raws(first)
    while raws.found[-1].tag != b"UNT":
        raw = scanner.next()
        if raw is None or raw.tag in {b"UNH", b"UNZ", b"UNB", b"UNE", b"UNG"}:
            raise malformed("a message is cut off: it has no UNT", first.line)
        raws.add(raw)
    head, end = scanner.service_segment(first), scanner.service_segment(raws.found[-1])
    reference, count = head.component(0), len(raws.found)
    if _number(end.component(0)) != count:
        error = f"UNT counts {end.component(0) or 'nothing'} segments, the message has {count}"
        return _set_aside(reference, error, end.line)
    if end.component(1) != reference:
        return _set_aside(reference, f"UNT ends message {end.component(1)[:40] or '(none)'}", end.line)
    return Sealed(tuple(raws.found), scanner.service, syntax, version, head)


def _bare(scanner: Scanner, first: Raw) -> Sealed:
    """A message without any envelope is all that the file holds."""
    raws = _Raws(first)
    while (raw := scanner.next()) is not None:
        if raw.tag in {b"UNB", b"UNH", b"UNT", b"UNZ", b"BGM"}:
            raise malformed(f"segment {_shown(raw)} in a message that nothing began", raw.line)
        raws.add(raw)
    return Sealed(tuple(raws.found), scanner.service)


class _Raws:
    """The segments of one message, up to what it may cost."""

    def __init__(self, first: Raw) -> None:
        self.found: list[Raw] = []
        self.weight = 0
        self.add(first)

    def add(self, raw: Raw) -> None:
        self.found.append(raw)
        self.weight += SEGMENT_WEIGHT + BYTE_WEIGHT * len(raw.content)
        if self.weight > MAX_WEIGHT:
            line = self.found[0].line
            raise Unreadable(QuarantineCode.TOO_LARGE, "a message is too large: ask for it in parts", line)


def _set_aside(reference: str, error: str, line: int) -> Rejected:
    which = f"message {reference[:40]}" if reference else "the message"
    return Rejected(QuarantineCode.MALFORMED, f"{which}: {error}: ask for it again", line)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def _shown(raw: Raw) -> str:
    return raw.tag.decode("latin-1")
