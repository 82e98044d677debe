"""UN/EDIFACT: INVOIC, ORDERS, ORDCHG, ORDRSP, DESADV and RECADV of the D directories, in interchanges or
alone.

One table from message type to reader. A message that is not in it is set aside as `unsupported`, and the
others of its interchange go on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from ..canonical import Canonical, Invoice, Origin, QuarantineCode, Rejected, Unreadable
from ..readers import BytesFormat
from .control import kind_of, number_of, refuse_miscounted, refuse_other_function
from .delivery import read_despatch, read_receipt
from .interchange import Attached, Message, Sealed, parts
from .invoice import read_invoice
from .order import ANSWER, CANCELLATION, CHANGE, read_change, read_order, read_response
from .record import MessageRecord

READERS: Final[dict[str, Callable[[Message, str, MessageRecord], Canonical]]] = {
    "INVOIC": read_invoice,
    "ORDERS": read_order,
    "ORDCHG": read_change,
    "ORDRSP": read_response,
    "DESADV": read_despatch,
    "RECADV": read_receipt,
}

_FUNCTIONS: Final[dict[str, frozenset[str]]] = {
    "ORDERS": CANCELLATION,
    "ORDCHG": CANCELLATION | CHANGE,
    "ORDRSP": ANSWER,
}
"""Message functions (UNTDID 1225), beside those of a first statement, that a message may have."""

_BOM: Final = b"\xef\xbb\xbf"
_BEGINNING: Final = re.compile(rb"UNA[^A-Za-z0-9]{6}\s*UN[BH]|UNB.UNO|UN[BH]\+|BGM\+")
_DIRECTORY: Final = re.compile(r"[a-z][0-9]{2}[a-z]")


def looks_like_edifact(content: bytes) -> bool:
    """Whether the bytes begin as an interchange or a message does."""
    return _BEGINNING.match(content[:64].removeprefix(_BOM).lstrip()) is not None


def stream(content: bytes) -> tuple[str, Iterator[Canonical | Rejected]]:
    """The format, and the documents one at a time; `Unreadable` where an envelope is broken.

    All envelopes are checked first: a document counts only if the end of its interchange says that nothing
    is missing. The format is that of the first message.
    """
    body = content.removeprefix(_BOM)
    source_format = ""
    attached: list[tuple[Origin, ...]] = []
    for part in parts(body):
        if isinstance(part, Attached):
            attached.append(part.texts)
        elif isinstance(part, Sealed):
            source_format = source_format or _format(part)
    return source_format or "edifact", _documents(body, attached)


def _format(sealed: Sealed) -> str:
    head = sealed.head
    directory = (head.component(1, 1) + head.component(1, 2)).lower() if head is not None else ""
    return f"edifact-{directory}" if _DIRECTORY.fullmatch(directory) else "edifact"


def _documents(content: bytes, attached: list[tuple[Origin, ...]]) -> Iterator[Canonical | Rejected]:
    texts = iter([*attached, ()])
    current = next(texts)
    for part in parts(content):
        if isinstance(part, Attached):
            current = next(texts)
        elif isinstance(part, Rejected):
            yield part
        else:
            yield _with_texts(_read(part), current)


def _read(sealed: Sealed) -> Canonical | Rejected:
    try:
        return _document(sealed.open())
    except Unreadable as unreadable:
        which = f"message {sealed.reference[:40]}" if sealed.reference else "the message"
        return Rejected(unreadable.code, f"{which}: {unreadable.error}", unreadable.line or sealed.line)


def _document(message: Message) -> Canonical:
    kind, record = kind_of(message), MessageRecord(marks=message.marks)
    reader = READERS.get(kind)
    if reader is None:
        error = f"{kind[:10]} is not read: ask for one of {', '.join(READERS)}"
        raise Unreadable(QuarantineCode.UNSUPPORTED, error, message.line)
    refuse_other_function(message, _FUNCTIONS.get(kind, frozenset()))
    refuse_miscounted(message)
    return reader(message, number_of(message, record), record)


def _with_texts(document: Canonical | Rejected, texts: tuple[Origin, ...]) -> Canonical | Rejected:
    """An invoice may be spoken to by the name of a file that came with it."""
    if not texts or not isinstance(document, Invoice):
        return document
    return replace(document, texts=(*document.texts, *texts))


FORMAT: Final = BytesFormat(stream, recognises=looks_like_edifact)
