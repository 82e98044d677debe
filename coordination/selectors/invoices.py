"""The list of invoices: search, filters, one page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page
from django.db.models import Q, QuerySet
from django.utils import timezone

from ..domain.amounts import at_stake
from ..facts import payment_outlook, queries
from ..facts.documents import contents
from ..facts.numbered import containing
from ..models import Hold, Invoice, Lane, State
from .paging import Lines, ListPaginator


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to."""

    text: str = ""
    state: str = ""
    lane: str = ""
    page: int = 1

    @property
    def query(self) -> str:
        pairs = {"q": self.text, "state": self.state, "lane": self.lane}
        return urlencode({k: v for k, v in pairs.items() if v})


@dataclass(frozen=True, slots=True)
class Line:
    """One invoice in the list."""

    id: UUID
    number: str
    type: str
    vendor: str
    currency: str
    gross: Decimal | None
    at_stake: Decimal | None
    issue_date: date | None
    due_date: date | None
    state: str
    lane: str
    orders: Sequence[str]
    reasons: Sequence[str]
    received_at: datetime


def page(filters: Filters) -> Page[Line]:
    """Invoices that match, newest first, with their open reasons."""
    rows = _narrowed(filters)
    ordered = rows.select_related("vendor", "facts").order_by("-received_at", "-id")

    def lines(start: int, most: int) -> list[Line]:
        found = list(ordered[start : start + most])
        holds = _holds([row.id for row in found])
        return [_line(row, holds.get(row.id, [])) for row in found]

    return ListPaginator(Lines(lines, rows.count)).page(filters.page)


def payment_plan(row: Invoice, today: date | None = None) -> dict[str, Any] | None:
    """What of this invoice is paid when, as a page shows it; None where nothing of it is to be paid."""
    if row.state in {State.REJECTED, State.VOID}:
        return None
    content = contents([row.id])[row.id]
    vendor = queries.vendors({row.vendor_id}).get(row.vendor_id) if row.vendor_id else None
    plan = payment_outlook.load_outlook(row.id, content.invoice, vendor, today or timezone.localdate())
    return plan.as_json() if plan is not None else None


def _narrowed(filters: Filters) -> QuerySet[Invoice]:
    rows = Invoice.objects.all()
    if filters.state in State.values:
        rows = rows.filter(state=filters.state)
    if filters.lane in Lane.values:
        rows = rows.filter(lane=filters.lane)
    if filters.text:
        text = filters.text
        vendor = Q(vendor__name__icontains=text) | Q(vendor__vendor_id__iexact=text)
        rows = rows.filter(containing(text) | vendor)
    return rows


def _holds(ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    out: dict[UUID, list[str]] = {}
    rows = Hold.objects.live().filter(invoice__in=ids).order_by("opened_at")
    for invoice, code in rows.values_list("invoice_id", "code"):
        codes = out.setdefault(invoice, [])
        if code not in codes:
            codes.append(code)
    return out


def _line(row: Invoice, codes: Sequence[str]) -> Line:
    facts = getattr(row, "facts", None)
    seller = facts.seller if facts else {}
    return Line(
        id=row.id,
        number=row.number,
        type=row.type,
        vendor=row.vendor.name if row.vendor else seller.get("name", ""),
        currency=row.currency,
        gross=row.gross,
        at_stake=at_stake(row.gross, facts.payable if facts else None),
        issue_date=row.issue_date,
        due_date=row.due_date,
        state=row.state,
        lane=row.lane,
        orders=row.order_numbers,
        reasons=codes,
        received_at=row.received_at,
    )
