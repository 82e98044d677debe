"""PDF: the XML inside a hybrid invoice (Factur-X, ZUGFeRD, UBL), or the text of its pages by a template.

A PDF with XML is the document that the XML says, provided that the visible pages say the same; otherwise it
is a `mismatch`. A PDF without XML is read only where a template knows its layout, as `TEXT_FORMAT`, whose
word is not enough to pay on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from ..canonical import Canonical, Invoice, Order, Origin, QuarantineCode, Translation, Unreadable
from ..identity import normalised_number
from . import visible
from .contents import Attachment, Contents, open_pdf, page_texts
from .text import TEXT_FORMAT, read_pages

__all__ = ["TEXT_FORMAT", "looks_like_pdf", "translate_pdf"]

ReadXml = Callable[[bytes], Translation]

_NAMES: Final = ("factur-x.xml", "xrechnung.xml", "zugferd-invoice.xml", "order-x.xml")
"""What the standards call their XML, the newest first; it decides which of two renderings is kept."""


def looks_like_pdf(content: bytes) -> bool:
    """Whether the bytes begin as a PDF does; ISO 32000 lets other bytes stand before, as gateways put
    there."""
    if content[:64].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"%PDF"):
        return True
    return b"%PDF-" in content[:1024] and b"%%EOF" in content[-1024:]


def translate_pdf(content: bytes, read_xml: ReadXml) -> Translation:
    """Read a PDF; `read_xml` reads the XML inside by the registry of formats. Or raise `Unreadable`."""
    contents = open_pdf(content)
    found = _translations(contents.attachments, read_xml)
    if not found:
        return read_pages(contents)
    attachment, translation = _one(found)
    documents = tuple(_finished(one, attachment.name, contents) for one in translation.documents)
    for document in documents:
        error = visible.difference(document, contents.pages) if isinstance(document, Invoice | Order) else ""
        if error:
            raise Unreadable(QuarantineCode.MISMATCH, error)
    return Translation(f"pdf+{translation.source_format}", documents)


Found = list[tuple[Attachment, Translation]]


def _translations(attachments: Sequence[Attachment], read_xml: ReadXml) -> Found:
    """What the attachments say. One that is not read does not matter beside one that is, unless by its name
    it is the invoice."""
    found: Found = []
    refused: list[tuple[Attachment, Unreadable]] = []
    for attachment in attachments:
        try:
            found.append((attachment, _invoices_and_orders(read_xml(attachment.content))))
        except Unreadable as error:
            refused.append((attachment, error))
    by_name = [error for attachment, error in refused if attachment.name.lower() in _NAMES]
    if by_name or (refused and not found):
        first = (by_name or [error for _, error in refused])[0]
        raise Unreadable(first.code, f"the XML inside the PDF: {first.error}", first.line)
    return found


def _invoices_and_orders(translation: Translation) -> Translation:
    """Only these come with a page that shows them; a bank statement, say, is not taken from a letter."""
    if all(isinstance(document, Invoice | Order) for document in translation.documents):
        return translation
    raise Unreadable(
        QuarantineCode.UNSUPPORTED, f"a {translation.source_format} document is not read from a PDF"
    )


def _one(found: Found) -> tuple[Attachment, Translation]:
    """The attachment to go by. Several have to be renderings of one document."""
    found = sorted(found, key=lambda pair: _rank(pair[0].name))
    gists = [[_gist(document) for document in translation.documents] for _, translation in found]
    if any(_contradict(gists[0], other) for other in gists[1:]):
        names = " and ".join(attachment.name[:60] for attachment, _ in found[:3])
        raise Unreadable(QuarantineCode.MISMATCH, f"the PDF holds different documents: {names}")
    return found[0]


def _rank(name: str) -> int:
    plain = name.lower()
    return _NAMES.index(plain) if plain in _NAMES else len(_NAMES)


Gist = tuple[object, ...]


def _gist(document: Canonical) -> Gist:
    """What two renderings of one document have in common; profiles without lines leave out the rest."""
    if not isinstance(document, Invoice):
        return (type(document).__name__, getattr(document, "number", ""))
    seller, account = normalised_number(document.seller.vat_id), normalised_number(document.account.number)
    totals = (document.net, document.tax, document.gross, document.payable)
    return (document.type, document.number, document.issue_date, document.currency, *totals, seller, account)


def _contradict(one: list[Gist], other: list[Gist]) -> bool:
    """Whether two lists of documents differ in anything that both of them state."""
    if [len(gist) for gist in one] != [len(gist) for gist in other]:
        return True
    pairs = [pair for gists in zip(one, other, strict=True) for pair in zip(*gists, strict=True)]
    return any(a != b for a, b in pairs if a not in (None, "") and b not in (None, ""))


def _finished(document: Canonical, name: str, contents: Contents) -> Canonical:
    """The document with the PDF as its source: paths that begin with the attachment, texts of all pages."""
    if not isinstance(document, Invoice | Order):
        return document
    moved = {key: Origin(f"/{name}{one.path}", one.raw) for key, one in document.provenance.items()}
    problems = tuple(replace(one, path=f"/{name}{one.path}") for one in document.unreadable)
    if isinstance(document, Order):
        return replace(document, provenance=moved, unreadable=problems)
    texts = (*document.texts, *contents.texts, *page_texts(contents.pages))
    return replace(document, provenance=moved, unreadable=problems, texts=texts)
