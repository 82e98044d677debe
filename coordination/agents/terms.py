"""Payment terms: those agreed with the vendor, a due date on the document that says otherwise, and its
instalments."""

from __future__ import annotations

from decimal import Decimal

from ..domain.amounts import ZERO, asked, format_amount, signed
from ..domain.facts import Snapshot
from ..domain.payment_terms import due
from ..domain.proposal import Evidence, Finding
from ..translation.canonical import Invoice


def disagreeing(snapshot: Snapshot) -> list[Finding]:
    """Terms of the vendor list and due date of the document that say two days: remarked, and nothing is held
    for it."""
    document, vendor = snapshot.document, snapshot.vendor
    agreed = due(document.issue_date, vendor.payment_terms) if vendor else None
    if vendor is None or agreed is None or document.due_date in (None, agreed) or snapshot.credit:
        return []
    what = "first instalment" if document.instalments else "document"
    return [
        Finding(
            "completeness",
            f"The {what} is due on {document.due_date}; the terms agreed with {vendor.name}"
            f" ({vendor.payment_terms}) make it {agreed}.",
            expected=str(agreed),
            found=str(document.due_date),
            evidence=(
                Evidence(f"invoice {document.number}", "due_date", str(document.due_date)),
                Evidence(f"vendor {vendor.vendor_id}", "payment_terms", vendor.payment_terms),
            ),
        )
    ]


def unsound(document: Invoice, tolerance: Decimal, rule: str) -> list[Finding]:
    """Instalments that are no plan of what is payable: they do not add up to it by more than the tolerance,
    one is nothing or less, or one has no day. A person says what is to be paid when."""
    payable, parts = asked(document.gross, document.payable), document.instalments
    if found_beyond := _beyond(document, rule):
        return found_beyond
    if not parts or payable is None:
        return []
    whole, place = (
        sum((p.amount for p in parts), ZERO),
        Evidence(f"invoice {document.number}", "instalments", str(len(parts))),
    )
    found = []
    if abs(whole - payable) > tolerance or any(p.amount <= ZERO for p in parts):
        listed = " + ".join(format_amount(p.amount) for p in parts)
        found.append(
            Finding(
                "arithmetic",
                (
                    f"The instalments ({listed}) come to {format_amount(whole)}; payable is"
                    f" {format_amount(payable)}."
                    if abs(whole - payable) > tolerance
                    else f"One of the instalments ({listed}) is not more than nothing."
                ),
                code="totals_unbalanced",
                expected=format_amount(payable),
                found=format_amount(whole),
                tolerance=format_amount(tolerance),
                excess=signed(whole - payable),
                money=whole - payable,
                rule=rule,
                evidence=(place,),
            )
        )
    undated = [n for n, p in enumerate(parts, 1) if p.due is None]
    if undated:
        which = ", ".join(f"{n} ({format_amount(parts[n - 1].amount)})" for n in undated)
        found.append(
            Finding(
                "completeness",
                f"Instalment {which} has no due date.",
                code="missing_data",
                expected="a due date of each instalment",
                found="nothing",
                evidence=(place,),
            )
        )
    return found


def _beyond(document: Invoice, rule: str) -> list[Finding]:
    """More taken off a claim than it comes to, or added to it under the name of what is taken off: an invoice
    over goods would be money due to us without a credit note. A person says what is owed."""
    gross, kept, payable = document.gross, document.withheld or ZERO, asked(document.gross, document.payable)
    if gross is None or payable is None:
        return []
    added = kept * gross < ZERO
    if not added and abs(kept) <= abs(gross) and (gross < ZERO or payable >= ZERO):
        return []
    off = [f"{format_amount(kept)} of tax is withheld"] if kept else []
    off += [f"{format_amount(document.prepaid)} is said to be prepaid"] if document.prepaid else []
    so = "which adds to what is asked for" if added else "which is more than it comes to"
    return [
        Finding(
            "arithmetic",
            f"Of a total of {format_amount(gross)}, {' and '.join(off) or 'something is taken off'}, {so}:"
            f" {format_amount(payable)} is left to pay.",
            code="totals_unbalanced",
            expected=f"between 0.00 and {format_amount(gross)}",
            found=format_amount(payable),
            excess=signed(payable),
            money=payable,
            rule=rule,
            evidence=(Evidence(f"invoice {document.number}", "payable", format_amount(payable)),),
        )
    ]
