"""XML in: one explicit parser for every XML format, and a light view of the tree that knows its paths.

Hostile by assumption. No entity is resolved, no DTD is loaded, nothing is fetched, nothing is repaired, and
any DOCTYPE is refused: twice, once by a scan of the prolog (before the parser has done any work for it) and
once on the parsed document (whatever its encoding hid from the scan). Memory is bounded: 25 MB a file, 8 MB
a value, a limit on tags, libxml2's own limits on depth (256) and names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from .canonical import Origin, QuarantineCode, Unreadable
from .record import Leaf
from .values import WHITE_SPACE

MAX_FILE: Final = 25_000_000
MAX_VALUE: Final = 8_000_000
TAG_WEIGHT: Final = 440
BYTE_WEIGHT: Final = 2.4
MAX_WEIGHT: Final = 190_000_000
"""Bytes of memory that a tag and a byte of a document cost on their way into the tables, measured, and how
many there may be: with the process itself it stays under 300 MB. That is an invoice of 9,000 lines, 7,000
with large attachments; a larger one is split by its sender."""

ISO20022: Final = "urn:iso:std:iso:20022:tech:xsd"
"""One namespace for the messages of a bank, whatever version or country their own is of: their readers are
made for all."""

_UBL: Final = "{urn:oasis:names:specification:ubl:schema:xsd:"
_UNCEFACT: Final = "{urn:un:unece:uncefact:data:standard:"
_PREFIXES: Final = (
    {
        f"{_UBL}CommonBasicComponents-2": "cbc:",
        f"{_UBL}CommonAggregateComponents-2": "cac:",
        "{urn:ferd:CrossIndustryDocument:invoice:1p0": "rsm:",
        "{urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100": "rsm:",
    }
    | {
        f"{_UNCEFACT}{vocabulary}:{version}": prefix
        for vocabulary, prefix, versions in (
            ("ReusableAggregateBusinessInformationEntity", "ram:", (12, 100, 128)),
            ("UnqualifiedDataType", "udt:", (15, 100, 128)),
            ("QualifiedDataType", "qdt:", (12, 100, 128)),
            ("CrossIndustryInvoice", "rsm:", (100,)),
        )
        for version in versions
    }
    | {f"{{{ISO20022}": "iso:"}
)
"""Namespaces whose elements a `Node` names, and the prefix it gives them, whatever the document's own is."""

_SIGNATURE: Final = "{http://www.w3.org/2000/09/xmldsig#}"

_UTF16_BOM: Final = (b"\xff\xfe", b"\xfe\xff")
_UTF32_BOM: Final = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_XML_STARTS: Final = (b"<", b"\x00<", b"\x00\x00\x00<")
_PROLOG: Final = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_TOO_BIG: Final = ("too long", "too big", "Buffer size limit")


def looks_like_xml(content: bytes) -> bool:
    """Whether the bytes begin as XML does, in any encoding the parser knows."""
    head = content[:1024].lstrip(b"\xef\xbb\xbf").lstrip()
    for bom in _UTF32_BOM + _UTF16_BOM:
        head = head.removeprefix(bom)
    return head.startswith(_XML_STARTS)


def parse(content: bytes) -> etree._Element:
    """Parse bytes into the root element, or raise `Unreadable` (too_large, forbidden_doctype, malformed)."""
    if len(content) > MAX_FILE:
        raise Unreadable(
            QuarantineCode.TOO_LARGE, "the file is over 25 MB: split it or leave out attachments"
        )
    tags = max(content.count(b"<"), content.count(b"=") / 2)
    if tags * TAG_WEIGHT + len(content) * BYTE_WEIGHT > MAX_WEIGHT:
        raise Unreadable(
            QuarantineCode.TOO_LARGE, f"the file has {tags:,.0f} tags, too many to read: split it"
        )
    _refuse_doctype_in_prolog(content)
    root = _parse_tree(content)
    if root.getroottree().docinfo.internalDTD is not None:
        raise _forbidden(None)
    if len(content) > MAX_VALUE:
        _refuse_large_values(root)
    return root


def _parse_tree(content: bytes) -> etree._Element:
    # A parser is made for each document: lxml's parsers keep the dictionary of names of all they have read.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise _unreadable(error) from None
    except ValueError as error:  # lxml refuses some inputs before it parses
        raise Unreadable(QuarantineCode.MALFORMED, f"not readable as XML: {error}") from None


def _unreadable(error: etree.XMLSyntaxError) -> Unreadable:
    message = str(error.msg).split(", line")[0].strip().splitlines()[0] if error.msg else "not well-formed"
    line = error.lineno or None
    if any(sign in message for sign in _TOO_BIG):
        return _large_value(line)
    return Unreadable(
        QuarantineCode.MALFORMED, f"not well-formed XML ({message}): ask for the file again", line
    )


def _refuse_doctype_in_prolog(content: bytes) -> None:
    text = _decode_prolog(content)
    at = 1 if text.startswith("\ufeff") else 0
    while match := _PROLOG.match(text, at):
        at = match.end()
    if text[at : at + 9].upper() == "<!DOCTYPE":
        raise _forbidden(text.count("\n", 0, at) + 1)


def _decode_prolog(content: bytes) -> str:
    """Text good enough to find a DOCTYPE in; Latin-1 keeps every ASCII character of the other encodings."""
    if content.startswith(_UTF16_BOM):
        return content.decode("utf-16", errors="replace")
    if content.startswith(b"<\x00"):
        return content.decode("utf-16-le", errors="replace")
    if content.startswith(b"\x00<"):
        return content.decode("utf-16-be", errors="replace")
    return content.removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def _forbidden(line: int | None) -> Unreadable:
    error = "the file has a DOCTYPE, which can carry an attack: ask for the document without it"
    return Unreadable(QuarantineCode.FORBIDDEN_DOCTYPE, error, line)


def _large_value(line: int | None) -> Unreadable:
    error = "one value is over 8 MB: ask for the document with a smaller attachment"
    return Unreadable(QuarantineCode.TOO_LARGE, error, line)


def _refuse_large_values(root: etree._Element) -> None:
    for element in root.iter():
        for value in (element.text, element.tail, *element.attrib.values()):
            if value and len(value) * 4 > MAX_VALUE and len(value.encode()) > MAX_VALUE:
                raise _large_value(line_of(element))


class ElementLeaf(Leaf):
    """The value of one element."""

    __slots__ = ("element",)

    def __init__(self, path: str, element: etree._Element, *, ambiguous: bool = False) -> None:
        super().__init__(path, text_of(element), ambiguous=ambiguous)
        self.element = element

    def attribute(self, name: str) -> str:
        return self.element.get(name, "").strip(WHITE_SPACE)

    @property
    def line(self) -> int | None:
        return line_of(self.element)


def text_of(element: etree._Element) -> str:
    """The element's own text. A comment inside a value does not cut it short; child elements are no text."""
    if len(element) == 0:
        return (element.text or "").strip(WHITE_SPACE)
    inner = [child.tail or "" for child in element if not isinstance(child.tag, str)]
    return "".join([element.text or "", *inner]).strip(WHITE_SPACE)


class Node:
    """An aggregate of a UBL or UN/CEFACT tree whose children are found by prefixed name (`cbc:ID`, `ram:ID`).

    Children are indexed on the first question, and paths are put together on the walk, so that naming the
    origin of every value costs no search.
    """

    __slots__ = ("_index", "element", "path")

    def __init__(self, element: etree._Element, path: str) -> None:
        self.element = element
        self.path = path
        self._index: dict[str, list[etree._Element]] | None = None

    def children(self, name: str) -> list[etree._Element]:
        """All child elements of that name, in document order."""
        if self._index is None:
            self._index = self._build_index()
        return self._index.get(name, [])

    def _build_index(self) -> dict[str, list[etree._Element]]:
        index: dict[str, list[etree._Element]] = {}
        for child in self.element:
            if not isinstance(child.tag, str):
                continue
            namespace, _, name = child.tag.rpartition("}")
            prefix = _PREFIXES.get(namespace)
            if prefix:
                index.setdefault(prefix + name, []).append(child)
        return index

    def all(self, name: str) -> list[Node]:
        """All aggregates of that name."""
        found = self.children(name)
        if len(found) == 1:
            return [Node(found[0], f"{self.path}/{name}")]
        return [Node(child, f"{self.path}/{name}[{n}]") for n, child in enumerate(found, 1)]

    def first(self, *names: str) -> Node | None:
        """The first aggregate at the end of a path of repeatable ones."""
        node: Node | None = self
        for name in names:
            found = node.all(name) if node is not None else []
            node = found[0] if found else None
        return node

    def one(self, name: str) -> Node | None:
        """The only aggregate of that name. Of two where one is allowed, nobody may choose."""
        found = self.all(name)
        if len(found) > 1:
            error = f"{name} stands {len(found)} times where one is allowed: ask for a valid document"
            raise Unreadable(QuarantineCode.MALFORMED, error, line_of(found[1].element))
        return found[0] if found else None

    def leaf(self, *names: str) -> ElementLeaf | None:
        """The value at the end of a path, marked ambiguous where it is stated twice and differs."""
        node = self.first(*names[:-1])
        found = node.children(names[-1]) if node is not None else []
        if node is None or not found:
            return None
        if len(found) == 1:
            return ElementLeaf(f"{node.path}/{names[-1]}", found[0])
        differs = len({text_of(child) for child in found}) > 1
        return ElementLeaf(f"{node.path}/{names[-1]}[1]", found[0], ambiguous=differs)

    def leaves(self, *names: str) -> list[ElementLeaf]:
        """All values of a repeatable element below a path."""
        node = self.first(*names[:-1])
        found = node.children(names[-1]) if node is not None else []
        path = f"{node.path}/{names[-1]}" if node is not None else ""
        if len(found) == 1:
            return [ElementLeaf(path, found[0])]
        return [ElementLeaf(f"{path}[{n}]", child) for n, child in enumerate(found, 1)]


def line_of(element: etree._Element) -> int | None:
    """The line an element begins in, where the parser knows it."""
    line = element.sourceline
    return line if isinstance(line, int) else None


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def free_texts(root: etree._Element) -> tuple[Origin, ...]:
    """Every text that could speak to a reader: notes, names, comments, processing instructions, file names.

    Single words and codes, embedded files and signatures are left out. Not what the document says about the
    trade, but what a check for smuggled instructions has to see, including what no page ever shows.
    """
    found = [Origin(_path(element), text) for element in root.iter() for text in _speaking(element)]
    outside = [*root.itersiblings(preceding=True), *root.itersiblings()]
    found += [Origin(_path(node), node.text) for node in outside if node.text]
    return tuple(found)


def _speaking(element: etree._Element) -> Iterator[str]:
    text = element.text
    tag = element.tag
    if not isinstance(tag, str):
        yield text or ""
    elif text and not tag.startswith(_SIGNATURE) and not tag.endswith("BinaryObject"):
        bare = text.strip(WHITE_SPACE)
        if _speaks(bare):
            yield bare
    for name, value in element.items() if isinstance(tag, str) else ():
        if name == "filename" or " " in value or not value.isascii():
            yield str(value)
    if element.tail and _speaks(tail := element.tail.strip(WHITE_SPACE)):
        yield tail


def _speaks(text: str) -> bool:
    return " " in text or len(text) > 40 or not text.isascii() or "\n" in text or "\t" in text


def _path(element: etree._Element) -> str:
    names = [_step(element)]
    names += [_step(parent) for parent in element.iterancestors()]
    return "/" + "/".join(reversed(names))


def _step(element: etree._Element) -> str:
    if isinstance(element.tag, str):
        return local_name(element)
    return "comment()" if element.tag is etree.Comment else "processing-instruction()"
