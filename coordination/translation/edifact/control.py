"""What a message says of itself before it is read: its kind, its number, its function, its count of lines."""

from __future__ import annotations

from typing import Final

from .. import nature, values
from ..canonical import QuarantineCode, Unreadable
from .interchange import Message
from .record import MessageRecord
from .segments import malformed, select

_FUNCTIONS: Final = {
    "1": "a cancellation",
    "2": "an addition",
    "3": "a deletion",
    "4": "a change",
    "5": "a replacement",
    "16": "a proposal",
    "36": "a change of the header",
    "37": "a change of the details",
    "53": "a test",
}
"""Message functions (UNTDID 1225) that do not state a document as a whole."""

_TEST: Final = "53"

_ORDERS: Final = {
    **dict.fromkeys(("105", "220", "221", "224"), "ORDERS"),
    "230": "ORDCHG",
    "231": "ORDRSP",
}
"""Document names (UNTDID 1001) by which a message without UNH says what it is."""


def kind_of(message: Message) -> str:
    """The message type of UNH; without UNH that of the document name, if the message proves it is whole."""
    if message.kind:
        return message.kind
    beginning = message.first("BGM")
    code = beginning.component(0) if beginning is not None else ""
    kind = "INVOIC" if nature.is_billing(code) else _ORDERS.get(code, "")
    counted = any(segment.qualifier == "2" for segment in select(message.segments, "CNT"))
    if kind and counted and message.first("UNS") is not None:
        return kind
    error = "without envelope (UNB, UNH) nothing proves that it is whole"
    raise malformed(error, message.line)


def number_of(message: Message, record: MessageRecord) -> str:
    """The document's number (BGM), or `Unreadable` where it has none."""
    beginning = message.first("BGM")
    leaf = beginning.leaf(1) if beginning is not None else None
    if leaf is not None and len(leaf.raw) > values.MAX_KEY:
        error = f"its number has {len(leaf.raw)} characters, at most {values.MAX_KEY} are read"
        raise Unreadable(QuarantineCode.TOO_LARGE, error, leaf.line)
    number = record.key("number", leaf)
    if not number:
        error = "it has no number (BGM): ask the sender for the document with its number"
        raise Unreadable(QuarantineCode.MISSING_ID, error, message.line)
    return number


def refuse_other_function(message: Message, allowed: frozenset[str]) -> None:
    """A cancellation, change or replacement is not read as if it were the document itself."""
    beginning = message.first("BGM")
    code = beginning.component(2) if beginning is not None else ""
    word = _FUNCTIONS.get(code, "")
    if word and code not in allowed:
        reason = QuarantineCode.TEST_DOCUMENT if code == _TEST else QuarantineCode.UNSUPPORTED
        error = f"it is {word} (BGM, function {code}), which is not read: ask for the document itself"
        raise Unreadable(reason, error, beginning.line if beginning else None)


def refuse_miscounted(message: Message) -> None:
    """Where the message counts its lines (CNT 2), it has as many."""
    lines = len(select(message.segments, "LIN"))
    for segment in select(message.segments, "CNT", "2"):
        stated = segment.component(0, 1)
        if not (stated.isascii() and stated.isdigit() and len(stated) <= 10 and int(stated) == lines):
            raise malformed(f"CNT counts {stated[:20] or 'nothing'} lines, it has {lines}", segment.line)
