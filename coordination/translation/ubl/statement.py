"""UBL Statement: what a vendor says we owe."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from ..canonical import Statement, StatementLine
from ..record import Record
from ..xml import ElementLeaf, Node
from .money import ZERO
from .parties import party
from .source import Source

_REFERENCES: Final = {
    "cac:InvoiceDocumentReference": "Invoice",
    "cac:CreditNoteDocumentReference": "CreditNote",
    "cac:DebitNoteDocumentReference": "DebitNote",
    "cac:SelfBilledInvoiceDocumentReference": "SelfBilledInvoice",
    "cac:SelfBilledCreditNoteDocumentReference": "SelfBilledCreditNote",
    "cac:ReminderDocumentReference": "Reminder",
    "cac:AdditionalDocumentReference": "Document",
}


def read_statement(source: Source) -> Statement:
    """Read a statement; debits are what we owe, credits what is taken off it."""
    root, record = source.root, source.record
    rows = enumerate(root.all("cac:StatementLine"), 1)
    return Statement(
        number=source.number,
        statement_date=record.date("statement_date", root.leaf("cbc:IssueDate")),
        currency=record.currency,
        seller=party(record, "seller", root.one("cac:AccountingSupplierParty")),
        balance=record.amount("balance", root.leaf("cbc:TotalBalanceAmount")),
        total_debit=record.amount("total_debit", root.leaf("cbc:TotalDebitAmount")),
        total_credit=record.amount("total_credit", root.leaf("cbc:TotalCreditAmount")),
        lines=tuple(_line(record, f"lines/{n}", node) for n, node in rows),
        unreadable=record.unreadable,
        provenance=record.provenance,
    )


def _line(record: Record, name: str, node: Node) -> StatementLine:
    amount = _amount(record, f"{name}/amount", node)
    found = _references(node)
    main = _main_reference(found, is_credit=amount is not None and amount < 0)
    holder = found[main] if main else None
    reference = record.key(f"{name}/reference", holder.leaf("cbc:ID") if holder else None)
    day = record.date(f"{name}/reference_date", holder.leaf("cbc:IssueDate") if holder else None)
    others = [other.leaf("cbc:ID") for kind, other in found.items() if kind != main]
    texts = dict.fromkeys(leaf.raw for leaf in others if leaf is not None and leaf.raw)
    return StatementLine(reference, day, _type(node, main), amount, tuple(texts))


def _references(node: Node) -> dict[str, Node]:
    """The documents a line names, by kind; the first of each kind."""
    billing = node.first("cac:BillingReference")
    if billing is None:
        return {}
    found = ((kind, billing.first(kind)) for kind in _REFERENCES)
    return {kind: node for kind, node in found if node is not None}


def _main_reference(found: dict[str, Node], *, is_credit: bool) -> str:
    """A line with several documents is about the one its sign fits: a credit about the credit note."""
    wanted = "cac:CreditNoteDocumentReference" if is_credit else "cac:InvoiceDocumentReference"
    return wanted if wanted in found else next(iter(found), "")


def _type(node: Node, main: str) -> str:
    leaf = node.leaf("cbc:BalanceBroughtForwardIndicator")
    if leaf is not None and leaf.raw in {"true", "1"}:
        return "BalanceBroughtForward"
    return _REFERENCES.get(main, "")


def _amount(record: Record, name: str, node: Node) -> Decimal | None:
    """Debit less credit; a line where one of them cannot be read has no amount."""
    debit, credit = node.leaf("cbc:DebitLineAmount"), node.leaf("cbc:CreditLineAmount")
    if debit is None and credit is None:
        return None
    owed, off = _or_zero(record, name, debit), _or_zero(record, name, credit)
    if debit is not None and owed:
        record.note(name, debit)
    return owed - off if owed is not None and off is not None else None


def _or_zero(record: Record, name: str, leaf: ElementLeaf | None) -> Decimal | None:
    return ZERO if leaf is None else record.amount(name, leaf)
