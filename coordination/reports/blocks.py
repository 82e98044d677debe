"""What a paper is made of, before it is a PDF, a page or Markdown: sections of texts, facts and tables. All
of it text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values side by side."""

    kind: ClassVar[str] = "facts"
    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: `widths` in shares of the page, `right` the columns of figures, `off` cells (row, column) that
    are wrong, `mono` the columns of codes."""

    kind: ClassVar[str] = "grid"
    heads: Sequence[str]
    widths: Sequence[float]
    rows: Sequence[Sequence[str]]
    right: frozenset[int] = frozenset()
    mono: frozenset[int] = frozenset()
    off: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `style` is one of body, quiet, inset and h3."""

    kind: ClassVar[str] = "text"
    text: str
    style: str = "body"


Block = Facts | Grid | Text


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Report:
    """What is printed: `foot` stands on every page."""

    title: str
    lead: str
    foot: str
    sections: Sequence[Section]
