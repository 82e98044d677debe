"""Vendors' statements of account: the list, and one of them line by line, ours against theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.paginator import Page
from django.db.models import Q, QuerySet
from django.utils.http import urlencode

from reviews.models import Escalation, Status

from ..models import Document, Invoice, Statement, StatementLine
from ..translation.identity import normalised_number, with_numbers_normal
from .history import Step, trail
from .paging import Lines, ListPaginator

STATUSES = ("open", "asked", "accepted", "agreed", "superseded", "failed", "received")


@dataclass(frozen=True, slots=True)
class Filters:
    text: str = ""
    status: str = ""
    page: int = 1

    @property
    def query(self) -> str:
        pairs = {"q": self.text, "status": self.status}
        return urlencode({k: v for k, v in pairs.items() if v})


@dataclass(frozen=True, slots=True)
class Line:
    """One line with the document of ours that it is about."""

    line: StatementLine
    difference: Decimal | None
    invoice: Invoice | None
    offered: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Own:
    """What our books have that the statement lacks."""

    number: str
    amount: Decimal
    sentence: str
    invoice: Invoice | None


@dataclass(frozen=True, slots=True)
class Detail:
    statement: Statement
    lines: Sequence[Line]
    own: Sequence[Own]
    gap: Decimal | None
    disputed: int
    question: UUID | None
    documents: Sequence[Document]
    trail: Sequence[Step]


def page(filters: Filters) -> Page[Statement]:
    """Statements that match, newest first."""
    rows = _matching(filters).order_by("-statement_date", "-received_at", "-id")
    lines = Lines(lambda start, most: list(rows[start : start + most]), rows.count)
    return ListPaginator(lines).page(filters.page)


def _matching(filters: Filters) -> QuerySet[Statement]:
    rows = Statement.objects.select_related("vendor")
    if filters.status in STATUSES:
        rows = rows.filter(status=filters.status)
    elif not filters.text:
        rows = rows.exclude(status=Statement.Status.SUPERSEDED)
    if filters.text:
        rows = rows.filter(
            Q(vendor__name__icontains=filters.text)
            | Q(number__icontains=filters.text)
            | Q(pk__in=_in_another_spelling(filters.text))
        )
    return rows


def _in_another_spelling(text: str) -> list[UUID]:
    """Statements that have this number, or part of it sign for sign, however its letters are written. They
    are few, and their rows have history, so that the normal form is kept nowhere."""
    key, part = normalised_number(text), with_numbers_normal(text)
    return [
        pk
        for pk, number in Statement.objects.exclude(number="").values_list("id", "number")
        if (key and normalised_number(number) == key) or part in with_numbers_normal(number)
    ]


def detail(statement: Statement) -> Detail:
    """One statement, line by line."""
    lines = list(statement.lines.select_related("payment__batch").order_by("position"))
    wanted = {x.invoice_id for x in lines} | {_key(o) for o in statement.own}
    wanted |= {_key(s) for x in lines for s in x.suggestions}
    invoices = Invoice.objects.in_bulk([k for k in wanted if k])
    question = Escalation.objects.filter(subject=statement.subject, status=Status.OPEN).first()
    known = statement.their_sum is not None and statement.our_balance is not None
    return Detail(
        statement=statement,
        lines=[_line(x, invoices) for x in lines],
        own=[_own(o, invoices) for o in statement.own],
        gap=(statement.their_sum or Decimal(0)) - (statement.our_balance or Decimal(0)) if known else None,
        disputed=sum(x.kind == "disputed" for x in lines),
        question=question.pk if question else None,
        documents=list(Document.objects.filter(subject=statement.subject).order_by("received_at")),
        trail=trail(statement.subject),
    )


def _key(item: dict[str, Any]) -> UUID | None:
    return UUID(item["document"]) if item.get("document") else None


def _line(line: StatementLine, invoices: dict[UUID, Invoice]) -> Line:
    theirs = line.amount or Decimal(0)
    offered = [s | {"invoice": invoices.get(key) if (key := _key(s)) else None} for s in line.suggestions]
    return Line(
        line,
        None if line.ours is None else theirs - line.ours,
        invoices.get(line.invoice_id) if line.invoice_id else None,
        offered,
    )


def _own(item: dict[str, Any], invoices: dict[UUID, Invoice]) -> Own:
    key = _key(item)
    return Own(item["number"], Decimal(item["amount"]), item["sentence"], invoices.get(key) if key else None)


def open_count() -> int:
    """Statements with differences that nobody has answered."""
    return Statement.objects.filter(status=Statement.Status.OPEN).count()
