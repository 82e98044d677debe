"""The text of the pages of a PDF as a reader sees it. Run by `reader.py`, and like it without the project.

A page is `{"text", "rows", "hidden"}`: its text in the order of its content, the same in rows from top to
bottom, each from left to right with two spaces for a wide gap, and what is written invisibly. Where a page
has no visible text, the invisible is what a scanner recognised in the picture above it, and counts as the
page's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

MAX_PAGES: Final = 200
"""Of a longer document the first and the last hundred are read."""

MAX_CHARACTERS: Final = 200_000


@dataclass(slots=True)
class Piece:
    """A run of characters side by side, where it stands in points, and its text."""

    left: float
    bottom: float
    right: float
    top: float
    text: str

    def takes(self, box: tuple[float, float, float, float]) -> bool:
        """Whether a character follows: on the same height, with no gap wider than the letters are high."""
        left, bottom, _, top = box
        height = max(self.top - self.bottom, top - bottom, 1)
        beside = -height < left - self.right < height
        return beside and abs((bottom + top) - (self.bottom + self.top)) < 2 * height

    def add(self, box: tuple[float, float, float, float], text: str) -> None:
        left, bottom, right, top = box
        self.left, self.bottom = min(self.left, left), min(self.bottom, bottom)
        self.right, self.top = max(self.right, right), max(self.top, top)
        self.text += text


def pages(content: bytes) -> list[dict[str, Any]]:
    """The pages of a PDF, or `ValueError` where one cannot be read."""
    try:
        document = pypdfium2.PdfDocument(content)
        count, half = len(document), MAX_PAGES // 2
        numbers = range(count) if count <= MAX_PAGES else [*range(half), *range(count - half, count)]
        found, left = [], MAX_CHARACTERS
        for number in numbers:
            page = document[number]
            characters = list(_characters(page.get_textpage(), left))
            left -= len(characters)
            found.append(_page(characters))
            page.close()
    except pypdfium2.PdfiumError as error:
        raise ValueError(" ".join(str(error).split())[:80]) from None
    return found


@dataclass(frozen=True, slots=True)
class Character:
    """One character and its place. Line ends and the spaces that PDFium infers have none worth using."""

    text: str
    box: tuple[float, float, float, float]
    visible: bool


def _characters(page: Any, limit: int) -> Iterator[Character]:
    visible = True
    for number in range(min(page.count_chars(), limit)):
        code = pdfium.FPDFText_GetUnicode(page, number)
        text = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else " "
        if text.isspace():
            yield Character(text, (0, 0, 0, 0), visible)
        else:
            visible = _is_visible(page, number)
            yield Character(text, page.get_charbox(number), visible)


def _is_visible(page: Any, number: int) -> bool:
    holder = pdfium.FPDFText_GetTextObject(page, number)
    return not holder or pdfium.FPDFTextObj_GetTextRenderMode(holder) not in {
        pdfium.FPDF_TEXTRENDERMODE_INVISIBLE,
        pdfium.FPDF_TEXTRENDERMODE_CLIP,
    }


def _page(characters: list[Character]) -> dict[str, Any]:
    shown = [one for one in characters if one.visible]
    hidden = "".join(one.text for one in characters if not one.visible)
    if not any(one.text.strip() for one in shown):
        shown, hidden = characters, ""
    rows = [_row(row) for row in _by_height(list(_pieces(shown)))]
    return {"text": "".join(one.text for one in shown), "rows": rows, "hidden": hidden}


def _pieces(characters: list[Character]) -> Iterator[Piece]:
    """Runs without a line end or a wide gap. Spaces within them are those of PDFium."""
    piece: Piece | None = None
    for one in characters:
        if one.text.isspace():
            if piece and one.text in "\r\n":
                yield piece
                piece = None
            elif piece:
                piece.text += " "
            continue
        if piece and not piece.takes(one.box):
            yield piece
            piece = None
        if piece:
            piece.add(one.box, one.text)
        else:
            piece = Piece(*one.box, one.text)
    if piece:
        yield piece


def _by_height(pieces: list[Piece]) -> Iterator[list[Piece]]:
    """Pieces that stand side by side: the middle of each within the height of the row's first."""
    row: list[Piece] = []
    for piece in sorted(pieces, key=lambda one: -(one.bottom + one.top)):
        middle = (piece.bottom + piece.top) / 2
        if row and not row[0].bottom <= middle <= row[0].top:
            yield row
            row = []
        row.append(piece)
    if row:
        yield row


def _row(pieces: list[Piece]) -> str:
    text, end = "", 0.0
    for piece in sorted(pieces, key=lambda one: one.left):
        gap, height = piece.left - end, piece.top - piece.bottom
        text += "" if not text or gap < height / 5 else " " if gap < height else "  "
        text, end = text + piece.text.strip(), piece.right
    return text
