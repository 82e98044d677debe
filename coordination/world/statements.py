"""What each vendor says we owe it: its invoices and credit notes, as a statement of account."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from ..translation.canonical import Invoice, Statement, StatementLine
from .traders import Trader


def statements(traders: Iterable[Trader], claims: Iterable[Invoice], today: date) -> list[Statement]:
    """One statement per vendor and currency that has claims, dated today; it names every claim with a
    total."""
    by_vendor: dict[tuple[str, str], list[Invoice]] = {}
    for one in claims:
        if one.gross is not None and one.issue_date is not None:
            by_vendor.setdefault((one.vendor_id, one.currency), []).append(one)
    return [
        _statement(trader, currency, found, today)
        for trader in traders
        for (vendor, currency), found in by_vendor.items()
        if vendor == trader.vendor_id
    ]


def _statement(trader: Trader, currency: str, claims: list[Invoice], today: date) -> Statement:
    ordered = sorted(claims, key=lambda c: (c.issue_date or today, c.number))
    lines = tuple(
        StatementLine(
            reference=claim.number,
            reference_date=claim.issue_date,
            type="CreditNote" if claim.type == "credit_note" else "Invoice",
            amount=signed(claim),
        )
        for claim in ordered
    )
    amounts = [line.amount or Decimal(0) for line in lines]
    return Statement(
        number=f"ST-{trader.vendor_id[2:]}-{currency}-{today:%Y%m%d}",
        statement_date=today,
        currency=currency,
        seller=trader.party(),
        vendor_id=trader.vendor_id,
        balance=sum(amounts, Decimal(0)),
        lines=lines,
        total_debit=sum((a for a in amounts if a > 0), Decimal(0)),
        total_credit=-sum((a for a in amounts if a < 0), Decimal(0)),
    )


def signed(claim: Invoice) -> Decimal:
    """What a claim adds to what we owe."""
    gross = claim.gross or Decimal(0)
    return -gross if claim.type == "credit_note" else gross
