"""finance.validation: is this a complete, correct, new claim of a vendor we know?"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from ..domain.amounts import ZERO, format_amount, line_total, signed
from ..domain.facts import Snapshot
from ..domain.policy import Policy
from ..domain.proposal import Agent, Contract, Evidence, Finding, Proposal, conclude, least_sure
from ..translation.canonical import Invoice
from ..translation.pdf import TEXT_FORMAT
from . import advances, claims, completeness, corrections, en16931, identity, instructions, nature, terms
from .en16931 import Breach

PAGE_CONFIDENCE = Decimal("0.60")
"""In what was read from the print of a page: under every threshold that clears anything."""


class FinanceValidation(Agent):
    """Completeness, arithmetic, tax, duplicates, vendor, account, currency, credit, prepayment, text."""

    name: ClassVar[str] = "finance.validation"
    version: ClassVar[str] = "2"
    department: ClassVar[str] = "finance"
    purpose: ClassVar[str] = (
        "Checks that the document is a claim on us, complete, adds up, is new and comes from a vendor we"
        " know."
    )
    contract: ClassVar[Contract] = Contract(
        version="2",
        reads=frozenset({"invoice", "vendor", "order", "siblings"}),
        consumes=frozenset(),
        owns=frozenset(
            {
                "completeness",
                "arithmetic",
                "tax",
                "duplicate",
                "supplier",
                "currency",
                "credit",
                "prepayment",
                "text",
                "nature",
                "vendor_bank",  # it watches the account; the answer is always a person's
            }
        ),
        about="the claim",
    )
    sla: ClassVar[timedelta] = timedelta(seconds=10)

    def propose(self, snapshot: Snapshot) -> Proposal:
        document, policy = snapshot.document, snapshot.policy
        findings = [
            *reading(snapshot.source_format),
            *completeness.completeness(document),
            *completeness.days(snapshot),
            *official(document),
            *nature.findings(snapshot),
            *terms.disagreeing(snapshot),
            *arithmetic(document, policy),
            *terms.unsound(document, policy.allowed(policy.totals, document.currency), policy.totals.id),
            *tax(document, policy),
            *identity.supplier(snapshot),
            *identity.account(snapshot),
            *identity.acquaintance(snapshot),
            *claims.duplicates(snapshot),
            *claims.split(snapshot),
            *claims.currency(snapshot),
            *claims.rate(snapshot),
            *claims.credit(snapshot),
            *corrections.replacement(snapshot),
            *advances.deducted(snapshot),
            *advances.advance(snapshot),
            *(instructions.text(document) or identity.account_in_text(snapshot)),
        ]
        held = [f for f in findings if f.code]
        reasoning = " ".join(f.sentence for f in held) or (
            f"Complete, adds up to {document.currency} {format_amount(document.gross or ZERO)}, tax agrees,"
            " not seen before, vendor and account known."
        )
        grounds = [(f.confidence, _method(f)) for f in findings]
        sure, method = least_sure(grounds, "read from fields")
        return Proposal(
            self.name,
            self.version,
            conclude(findings),
            sure,
            reasoning,
            tuple(findings),
            method=method,
        )


def _method(finding: Finding) -> str:
    """How a finding was made."""
    return "read from a page" if finding.confidence == PAGE_CONFIDENCE else "told by likeness"


def official(document: Invoice) -> list[Finding]:
    """What the configured EN 16931 rules say: recorded, since they judge the document and not the claim."""
    return [
        Finding(
            "completeness",
            f"EN 16931 {r.field} ({r.raw}): {r.reason}",
            rule=r.field,
            evidence=(Evidence(f"invoice {document.number}", r.path, r.raw),),
        )
        for r in document.rules
    ]


def arithmetic(document: Invoice, policy: Policy) -> list[Finding]:
    """The line amounts, and the totals by EN 16931 BR-CO-10 to 16, each by more than rounding in this
    currency explains."""
    unit, tolerance = policy.unit(document.currency), policy.allowed(policy.totals, document.currency)
    limits = (format_amount(tolerance), policy.totals.id)
    findings = [
        _unbalanced(document, f"Line {line.position}", computed, line.net, line.position, limits)
        for line in document.lines
        if (computed := line_total(line, unit)) is not None
        and line.net is not None
        and abs(computed - line.net) > tolerance
    ]
    return findings + [
        _unbalanced(document, breach.what, breach.computed, breach.stated, None, limits, breach.rule)
        for breach in en16931.unbalanced(document, tolerance, unit)
    ]


def _unbalanced(
    document: Invoice,
    what: str,
    computed: Decimal,
    stated: Decimal,
    line: int | None,
    limits: tuple[str, str],
    norm: str = "",
) -> Finding:
    return Finding(
        "arithmetic",
        f"{what} says {format_amount(stated)}, its parts come to {format_amount(computed)}.",
        code="totals_unbalanced",
        line=line,
        expected=format_amount(computed),
        found=format_amount(stated),
        tolerance=limits[0],
        excess=signed(stated - computed),
        money=stated - computed,
        rule=limits[1],
        evidence=(Evidence(f"invoice {document.number}", what.lower(), format_amount(stated)), *_norm(norm)),
    )


def _norm(rule: str) -> tuple[Evidence, ...]:
    """The rule of the standard that the vendor can look up."""
    return (Evidence("EN 16931", "rule", rule),) if rule else ()


def tax(document: Invoice, policy: Policy) -> list[Finding]:
    """Tax of each rate on what the lines, allowances and charges come to, by EN 16931 BR-CO-17 and BR-S-08
    and 09 with their like for the other categories."""
    unit, tolerance = policy.unit(document.currency), policy.allowed(policy.tax, document.currency)
    return [
        Finding(
            "tax",
            f"{breach.what} says {format_amount(breach.stated)}; {_at(breach)}"
            f" {format_amount(breach.computed)}.",
            code="tax_mismatch",
            expected=format_amount(breach.computed),
            found=format_amount(breach.stated),
            tolerance=format_amount(tolerance),
            excess=signed(breach.stated - breach.computed),
            money=breach.stated - breach.computed,
            rule=policy.tax.id,
            evidence=(
                Evidence(f"invoice {document.number}", breach.what.lower(), format_amount(breach.stated)),
                *_norm(breach.rule),
            ),
        )
        for breach in en16931.mistaxed(document, tolerance, unit)
    ]


def _at(breach: Breach) -> str:
    if breach.what != "Tax":
        category = f" of category {breach.row.category}" if breach.row and breach.row.category else ""
        rate = f" at {breach.rate.normalize():f} %" if breach.rate else ""
        return f"what is taxed{category}{rate} comes to"
    if breach.rate is None:
        return f"the rates of the lines, {format_amount(breach.base)} in all, is"
    return f"{breach.rate.normalize():f} % of {format_amount(breach.base)} is"


def reading(source_format: str) -> list[Finding]:
    """How far the words of the document itself can be trusted: what a template read from a page has to be
    compared with the page, by a person, however well it fits."""
    if source_format != TEXT_FORMAT:
        return []
    sentence = (
        "Read from the print of a PDF by a template; compare number, date, amounts and account with the page."
    )
    return [Finding("completeness", sentence, confidence=PAGE_CONFIDENCE)]
