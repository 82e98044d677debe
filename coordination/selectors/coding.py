"""Lines and their coding: what a person has to look at, what the agent set, and how often people agree with
it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page
from django.db.models import Count, F, Q

from reviews.selectors import Person, people

from ..agents.finance_coding import FinanceCoding
from ..domain.key_figures import Share
from ..facts.coding_history import CODED_STATES
from ..models import Agent, Coding, Invoice, Tally, Vendor
from ..tasks.sql import rows
from .paging import Lines, UncountedPaginator

COUNT_TO = 1000
"""Lines are counted no further: beyond it is "many"."""
MOST_CODES = 200

VIEWS = {
    "confirm": "c.status = 'proposed'",
    "open": "c.id IS NULL",
    "set": "c.status = 'set'",
    "confirmed": "c.status = 'confirmed'",
}
"""What can be looked at, and the lines it is about."""
TITLES = {
    "confirm": "To confirm",
    "open": "Without a proposal",
    "set": "Set by the agent",
    "confirmed": "Confirmed",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """One of `VIEWS`, a vendor's number, a page from 1."""

    view: str = "confirm"
    vendor: str = ""
    page: int = 1

    @property
    def query(self) -> str:
        return urlencode({k: v for k, v in (("view", self.view), ("vendor", self.vendor)) if v})


@dataclass(frozen=True, slots=True)
class Line:
    """An invoice line with its coding; without one `status` is empty and `version` 0."""

    invoice: UUID
    number: str
    type: str
    currency: str
    vendor_id: str
    vendor: str
    position: int
    line: str
    item: str
    description: str
    net: Decimal | None
    account: str
    cost_centre: str
    proposed_account: str
    proposed_cost_centre: str
    confidence: Decimal | None
    basis: str
    status: str
    version: int
    at: datetime | None
    by: Person | None

    @property
    def key(self) -> str:
        return f"{self.invoice}-{self.position}"

    @property
    def corrected(self) -> bool:
        """A person chose otherwise than the agent had said."""
        said = (self.proposed_account, self.proposed_cost_centre)
        return self.status == "confirmed" and bool(said[0]) and said != (self.account, self.cost_centre)


LINES = """
SELECT i.id, i.number, i.type, i.currency, coalesce(v.vendor_id, ''), coalesce(v.name, f.seller->>'name', ''),
    l.position, l.line,
       coalesce(nullif(l.item, ''), nullif(l.buyer_item, ''), l.standard_item), l.description, l.net,
       coalesce(c.account, ''), coalesce(c.cost_centre, ''), coalesce(c.proposed_account, ''),
       coalesce(c.proposed_cost_centre, ''), c.confidence, coalesce(c.basis, ''), coalesce(c.status, ''),
       coalesce(c.version, 0), c.at, coalesce(c.by, '')
  FROM coordination_invoice i
  JOIN coordination_invoiceline l ON l.invoice_id = i.id
  LEFT JOIN coordination_coding c ON c.invoice_id = l.invoice_id AND c.position = l.position
  LEFT JOIN coordination_vendor v ON v.id = i.vendor_id
  LEFT JOIN coordination_invoicefacts f ON f.invoice_id = i.id
"""
OF_VENDORS = " AND i.vendor_id = ANY(%s)"
ORDER = " ORDER BY v.name, v.vendor_id, i.received_at, i.id, l.position LIMIT %s OFFSET %s"


def page(filters: Filters) -> Page[Line]:
    """Lines of booked invoices in one of the views, a vendor's together, the oldest invoice first."""
    wanted = f"WHERE i.state = ANY(%s) AND {VIEWS[filters.view]} AND (%s = '' OR v.vendor_id = %s)"
    given = (list(CODED_STATES), filters.vendor, filters.vendor)

    def lines(start: int, most: int) -> list[Line]:
        if filters.view != "confirm":
            return _lines(rows(LINES + wanted + ORDER, *given, most, start))
        skipped, keys = _spanned(_proposals(filters.vendor), start, most)
        among = (
            " AND coalesce(i.vendor_id::text, '') = ANY(%s)" if "" in keys else " AND i.vendor_id = ANY(%s)"
        )
        typed = keys if "" in keys else [UUID(key) for key in keys]
        return _lines(rows(LINES + wanted + among + ORDER, *given, typed, most, start - skipped))

    return UncountedPaginator(Lines(lines)).page(filters.page)


def _proposals(vendor: str = "") -> list[tuple[str, str, str, int]]:
    """Vendors with proposals that wait for a person, in the order of the list: key, number, name, how many;
    last those of invoices without a vendor."""
    kept = {key[1]: n for key, n, _ in Tally.objects.sums("codings")}
    known = Vendor.objects.filter(pk__in=[key for key in kept if key]).order_by("name", "vendor_id")
    if vendor:
        known = known.filter(vendor_id=vendor)
    found = [(str(v.pk), v.vendor_id, v.name, kept[str(v.pk)]) for v in known.only("vendor_id", "name")]
    return found if vendor or "" not in kept else [*found, ("", "", "", kept[""])]


def _spanned(vendors: Sequence[tuple[str, str, str, int]], start: int, most: int) -> tuple[int, list[str]]:
    """The vendors whose lines a part of the list is of, and how many lines stand before theirs."""
    skipped, passed, keys = 0, 0, list[str]()
    for key, _, _, lines in vendors:
        if passed + lines <= start:
            skipped = passed + lines
        elif passed < start + most:
            keys.append(key)
        passed += lines
    return skipped, keys


def of_invoice(invoice: Invoice) -> list[Line]:
    """All lines of one invoice with their coding."""
    return _lines(rows(LINES + " WHERE i.id = %s ORDER BY l.position", invoice.pk))


def line(invoice_id: UUID, position: int) -> Line | None:
    """One line as it stands now."""
    found = _lines(rows(LINES + " WHERE i.id = %s AND l.position = %s", invoice_id, position))
    return found[0] if found else None


def _lines(found: Sequence[tuple[Any, ...]]) -> list[Line]:
    known = people(by for *_, by in found if by)
    return [Line(*(*facts, known.get(by))) for *facts, by in found]


# --- around the list ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figures:
    """How many lines stand how, and how often people agree with the agent (of lines it had an answer for)."""

    counts: dict[str, int]
    agreement: Share
    autonomy: str
    count_to: int = COUNT_TO

    @property
    def interval(self) -> tuple[str, str] | None:
        """Wilson's 95 % interval of the agreement, in per cent."""
        found = self.agreement.interval()
        return (f"{found[0] * 100:.1f}", f"{found[1] * 100:.1f}") if found else None


COUNT = """
SELECT count(*) FROM (SELECT 1 FROM coordination_invoice i JOIN coordination_invoiceline l
    ON l.invoice_id = i.id
  LEFT JOIN coordination_coding c ON c.invoice_id = l.invoice_id AND c.position = l.position
 WHERE i.state = ANY(%s) AND {} LIMIT %s) found
"""


def figures() -> Figures:
    """The strip above the list."""
    counts = {
        name: min(COUNT_TO, to_confirm())
        if name == "confirm"
        else rows(COUNT.format(about), list(CODED_STATES), COUNT_TO)[0][0]
        for name, about in VIEWS.items()
    }
    level = Agent.objects.values_list("autonomy", flat=True).filter(pk=FinanceCoding.name).first() or ""
    return Figures(counts, agreement(), level)


def agreement() -> Share:
    """Of the lines that a person decided on and the agent had an answer for, those on which both said the
    same."""
    compared = Coding.objects.filter(status=Coding.Status.CONFIRMED).exclude(proposed_account="")
    same = Q(account=F("proposed_account"), cost_centre=F("proposed_cost_centre"))
    counted = compared.aggregate(base=Count("id"), part=Count("id", filter=same))
    return Share(counted["part"], counted["base"])


def to_confirm() -> int:
    """Proposals that wait for a person, for the navigation."""
    return Tally.objects.total("codings", Coding.Status.PROPOSED)


VENDORS = """
SELECT v.vendor_id, v.name, count(*) FROM coordination_invoice i JOIN coordination_invoiceline l
    ON l.invoice_id = i.id
  JOIN coordination_vendor v ON v.id = i.vendor_id
  LEFT JOIN coordination_coding c ON c.invoice_id = l.invoice_id AND c.position = l.position
 WHERE i.state = ANY(%s) AND {} GROUP BY v.vendor_id, v.name ORDER BY v.name, v.vendor_id
"""


def vendors(view: str) -> list[tuple[str, str, int]]:
    """Vendors with lines in this view: number, name, lines."""
    if view == "confirm":
        return [(number, name, lines) for key, number, name, lines in _proposals() if key]
    return [(n, name, lines) for n, name, lines in rows(VENDORS.format(VIEWS[view]), list(CODED_STATES))]


CODES = """
SELECT {0}, count(*) FROM coordination_codingexample WHERE {0} <> '' GROUP BY {0} ORDER BY 2 DESC, 1 LIMIT %s
"""


def known_codes() -> tuple[list[str], list[str]]:
    """Accounts and cost centres in use, the most frequent first: what a field suggests."""
    accounts, centres = (
        [code for code, _ in rows(CODES.format(column), MOST_CODES)] for column in ("account", "cost_centre")
    )
    return accounts, centres
