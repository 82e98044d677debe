"""UN/CEFACT cross industry documents: CrossIndustryInvoice D16B (EN 16931's second syntax, Factur-X, ZUGFeRD
2 and XRechnung), the CrossIndustryDocument of ZUGFeRD 1, and Order-X.

One table from root element to reader. They come out in the same canonical shapes as their UBL twins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lxml import etree

from ..canonical import Canonical
from ..readers import XmlFormat
from .invoice import read_invoice
from .order import read_order
from .source import INVOICE_ROOT, ORDER_ROOT, ZUGFERD_1_ROOT, Source, open_source

ROOTS: Final[dict[str, Callable[[Source], Canonical]]] = {
    INVOICE_ROOT: read_invoice,
    ZUGFERD_1_ROOT: read_invoice,
    ORDER_ROOT: read_order,
}
"""Root element in Clark notation -> reader."""


def translate_document(element: etree._Element, path: str) -> tuple[str, tuple[Canonical, ...]]:
    """Read one document whose root is in `ROOTS`: its format and what it says, or `Unreadable`."""
    source = open_source(element, path)
    return source.dialect.source_format, (ROOTS[str(element.tag)](source),)


FORMAT: Final = XmlFormat(translate_document, roots=tuple(ROOTS))
