"""Segments of one message: elements and components by place, values with their origin, groups by trigger.

Elements and components are counted from 0 in calls and from 1 in paths: `MOA@17/1.2` is segment 17 of the
message (UNH is 1, as UNT counts), element 1, component 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pydifact.control.characters import Characters
from pydifact.exceptions import EDISyntaxError
from pydifact.parser import Parser
from pydifact.tokenizer import Tokenizer

from ..canonical import QuarantineCode, Unreadable
from ..record import Leaf
from ..values import WHITE_SPACE

Element = str | list[str]

_PARSER = Parser()


class Segment:
    """One segment: its tag, its elements, its place in the message and the line of the file it begins in."""

    __slots__ = ("elements", "line", "number", "tag")

    def __init__(self, tag: str, elements: Sequence[Element], number: int, line: int) -> None:
        self.tag = tag
        self.elements = elements
        self.number = number
        self.line = line

    def component(self, element: int, component: int = 0) -> str:
        """The text at a place, without outer white space; empty where the segment does not reach it."""
        if element >= len(self.elements):
            return ""
        found = self.elements[element]
        parts = [found] if isinstance(found, str) else found
        return parts[component].strip(WHITE_SPACE) if component < len(parts) else ""

    def components(self, element: int) -> list[str]:
        """All components of an element that say something."""
        if element >= len(self.elements):
            return []
        found = self.elements[element]
        parts = [found] if isinstance(found, str) else found
        return [text for part in parts if (text := part.strip(WHITE_SPACE))]

    @property
    def qualifier(self) -> str:
        """The first component, which in most segments says what the rest is about."""
        return self.component(0)

    def leaf(self, element: int, component: int = 0, **attributes: str) -> PlaceLeaf:
        """The value at a place, with its origin."""
        return PlaceLeaf(self, element, component, attributes)

    def joined(self, element: int) -> PlaceLeaf:
        """All components of an element as one text, as long words are cut into several."""
        leaf = PlaceLeaf(self, element, 0, {})
        leaf.raw = " ".join(self.components(element))
        return leaf


class PlaceLeaf(Leaf):
    """The value at one place of one segment."""

    __slots__ = ("attributes", "segment")

    def __init__(self, segment: Segment, element: int, component: int, attributes: dict[str, str]) -> None:
        path = f"{segment.tag}@{segment.number}/{element + 1}.{component + 1}"
        super().__init__(path, segment.component(element, component))
        self.segment = segment
        self.attributes = attributes

    def attribute(self, name: str) -> str:
        return self.attributes.get(name, "")

    @property
    def line(self) -> int | None:
        return self.segment.line


def parse(text: str, characters: Characters, number: int, line: int) -> Segment:
    """One segment from its text with terminator, or `Unreadable` (malformed) with its line."""
    release = characters.escape_character
    elements = released(text, characters, number, line) if release in text else plain(text, characters)
    tag = elements[0]
    if not isinstance(tag, str) or len(tag) != 3 or not tag.isalnum() or not tag.isascii():
        raise malformed(f"segment {number} has no tag of three letters", line)
    return Segment(tag, elements[1:], number, line)


def plain(text: str, characters: Characters) -> list[Element]:
    """The elements of a segment in which nothing is released, tag first: the same as pydifact's, sooner."""
    mark = characters.component_separator
    elements = text[: -len(characters.segment_terminator)].split(characters.data_separator)
    return [element.split(mark) if mark in element else element for element in elements]


def released(text: str, characters: Characters, number: int, line: int) -> list[Element]:
    """The elements of a segment by pydifact, which knows what a release character takes with it."""
    try:
        tokens = Tokenizer().get_tokens(text, characters)
        return next(_PARSER.convert_tokens_to_raw_segments(tokens), [""])
    except EDISyntaxError as error:
        raise malformed(f"segment {number} cannot be read ({error})", line) from None


def malformed(error: str, line: int | None) -> Unreadable:
    """The refusal of what breaks the syntax."""
    return Unreadable(QuarantineCode.MALFORMED, f"{error}: ask for the file again", line)


@dataclass(slots=True)
class Group:
    """The segments of one group: its trigger first. Groups of a section do not nest here."""

    segments: list[Segment]

    @property
    def head(self) -> Segment:
        return self.segments[0]

    def all(self, tag: str, *qualifiers: str) -> list[Segment]:
        """Segments of that tag, those with one of the qualifiers where any are given."""
        return select(self.segments, tag, *qualifiers)


@dataclass(slots=True)
class Section:
    """A part of a message: its own segments, then groups in order."""

    own: list[Segment] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)

    def all(self, tag: str, *qualifiers: str) -> list[Segment]:
        """Own segments of that tag."""
        return select(self.own, tag, *qualifiers)

    def triggered(self, tag: str, *qualifiers: str) -> list[Group]:
        """Groups that a segment of that tag begins."""
        return [
            group
            for group in self.groups
            if group.head.tag == tag and (not qualifiers or group.head.qualifier in qualifiers)
        ]

    def anywhere(self, tag: str, *qualifiers: str, outside: Iterable[str] = ()) -> Iterator[Segment]:
        """Segments of that tag, own ones and those of all groups but the ones named."""
        yield from self.all(tag, *qualifiers)
        for group in self.groups:
            if group.head.tag not in outside:
                yield from group.all(tag, *qualifiers)


def select(segments: Iterable[Segment], tag: str, *qualifiers: str) -> list[Segment]:
    """Segments of that tag with one of the qualifiers, or with any where none is given."""
    return [s for s in segments if s.tag == tag and (not qualifiers or s.qualifier in qualifiers)]


def section(segments: Iterable[Segment], triggers: frozenset[str]) -> Section:
    """Part segments into own ones and groups. The tax of an allowance is part of the allowance's group."""
    found = Section()
    for segment in segments:
        group = found.groups[-1] if found.groups else None
        of_allowance = segment.tag == "TAX" and group is not None and group.head.tag == "ALC"
        if segment.tag in triggers and not of_allowance:
            found.groups.append(Group([segment]))
        else:
            (group.segments if group is not None else found.own).append(segment)
    return found
