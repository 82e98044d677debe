"""Samples as their sheets show them: items with what was found, and what that says about the whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db.models import Count

from audit import sampling
from audit.canonical import instant
from audit.commitments import reveal
from reviews.selectors import Person, people

from ..models import AuditSample, Invoice, SampleResult
from ..reports.table import format_decimal

MOST = 200
WORDS = {"random": "Random", "stratified": "Stratified", "monetary_unit": "Monetary-unit"}


@dataclass(frozen=True, slots=True)
class Listed:
    """One sample in the list."""

    sample: AuditSample
    purpose: str
    method: str
    by: Person | None
    done: int
    items: int


@dataclass(frozen=True, slots=True)
class Result:
    """What was found about an item, by whom."""

    id: UUID
    outcome: str
    audited: Decimal | None
    words: str
    who: Person | None
    at: datetime

    @property
    def title(self) -> str:
        return self.outcome.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the sheet. `earlier` results stay readable, newest first."""

    place: int
    id: UUID
    number: str
    vendor: str
    issue_date: Any
    currency: str
    amount: Decimal
    stratum: str
    hits: int
    result: Result | None
    earlier: Sequence[Result]


@dataclass(frozen=True, slots=True)
class Stratum:
    """One stratum: its bounds in words, members, looked at, wrong, and the upper bound of its own error
    rate."""

    name: str
    words: str
    members: int
    size: int
    wrong: int
    upper: Decimal


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a complete sheet says about the population. Rates are shares of one; money in the sample's
    currency."""

    wrong: int
    size: int
    rate: Decimal
    projected: Decimal
    upper_rate: Decimal
    upper: Decimal
    strata: Sequence[Stratum] = ()
    overstated: sampling.Projected | None = None
    understated: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole sample. `draws`: how many samples have been drawn from the very same population, this one
    included."""

    sample: AuditSample
    purpose: str
    method: str
    by: Person | None
    lines: Sequence[Line]
    done: int
    wrong: int
    estimate: Estimate | None
    draws: int

    @property
    def complete(self) -> bool:
        return self.done == len(self.lines)


def samples() -> list[Listed]:
    """All samples, newest first."""
    rows = list(
        AuditSample.objects.defer("members")
        .annotate(done=Count("results__invoice", distinct=True))
        .order_by("-at", "-id")[:MOST]
    )
    known, purposes = people(r.by for r in rows), reveal([r.purpose for r in rows])
    return [
        Listed(r, purpose, WORDS[r.method], known.get(r.by), r.done, len(r.drawn))
        for r, purpose in zip(rows, purposes, strict=True)
    ]


def sheet(sample: AuditSample) -> Sheet:
    """The sample with its results and, when every item has one, what they say."""
    lines = _lines(sample)
    done = [line for line in lines if line.result is not None]
    complete = len(done) == len(lines)
    return Sheet(
        sample=sample,
        purpose=purpose_of(sample),
        method=WORDS[sample.method],
        by=people([sample.by]).get(sample.by),
        lines=lines,
        done=len(done),
        wrong=sum(_wrong(line) for line in done),
        estimate=estimate(sample, lines) if complete else None,
        draws=AuditSample.objects.filter(population_digest=sample.population_digest).count(),
    )


def _lines(sample: AuditSample) -> list[Line]:
    keys = [UUID(d["id"]) for d in sample.drawn]
    rows = {r.id: r for r in Invoice.objects.filter(pk__in=keys).select_related("vendor", "facts")}
    results: dict[UUID, list[SampleResult]] = defaultdict(list)
    found = list(sample.results.order_by("-at", "-id"))
    for result in found:
        results[result.invoice_id].append(result)
    known, said = (
        people(r.by for r in found),
        dict(zip([r.id for r in found], reveal([r.words for r in found]), strict=True)),
    )
    return [
        _line(place, drawn, rows.get(key), [_result(r, known, said[r.id]) for r in results[key]])
        for place, (key, drawn) in enumerate(zip(keys, sample.drawn, strict=True), 1)
    ]


def _line(place: int, drawn: dict[str, str], row: Invoice | None, results: list[Result]) -> Line:
    vendor = ""
    if row is not None:
        vendor = row.vendor.name if row.vendor else str(row.facts.seller.get("name", ""))
    return Line(
        place=place,
        id=UUID(drawn["id"]),
        number=row.number if row else "gone",
        vendor=vendor or "Unknown vendor",
        issue_date=row.issue_date if row else None,
        currency=row.currency if row else "",
        amount=Decimal(drawn["amount"]),
        stratum=drawn["stratum"],
        hits=int(drawn["hits"]),
        result=results[0] if results else None,
        earlier=results[1:],
    )


def _result(row: SampleResult, known: dict[str, Person], words: str) -> Result:
    return Result(row.id, row.outcome, row.audited, words, known.get(row.by), row.at)


def _wrong(line: Line) -> bool:
    return line.result is not None and line.result.outcome != SampleResult.Outcome.RIGHT


def estimate(sample: AuditSample, lines: Sequence[Line]) -> Estimate:
    """What the results project to, with the bound at the sample's confidence. Every line has a result."""
    size, wrong, whole = len(lines), sum(map(_wrong, lines)), sample.population_count
    confidence = float(sample.confidence)
    if sample.method == AuditSample.Method.STRATIFIED:
        return _of_strata(sample, lines, confidence)
    rate = Decimal(wrong) / size
    bound = sampling.upper_error_rate(wrong, size, confidence) if size < whole else wrong / size
    upper = Decimal(str(bound))
    over, under = None, Decimal(0)
    if sample.method == AuditSample.Method.MONETARY_UNIT:
        pairs = [(x.amount, x.result.audited) for x in lines if x.result and x.result.audited is not None]
        over = sampling.project_monetary(Decimal(sample.parameters["interval"]), pairs, confidence)
        under = sum((a - r for r, a in pairs if a > r), Decimal(0))
    return Estimate(wrong, size, rate, rate * whole, upper, upper * whole, overstated=over, understated=under)


def _of_strata(sample: AuditSample, lines: Sequence[Line], confidence: float) -> Estimate:
    members = {name: int(count) for name, count in sample.parameters["strata"].items()}
    sizes, wrongs = Counter(x.stratum for x in lines), Counter(x.stratum for x in lines if _wrong(x))
    rows = [(members[name], sizes[name], wrongs[name]) for name in members]
    projected = sum((Decimal(whole) * wrong / size for whole, size, wrong in rows), Decimal(0))
    upper = Decimal(str(sampling.upper_errors_of_strata(rows, confidence)))
    words = strata_in_words([Decimal(b) for b in sample.parameters["bounds"]])
    strata = [
        Stratum(
            name, words[int(name) - 1], whole, size, wrong, Decimal(str(_own(whole, size, wrong, confidence)))
        )
        for name, (whole, size, wrong) in zip(members, rows, strict=True)
    ]
    count = sample.population_count
    return Estimate(
        sum(wrongs.values()),
        len(lines),
        projected / count,
        projected,
        min(Decimal(1), upper / count),
        min(Decimal(count), upper),
        strata,
    )


def _own(whole: int, size: int, wrong: int, confidence: float) -> float:
    return wrong / size if size >= whole else sampling.upper_error_rate(wrong, size, confidence)


def strata_in_words(bounds: Sequence[Decimal]) -> list[str]:
    """under 100.00, 100.00 to under 1,000.00, 1,000.00 and more."""
    said = [f"{b:,.2f}" for b in bounds]
    between = [f"{low} to under {high}" for low, high in pairwise(said)]
    return [f"under {said[0]}", *between, f"{said[-1]} and more"]


def purpose_of(sample: AuditSample) -> str:
    """What the sample is for, in its auditor's words."""
    return reveal(sample.purpose)


def rows_of(sheet: Sheet) -> Iterator[list[str]]:
    """The sheet in the order of `reports.sample_sheet.COLUMNS`; of several results the one that counts."""
    for line in sheet.lines:
        result = line.result
        found = ["", "", "", "", ""]
        if result is not None:
            audited = "" if result.audited is None else format_decimal(result.audited)
            found = [
                result.outcome,
                audited,
                result.words,
                result.who.name if result.who else "",
                instant(result.at),
            ]
        yield [
            str(line.place),
            str(line.id),
            line.number,
            line.vendor,
            str(line.issue_date or ""),
            line.currency,
            format_decimal(line.amount),
            line.stratum,
            str(line.hits),
            *found,
        ]
