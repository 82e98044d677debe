"""State as lines, for other systems (interfaces: export)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

from audit.canonical import instant
from audit.models import Entry
from audit.subjects import Subject
from reviews.models import Escalation

from ..models import KNOWN_ANSWER, Coding, Decision, Hold, Invoice, InvoiceLine, Payment
from ..services.correspondence.responses import answers_for, letter

CHUNK = 2000
T = TypeVar("T")


def batched(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Rows in lists of `size`, the last one shorter."""
    source = iter(rows)
    while group := list(islice(source, size)):
        yield group


def json_amount(amount: Decimal | None) -> str | None:
    """Two decimals at least, as text; null where the document says nothing."""
    if amount is None:
        return None
    return f"{amount:.2f}" if amount == amount.quantize(Decimal("0.01")) else format(amount.normalize(), "f")


def invoices() -> Iterator[dict[str, Any]]:
    """One line per invoice and credit note, in order of intake.

    Holds are those that stand and those a person released; what a new fact closed is in the history, not
    here.
    """
    holds: dict[Any, list[Hold]] = defaultdict(list)
    shown = Hold.objects.exclude(release__in=[Hold.Release.MATCHED, Hold.Release.REPLACED])
    for hold in shown.order_by("opened_at", "line", "code").iterator(CHUNK):
        holds[hold.invoice_id].append(hold)
    numbers = _printed(holds)
    rows = Invoice.objects.select_related("vendor", "document").order_by("id")
    for row in rows.iterator(CHUNK):
        yield {
            "invoice_number": row.number,
            "vendor_id": row.vendor.vendor_id if row.vendor else None,
            "vendor_name": row.vendor.name if row.vendor else None,
            "type": row.type,
            "currency": row.currency,
            "net": json_amount(row.net),
            "tax": json_amount(row.tax),
            "gross": json_amount(row.gross),
            "order_numbers": row.order_numbers,
            "state": row.state,
            "lane": row.lane,
            "holds": [_hold(h, numbers.get(row.id, {})) for h in holds.get(row.id, ())],
            "document_sha256": row.document.content_id,
            "source_format": row.document.source_format,
        }


def _printed(holds: Mapping[Any, list[Hold]]) -> dict[Any, dict[int, int]]:
    """Position -> number of the line as printed, for invoices whose lines all have one: who reads it has the
    paper."""
    wanted = [key for key, group in holds.items() if any(h.line is not None for h in group)]
    found: dict[Any, dict[int, str]] = defaultdict(dict)
    for chunk in batched(wanted, CHUNK):
        lines = InvoiceLine.objects.filter(invoice_id__in=chunk).values_list("invoice_id", "position", "line")
        for key, position, line in lines:
            found[key][position] = line
    plain = {
        k: v for k, v in found.items() if all(n.isascii() and n.isdigit() and len(n) < 10 for n in v.values())
    }
    return {
        k: {p: int(n) for p, n in v.items()}
        for k, v in plain.items()
        if len({*map(int, v.values())}) == len(v)
    }


def _hold(hold: Hold, printed: Mapping[int, int]) -> dict[str, Any]:
    return {
        "code": hold.code,
        "question": hold.question,
        "line": printed.get(hold.line, hold.line) if hold.line is not None else None,
        "status": hold.status,
        "owner": hold.owner,
    }


def decisions() -> Iterator[dict[str, Any]]:
    """One line per committed decision, people's included."""
    rows = Decision.objects.select_related("invoice__vendor").order_by("entry_id")
    for d in rows.iterator(CHUNK):
        yield {
            "invoice_number": d.invoice.number,
            "vendor_id": d.invoice.vendor.vendor_id if d.invoice.vendor else None,
            "agent": d.agent,
            "actor": d.actor,
            "outcome": d.outcome,
            "confidence": str(d.confidence) if d.confidence is not None else None,
            "state_from": d.state_from,
            "state_to": d.state_to,
            "state_version": d.state_version,
            "policy": d.policy,
            "codes": d.codes,
            "at": instant(d.at),
            "entry": d.entry_id,
        }


def escalations() -> Iterator[dict[str, Any]]:
    """One line per question ever asked, but for known-answer cases, which are about nothing real."""
    rows = Escalation.objects.exclude(kind=KNOWN_ANSWER).order_by("opened_at", "id").defer("case")
    for group in batched(rows.iterator(CHUNK), CHUNK):
        yield from _escalations(group)


def _escalations(group: list[Escalation]) -> Iterator[dict[str, Any]]:
    keys = [Subject(e.subject).key for e in group if Subject(e.subject).kind == "invoice"]
    of: dict[str, Invoice] = {
        r.subject: r for r in Invoice.objects.filter(id__in=keys).select_related("vendor")
    }
    for e in group:
        row = of.get(e.subject)
        yield {
            "id": str(e.id),
            "subject": e.subject,
            "invoice_number": row.number if row else None,
            "vendor_id": row.vendor.vendor_id if row and row.vendor else None,
            "kind": e.kind,
            "reasons": [r["code"] for r in e.reasons],
            "status": e.status,
            "queue": e.queue,
            "due_at": instant(e.due_at),
            "opened_at": instant(e.opened_at),
            "version": e.version,
            "verdict": e.verdict or None,
            "by": e.decided_by or None,
        }


def escalation(row: Escalation) -> dict[str, Any]:
    """The line of one escalation."""
    [line] = _escalations([row])
    return line


def payments() -> Iterator[dict[str, Any]]:
    """One line per payment; `part` is there where an invoice is paid in several."""
    for p in (
        Payment.objects.select_related("invoice", "vendor", "batch")
        .order_by("batch__number", "id")
        .iterator(CHUNK)
    ):
        yield {
            "invoice_number": p.invoice.number,
            "vendor_id": p.vendor.vendor_id,
            "amount": json_amount(p.amount),
            "currency": p.currency,
            "status": p.status,
            "batch": p.batch.number,
            **({"part": p.part} if p.part is not None else {}),
        }


def codings() -> Iterator[dict[str, Any]]:
    """One line per coded invoice line, proposals included."""
    rows = Coding.objects.select_related("invoice__vendor").order_by("invoice_id", "position")
    for group in batched(rows.iterator(CHUNK), CHUNK):
        found = InvoiceLine.objects.filter(invoice__in={c.invoice_id for c in group})
        lines = {(line.invoice_id, line.position): line for line in found}
        for c in group:
            line, vendor = lines[c.invoice_id, c.position], c.invoice.vendor
            yield {
                "invoice_number": c.invoice.number,
                "vendor_id": vendor.vendor_id if vendor else None,
                "line": line.line,
                "position": c.position,
                "item": line.item,
                "description": line.description,
                "net": json_amount(line.net),
                "currency": c.invoice.currency,
                "account": c.account,
                "cost_centre": c.cost_centre,
                "status": c.status,
                "confidence": str(c.confidence) if c.confidence is not None else None,
                "basis": c.basis,
                "by": c.by,
                "at": instant(c.at),
            }


def responses() -> Iterator[dict[str, Any]]:
    """One line per invoice: what its vendor would be told now."""
    rows = Invoice.objects.select_related("vendor", "facts").order_by("id")
    for group in batched(rows.iterator(CHUNK), CHUNK):
        for found in answers_for(group):
            row, paying = found.invoice, found.paying
            yield {
                "invoice_number": row.number,
                "vendor_id": row.vendor.vendor_id if row.vendor else None,
                "type": row.type,
                "response": found.response,
                "reasons": list(found.reasons),
                "actions": list(found.actions),
                "text": letter(found),
                "since": instant(found.since),
                "payment": (
                    {"how": paying.how, "on": paying.on.isoformat(), "amount": json_amount(paying.amount)}
                    if paying
                    else None
                ),
            }


def entries() -> Iterator[dict[str, Any]]:
    """One line per ledger entry, the body as it is hashed."""
    for e in Entry.objects.order_by("id").iterator(CHUNK):
        yield {
            "id": e.id,
            "subject": e.subject,
            "seq": e.seq,
            "prev": e.prev,
            "hash": e.hash,
            "type": e.type,
            "actor": e.actor,
            "recorded_at": instant(e.recorded_at),
            "body": e.body,
        }


EXPORTS: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
    "invoices": invoices,
    "decisions": decisions,
    "escalations": escalations,
    "payments": payments,
    "entries": entries,
    "codings": codings,
    "responses": responses,
}
