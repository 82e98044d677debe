"""pain.002, Customer Payment Status Report: the bank's answer to a payment file.

A status stands for the whole file, for one group of it (`PmtInf`) or for one transaction; the nearest counts.
`PART` says only that the parts differ, so it makes no line. Status codes are those of ISO 20022's external
code set ExternalPaymentTransactionStatus1Code and its group twins.
"""

from __future__ import annotations

from typing import Final

from ..canonical import BankLine, BankReport, BankStatus, QuarantineCode, Unreadable
from ..record import Record
from ..xml import ElementLeaf, Node, line_of
from .message import created, number, read_amount, reason, reference, texts

STATUSES: Final[dict[str, BankStatus]] = {
    "ACSC": "booked",
    "ACCC": "booked",
    "RJCT": "rejected",
    "CANC": "rejected",
    "BLCK": "rejected",
    "ACTC": "accepted",
    "ACCP": "accepted",
    "ACSP": "accepted",
    "ACWC": "accepted",
    "ACWP": "accepted",
    "ACFC": "accepted",
}
"""Booked is money that has left (settlement completed); accepted is a promise. All else is pending."""

SAYS_NOTHING: Final = frozenset({"", "PART", "PATC"})


def read_status_report(root: Node, record: Record) -> BankReport:
    """Read a status report."""
    body = root.one("iso:CstmrPmtStsRpt")
    if body is None:
        error = "the pain.002 holds no CstmrPmtStsRpt: ask the bank for the file again"
        raise Unreadable(QuarantineCode.MALFORMED, error, line_of(root.element))
    return BankReport(
        number=number(record, body),
        kind="payment_status",
        created_at=created(record, body),
        lines=_lines(record, body),
        unreadable=record.unreadable,
        provenance=record.provenance,
    )


def _lines(record: Record, body: Node) -> tuple[BankLine, ...]:
    found: list[BankLine | None] = []
    message = ""
    for original in body.all("iso:OrgnlGrpInfAndSts"):
        message = reference(record, "lines/message_id", original.leaf("iso:OrgnlMsgId"))
        found.append(_group(original, original.leaf("iso:GrpSts"), message, ""))
    for transaction in body.all("iso:TxInfAndSts"):  # the first two versions have no groups of payments
        name = f"lines/{len([x for x in found if x]) + 1}"
        group_id = reference(record, "lines/group_id", transaction.leaf("iso:OrgnlPmtInfId"))
        found.append(_transaction(record, name, transaction, message, group_id))
    for group in body.all("iso:OrgnlPmtInfAndSts"):
        group_id = reference(record, "lines/group_id", group.leaf("iso:OrgnlPmtInfId"))
        found.append(_group(group, group.leaf("iso:PmtInfSts"), message, group_id))
        for transaction in group.all("iso:TxInfAndSts"):
            name = f"lines/{len([x for x in found if x]) + 1}"
            found.append(_transaction(record, name, transaction, message, group_id))
    return tuple(line for line in found if line is not None)


def _group(node: Node, leaf: ElementLeaf | None, message: str, group_id: str) -> BankLine | None:
    """The status of a file, or of one of its groups."""
    code = _code(leaf)
    if code in SAYS_NOTHING:
        return None
    why = node.first("iso:StsRsnInf")
    return BankLine(
        scope="group" if group_id else "file",
        status=STATUSES.get(code, "pending"),
        code=code,
        message_id=message,
        group_id=group_id,
        reason=reason(why),
        text=texts(*node.all("iso:StsRsnInf")),
    )


def _transaction(record: Record, name: str, node: Node, message: str, group_id: str) -> BankLine | None:
    code = _code(node.leaf("iso:TxSts"))
    if code in SAYS_NOTHING:
        return None
    amount, currency = read_amount(
        record, f"{name}/amount", node.leaf("iso:OrgnlTxRef", "iso:Amt", "iso:InstdAmt")
    )
    return BankLine(
        scope="payment",
        status=STATUSES.get(code, "pending"),
        code=code,
        message_id=message,
        group_id=group_id,
        end_to_end_id=reference(record, f"{name}/end_to_end_id", node.leaf("iso:OrgnlEndToEndId")),
        reason=reason(node.first("iso:StsRsnInf")),
        text=texts(*node.all("iso:StsRsnInf")),
        amount=amount,
        currency=currency,
    )


def _code(leaf: ElementLeaf | None) -> str:
    return leaf.raw.upper()[:4] if leaf is not None else ""
