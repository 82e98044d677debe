"""One UBL document while it is read: its tree, its record, its dialect."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from .. import values
from ..canonical import QuarantineCode, Unreadable
from ..record import Record
from ..xml import Node, line_of, local_name

NAMESPACE: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
DEFAULT_VERSION: Final = "2.1"
"""EN 16931 and Peppol documents are UBL 2.1 and leave `UBLVersionID` out."""

_VERSION: Final = re.compile(r"2\.[0-5]")


@dataclass(frozen=True, slots=True)
class Source:
    """The document's root, what was noted so far, and its own number."""

    root: Node
    record: Record
    number: str

    @property
    def name(self) -> str:
        """The document's kind by its root element."""
        return local_name(self.root.element)

    @property
    def is_oioubl(self) -> bool:
        """OIOUBL 2 puts the tax total into `TaxExclusiveAmount`; only its CustomizationID tells."""
        leaf = self.root.leaf("cbc:CustomizationID")
        return leaf is not None and leaf.raw.upper().startswith("OIOUBL-2")


def open_source(element: etree._Element, path: str) -> Source:
    """Start reading a document, or raise `Unreadable` where it has no number of its own."""
    root = Node(element, path)
    record = Record(zoned_dates=True)
    number = _document_number(root, record)
    source = Source(root, record, number)
    record.currency = _currency(source)
    return source


def source_format(element: etree._Element) -> str:
    """`ubl-2.1` and so on. The version is the one the document claims, or else that of EN 16931."""
    leaf = Node(element, "").leaf("cbc:UBLVersionID")
    version = leaf.raw if leaf is not None and _VERSION.fullmatch(leaf.raw) else DEFAULT_VERSION
    if (leaf is None or not leaf.raw) and Source(Node(element, ""), Record(), "").is_oioubl:
        version = "2.0"
    return f"ubl-{version}"


def _document_number(root: Node, record: Record) -> str:
    name = local_name(root.element)
    leaf = root.leaf("cbc:ID")
    if leaf is not None and leaf.ambiguous:
        error = f"the {name} states two numbers (cbc:ID): ask for a valid document"
        raise Unreadable(QuarantineCode.MALFORMED, error, leaf.line)
    if leaf is not None and len(leaf.raw) > values.MAX_KEY:
        error = f"the number of the {name} has {len(leaf.raw)} characters, at most {values.MAX_KEY} are read"
        raise Unreadable(QuarantineCode.TOO_LARGE, error, leaf.line)
    number = record.key("number", leaf)
    if not number:
        error = f"the {name} has no number (cbc:ID): ask the sender for the document with its number"
        raise Unreadable(QuarantineCode.MISSING_ID, error, line_of(root.element))
    return number


def _currency(source: Source) -> str:
    """DocumentCurrencyCode (BT-5), or in UBL 2.0 without one the currency its amounts carry, totals first."""
    stated = source.root.leaf("cbc:DocumentCurrencyCode")
    if stated is not None and stated.raw:
        return source.record.read("currency", stated, values.currency) or ""
    for total in ("cac:LegalMonetaryTotal", "cac:RequestedMonetaryTotal", "cac:AnticipatedMonetaryTotal"):
        leaf = source.root.leaf(total, "cbc:PayableAmount")
        if leaf is not None and values.is_currency(leaf.attribute("currencyID")):
            source.record.note("currency", leaf)
            return leaf.attribute("currencyID").upper()
    return _first_currency(source.root.element)


def _first_currency(root: etree._Element) -> str:
    for element in root.iter():
        code = element.get("currencyID", "").strip() if isinstance(element.tag, str) else ""
        if values.is_currency(code):
            return str(code.upper())
    return ""
