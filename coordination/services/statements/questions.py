"""The question about a statement: what differs, by kind and line by line, and what each answer does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from audit.words import how_many
from reviews.services import Question

from ...agents.statement_facts import Kind, LineResult, Reconciliation
from ...agents.statement_reconciliation import NAME, VERSION
from ...domain.amounts import ZERO, format_amount, two_decimals
from ...domain.policy import Policy
from ...domain.question_clock import SLA
from ...domain.reasons import Reason
from ...facts import business_hours
from ...facts.exchange_rates import Rates
from ...models import Statement, StatementLine, Vendor

SHOWN = 200
"""Lines that the frozen case keeps; the statement's page has them all."""

WORDS: dict[Kind, tuple[str, str]] = {
    "missing_invoice": ("invoice missing", "invoices missing"),
    "unapplied_credit": ("credit not applied", "credits not applied"),
    "duplicate_payment": ("payment made twice", "payments made twice"),
    "wrong_amount": ("amount differs", "amounts differ"),
    "unmatched": ("line without counterpart", "lines without counterpart"),
}
"""Kind of difference -> its chip, for one and for many."""


def about(
    row: Statement, lines: Sequence[StatementLine], found: Reconciliation, policy: Policy, now: datetime
) -> Question:
    """One question with every difference in it."""
    vendor = row.vendor
    name = row.vendor_name
    at_stake = sum((abs(x.difference) for x in found.differences), ZERO) + sum(
        (abs(x.amount) for x in found.own), ZERO
    )
    day = row.statement_date or row.received_at.date()
    return Question(
        subject=row.subject,
        kind="statement",
        text=_text(row, name, found),
        reasons=_reasons(row, lines, found, vendor),
        case=asdict(_case(row, lines, found, vendor, name, policy)),
        policy=policy.name,
        queue="finance",
        due_at=business_hours.until(now, policy.sla("finance")),
        clock=SLA,
        asked_by=f"agent:{NAME}/{VERSION}",
        currency=row.currency,
        amount=at_stake,
        amount_company=Rates.load(policy.company_currency).convert(at_stake, row.currency, day),
        options=("approve", "reject"),
        stands_on={"basis": row.basis},
    )


def _text(row: Statement, name: str, found: Reconciliation) -> str:
    off = len(found.differences)
    lines = how_many(len(found.lines), "line")
    what = f"{off} of {lines} differ{'s' if off == 1 else ''}" if off else "the books differ"
    return f"Accept the statement {row.number} of {name}, although {what}?"


def _reasons(
    row: Statement, lines: Sequence[StatementLine], found: Reconciliation, vendor: Vendor | None
) -> list[dict[str, Any]]:
    """One reason for each kind of difference, with its size and its first lines."""
    out = (
        [] if vendor else [_reason("supplier_unknown", "vendor unknown", "No vendor of ours has these keys.")]
    )
    by_position = {x.position: x for x in lines}
    for kind, (one, many) in WORDS.items():
        group = found.of(kind)
        if group and vendor:
            words = one if len(group) == 1 else f"{len(group)} {many}"
            told = " ".join(_sentence(by_position[x.position], x) for x in group[:3])
            more = f" And {len(group) - 3} more." if len(group) > 3 else ""
            total = sum((x.difference for x in group), ZERO)
            out.append(
                _reason(kind, words, told + more, f"{total:.2f} {row.currency}".strip() if total else "")
            )
    if found.own:
        numbers = ", ".join(x.number for x in found.own[:5])
        total = sum((x.amount for x in found.own), ZERO)
        words = f"{len(found.own)} not on the statement"
        out.append(
            _reason(
                "not_on_statement",
                words,
                f"In our books, and not so on the statement: {numbers}.",
                f"{total:.2f} {row.currency}".strip(),
            )
        )
    for x in found.contradictions:
        sentence = (
            f"It states {format_amount(x.stated)} as its {x.what}; its lines come to"
            f" {format_amount(x.computed)}."
        )
        out.append(_reason("totals_unbalanced", "totals do not add up", sentence))
    return out


def _sentence(line: StatementLine, result: LineResult) -> str:
    return f"Line {line.position}, {line.reference or 'without a reference'}: {result.sentence}"


def _reason(code: str, words: str, sentence: str, excess: str = "") -> dict[str, Any]:
    return Reason(
        code=code,
        words=words,
        question="statement",
        owner="finance",
        hard=False,
        sentence=sentence,
        excess=excess,
    ).as_json()


@dataclass(frozen=True, slots=True)
class Difference:
    """A line of the statement on which the two ledgers differ; amounts with two decimals, empty for none."""

    position: str
    reference: str
    date: str
    type: str
    kind: str
    words: str
    theirs: str
    ours: str
    difference: str
    sentence: str
    suggestions: list[str]


@dataclass(frozen=True, slots=True)
class OwnDocument:
    """A document in our ledger that the statement does not show so."""

    number: str
    date: str
    amount: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A total that the statement states and its lines do not come to."""

    what: str
    stated: str
    computed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementCase:
    """The case of a question about a statement, frozen when it is asked; numbers as text. Its keys are
    fixed."""

    vendor: str
    vendor_id: str
    number: str
    currency: str
    issue_date: str
    statement: str
    balance: str
    their_sum: str
    our_balance: str
    agreed: str
    timing: str
    disputed: str
    count: str
    differences: list[Difference]
    own: list[OwnDocument]
    contradictions: list[Contradiction]
    consequences: list[dict[str, str]]
    documents: list[dict[str, str]]
    policy: str


FILES = "Accepting files the statement with these differences. Nothing is paid or booked by it."
ASKS = (
    "Asking the vendor keeps it on the list; say what is to be asked. The next statement is compared again."
)


def _case(
    row: Statement,
    lines: Sequence[StatementLine],
    found: Reconciliation,
    vendor: Vendor | None,
    name: str,
    policy: Policy,
) -> StatementCase:
    by_position = {x.position: x for x in lines}
    return StatementCase(
        vendor=name,
        vendor_id=vendor.vendor_id if vendor else "",
        number=row.number,
        currency=row.currency,
        issue_date=str(row.statement_date or ""),
        statement=str(row.id),
        balance=two_decimals(row.balance),
        their_sum=two_decimals(found.their_sum),
        our_balance=two_decimals(found.our_balance),
        agreed=str(len(found.of("matched"))),
        timing=str(len(found.of("timing"))),
        disputed=str(len(found.of("disputed"))),
        count=str(len(found.lines)),
        differences=[_difference(by_position[x.position], x) for x in found.differences[:SHOWN]],
        own=[
            OwnDocument(x.number, str(x.on or ""), two_decimals(x.amount), x.sentence)
            for x in found.own[:SHOWN]
        ],
        contradictions=[
            Contradiction(x.what, two_decimals(x.stated), two_decimals(x.computed))
            for x in found.contradictions
        ],
        consequences=[{"verdict": "approve", "text": FILES}, {"verdict": "reject", "text": ASKS}],
        documents=[
            {
                "kind": "statement",
                "number": row.number,
                "id": str(row.document_id),
                "sha256": row.document.content_id,
            }
        ],
        policy=policy.name,
    )


def _difference(line: StatementLine, result: LineResult) -> Difference:
    return Difference(
        position=str(line.position),
        reference=line.reference,
        date=str(line.reference_date or ""),
        type=line.type,
        kind=result.kind,
        words=WORDS[result.kind][0],
        theirs=two_decimals(result.theirs),
        ours=two_decimals(result.ours),
        difference=two_decimals(result.difference),
        sentence=result.sentence,
        suggestions=[f"{s.number} ({s.why})" for s in result.suggestions],
    )
