"""A population: the invoices that a search means, whole, in the order of their keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from audit import ledger
from audit.errors import CountersignError
from audit.sampling import Item
from audit.subjects import Subject

from ..models import Hold, Invoice
from ..reports.table import Row, Total, format_decimal, weight
from .search import Search, narrowed

CHUNK = 1000
MOST_QUERY = 2000


class BadQuery(CountersignError):
    """This search cannot be read. Write amounts as 1000.00 and days as 2026-03-31."""

    status = 400
    exit_code = 2


def search_of(query: str) -> Search:
    """The search in a query string such as `code=price_over&since=2026-01-01`. Nothing in it is passed over
    in silence."""
    if len(query) > MOST_QUERY:
        raise BadQuery("This search is too long.")
    found: dict[str, str] = {}
    for name, value in _pairs(query.removeprefix("?")):
        if name not in Search.__slots__:
            raise BadQuery(f"{name[:40]} is no part of a search; there are {', '.join(Search.__slots__)}.")
        if name in found:
            raise BadQuery(f"{name} is given twice.")
        if "\0" in value:
            raise BadQuery(f"{name} has a NUL character, which no invoice has; leave it out.")
        found[name] = value.strip()
    return Search(**found)


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    except ValueError as error:
        raise BadQuery("Write a search as name=value&name=value.") from error


def zone_named(name: str) -> AbstractContextManager[None]:
    """Mean days in this time zone. Raises `BadQuery`."""
    try:
        return timezone.override(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadQuery(f"There is no time zone {name[:40]!r}.") from error


def members(wanted: Search) -> QuerySet[Invoice]:
    """The invoices, by key. Raises `BadQuery`."""
    try:
        return narrowed(wanted).order_by("id")
    except (InvalidOperation, ValueError) as error:
        raise BadQuery from error


NAMES = {
    "text": "text",
    "code": "reason",
    "actor": "decided by",
    "rule": "rule",
    "least": "gross from",
    "most": "gross to",
    "since": "received from",
    "until": "received until",
}


def in_words(wanted: Search) -> str:
    """The search as a person reads it: what narrows it, or that nothing does."""
    given = [f"{NAMES[name]} {getattr(wanted, name)}" for name in NAMES if getattr(wanted, name)]
    return ", ".join(given) or "all invoices"


@dataclass(frozen=True, slots=True)
class Population:
    """A population as a sample is drawn from it: a credit note's amount is negative, an unknown one is
    nought."""

    items: list[Item]
    sums: dict[str, str]


def taken(wanted: Search, currency: str = "") -> Population:
    """All that a search finds now, of one currency if one is named; one query, so that list and sums
    agree."""
    rows = members(wanted)
    if currency:
        rows = rows.filter(currency=currency)
    items, sums = [], {}  # type: list[Item], dict[str, Decimal]
    for key, code, kind, gross in rows.values_list("id", "currency", "type", "gross").iterator(CHUNK):
        amount = weight(kind, gross)
        items.append(Item(str(key), amount))
        sums[code] = sums.get(code, Decimal(0)) + amount
    return Population(items, {code: format_decimal(sums[code]) for code in sorted(sums)})


def of_keys(keys: Sequence[str]) -> list[Item]:
    """The same invoices again by their keys; amounts never change after intake. One that is gone is left
    out."""
    found = []
    for at in range(0, len(keys), CHUNK):
        rows = Invoice.objects.filter(pk__in=keys[at : at + CHUNK]).order_by("id")
        found += [Item(str(k), weight(t, g)) for k, t, g in rows.values_list("id", "type", "gross")]
    return found


def totals(wanted: Search) -> tuple[int, list[dict[str, str]]]:
    """Number and sums by currency, as the database counts them; a credit note is positive and counted once
    more beside."""
    credit, nought = Q(type="credit_note"), Decimal(0)
    counted = (
        members(wanted)
        .order_by("currency")
        .values("currency")
        .annotate(
            n=Count("id"),
            sum=Sum("gross"),
            credits=Count("id", filter=credit),
            credit_sum=Sum("gross", filter=credit),
        )
    )
    found = {
        r["currency"]: Total(r["n"], r["sum"] or nought, r["credits"], r["credit_sum"] or nought)
        for r in counted
    }
    return sum(t.count for t in found.values()), [found[c].as_json(c) for c in sorted(found)]


FIELDS = (
    "id",
    "number",
    "type",
    "vendor__vendor_id",
    "vendor__name",
    "facts__seller",
    "issue_date",
    "due_date",
    "received_at",
    "currency",
    "net",
    "tax",
    "gross",
    "order_numbers",
    "state",
    "lane",
    "document__content_id",
    "document__source_format",
)


def rows(wanted: Search) -> Iterator[Row]:
    """One row per invoice, in the order of `reports.table.COLUMNS`; a few queries per thousand, never all at
    once."""
    found = members(wanted).values_list(*FIELDS).iterator(CHUNK)
    while chunk := list(islice(found, CHUNK)):
        yield from _rows(chunk)


def _rows(chunk: list[Any]) -> Iterator[Row]:
    keys = [row[0] for row in chunk]
    codes: dict[object, set[str]] = {}
    live = Hold.objects.live().filter(invoice__in=keys)
    for invoice, code in live.values_list("invoice_id", "code"):
        codes.setdefault(invoice, set()).add(code)
    heads = ledger.heads([Subject.of("invoice", key) for key in keys])
    for (
        key,
        number,
        type_,
        vendor_id,
        vendor,
        seller,
        issued,
        due,
        received,
        currency,
        net,
        tax,
        gross,
        orders,
        state,
        lane,
        sha256,
        source_format,
    ) in chunk:
        seq, hash_ = heads.get(Subject.of("invoice", key), (0, ""))
        yield (
            str(key),
            number,
            type_,
            vendor_id or "",
            vendor or (seller or {}).get("name", ""),
            issued,
            due,
            received,
            currency,
            net,
            tax,
            gross,
            tuple(orders),
            state,
            lane,
            tuple(sorted(codes.get(key, ()))),
            sha256,
            source_format,
            seq,
            hash_,
        )


def seller_of(row: Invoice) -> str:
    """The vendor's name in our master, else as the document has it."""
    return row.vendor.name if row.vendor else str(row.facts.seller.get("name", ""))
