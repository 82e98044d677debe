"""Is this claim new, whole and in the right currency: duplicates, splits, credits."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from ..domain.amounts import ENDED, ZERO, cents, earlier, format_amount, line_amount, signed, stake_of, total
from ..domain.facts import Sibling, Snapshot
from ..domain.group_facts import SplitGroup, SplitPart
from ..domain.proposal import Evidence, Finding
from ..translation import nature
from ..translation.canonical import Invoice, InvoiceLine
from ..translation.identity import normalised_number, similar_numbers
from . import corrections
from .order_index import key, number_key
from .preceding import credited


def duplicates(snapshot: Snapshot) -> list[Finding]:
    """Same vendor and normalised number; or same vendor, currency and gross, a similar number, dates close
    together.

    The finding sits on the later of the two, whatever came in first. Recurring invoices are none: they differ
    in number and lie a month apart.
    """
    found = look_alikes(snapshot)
    if not found:
        return []
    other, why = found[0]
    number = snapshot.document.number
    return [
        Finding(
            "duplicate",
            f"{number} looks like {other.number} of {other.issue_date}: {why}.",
            code="duplicate_suspect",
            expected="a new claim",
            found=other.number,
            rule="A-03",
            money=snapshot.document.gross,
            evidence=(
                Evidence(f"invoice {other.number}", "number", other.number),
                Evidence(f"invoice {number}", "number", number),
            ),
        )
    ]


def look_alikes(snapshot: Snapshot) -> list[tuple[Sibling, str]]:
    """Every invoice that this one looks like, each with why, in words; the finding names the first."""
    days, corrected = snapshot.policy.duplicate_days, {s.id for s in corrections.in_question(snapshot)}
    found: list[tuple[Sibling, str]] = []
    for other in sorted(snapshot.siblings, key=lambda s: (s.issue_date or date.max, s.number, s.id)):
        if other.type != snapshot.document.type or other.state in ENDED or not earlier(snapshot, other):
            continue
        if other.id in snapshot.apart:
            continue  # a person has said that they are two claims
        if other.id in corrected or _advance(other.type_code) != _advance(snapshot.document.type_code):
            continue  # asked about by itself; an advance and the invoice that deducts it are two claims
        why = _same_claim(snapshot.document, other, days)
        if why:
            found.append((other, why))
    return found


def _same_claim(document: Invoice, other: Sibling, days: int) -> str:
    key = normalised_number(document.number)
    if key and other.number_key == key:
        return "same vendor and number"
    same_sum = (
        document.gross is not None and document.gross == other.gross and document.currency == other.currency
    )
    if not same_sum or not _close(document.issue_date, other.issue_date, days):
        return ""
    if similar_numbers(document.number, other.number):
        return "same amount, similar number, dates close together"
    return ""


def _advance(type_code: str) -> bool:
    return nature.look_up(type_code).is_("advance")


def _close(a: date | None, b: date | None, days: int) -> bool:
    """Are the days close together? An unknown one may be any."""
    return a is None or b is None or abs((a - b).days) <= days


def split(snapshot: Snapshot) -> list[Finding]:
    """Several invoices just under an approval threshold within days, not each for its own order."""
    document, policy = snapshot.document, snapshot.policy
    stake = stake_of(document)
    if snapshot.credit or not stake or not snapshot.gross_company or document.issue_date is None:
        return []
    per_unit = snapshot.gross_company / stake
    first = document.issue_date - timedelta(days=policy.split_days - 1)
    group = [
        s
        for s in snapshot.siblings
        if s.type == "invoice"
        and s.state not in ENDED
        and s.gross
        and s.currency == document.currency
        and s.issue_date is not None
        and first <= s.issue_date <= document.issue_date
        and earlier(snapshot, s)
    ]
    for limit in thresholds(snapshot):
        low = limit * policy.split_from_pct / 100
        if not low <= snapshot.gross_company <= limit:
            continue
        many = next((g for g in snapshot.split_groups if g.limit == limit), None)
        if many is not None and many.count + 1 >= policy.split_count:
            return [_split_finding(snapshot, many)]
        parts = [s for s in group if s.gross is not None and low <= s.gross * per_unit <= limit]
        orders = [*map(order_keys, parts), order_keys(document)]
        distinct = all(orders) and len(set(orders)) == len(orders)
        if len(parts) + 1 >= policy.split_count and not distinct:
            named = tuple(SplitPart(s.number, s.gross or ZERO) for s in parts)
            return [
                _split_finding(snapshot, SplitGroup(limit, len(parts), total(s.gross for s in parts), named))
            ]
    return []


def order_keys(claim: Sibling | Invoice) -> tuple[str, ...]:
    """The orders that a claim names, as they are compared."""
    return tuple(sorted({number_key(n) for n in claim.order_numbers}))


def thresholds(snapshot: Snapshot) -> list[Decimal]:
    """Approval thresholds named by the rules, lowest first."""
    values = {
        Decimal(v) for r in snapshot.policy.rules for f, op, v in r.when if f == "gross_company" and op == ">"
    }
    return sorted(values)


def _split_finding(snapshot: Snapshot, group: SplitGroup) -> Finding:
    numbers = ", ".join(sorted(p.number for p in group.named))
    more = group.count - len(group.named)
    if more:
        numbers += f" and {more} more"
    whole = group.gross + (snapshot.document.gross or ZERO)
    return Finding(
        "duplicate",
        f"With {numbers} this makes {group.count + 1} invoices within {snapshot.policy.split_days} days just"
        f" under {format_amount(group.limit)}, {format_amount(whole)} in all.",
        code="split_suspect",
        expected=f"one approval at {format_amount(group.limit)}",
        found=f"{group.count + 1} invoices",
        money=whole,
        confidence=Decimal("0.9"),
        evidence=tuple(Evidence(f"invoice {p.number}", "gross", format_amount(p.gross)) for p in group.named),
    )


def currency(snapshot: Snapshot) -> list[Finding]:
    """Invoice and order are in one currency; no rate is ever applied to make them agree. An order without one
    says nothing about figures: a person says what was agreed."""
    document = snapshot.document
    for order in snapshot.orders:
        if not order.currency and document.currency:
            return [
                Finding(
                    "currency",
                    f"Order {order.number} states no currency; the invoice is in {document.currency}. Was"
                    " that agreed?",
                    code="missing_data",
                    expected="a currency on the order",
                    found="nothing",
                    evidence=(Evidence(f"order {order.number}", "currency", ""),),
                )
            ]
        if order.currency and document.currency and order.currency != document.currency:
            return [
                Finding(
                    "currency",
                    f"The invoice is in {document.currency}, order {order.number} in {order.currency}.",
                    code="currency_diff",
                    expected=order.currency,
                    found=document.currency,
                    evidence=(Evidence(f"order {order.number}", "currency", order.currency),),
                )
            ]
    return []


def rate(snapshot: Snapshot) -> list[Finding]:
    """No line is taxed at a higher rate than every order line it may bill: expected totals are those of the
    order's prices and rates. A lower rate is in our favour; an order that states no rate is none to compare
    with."""
    if snapshot.credit:
        return []
    highest: dict[tuple[str, str], Decimal | None] = {}
    for order in snapshot.orders:
        for ordered in order.lines:
            for place in (
                (number_key(order.number), key(ordered.line)),
                (number_key(order.number), ""),
                ("", key(ordered.line)),
                ("", ""),
            ):
                highest[place] = _higher(highest.get(place, ZERO), ordered.tax_rate)
    for line in snapshot.document.lines:
        order_key, line_key = number_key(line.order_number), key(line.order_line)
        known = highest.get((order_key, line_key), highest.get((order_key, "")))
        if known is not None and line.tax_rate is not None and line.tax_rate > known and line_amount(line):
            return [_rate_finding(snapshot.document, line, known)]
    return []


def _higher(known: Decimal | None, rate: Decimal | None) -> Decimal | None:
    """The higher rate; unknown as soon as one is."""
    return None if known is None or rate is None else max(known, rate)


def _rate_finding(document: Invoice, line: InvoiceLine, highest: Decimal) -> Finding:
    asked, ordered = f"{line.tax_rate or ZERO:f} %", f"{highest:f} %"
    more = cents((line_amount(line) or ZERO) * ((line.tax_rate or ZERO) - highest) / 100)
    return Finding(
        "tax",
        f"Line {line.position} is taxed at {asked}; the order says {ordered}.",
        code="tax_mismatch",
        expected=ordered,
        found=asked,
        excess=signed(more),
        money=more,
        evidence=(Evidence(f"invoice {document.number}", f"lines/{line.position}/tax_rate", asked),),
    )


def credit(snapshot: Snapshot) -> list[Finding]:
    """A credit note, and a corrected invoice, names an invoice we have; and a credit takes no more than is
    left of it."""
    document = snapshot.document
    if not snapshot.credit and not nature.look_up(document.type_code).is_("corrected"):
        return []
    origins = credited(snapshot)
    if not origins:
        named = ", ".join(document.preceding) or "none"
        done = "credited" if snapshot.credit else "corrected"
        sentence = (
            f"The {done} invoice ({named}) is not here."
            if document.preceding
            else f"It names no {done} invoice."
        )
        return [
            Finding(
                "credit",
                sentence,
                code="credit_unlinked",
                expected="an invoice we have",
                found=named,
                money=document.gross,
            )
        ]
    if not snapshot.credit:
        return []
    return _over_credited(snapshot, origins)


def _over_credited(snapshot: Snapshot, origins: list[Sibling]) -> list[Finding]:
    document, keys = snapshot.document, {o.number_key for o in origins}
    others = [
        s
        for s in snapshot.siblings
        if s.type == "credit_note"
        and s.state not in ENDED
        and earlier(snapshot, s)
        and keys & {normalised_number(p) for p in s.preceding}
    ]
    unknown = [s for s in (*origins, *others) if s.gross is None or s.currency != document.currency]
    if unknown:
        return [_not_comparable(snapshot, unknown[0])]
    many = [g for g in snapshot.credit_groups if not keys.isdisjoint(g.named)]
    left = total(o.gross for o in origins) - total(o.gross for o in others) - total(g.gross for g in many)
    gross = document.gross or ZERO
    if gross - left <= snapshot.policy.allowed(snapshot.policy.totals, document.currency):
        return []
    evidence = tuple(
        Evidence(f"invoice {o.number}", "gross", format_amount(o.gross or ZERO)) for o in origins
    )
    missing = [n for n in document.preceding if normalised_number(n) not in keys]
    if missing:
        return [
            Finding(
                "credit",
                f"It credits {format_amount(gross)} of {', '.join(document.preceding)}; {', '.join(missing)}"
                f" is not here, and {format_amount(max(left, ZERO))} is left to credit of"
                f" {', '.join(sorted(o.number for o in origins))}.",
                code="credit_unlinked",
                expected="an invoice we have",
                found=", ".join(missing),
                money=gross - left,
                evidence=evidence,
            )
        ]
    return [
        Finding(
            "credit",
            f"Credits {format_amount(gross)}; {format_amount(max(left, ZERO))} is left to credit.",
            code="credit_over",
            expected=format_amount(max(left, ZERO)),
            found=format_amount(gross),
            excess=signed(gross - left),
            money=gross - left,
            evidence=evidence,
        )
    ]


def _not_comparable(snapshot: Snapshot, other: Sibling) -> Finding:
    """What is left to credit cannot be said while an amount is unknown or in another currency."""
    found = (
        f"{other.currency or 'no currency'} {format_amount(other.gross)}"
        if other.gross is not None
        else "no total"
    )
    code = "currency_diff" if other.gross is not None and other.currency else "missing_data"
    return Finding(
        "credit",
        f"{other.number} states {found}: what is left to credit in {snapshot.document.currency} cannot be"
        " said.",
        code=code,
        expected=snapshot.document.currency,
        found=found,
        evidence=(Evidence(f"invoice {other.number}", "gross", found),),
    )
