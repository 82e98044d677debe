"""finance.validation: is this a complete, correct, new claim of a vendor we know?"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from ..translation.canonical import Invoice
from . import claims, identity
from .amounts import ZERO, cents, line_total, said, signed, total
from .base import Agent, Contract, Evidence, Finding, Proposal, Snapshot, conclude, least


class FinanceValidation(Agent):
    """Completeness, arithmetic, tax, duplicates, vendor, account, currency, credit, prepayment, text."""

    name: ClassVar[str] = "finance.validation"
    version: ClassVar[str] = "1"
    department: ClassVar[str] = "finance"
    purpose: ClassVar[str] = (
        "Checks that the claim is complete, adds up, is new and comes from a vendor we know."
    )
    contract: ClassVar[Contract] = Contract(
        version="1",
        reads=frozenset({"invoice", "vendor", "order", "siblings"}),
        consumes=frozenset(),
        owns=frozenset(
            {
                "completeness", "arithmetic", "tax", "duplicate", "supplier", "currency", "credit", "prepayment",
                "text", "vendor_bank",  # it watches the account; the answer is always a person's
            }
        ),
    )  # fmt: skip
    sla: ClassVar[timedelta] = timedelta(seconds=10)

    def propose(self, snapshot: Snapshot) -> Proposal:
        document, policy = snapshot.document, snapshot.policy
        findings = [
            *completeness(document),
            *arithmetic(document, policy.totals.abs or ZERO, policy.totals.id),
            *tax(document, policy.tax.abs or ZERO, policy.tax.id),
            *identity.supplier(snapshot),
            *identity.account(snapshot),
            *claims.duplicates(snapshot),
            *claims.split(snapshot),
            *claims.currency(snapshot),
            *claims.credit(snapshot),
            *claims.prepayment(document),
            *identity.text(document),
        ]
        held = [f for f in findings if f.code]
        reasoning = " ".join(f.sentence for f in held) or (
            f"Complete, adds up to {document.currency} {said(document.gross or ZERO)}, tax agrees, not seen before, "
            f"vendor and account known."
        )
        return Proposal(
            self.name, self.version, conclude(findings), least([f.confidence for f in findings]), reasoning,
            tuple(findings),
        )  # fmt: skip


def completeness(document: Invoice) -> list[Finding]:
    """What must be there before anything can be compared; nothing is guessed."""
    wanted = [("issue_date", document.issue_date), ("gross", document.gross), ("currency", document.currency)]
    missing: list[tuple[str, int | None]] = [(name, None) for name, value in wanted if value in (None, "")]
    missing += [("lines", None)] if not document.lines else []
    for line in document.lines:
        if line.quantity == 0 and not line.net:
            continue
        gaps = [
            (f"lines/{line.position}/price", line.price),
            (f"lines/{line.position}/quantity", line.quantity),
        ]
        missing += [(name, line.position) for name, value in gaps if value is None]
    unreadable = {p.field: p.raw for p in getattr(document, "unreadable", ())}
    return [
        Finding(
            "completeness",
            f"The invoice has no {_field(name)}"
            + (f" on line {line}" if line else "")
            + (f"; it says {unreadable[name]!r}." if name in unreadable else "."),
            code="missing_data",
            line=line,
            expected=_field(name),
            found=unreadable.get(name, "nothing"),
            evidence=(Evidence(f"invoice {document.number}", name, unreadable.get(name, "")),),
        )
        for name, line in missing
    ]


def _field(path: str) -> str:
    words = {"issue_date": "issue date", "gross": "total", "lines": "lines", "price": "unit price"}
    last = path.rsplit("/", 1)[-1]
    return words.get(last, last)


def arithmetic(document: Invoice, tolerance: Decimal, rule: str) -> list[Finding]:
    """EN 16931 BR-CO-10, 13, 14, 15, 16 and the line amounts, each by more than the tolerance."""
    findings = [
        _unbalanced(document, f"Line {line.position}", computed, line.net, line.position, rule)
        for line in document.lines
        if (computed := line_total(line)) is not None and line.net is not None
        and abs(computed - line.net) > tolerance
    ]  # fmt: skip
    for name, computed, stated in _totals(document):
        if stated is not None and computed is not None and abs(computed - stated) > tolerance:
            findings.append(_unbalanced(document, name, computed, stated, None, rule))
    return findings


def _totals(document: Invoice) -> list[tuple[str, Decimal | None, Decimal | None]]:
    """(what, computed, stated) for each total; None where a part is not stated."""
    lines = (
        total(line.net for line in document.lines) if all(x.net is not None for x in document.lines) else None
    )
    if not document.lines:
        lines = document.lines_net
    adjusted = (
        None
        if lines is None
        else lines + total(a.amount if a.charge else -a.amount for a in document.allowances)
    )
    gross = None if document.net is None else document.net + (document.tax or ZERO)
    taxes = total(t.tax for t in document.taxes) if document.taxes else None
    payable = None if document.gross is None else document.gross - document.prepaid + document.rounding
    return [
        ("Sum of lines", lines, document.lines_net),
        ("Net", adjusted, document.net),
        ("Tax total", taxes, document.tax),
        ("Gross", gross, document.gross),
        ("Payable", payable, document.payable),
    ]


def _unbalanced(
    document: Invoice, what: str, computed: Decimal, stated: Decimal, line: int | None, rule: str
) -> Finding:
    return Finding(
        "arithmetic",
        f"{what} says {said(stated)}, its parts come to {said(computed)}.",
        code="totals_unbalanced",
        line=line,
        expected=said(computed),
        found=said(stated),
        tolerance="0.02",
        excess=signed(stated - computed),
        money=stated - computed,
        rule=rule,
        evidence=(Evidence(f"invoice {document.number}", what.lower(), said(stated)),),
    )


def tax(document: Invoice, tolerance: Decimal, rule: str) -> list[Finding]:
    """Tax of each rate from the invoiced lines, less allowances, against the stated tax (BR-CO-17, BR-S-08)."""
    if document.tax is None and not document.taxes:
        return []
    if len(document.taxes) <= 1:
        return (
            _one_rate(document, tolerance, rule) if document.taxes else _by_lines(document, tolerance, rule)
        )
    findings = []
    for sub in document.taxes:
        if sub.base is None or sub.tax is None or sub.rate is None:
            continue
        base = _base(document, sub.category, sub.rate)
        base = sub.base if base is None else base
        findings += _tax_finding(
            document, cents(base * sub.rate / 100), sub.tax, sub.rate, base, tolerance, rule
        )
    return findings


def _one_rate(document: Invoice, tolerance: Decimal, rule: str) -> list[Finding]:
    """With one subtotal the taxed base is the net total itself, whatever base the subtotal states."""
    sub = document.taxes[0]
    rates = {line.tax_rate for line in document.lines if line.tax_rate is not None}
    rate = sub.rate if sub.rate is not None else (rates.pop() if len(rates) == 1 else None)
    base = document.net if document.net is not None else sub.base
    if rate is None or base is None or sub.tax is None:
        return []
    return _tax_finding(document, cents(base * rate / 100), sub.tax, rate, base, tolerance, rule)


def _by_lines(document: Invoice, tolerance: Decimal, rule: str) -> list[Finding]:
    """Without a breakdown: the header tax against the lines' rates, one tolerance per rate."""
    bases: dict[Decimal, Decimal] = {}
    for line in document.lines:
        if line.tax_rate is None or line.net is None:
            return []
        bases[line.tax_rate] = bases.get(line.tax_rate, ZERO) + line.net
    if not bases or document.tax is None or document.allowances:
        return []
    computed = sum((cents(base * rate / 100) for rate, base in bases.items()), ZERO)
    rate = max(bases)
    return _tax_finding(
        document, computed, document.tax, rate if len(bases) == 1 else None, total(bases.values()),
        tolerance * len(bases), rule,
    )  # fmt: skip


def _base(document: Invoice, category: str, rate: Decimal) -> Decimal | None:
    """The taxed base of one category and rate from lines and header allowances; None if a part is not assigned."""
    base = ZERO
    for line in document.lines:
        if line.net is None or line.tax_rate is None:
            return None
        if line.tax_rate == rate and line.tax_category == category:
            base += line.net
    for item in document.allowances:
        if item.tax_rate is None:
            return None
        if item.tax_rate == rate and item.tax_category == category:
            base += item.amount if item.charge else -item.amount
    return base


def _tax_finding(
    document: Invoice, computed: Decimal, stated: Decimal, rate: Decimal | None, base: Decimal, tolerance: Decimal,
    rule: str,
) -> list[Finding]:  # fmt: skip
    if abs(computed - stated) <= tolerance:
        return []
    at = (
        f"{rate.normalize():f} % of {said(base)}"
        if rate is not None
        else f"the rates of the lines, {said(base)} in all,"
    )
    return [
        Finding(
            "tax",
            f"Tax says {said(stated)}; {at} is {said(computed)}.",
            code="tax_mismatch",
            expected=said(computed),
            found=said(stated),
            tolerance=said(tolerance),
            excess=signed(stated - computed),
            money=stated - computed,
            rule=rule,
            evidence=(Evidence(f"invoice {document.number}", "tax", said(stated)),),
        )
    ]
