"""The list of invoices: search, filters, one page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page
from django.db.models import Q, QuerySet

from audit import clock

from ..domain.amounts import at_stake
from ..facts import payment_outlook, queries
from ..facts.documents import contents
from ..facts.numbered import containing
from ..models import Hold, Invoice, Lane, State
from . import orders
from .figures import LANE_SETS, STATE_SETS, counted
from .paging import PER_PAGE, Lines, ListPaginator, Place, PlacedPage, around, place_of

PERIODS = (7, 30, 90)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to, and where it begins: after a place in it or before one (`paging.Place`),
    else at a page by number. `state` and `lane` name sets (`figures`), `days` the last days in which they
    were received (0: whenever), `vendor` is our number of one."""

    text: str = ""
    state: str = ""
    lane: str = ""
    days: int = 0
    page: int = 1
    after: str = ""
    before: str = ""
    vendor: str = ""

    @property
    def query(self) -> str:
        days = str(self.days) if self.days else ""
        pairs = {"q": self.text, "state": self.state, "lane": self.lane, "days": days, "vendor": self.vendor}
        return urlencode({k: v for k, v in pairs.items() if v})

    @property
    def since(self) -> datetime | None:
        """From when on they were received; None: whenever."""
        return clock.now() - timedelta(days=self.days) if self.days else None

    @property
    def here(self) -> str:
        """The same with where it begins, as an address says it."""
        begins = {"after": self.after, "before": self.before, "page": "" if self.page == 1 else self.page}
        return "&".join(filter(None, [self.query, urlencode({k: v for k, v in begins.items() if v})]))


@dataclass(frozen=True, slots=True)
class Line:
    """One invoice in the list."""

    id: UUID
    number: str
    type: str
    vendor: str
    vendor_id: str
    currency: str
    gross: Decimal | None
    at_stake: Decimal | None
    issue_date: date | None
    due_date: date | None
    state: str
    lane: str
    orders: Sequence[str]
    order: str
    """The order that it names first, by the number that this goes by; empty where there is none such."""
    reasons: Sequence[str]
    received_at: datetime

    @property
    def place(self) -> str:
        """Its place in the list, for the pages before and behind it."""
        return str(Place(self.received_at, self.id))


def page(filters: Filters) -> Page[Line]:
    """Invoices that match, newest first, with their open reasons."""
    rows = _narrowed(filters).select_related("vendor", "facts")
    ordered = rows.order_by("-received_at", "-id")
    paginator = ListPaginator(
        Lines(lambda start, most: _lines(list(ordered[start : start + most])), lambda: _count(filters))
    )
    if (after := place_of(filters.after)) is not None:
        found = around(rows, "received_at", after, PER_PAGE + 1, newer=False)
        return PlacedPage(_lines(found[:PER_PAGE]), paginator, more=len(found) > PER_PAGE)
    if (before := place_of(filters.before)) is not None:
        found = around(rows, "received_at", before, PER_PAGE + 1, newer=True)
        if len(found) > PER_PAGE:
            return PlacedPage(_lines(found[1:]), paginator, more=True)
    return paginator.page(filters.page)


def _lines(found: Sequence[Invoice]) -> list[Line]:
    holds = _holds([row.id for row in found])
    known = orders.known(n for row in found for n in row.order_numbers[:1])
    return [_line(row, holds.get(row.id, []), known) for row in found]


def _count(filters: Filters) -> int:
    """How many match: as is kept where a state and a lane say which, else counted."""
    if filters.text or filters.vendor:
        return _narrowed(filters).count()
    return sum(
        group.count
        for group in counted(filters.since)
        if group.state in STATE_SETS.get(filters.state, State.values)
        and group.lane in LANE_SETS.get(filters.lane, Lane.values)
    )


def payment_plan(row: Invoice, today: date | None = None) -> dict[str, Any] | None:
    """What of this invoice is paid when, as a page shows it; None where nothing of it is to be paid."""
    if row.state in {State.REJECTED, State.VOID}:
        return None
    content = contents([row.id])[row.id]
    vendor = queries.vendors({row.vendor_id}).get(row.vendor_id) if row.vendor_id else None
    plan = payment_outlook.load_outlook(row.id, content.invoice, vendor, today or clock.today())
    return plan.as_json() if plan is not None else None


def _narrowed(filters: Filters) -> QuerySet[Invoice]:
    rows = Invoice.objects.all()
    if filters.state in STATE_SETS:
        rows = rows.filter(state__in=sorted(STATE_SETS[filters.state]))
    if filters.lane in LANE_SETS:
        rows = rows.filter(lane__in=sorted(LANE_SETS[filters.lane]))
    if filters.since is not None:
        rows = rows.filter(received_at__gte=filters.since)
    if filters.vendor:
        rows = rows.filter(vendor__vendor_id=filters.vendor)
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


def _line(row: Invoice, codes: Sequence[str], known: Mapping[str, str]) -> Line:
    facts = getattr(row, "facts", None)
    seller = facts.seller if facts else {}
    return Line(
        id=row.id,
        number=row.number,
        type=row.type,
        vendor=row.vendor.name if row.vendor else seller.get("name", ""),
        vendor_id=row.vendor.vendor_id if row.vendor else "",
        currency=row.currency,
        gross=row.gross,
        at_stake=at_stake(row.gross, facts.payable if facts else None),
        issue_date=row.issue_date,
        due_date=row.due_date,
        state=row.state,
        lane=row.lane,
        orders=row.order_numbers,
        order=known.get(row.order_numbers[0], "") if row.order_numbers else "",
        reasons=codes,
        received_at=row.received_at,
    )
