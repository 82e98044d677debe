"""What a bank took for itself: `Chrgs` of an entry or of a payment in it, in the shapes that its versions
have.

Versions 2 and 3 of camt repeat `Chrgs`, each with its amount; later ones have one, with a record for each.
Both may say the total, and whether it is in the amount of the entry (`ChrgInclInd`).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ..record import Record
from ..xml import Node
from .message import read_amount


@dataclass(frozen=True, slots=True)
class Charges:
    """Their sum in the currency of what they belong to, and whether they stand beside its amount; None: not
    said."""

    amount: Decimal | None = None
    beside: bool | None = None

    def over(self, other: Charges) -> Charges:
        """These, or the other where nothing is said here."""
        return self if self.amount is not None else other


NONE: Final = Charges()

FEES: Final = frozenset({"CHRG", "FEES", "COMM", "COME", "COMI", "COMT"})
"""Sub-families of ISO 20022's bank transaction codes (ExternalBankTransactionSubFamily1Code) that are the
bank's own price."""


def is_fee(node: Node) -> bool:
    """Does the code of an entry, or of a payment in it, say that it is a charge and not the payment?"""
    leaf = node.leaf("iso:BkTxCd", "iso:Domn", "iso:Fmly", "iso:SubFmlyCd")
    return leaf is not None and leaf.raw.upper() in FEES


def stated(record: Record, name: str, node: Node, currency: str) -> Charges:
    """The charges of an entry or of one payment. Those in another currency explain no amount, and count as
    not said."""
    details = node.first("iso:AmtDtls")
    found = [*node.all("iso:Chrgs"), *(details.all("iso:Chrgs") if details is not None else [])]
    totals = [_money(record, name, x, "iso:TtlChrgsAndTaxAmt", currency) for x in found]
    parts = [p for x in found for p in x.all("iso:Rcrd") or [x]]
    amounts = [_money(record, name, p, "iso:Amt", currency) for p in parts]
    beside = {p.leaf("iso:ChrgInclInd") for p in parts} - {None}
    outside = {leaf.raw in {"false", "0"} for leaf in beside if leaf is not None}
    chosen = (
        totals if len(found) == 1 and totals[0] is not None else amounts if None not in amounts else totals
    )
    known = [x for x in chosen if x is not None]
    if not known or len(known) != len(chosen):
        return NONE
    return Charges(sum(known, Decimal(0)), outside.pop() if len(outside) == 1 else None)


def _money(record: Record, name: str, node: Node, tag: str, currency: str) -> Decimal | None:
    """An amount in the currency, negative where it is in our favour."""
    amount, stated_in = read_amount(record, name, node.leaf(tag))
    if amount is None or stated_in not in {"", currency}:
        return None
    way = node.leaf("iso:CdtDbtInd")
    return -amount if way is not None and way.raw == "CRDT" else amount
