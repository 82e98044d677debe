"""What a person supplies takes effect: a row of its own above the document, the invoice's row brought in line
with it, and everybody asked again who stands on it, in one transaction.

The document keeps its bytes and its facts. Whose facts the invoice shares (look-alikes, its orders, those
that name it) hear of it as if it had come in so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from audit import ledger, trail
from audit.ids import new_id
from audit.subjects import Subject

from ..agents import OWNERS, RELEASE
from ..domain import stages
from ..domain.supplied import SuppliedValue
from ..facts import addressees, documents, preceding_invoices, related_invoices, supplied
from ..models import Document, Hold, Invoice, InvoiceFacts, Lane, SuppliedFact
from ..tasks import statement_changes, work_queue
from ..tasks.announce import announce
from ..translation.identity import normalised_number, normalised_numbers, with_numbers_normal
from . import asking
from .changes import SUPPLIED
from .transition import MOVED, transition

TYPE = "fact.supplied"
DECLARED = "fact.declared"
"""Type of the entry where the fact is one of master data, and stands there."""
HEADER = ("number", "issue_date", "due_date", "currency", "net", "tax", "gross", "order_numbers")
"""Columns of an invoice's row that say what is supplied, for lists and queries."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who says so: the person who answered a question (and the second one who answered the same), or whoever
    brought a document that states it."""

    by: str
    at: datetime
    confirmed_by: str = ""
    question: UUID | None = None
    document: Document | None = None
    reason: str = ""
    why: str = ""
    cause: str = ""
    """What led to it: the id of the verdict."""

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"confirmed_by": self.confirmed_by, "reason": self.reason, "why": self.why}
        if self.question is not None:
            found["question"] = str(self.question)
        if self.document is not None:
            found["document"] = {"id": str(self.document.id), "sha256": self.document.content_id}
        return {name: said for name, said in found.items() if said}


def supply(
    row: Invoice,
    values: Sequence[SuppliedValue],
    source: Source,
    places: Mapping[str, str] | None = None,
    *,
    vendor: UUID | None = None,
    again: bool = True,
) -> None:
    """Write these values above the document of a locked invoice. `places`: where the document has each field;
    `vendor`: whose invoice it is from now on. Not `again`: nobody is asked, the invoice has ended."""
    before = _around(row)
    earlier = {fact.field: fact for fact in supplied.in_force(row.id)}
    facts = [_fact(row, one, earlier.get(one.field), source, places or {}) for one in values]
    trail.insert_facts(facts)
    _project(row, vendor)
    columns = (*MOVED, "answered", "vendor_id", *HEADER)
    moved: dict[str, Any] = {}
    if again:
        row.answered = sorted(set(row.answered) - {OWNERS[RELEASE]})
        live = set(Hold.objects.live().filter(invoice=row).values_list("raised_by", flat=True))
        to = stages.stage(row.answered, live)
        moved = {"state": transition(row, to, source.at, lane=Lane.OPEN, anew=True).as_json()}
    else:
        row.version += 1
    changes = trail.update([row], columns, trail.Stamp(source.by, source.at, "fact supplied"))
    data = {"facts": [_fact_shown(fact) for fact in facts], **source.as_json(), **moved}
    if vendor is not None:
        data["vendor"] = str(vendor)
    ledger.append(
        [ledger.Event(row.subject, TYPE, source.by, source.at, data, changes, causation=source.cause)]
    )
    _renew_keys(row)
    _tell(row, before)
    announce([("inbox", ""), ("flow", ""), (Subject.of("invoice", row.id), str(row.id))], work=True)


def ask_again(row: Invoice, source: Source) -> None:
    """Give a locked invoice back to the agents, because of a fact that this answer wrote elsewhere."""
    row.answered = sorted(set(row.answered) - {OWNERS[RELEASE]})
    live = set(Hold.objects.live().filter(invoice=row).values_list("raised_by", flat=True))
    move = transition(row, stages.stage(row.answered, live), source.at, lane=Lane.OPEN, anew=True)
    stamp = trail.Stamp(source.by, source.at, "fact declared")
    changes = trail.update([row], (*MOVED, "answered"), stamp)
    data = {**source.as_json(), "state": move.as_json()}
    event = ledger.Event(row.subject, DECLARED, source.by, source.at, data, changes, causation=source.cause)
    ledger.append([event])
    work_queue.invalidate([row.id], "order", DECLARED)
    work_queue.open_tasks(asking.tasks_on(asking.STATUS, [row], DECLARED))
    announce([("inbox", ""), ("flow", ""), (Subject.of("invoice", row.id), str(row.id))], work=True)


def _fact(
    row: Invoice,
    one: SuppliedValue,
    earlier: SuppliedFact | None,
    source: Source,
    places: Mapping[str, str],
) -> SuppliedFact:
    """The row; what stood there is what the document says, whatever was supplied meanwhile."""
    return SuppliedFact(
        id=new_id(),
        invoice=row,
        field=one.field,
        number=earlier.number + 1 if earlier else 1,
        value=one.value,
        was=earlier.was if earlier else one.was,
        place=places.get(one.field, ""),
        question=source.question,
        document=source.document,
        by=source.by,
        confirmed_by=source.confirmed_by,
        reason=source.reason,
        why=source.why,
        at=source.at,
    )


def _fact_shown(fact: SuppliedFact) -> dict[str, str]:
    told = {"field": fact.field, "number": str(fact.number), "value": fact.value, "was": fact.was}
    return told | ({"place": fact.place} if fact.place else {})


def _project(row: Invoice, vendor: UUID | None) -> None:
    """The invoice's row says what its document says with what was supplied above it."""
    content = documents.contents([row.id])[row.id]
    for name in HEADER[:-1]:
        setattr(row, name, getattr(content.invoice, name))
    row.order_numbers = content.order_numbers
    if vendor is not None:
        row.vendor_id = vendor


def _renew_keys(row: Invoice) -> None:
    """Numbers are searched by their keys, which the database lets follow with the entry."""
    InvoiceFacts.objects.filter(invoice=row).update(
        number_key=normalised_number(row.number),
        number_written=with_numbers_normal(row.number),
        order_keys=normalised_numbers(row.order_numbers),
    )


@dataclass(frozen=True, slots=True)
class Around:
    """Invoices that share facts with one: what they resemble, which orders they bill, whom they name."""

    siblings: frozenset[UUID]
    billing: frozenset[UUID]
    vendor: UUID | None


def _around(row: Invoice) -> Around:
    bills: Iterable[UUID] = (k for keys in related_invoices.billing_siblings([row.id]).values() for k in keys)
    content = documents.contents([row.id])[row.id]
    return Around(
        frozenset([*related_invoices.alike_now([row.id]), *addressees.doubted([content.invoice])]) - {row.id},
        frozenset([*bills, *preceding_invoices.naming([row.id])]) - {row.id},
        row.vendor_id,
    )


def _tell(row: Invoice, before: Around) -> None:
    after, fact = _around(row), work_queue.new_fact()
    work_queue.invalidate([row.id], SUPPLIED, TYPE, fact)
    if row.vendor_id != before.vendor:  # another document of the claim may be the vendor's as well
        work_queue.invalidate([row.id], "vendor", TYPE, fact)
    work_queue.invalidate(sorted(before.siblings | after.siblings), "siblings", row.subject, fact)
    work_queue.invalidate(sorted(before.billing | after.billing), "billing", row.subject, fact)
    work_queue.open_tasks(asking.tasks_on(asking.STATUS, [row], TYPE), {row.id: fact})
    statement_changes.changed((v for v in (before.vendor, row.vendor_id) if v), TYPE)
