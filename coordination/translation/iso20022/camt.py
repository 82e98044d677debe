"""camt.052, camt.053 and camt.054: entries on our account, as the bank booked them.

An entry may be one payment, many with their details, or one sum for a whole file of ours (`Btch`); a sum says
nothing of single payments but their number and total. Money that comes back carries the id of the payment it
was: a credit with return information, a reversal, or a plain credit with an id of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from ..canonical import BankLine, BankReport, BankStatus, QuarantineCode, Unreadable
from ..record import Record
from ..xml import ElementLeaf, Node, line_of
from .charges import Charges, is_fee, stated
from .message import created, day, number, read_amount, reason, reference, texts

Kind = Literal["payment_status", "bank_notice", "bank_statement"]

BODIES: Final[tuple[tuple[str, str, Kind], ...]] = (
    ("iso:BkToCstmrAcctRpt", "iso:Rpt", "bank_notice"),
    ("iso:BkToCstmrStmt", "iso:Stmt", "bank_statement"),
    ("iso:BkToCstmrDbtCdtNtfctn", "iso:Ntfctn", "bank_notice"),
)
"""Body of the message, what repeats in it, and the kind it is kept as."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What an entry says for all of its details."""

    record: Record
    name: str
    number: int
    credit: bool | None
    reversal: bool
    code: str
    day: date | None
    amount: Decimal | None
    currency: str
    charges: Charges
    reference: str
    fee: bool


def read_notification(root: Node, record: Record) -> BankReport:
    """Read a notification, a statement or an interim report."""
    for body_name, part, kind in BODIES:
        body = root.one(body_name)
        if body is not None:
            return _report(record, body, part, kind)
    error = "the camt message has no body: ask the bank for the file again"
    raise Unreadable(QuarantineCode.MALFORMED, error, line_of(root.element))


def _report(record: Record, body: Node, part: str, kind: Kind) -> BankReport:
    found: list[BankLine] = []
    accounts: list[str] = []
    entries = 0
    for account in body.all(part):
        iban = account.leaf("iso:Acct", "iso:Id", "iso:IBAN")
        accounts.append(iban.raw if iban is not None else "")
        for node in account.all("iso:Ntry"):
            entries += 1
            entry = _entry(record, f"lines/{len(found) + 1}", node, entries)
            found += _lines(entry, node)
    return BankReport(
        number=number(record, body),
        kind=kind,
        created_at=created(record, body),
        account=", ".join(dict.fromkeys(filter(None, accounts))),
        lines=tuple(found),
        unreadable=record.unreadable,
        provenance=record.provenance,
    )


def _entry(record: Record, name: str, node: Node, place: int) -> _Entry:
    amount, currency = read_amount(record, f"{name}/amount", node.leaf("iso:Amt"))
    booked = day(record, f"{name}/day", node.first("iso:BookgDt"))
    reversal = node.leaf("iso:RvslInd")
    return _Entry(
        record=record,
        name=name,
        number=place,
        credit=_is_credit(node.leaf("iso:CdtDbtInd")),
        reversal=reversal is not None and reversal.raw in {"true", "1"},
        code=_status(node),
        day=booked or day(record, f"{name}/day", node.first("iso:ValDt")),
        amount=amount,
        currency=currency,
        charges=stated(record, f"{name}/charges", node, currency),
        reference=_bank_reference(record, name, node),
        fee=is_fee(node),
    )


def _bank_reference(record: Record, name: str, node: Node, *below: str) -> str:
    """The bank's own reference of what it booked: one for an entry, or one for each payment of it."""
    return reference(record, f"{name}/bank_reference", node.leaf(*below, "iso:AcctSvcrRef"))


def _status(node: Node) -> str:
    """BOOK, PDNG, INFO or FUTR: a plain code until version 3, a choice of codes after."""
    for names in (("iso:Sts",), ("iso:Sts", "iso:Cd"), ("iso:Sts", "iso:Prtry")):
        leaf = node.leaf(*names)
        if leaf is not None and leaf.raw:
            return leaf.raw.upper()[:4]
    return ""


def _is_credit(leaf: ElementLeaf | None) -> bool | None:
    """Did money come in, or leave? None where the bank does not say, or says neither."""
    return {"CRDT": True, "DBIT": False}.get(leaf.raw) if leaf is not None else None


def _lines(entry: _Entry, node: Node) -> list[BankLine]:
    details = node.all("iso:NtryDtls") or [node]  # the first version has no NtryDtls around them
    transactions = [t for d in details for t in d.all("iso:TxDtls")]
    if transactions:
        alone = len(transactions) == 1
        return [_transaction(entry, t, alone=alone) for t in transactions]
    batch = next((b for d in details if (b := d.first("iso:Btch")) is not None), None)
    return [_sum(entry, batch) if batch is not None else _bare(entry)]


def _sum(entry: _Entry, batch: Node) -> BankLine:
    """One booking for a group of payments, or for all of a file."""
    record, name = entry.record, entry.name
    amount, currency = read_amount(record, f"{name}/amount", batch.leaf("iso:TtlAmt"))
    group_id = reference(record, f"{name}/group_id", batch.leaf("iso:PmtInfId"))
    return BankLine(
        scope="group" if group_id else "file",
        status=_kept(entry, returned=False),
        code=entry.code,
        message_id=reference(record, f"{name}/message_id", batch.leaf("iso:MsgId")),
        group_id=group_id,
        amount=amount if amount is not None else entry.amount,
        currency=currency or entry.currency,
        count=_count(batch.leaf("iso:NbOfTxs")),
        day=entry.day,
        charges=entry.charges.amount if amount is None else None,
        charges_beside=entry.charges.beside if amount is None else None,
        bank_reference=entry.reference,
        entry=entry.number,
    )


def _count(leaf: ElementLeaf | None) -> int | None:
    """Max15NumericText: how many payments a sum is of."""
    known = leaf is not None and leaf.raw.isascii() and leaf.raw.isdigit() and len(leaf.raw) < 10
    return int(leaf.raw) if leaf is not None and known else None


def _transaction(entry: _Entry, node: Node, *, alone: bool) -> BankLine:
    """One payment of an entry. Only an entry of one payment lends it its amount."""
    record, name = entry.record, entry.name
    lent = alone and entry.amount is not None
    amount, currency = _first(record, f"{name}/amount", node, MOVED if lent else (*MOVED, ORDERED))
    instructed, instructed_in = _first(record, f"{name}/instructed", node, INSTRUCTED)
    charges = stated(record, f"{name}/charges", node, currency or entry.currency)
    if amount is None and alone:
        amount, currency, charges = entry.amount, entry.currency, entry.charges.over(charges)
    elif alone or amount is None:
        charges = charges.over(entry.charges)
    back = node.first("iso:RtrInf")
    return BankLine(
        scope="payment",
        status=_turned(entry, node, returned=back is not None),
        code=entry.code,
        amount=amount,
        currency=currency,
        day=entry.day,
        message_id=reference(record, f"{name}/message_id", node.leaf("iso:Refs", "iso:MsgId")),
        group_id=reference(record, f"{name}/group_id", node.leaf("iso:Refs", "iso:PmtInfId")),
        end_to_end_id=reference(record, f"{name}/end_to_end_id", node.leaf("iso:Refs", "iso:EndToEndId")),
        reason=reason(back),
        text=texts(back),
        instructed=instructed,
        instructed_currency=instructed_in,
        charges=charges.amount,
        charges_beside=charges.beside,
        bank_reference=_bank_reference(record, name, node, "iso:Refs") or entry.reference,
        entry=entry.number,
        entry_amount=None if alone else entry.amount,
    )


MOVED: Final = (
    ("iso:Amt",),
    ("iso:AmtDtls", "iso:TxAmt", "iso:Amt"),
)
"""Where a version of the message keeps what moved, the nearest first."""

ORDERED: Final = ("iso:AmtDtls", "iso:InstdAmt", "iso:Amt")
"""What the order was over: what moved as well where neither the payment nor an entry of it alone says another
amount."""

INSTRUCTED: Final = (ORDERED, ("iso:AmtDtls", "iso:CntrValAmt", "iso:Amt"))
"""What the order was over; without it, what the bank exchanged to or from."""


def _first(
    record: Record, name: str, node: Node, places: Sequence[Sequence[str]]
) -> tuple[Decimal | None, str]:
    for names in places:
        leaf = node.leaf(*names)
        if leaf is not None:
            return read_amount(record, name, leaf)
    return None, ""


def _turned(entry: _Entry, node: Node, *, returned: bool) -> BankStatus:
    """What the entry means, unless the payment itself says the opposite of it."""
    own_code = node.first("iso:BkTxCd") is not None
    entry = replace(entry, fee=is_fee(node) if own_code else entry.fee)
    status, own = _kept(entry, returned=returned), node.leaf("iso:CdtDbtInd")
    if status not in {"pending", "charged"} and own is not None and _is_credit(own) != entry.credit:
        return "unclear"
    return status


def _kept(entry: _Entry, *, returned: bool) -> BankStatus:
    """What an entry means for a payment of ours."""
    if entry.code != "BOOK":
        return "pending"
    if entry.fee:
        return "charged"
    if entry.credit is None:
        return "unclear"
    if entry.credit:
        return "returned" if returned or entry.reversal else "credited"
    return "unclear" if returned or entry.reversal else "booked"


def _bare(entry: _Entry) -> BankLine:
    """An entry without details: a sum on the account that names nothing."""
    return BankLine(
        scope="payment",
        status=_kept(entry, returned=False),
        code=entry.code,
        amount=entry.amount,
        currency=entry.currency,
        day=entry.day,
        charges=entry.charges.amount,
        charges_beside=entry.charges.beside,
        bank_reference=entry.reference,
        entry=entry.number,
    )
