"""The look of what is printed: A4, black on white, Helvetica and Courier, page and time of printing on every
sheet.

The fonts are the ones that every reader of PDF has. Ours for the screen are variable WOFF2 files, which a PDF
cannot carry as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from reportlab.lib.colors import HexColor  # type: ignore[import-untyped]
from reportlab.lib.enums import TA_RIGHT  # type: ignore[import-untyped]
from reportlab.lib.styles import ParagraphStyle  # type: ignore[import-untyped]

from .words import printable

INK, QUIET, LINE, SHADE = HexColor("#1A1B19"), HexColor("#51524C"), HexColor("#CFCFC8"), HexColor("#F0F0ED")
BAD = HexColor("#B0241C")
SANS, BOLD, MONO = "Helvetica", "Helvetica-Bold", "Courier"
MARGIN = 42.0


def style(name: str, size: float = 8.5, **changes: Any) -> ParagraphStyle:
    """A paragraph's style; lines are 1.35 times as high as the letters."""
    given: dict[str, Any] = {"fontName": SANS, "textColor": INK, "leading": size * 1.35, "splitLongWords": 1}
    return ParagraphStyle(name, fontSize=size, **given | changes)


STYLES = {
    s.name: s
    for s in (
        style("title", 16, fontName=BOLD, spaceAfter=2),
        style("lead", 9.5, textColor=QUIET, spaceAfter=8),
        style("h2", 11, fontName=BOLD, spaceBefore=14, spaceAfter=4, keepWithNext=1),
        style("h3", 8.5, fontName=BOLD, spaceBefore=6, spaceAfter=1, keepWithNext=1),
        style("body", spaceAfter=3),
        style("quiet", 8, textColor=QUIET, spaceAfter=2),
        style("cell", 7.5),
        style("right", 7.5, alignment=TA_RIGHT),
        style("head", 7, textColor=QUIET, fontName=BOLD),
        style("headright", 7, textColor=QUIET, fontName=BOLD, alignment=TA_RIGHT),
        style("mono", 7, fontName=MONO),
        style("off", 7.5, fontName=BOLD, textColor=BAD),
        style("offright", 7.5, fontName=BOLD, textColor=BAD, alignment=TA_RIGHT),
        style("inset", 8, leftIndent=10, textColor=QUIET, spaceAfter=2),
    )
}
PLAIN: Sequence[tuple[Any, ...]] = (
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ("LINEBELOW", (0, 0), (-1, -1), 0.25, LINE),
)
TABLE: Sequence[tuple[Any, ...]] = (*PLAIN, ("LINEBELOW", (0, 0), (-1, 0), 0.6, QUIET))
"""Hairlines under rows, and a stronger one under the heads."""


def printed_at(moment: datetime) -> str:
    """The only words on a paper that a second printing changes."""
    return f"Printed {moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def furniture(canvas: Any, left: str, right: str) -> None:
    """The foot of a page: what it is, when it was printed, its number."""
    width = canvas._pagesize[0]
    canvas.saveState()
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.4)
    canvas.line(MARGIN, 30, width - MARGIN, 30)
    canvas.setFillColor(QUIET)
    canvas.setFont(SANS, 7)
    canvas.drawString(MARGIN, 20, printable(left)[:110])
    canvas.drawRightString(width - MARGIN, 20, f"{right} · page {canvas.getPageNumber()}")
    canvas.restoreState()
