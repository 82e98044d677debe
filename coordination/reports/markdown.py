"""A paper as Markdown (CommonMark with the tables of GFM). Text of strangers stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .blocks import Block, Facts, Grid, Report, Text
from .words import without_control

_MARKS = re.compile(r"([\\`*\[\]<>|~&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^#)")
_STARTS = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|$|-|=)")


def markdown(paper: Report) -> str:
    """The paper as text."""
    return "\n".join(_lines(paper)) + "\n"


def plain(text: str) -> str:
    """Text in one line, without any mark that Markdown or HTML would read."""
    flat = " ".join(without_control(text).split())
    return _STARTS.sub(r"\1\\\2", _MARKS.sub(r"\\\1", flat))


def _lines(paper: Report) -> Iterator[str]:
    yield f"# {plain(paper.title)}"
    yield ""
    yield plain(paper.lead)
    for section in paper.sections:
        yield ""
        yield f"## {plain(section.title)}"
        for block in section.blocks:
            yield ""
            yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Text):
        yield f"### {plain(block.text)}" if block.style == "h3" else plain(block.text)
    elif isinstance(block, Facts):
        yield from _table(("", ""), block.rows, frozenset())
    elif isinstance(block, Grid):
        yield from _table(block.heads, block.rows, block.right)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], right: frozenset[int]) -> Iterator[str]:
    yield f"| {' | '.join(map(plain, heads))} |"
    yield f"|{'|'.join('---:' if c in right else '---' for c in range(len(heads)))}|"
    for row in rows:
        yield f"| {' | '.join(map(plain, row))} |"
