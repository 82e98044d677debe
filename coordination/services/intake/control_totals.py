"""Control totals: what each intake brought, counted and summed in an entry of its source beside the invoices'
own.

An invoice that is erased with all its rows and entries before the first seal leaves no gap anywhere but here:
the chain of its source still says how many there were, and for how much.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection

from audit import ledger
from audit.canonical import loads
from audit.models import Entry
from audit.verify import Finding

if TYPE_CHECKING:
    from .parts import Origin, Part

TYPE = "intake.counted"
FRESH = """
SELECT d.kind, coalesce(i.type, ''), coalesce(i.currency, ''), count(*), coalesce(sum(i.gross), 0)
FROM coordination_document d LEFT JOIN coordination_invoice i ON i.document_id = d.id
WHERE (d.content_id, d.part) IN (SELECT * FROM unnest(%s::text[], %s::text[])) GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
"""
STANDING = """
SELECT d.source, d.kind, coalesce(i.type, ''), coalesce(i.currency, ''), count(*), coalesce(sum(i.gross), 0)
FROM coordination_document d LEFT JOIN coordination_invoice i ON i.document_id = d.id GROUP BY 1, 2, 3, 4
"""
Key = tuple[str, str, str, str]
"""Source, kind of document, type of invoice and currency; the last two are empty for what is no new
invoice."""


def subject(source: str) -> str:
    return f"intake/{source or '-'}"


def count(parts: Sequence[Part], origin: Origin) -> None:
    """Record what these parts became, in the transaction that takes them in and under the lock of intake."""
    with connection.cursor() as cursor:
        cursor.execute(FRESH, [[p.sha256 for p in parts], [str(p.index) for p in parts]])
        rows = cursor.fetchall()
    if rows:
        totals = [
            {
                "kind": kind,
                "type": type_,
                "currency": currency,
                "count": str(number),
                "gross": format(gross, "f"),
            }
            for kind, type_, currency, number, gross in rows
        ]
        data: dict[str, Any] = {"source": origin.source, "totals": totals}
        ledger.append([ledger.Event(subject(origin.source), TYPE, origin.actor, origin.at, data)])


def recorded() -> dict[Key, tuple[int, Decimal]]:
    """What the entries say was taken in: number and gross by source, kind, type and currency."""
    numbers: Counter[Key] = Counter()
    sums: dict[Key, Decimal] = {}
    of_sources = Entry.objects.filter(type=TYPE, subject__startswith="intake/")  # found by their subjects
    for body in of_sources.values_list("body", flat=True).iterator(2000):
        data = loads(body)["data"]
        for row in data["totals"]:
            key = (data["source"], row["kind"], row["type"], row["currency"])
            numbers[key] += int(row["count"])
            sums[key] = sums.get(key, Decimal()) + Decimal(row["gross"])
    return {key: (number, sums[key]) for key, number in numbers.items()}


def running_totals() -> dict[Key, tuple[int, Decimal]]:
    """The same from the documents and invoices that are there."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING)
        return {
            (source, kind, type_, currency): (n, gross)
            for source, kind, type_, currency, n, gross in cursor.fetchall()
        }


def check() -> Iterator[Finding]:
    """Everything that was counted when it came in is there, for the sum it had."""
    told, there = recorded(), running_totals()
    for key in sorted(told.keys() | there.keys()):
        (was, owed), (now, sum_) = told.get(key, (0, Decimal())), there.get(key, (0, Decimal()))
        if (was, owed) == (now, sum_):
            continue
        source, kind, type_, currency = key
        what = f"{type_ or kind} documents" + (f" in {currency}" if currency else "")
        detail = f"{what}: {was} were counted at intake, {now} are there"
        detail += f"; gross {owed.normalize():f} then, {sum_.normalize():f} now." if owed != sum_ else "."
        yield Finding("control_total", subject(source), None, detail)
