"""What all messages of a bank have in common: header, money with its currency, moments."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from .. import values
from ..canonical import QuarantineCode, Unreadable
from ..record import Record
from ..values import BadValueError
from ..xml import ElementLeaf, Node, line_of

ABSENT: Final = frozenset({"NOTPROVIDED", "NONREF", "NOTAVAILABLE"})
"""What the rule books write where an id is demanded and there is none."""


def number(record: Record, body: Node) -> str:
    """The message's own id. Without one a repeated message could not be told from a new one."""
    found = record.key("number", body.leaf("iso:GrpHdr", "iso:MsgId"))
    if not found:
        error = "the message has no GrpHdr/MsgId: ask the bank for the file again"
        raise Unreadable(QuarantineCode.MISSING_ID, error, line_of(body.element))
    return found


def created(record: Record, body: Node) -> datetime | None:
    """When the bank made the message."""
    return record.read("created_at", body.leaf("iso:GrpHdr", "iso:CreDtTm"), moment)


def moment(text: str) -> datetime:
    """An ISODateTime; one without a zone is taken as UTC, for it only orders messages of one bank."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadValueError("not a date and time of the form YYYY-MM-DDThh:mm:ss") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def reference(record: Record, name: str, leaf: ElementLeaf | None) -> str:
    """An id of ours that the bank gives back."""
    found = record.key(name, leaf)
    return "" if found.upper() in ABSENT else found


def read_amount(record: Record, name: str, leaf: ElementLeaf | None) -> tuple[Decimal | None, str]:
    """An amount and its currency, which ISO 20022 writes into the attribute `Ccy`."""
    amount = record.number(name, leaf)
    return amount, leaf.attribute("Ccy").upper() if leaf is not None and amount is not None else ""


def day(record: Record, name: str, node: Node | None) -> date | None:
    """The day of a DateAndDateTimeChoice: `Dt`, or `DtTm` without its time."""
    if node is None:
        return None
    leaf = node.leaf("iso:Dt") or node.leaf("iso:DtTm")
    return record.read(name, leaf, lambda text: values.day(text.partition("T")[0], zone=True))


def reason(node: Node | None) -> str:
    """The code of a reason (`Rsn`, once `StsRsn`), the bank's own where it has no external one."""
    for names in (
        ("iso:Rsn", "iso:Cd"),
        ("iso:Rsn", "iso:Prtry"),
        ("iso:StsRsn", "iso:Cd"),
        ("iso:StsRsn", "iso:Prtry"),
    ):
        leaf = node.leaf(*names) if node is not None else None
        if leaf is not None and leaf.raw:
            return leaf.raw[:35]
    return ""


ADDED: Final = ("iso:AddtlInf", "iso:AddtlStsRsnInf")


def texts(*nodes: Node | None) -> str:
    """What the bank adds in its own words, on one line."""
    found = [leaf.raw for node in nodes if node is not None for name in ADDED for leaf in node.leaves(name)]
    return " ".join(" ".join(found).split())[:500]
