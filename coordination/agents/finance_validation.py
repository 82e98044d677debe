"""finance.validation: is this a complete, correct, new claim of a vendor we know?"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from ..translation.canonical import Invoice
from ..translation.pdf import TEXT_FORMAT
from . import advances, claims, corrections, en16931, identity, instructions, nature, terms
from .amounts import ZERO, line_total, said, signed
from .base import Agent, Contract, Evidence, Finding, Proposal, Snapshot, conclude, least
from .en16931 import Breach

PAGE_CONFIDENCE = Decimal("0.60")
"""In what was read from the print of a page: under every threshold that clears anything."""


class FinanceValidation(Agent):
    """Completeness, arithmetic, tax, duplicates, vendor, account, currency, credit, prepayment, text."""

    name: ClassVar[str] = "finance.validation"
    version: ClassVar[str] = "2"
    department: ClassVar[str] = "finance"
    purpose: ClassVar[str] = (
        "Checks that the document is a claim on us, complete, adds up, is new and comes from a vendor we know."
    )
    contract: ClassVar[Contract] = Contract(
        version="2",
        reads=frozenset({"invoice", "vendor", "order", "siblings"}),
        consumes=frozenset(),
        owns=frozenset(
            {
                "completeness", "arithmetic", "tax", "duplicate", "supplier", "currency", "credit", "prepayment",
                "text", "nature", "vendor_bank",  # it watches the account; the answer is always a person's
            }
        ),
    )  # fmt: skip
    sla: ClassVar[timedelta] = timedelta(seconds=10)

    def propose(self, snapshot: Snapshot) -> Proposal:
        document, policy = snapshot.document, snapshot.policy
        findings = [
            *reading(snapshot.source_format),
            *completeness(document),
            *official(document),
            *nature.findings(snapshot),
            *terms.disagreeing(snapshot),
            *arithmetic(document, policy.totals.abs or ZERO, policy.totals.id),
            *terms.unsound(document, policy.totals.abs or ZERO, policy.totals.id),
            *tax(document, policy.tax.abs or ZERO, policy.tax.id),
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
            f"Complete, adds up to {document.currency} {said(document.gross or ZERO)}, tax agrees, not seen before, "
            f"vendor and account known."
        )
        return Proposal(
            self.name, self.version, conclude(findings), least([f.confidence for f in findings]), reasoning,
            tuple(findings),
        )  # fmt: skip


def official(document: Invoice) -> list[Finding]:
    """What the configured EN 16931 rules say: recorded, since they judge the document and not the claim."""
    return [
        Finding(
            "completeness", f"EN 16931 {r.field} ({r.raw}): {r.reason}", rule=r.field,
            evidence=(Evidence(f"invoice {document.number}", r.path, r.raw),),
        )
        for r in document.rules
    ]  # fmt: skip


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
    missing += [
        (f"lines/{place}/tax_rate" if place else "tax_rate", place)
        for place in en16931.untold_rates(document)
    ]
    unreadable = {p.field: p.raw for p in document.unreadable}
    told = {name for name, _ in missing}
    headings = {x.position for x in document.lines if x.quantity == 0 and not x.net}
    places = ((field, _line_of(field)) for field in unreadable if field not in told)
    missing += [(field, line) for field, line in places if line not in headings]
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


def _line_of(path: str) -> int | None:
    """The position in a path like lines/2/net."""
    head, _, rest = path.partition("/")
    position = rest.partition("/")[0]
    return int(position) if head == "lines" and position.isdigit() else None


def _field(path: str) -> str:
    words = {
        "issue_date": "issue date",
        "gross": "total",
        "lines": "lines",
        "price": "unit price",
        "tax_rate": "tax rate",
        "prepaid": "prepaid amount that can be read",
        "rounding": "rounding that can be read",
        "instalments": "instalments that can all be read",
        "discounts": "discount that can be read",
        "withheld": "withheld tax that can be read",
    }
    last = path.rsplit("/", 1)[-1]
    return words.get(last, last)


def arithmetic(document: Invoice, tolerance: Decimal, rule: str) -> list[Finding]:
    """The line amounts, and the totals by EN 16931 BR-CO-10 to 16, each by more than the tolerance."""
    findings = [
        _unbalanced(document, f"Line {line.position}", computed, line.net, line.position, rule)
        for line in document.lines
        if (computed := line_total(line)) is not None and line.net is not None
        and abs(computed - line.net) > tolerance
    ]  # fmt: skip
    return findings + [
        _unbalanced(document, breach.what, breach.computed, breach.stated, None, rule, breach.rule)
        for breach in en16931.unbalanced(document, tolerance)
    ]


def _unbalanced(
    document: Invoice, what: str, computed: Decimal, stated: Decimal, line: int | None, rule: str, norm: str = "",
) -> Finding:  # fmt: skip
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
        evidence=(Evidence(f"invoice {document.number}", what.lower(), said(stated)), *_norm(norm)),
    )


def _norm(rule: str) -> tuple[Evidence, ...]:
    """The rule of the standard that the vendor can look up."""
    return (Evidence("EN 16931", "rule", rule),) if rule else ()


def tax(document: Invoice, tolerance: Decimal, rule: str) -> list[Finding]:
    """Tax of each rate on what the lines, allowances and charges come to, by EN 16931 BR-CO-17 and BR-S-08 and 09
    with their like for the other categories."""
    return [
        Finding(
            "tax",
            f"{breach.what} says {said(breach.stated)}; {_at(breach)} {said(breach.computed)}.",
            code="tax_mismatch",
            expected=said(breach.computed),
            found=said(breach.stated),
            tolerance=said(tolerance),
            excess=signed(breach.stated - breach.computed),
            money=breach.stated - breach.computed,
            rule=rule,
            evidence=(
                Evidence(f"invoice {document.number}", breach.what.lower(), said(breach.stated)),
                *_norm(breach.rule),
            ),
        )
        for breach in en16931.mistaxed(document, tolerance)
    ]


def _at(breach: Breach) -> str:
    if breach.what != "Tax":
        category = f" of category {breach.row.category}" if breach.row and breach.row.category else ""
        rate = f" at {breach.rate.normalize():f} %" if breach.rate else ""
        return f"what is taxed{category}{rate} comes to"
    if breach.rate is None:
        return f"the rates of the lines, {said(breach.base)} in all, is"
    return f"{breach.rate.normalize():f} % of {said(breach.base)} is"


def reading(source_format: str) -> list[Finding]:
    """How far the words of the document itself can be trusted: what a template read from a page has to be compared
    with the page, by a person, however well it fits."""
    if source_format != TEXT_FORMAT:
        return []
    sentence = (
        "Read from the print of a PDF by a template; compare number, date, amounts and account with the page."
    )
    return [Finding("completeness", sentence, confidence=PAGE_CONFIDENCE)]
