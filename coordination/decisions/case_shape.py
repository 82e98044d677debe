"""The case of a question about an invoice: what a person sees, frozen when it is asked.

Its keys are fixed: they are stored, hashed, shown and exported. Amounts are text with two decimals, days ISO
8601, empty for what is not known.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any

from ..facts.supplied import field_words
from ..models import SuppliedFact
from .case_lines import CaseLine, TotalVariance
from .case_twins import SimilarInvoices


@dataclass(frozen=True, slots=True)
class Consequence:
    """What an answer does, before it is given: `verdict` is the key, `text` what it does to the money."""

    verdict: str
    text: str


@dataclass(frozen=True, slots=True)
class Fired:
    """A finding of an agent as its answer names it: the rule, if one says it, and the sentence."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerShown:
    """An agent's newest answer: what it came to, how sure against which threshold, in which role, why, what
    fired and what came nearest."""

    agent: str
    version: str
    outcome: str
    confidence: str
    threshold: str
    role: str
    reasoning: str
    fired: list[Fired]
    nearest: str


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A row of the rule table that fired, and what it said."""

    rule: str
    text: str
    result: str


@dataclass(frozen=True, slots=True)
class Totals:
    """All lines together, as ordered, received and invoiced, and by how much they differ (None: cannot be
    compared)."""

    ordered: str
    received: str
    invoiced: str
    variance: TotalVariance | None


@dataclass(frozen=True, slots=True)
class DocumentShown:
    """An original that stands behind the case, by its id and SHA-256."""

    kind: str
    number: str
    id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SuppliedShown:
    """A value that stands above the document: which field, what it is, what the document says, who supplied
    it (and who the same), or the number of the document that states it now, and on which day."""

    field: str
    words: str
    value: str
    was: str
    by: str
    confirmed_by: str
    document: str
    on: str

    @classmethod
    def of(cls, row: SuppliedFact) -> SuppliedShown:
        """Of a row in force."""
        return cls(
            row.field,
            field_words(row.field),
            row.value,
            row.was,
            row.by,
            row.confirmed_by,
            row.document.number if row.document is not None else "",
            row.at.date().isoformat(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCase:
    """The whole of it. `positions`: agents' answers; `plan`: when what is paid, only where the document says
    more of it than a due date and an amount, or some of it is paid; `nature`: what is special about the
    document; `blind`: "yes" where agents'
    answers are not shown until a person has answered; `alike`: the invoices that a suspected duplicate was
    compared with; `supplied`: what people supplied above the document; `remedies`: those that the
    question carries, with what each asks for (`reviews.remedies`)."""

    vendor: str
    vendor_id: str
    number: str
    type: str
    currency: str
    net: str
    tax: str
    gross: str
    payable: str
    at_stake: str
    issue_date: str
    due_date: str
    terms: str
    discount: dict[str, str] | None
    orders: list[str]
    receipts: list[str]
    lines: list[CaseLine]
    totals: Totals
    positions: list[AnswerShown]
    rules: list[RuleShown]
    nearest: str
    consequences: list[Consequence]
    nature: Any
    documents: list[DocumentShown]
    policy: str
    plan: dict[str, Any] | None = None
    blind: str = ""
    alike: SimilarInvoices | None = None
    supplied: list[SuppliedShown] = field(default_factory=list)
    remedies: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As it is stored with the question; `plan`, `blind`, `alike`, `supplied` and `remedies` only where
        there is something to say."""
        stored: dict[str, Any] = _plain(self)
        for name in ("plan", "blind", "alike", "supplied", "remedies"):
            if not stored[name]:
                del stored[name]
        return stored


def _plain(value: Any) -> Any:
    """As `dataclasses.asdict`, without its copies of values that nobody changes."""
    if is_dataclass(value):
        kind: Any = type(value)
        return {name: _plain(getattr(value, name)) for name in _names(kind)}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return {k: _plain(v) for k, v in value.items()} if isinstance(value, dict) else value


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))
