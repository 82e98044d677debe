"""Papers read back as a person reads them."""

from __future__ import annotations

import pypdfium2 as pdfium  # type: ignore[import-untyped]


def text_of(pdf: bytes) -> str:
    """All text of a PDF, its line breaks as spaces."""
    document = pdfium.PdfDocument(pdf)
    try:
        pages = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    return " ".join(" ".join(pages).split())
