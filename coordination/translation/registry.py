"""From bytes to canonical documents: the kind is found from the content, never from the name of the file.

A new format is one module here with a `FORMAT`, and its name in `MODULES`; a new CSV layout is one line in
`csv.LAYOUTS`. docs/extending.md shows both kinds of module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import import_module
from typing import Final

from lxml import etree

from . import csv, foreign, limits, pdf, schematron, ubl, ubl_json, xml
from .canonical import Canonical, Invoice, QuarantineCode, Rejected, Translation, Unreadable
from .readers import BytesFormat, XmlFormat, XmlReader
from .references import without_fillers

MODULES: Final = (
    "ubl",
    "cii",
    "iso20022",
    "edifact",
)
"""Modules of this folder that have a `FORMAT`, in the order in which they are asked. What only wraps XML
(PDF, UBL in JSON) and what everything else may be (a table) is in the functions below."""


def _format(name: str) -> XmlFormat | BytesFormat:
    """The `FORMAT` of a module. Raises `LookupError` where it has none."""
    found = getattr(import_module(f"{__package__}.{name}"), "FORMAT", None)
    if not isinstance(found, XmlFormat | BytesFormat):
        raise LookupError(f"{name} has no FORMAT that is an XmlFormat or a BytesFormat.")
    return found


_FORMATS: Final = tuple(map(_format, MODULES))
XML_FORMATS: Final = tuple(f for f in _FORMATS if isinstance(f, XmlFormat))
BYTES_FORMATS: Final = tuple(f for f in _FORMATS if isinstance(f, BytesFormat))

XML_READERS: Final[dict[str, XmlReader]] = {root: f.read for f in XML_FORMATS for root in f.roots}
"""Root element in Clark notation -> reader. Messages of a bank are recognised by what they hold."""

_SBD: Final = "{http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader}"

TOO_LARGE: Final = "the file is over 25 MB: split it or leave out attachments"

_FOREIGN: Final = (
    (b"PK\x03\x04", QuarantineCode.UNSUPPORTED, "a ZIP archive: unpack it and take in the files"),
    (b"ISA*", QuarantineCode.UNSUPPORTED, "X12 is not read: ask for UBL or CSV"),
    (b"[", QuarantineCode.UNSUPPORTED, "JSON that is not UBL is not read: ask for UBL or CSV"),
)


def translate(content: bytes, name: str) -> Translation:
    """Translate one file, or raise `Unreadable` with a quarantine code, one line of error and a line number.

    `name` is what the sender called the file. It decides nothing and is not read.
    """
    del name
    _refuse_empty_or_large(content)
    found = _translate(content)
    return gathered(found.source_format, map(_settled, (*found.documents, *found.rejected)))


def _translate(content: bytes) -> Translation:
    if xml.looks_like_xml(content):
        return _translate_xml(content)
    if found := _bytes_format(content):
        return gathered(*found.read(content))
    if ubl_json.looks_like_json(content):
        return _translate_json(content)
    if pdf.looks_like_pdf(content):
        return pdf.translate_pdf(content, _translate_xml)
    _refuse_foreign(content)
    return csv.translate_table(content)


def gathered(source_format: str, parts: Iterable[Canonical | Rejected]) -> Translation:
    """All parts of a file together."""
    found = tuple(parts)
    documents = tuple(part for part in found if not isinstance(part, Rejected))
    return Translation(source_format, documents, tuple(part for part in found if isinstance(part, Rejected)))


def stream(content: bytes, name: str) -> tuple[str, Iterator[Canonical | Rejected]]:
    """As `translate`, one document at a time: a table or an interchange holds many."""
    del name
    _refuse_empty_or_large(content)
    source_format, parts = _stream(content)
    return source_format, map(_settled, parts)


def _settled(part: Canonical | Rejected) -> Canonical | Rejected:
    """A document whose values all fit, and whose references are some; or why it is set aside."""
    return without_fillers(part if isinstance(part, Rejected) else limits.within(part))


def _stream(content: bytes) -> tuple[str, Iterator[Canonical | Rejected]]:
    if not xml.looks_like_xml(content) and _is_table(content):
        return csv.stream(content)
    if recognised := _bytes_format(content):
        return recognised.read(content)
    found = _translate(content)
    return found.source_format, iter((*found.documents, *found.rejected))


def _bytes_format(content: bytes) -> BytesFormat | None:
    """The first format that recognises bytes which are no XML."""
    if xml.looks_like_xml(content):
        return None
    return next((f for f in BYTES_FORMATS if f.recognises(content)), None)


def _is_table(content: bytes) -> bool:
    try:
        csv.find_layout(content)
    except Unreadable:
        return False
    return True


def _refuse_empty_or_large(content: bytes) -> None:
    if len(content) > xml.MAX_FILE:
        raise Unreadable(QuarantineCode.TOO_LARGE, TOO_LARGE)
    if not content or content.isspace():
        raise Unreadable(QuarantineCode.MALFORMED, "the file is empty: ask for it again")


def _refuse_foreign(content: bytes) -> None:
    if foreign.looks_like_workbook(content):
        raise Unreadable(QuarantineCode.UNSUPPORTED, "a workbook that no map is for: ask for UBL or CSV")
    head = content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    for start, code, error in _FOREIGN:
        if head.startswith(start):
            raise Unreadable(code, error)


def _translate_json(content: bytes) -> Translation:
    root = ubl_json.parse(content)
    source_format, found = _reader(root)(root, f"/{xml.local_name(root)}")
    return Translation(f"{source_format}-json", tuple(found))


def _translate_xml(content: bytes) -> Translation:
    root = xml.parse(content)
    payloads = _payloads(root)
    formats: list[str] = []
    documents: list[Canonical] = []
    for element, path in payloads:
        source_format, found = _reader(element)(element, path)
        formats.append(source_format)
        documents += (_checked(document, element) for document in found)
    return Translation(formats[0], tuple(documents))


def _checked(document: Canonical, element: etree._Element) -> Canonical:
    """An invoice with what the configured rules say of it."""
    if not isinstance(document, Invoice):
        return document
    rules = schematron.check(element)
    return replace(document, rules=rules) if rules else document


def _payloads(root: etree._Element) -> list[tuple[etree._Element, str]]:
    """The business documents of the file with their paths: the root, or what an SBD envelope holds."""
    if root.tag != f"{_SBD}StandardBusinessDocument":
        return [(root, f"/{xml.local_name(root)}")]
    header = f"{_SBD}StandardBusinessDocumentHeader"
    found = [child for child in root if isinstance(child.tag, str) and child.tag != header]
    if not found:
        error = "the StandardBusinessDocument envelope holds no document: ask for it again"
        raise Unreadable(QuarantineCode.UNSUPPORTED, error, xml.line_of(root))
    return [(child, f"/StandardBusinessDocument/{xml.local_name(child)}") for child in found]


def _reader(element: etree._Element) -> XmlReader:
    reader = XML_READERS.get(str(element.tag))
    if reader is None:
        asked = (f for f in XML_FORMATS if f.recognises is not None and f.recognises(element))
        reader = next((f.read for f in asked), None)
    if reader is None:
        name = xml.local_name(element)[:80]
        error = f"a {name} document is not read: {ubl.UNREAD.get(name, 'ask for UBL or CSV')}"
        raise Unreadable(QuarantineCode.UNSUPPORTED, error, xml.line_of(element))
    return reader
