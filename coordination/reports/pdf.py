"""A paper as PDF.

Everything printed comes in as text; it is escaped and of bounded length here, whoever wrote it. The same
facts give the same bytes but for the time of printing.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table  # type: ignore[import-untyped]

from .blocks import Block, Facts, Grid, Report, Text
from .look import MARGIN, PLAIN, STYLES, TABLE, furniture, printed_at
from .words import marked, printable

WIDTH = A4[0] - 2 * MARGIN
PIECE = 500
"""Rows laid out at once: the layout of a table takes more than its share of time as it grows."""
FRAME = 6.0
"""What a frame of the library keeps free inside of its margins."""
MOST_LINES, WIDEST = 40, 8.0
"""Lines of a cell, and points that the widest letter of one takes."""


def pdf(paper: Report, printed: datetime) -> bytes:
    """The paper as PDF."""
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=MARGIN - FRAME,
        rightMargin=MARGIN - FRAME,
        topMargin=MARGIN,
        bottomMargin=MARGIN + 6,
        title=printable(paper.title)[:200],
        author="",
        invariant=1,
        pageCompression=1,
    )

    def foot(canvas: Any, _: Any) -> None:
        furniture(canvas, paper.foot, printed_at(printed))

    document.build(list(_flow(paper)), onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _flow(paper: Report) -> Iterator[Any]:
    yield _paragraph(paper.title, "title", 200)
    yield _paragraph(paper.lead, "lead")
    for section in paper.sections:
        yield _paragraph(section.title, "h2")
        for block in section.blocks:
            yield from _block(block)


def _paragraph(text: str, style: str, most: int = 2000) -> Any:
    return Paragraph(marked(text, most), STYLES[style])


def _block(block: Block) -> Iterator[Any]:
    if isinstance(block, Text):
        yield _paragraph(block.text, block.style)
    elif isinstance(block, Facts):
        rows = [[_paragraph(name, "head"), _paragraph(value, "cell")] for name, value in block.rows]
        yield from _tables(rows, [WIDTH * 0.22, WIDTH * 0.78], head=False)
    else:
        widths = [WIDTH * w / sum(block.widths) for w in block.widths]
        yield from _tables(_cells(block, widths), widths, head=True)


def _cells(grid: Grid, widths: Sequence[float]) -> list[list[Any]]:
    heads = [_paragraph(h, "headright" if c in grid.right else "head") for c, h in enumerate(grid.heads)]
    most = [
        max(40, int(MOST_LINES * width / WIDEST)) for width in widths
    ]  # a row is never higher than a page
    return [heads] + [
        [_paragraph(value, _style(grid, r, c), most[c]) for c, value in enumerate(row)]
        for r, row in enumerate(grid.rows)
    ]


def _style(grid: Grid, row: int, column: int) -> str:
    if (row, column) in grid.off:
        return "offright" if column in grid.right else "off"
    if column in grid.mono:
        return "mono"
    return "right" if column in grid.right else "cell"


def _tables(rows: list[list[Any]], widths: Sequence[float], *, head: bool) -> Iterator[Any]:
    """A table that breaks between rows and repeats its head; in pieces of bounded length when it is long."""
    top, body = (rows[:1], rows[1:]) if head else ([], rows)
    lines = TABLE if head else PLAIN
    for at in range(0, max(1, len(body)), PIECE):
        if part := top + body[at : at + PIECE]:
            yield Table(part, colWidths=list(widths), repeatRows=len(top), style=list(lines))
    yield Spacer(1, 4)
