"""From bytes to canonical documents: the kind is found from the content, never from the name of the file.

A new XML format is one module with a `read` function and one line in `XML_READERS`, a new CSV layout one
line in `csv.LAYOUTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from . import cii, csv, ubl, xml
from .canonical import Canonical, QuarantineCode, Rejected, Translation, Unreadable

XmlReader = Callable[[etree._Element, str], tuple[str, tuple[Canonical, ...]]]

XML_READERS: Final[dict[str, XmlReader]] = dict.fromkeys(ubl.ROOTS, ubl.read) | dict.fromkeys(
    cii.ROOTS, cii.read
)
"""Root element in Clark notation -> reader."""

_SBD: Final = "{http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader}"

_FOREIGN: Final = (
    (b"PK\x03\x04", QuarantineCode.UNSUPPORTED, "a ZIP archive: unpack it and take in the files"),
    (b"UNA", QuarantineCode.UNSUPPORTED, "EDIFACT is not read: ask for UBL or CSV"),
    (b"UNB+", QuarantineCode.UNSUPPORTED, "EDIFACT is not read: ask for UBL or CSV"),
    (b"ISA*", QuarantineCode.UNSUPPORTED, "X12 is not read: ask for UBL or CSV"),
    (b"{", QuarantineCode.UNSUPPORTED, "JSON is not read: ask for UBL or CSV"),
    (b"[", QuarantineCode.UNSUPPORTED, "JSON is not read: ask for UBL or CSV"),
)


def translate(content: bytes, name: str) -> Translation:
    """Translate one file, or raise `Unreadable` with a quarantine code, one line of error and a line number.

    `name` is what the sender called the file. It decides nothing and is not read.
    """
    del name
    _refuse_empty_or_large(content)
    if xml.looks_like_xml(content):
        return _translate_xml(content)
    _refuse_foreign(content)
    return csv.read(content)


def stream(content: bytes, name: str) -> tuple[str, Iterator[Canonical | Rejected]]:
    """As `translate`, one document at a time: only a table holds so many that it matters."""
    _refuse_empty_or_large(content)
    if not xml.looks_like_xml(content) and _is_table(content):
        return csv.stream(content)
    found = translate(content, name)
    return found.source_format, iter((*found.documents, *found.rejected))


def _is_table(content: bytes) -> bool:
    try:
        csv.find_layout(content)
    except Unreadable:
        return False
    return True


def _refuse_empty_or_large(content: bytes) -> None:
    if len(content) > xml.MAX_FILE:
        raise Unreadable(
            QuarantineCode.TOO_LARGE, "the file is over 25 MB: split it or leave out attachments"
        )
    if not content or content.isspace():
        raise Unreadable(QuarantineCode.MALFORMED, "the file is empty: ask for it again")


def _refuse_foreign(content: bytes) -> None:
    head = content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"%PDF"):
        raise _pdf(content)
    for start, code, error in _FOREIGN:
        if head.startswith(start):
            raise Unreadable(code, error)


def _pdf(content: bytes) -> Unreadable:
    if b"%%EOF" not in content:
        return Unreadable(QuarantineCode.MALFORMED, "the PDF is cut off: ask for it again")
    if b"/Encrypt" in content:
        return Unreadable(QuarantineCode.ENCRYPTED, "the PDF is encrypted: ask for it without a password")
    return Unreadable(QuarantineCode.UNSUPPORTED, "PDF is not read: ask for UBL or CSV")


def _translate_xml(content: bytes) -> Translation:
    root = xml.parse(content)
    payloads = _payloads(root)
    formats: list[str] = []
    documents: list[Canonical] = []
    for element, path in payloads:
        source_format, found = _reader(element)(element, path)
        formats.append(source_format)
        documents += found
    return Translation(formats[0], tuple(documents))


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
        error = f"a {xml.local_name(element)[:80]} document is not read: ask for UBL or CSV"
        raise Unreadable(QuarantineCode.UNSUPPORTED, error, xml.line_of(element))
    return reader
