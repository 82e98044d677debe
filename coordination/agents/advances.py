"""Money before goods: an advance is agreed to by a person, and what an invoice deducts of it has been
paid."""

from __future__ import annotations

from ..domain.amounts import ENDED, SETTLED, ZERO, asked, earlier, format_amount, total
from ..domain.facts import Sibling, Snapshot
from ..domain.proposal import Evidence, Finding
from ..translation import nature
from ..translation.canonical import Invoice
from ..translation.identity import normalised_number
from .claims import order_keys


def advance(snapshot: Snapshot) -> list[Finding]:
    """An advance (UNTDID 1001: 386 and its like) is owed because it was agreed on, not because something
    came: nothing of order or receipt can say so, a person does."""
    document = snapshot.document
    if snapshot.credit or not nature.look_up(document.type_code).is_("advance"):
        return []
    orders = ", ".join(
        dict.fromkeys(n for n in (*document.order_numbers, *(x.order_number for x in document.lines)) if n)
    )
    amount = asked(document.gross, document.payable)
    worth = f"{document.currency} {format_amount(amount)}" if amount is not None else "an unknown amount"
    on = f" on order {orders}" if orders else ""
    return [
        Finding(
            "prepayment",
            f"An advance of {worth}{on}: money before goods. Was it agreed?",
            code="prepayment_open",
            expected="an agreed advance",
            found=format_amount(amount) if amount is not None else "",
            money=amount,
            evidence=(Evidence(f"invoice {document.number}", "type_code", document.type_code),),
        )
    ]


def deducted(snapshot: Snapshot) -> list[Finding]:
    """A prepaid amount counts only when it is found among what we paid: for the invoices this one names, or
    for the same order, less what earlier invoices have already deducted."""
    document = snapshot.document
    if not document.prepaid:
        return []
    advances = _advances(snapshot)
    before = total(
        s.prepaid
        for s in snapshot.siblings
        if s.state not in ENDED and earlier(snapshot, s) and _same_order(s, document)
    )
    left = total(s.gross for s in advances) - before
    known = tuple(Evidence(f"invoice {s.number}", "gross", format_amount(s.gross or ZERO)) for s in advances)
    if abs(left - document.prepaid) <= snapshot.policy.allowed(snapshot.policy.totals, document.currency):
        paid_by = ", ".join(s.number for s in advances)
        return [
            Finding(
                "prepayment", f"{format_amount(document.prepaid)} was prepaid with {paid_by}.", evidence=known
            )
        ]
    found = (
        f"{format_amount(left)} is left of {', '.join(s.number for s in advances)}"
        if advances
        else "no such payment of ours is known"
    )
    return [
        Finding(
            "prepayment",
            f"{format_amount(document.prepaid)} is said to be prepaid; {found}.",
            code="prepayment_open",
            expected="a payment of ours" if not advances else format_amount(left),
            found=format_amount(document.prepaid),
            money=document.prepaid,
            evidence=known,
        )
    ]


def _advances(snapshot: Snapshot) -> list[Sibling]:
    """What we paid that this invoice may deduct: advances by their kind, and only where there is none of them
    whatever else was paid on the order. A prepaid amount of its own makes an invoice none."""
    document = snapshot.document
    named = {normalised_number(n) for n in document.preceding}
    paid = [
        s
        for s in snapshot.siblings
        if s.state in SETTLED
        and s.type == "invoice"
        and not s.prepaid
        and s.currency == document.currency
        and (s.number_key in named or _same_order(s, document))
    ]
    return [s for s in paid if nature.look_up(s.type_code).is_("advance")] or paid


def _same_order(one: Sibling, other: Invoice) -> bool:
    """Do both name one order?"""
    return not {*order_keys(one)}.isdisjoint(order_keys(other))
