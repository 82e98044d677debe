"""A twin is taken in and decided as a real invoice would be, in a transaction that never commits.

What the agents say of it is what they say; nothing is made up but its documents. What is kept is what a page
needs: the question, the entries of its history, and the bytes of its document.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from audit import ledger
from audit.canonical import dumps, instant
from audit.models import Entry
from audit.subjects import Subject
from reviews.models import Escalation, Status
from reviews.services import Question

from ..agents import REGISTRY
from ..decisions.chain import Chain
from ..domain.question_clock import SLA
from ..facts import business_hours, policies
from ..models import KNOWN_ANSWER, Document, Invoice, Task
from ..services.intake import take_in
from ..tasks import work_queue
from ..world import tables, ubl
from .twins import TwinDocuments

MOST_TURNS = 30
"""So often the agents are gone through; a case that is not asked by then is none."""
OPENED = "escalation.opened"


@dataclass(frozen=True, slots=True)
class Arrival:
    """How the real document came, which its twin repeats."""

    number: str
    name: str
    source: str
    source_format: str
    received_by: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A twin as people would be asked about it. `story`: its entries up to the question, as they were
    written; `asked_by` the agent that asked."""

    key: UUID
    question: Escalation
    asked_by: str
    story: list[dict[str, Any]]
    document: UUID
    name: str
    sha256: str
    data: bytes

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(r["code"] for r in self.question.reasons)

    def asked(self, at: datetime) -> Question:
        """The same question, asked at this moment, about a subject that is no invoice. What is to be
        answered within so many hours has all of them."""
        q = self.question
        hours = policies.active().sla(q.queue)
        return Question(
            subject=Subject.of(KNOWN_ANSWER, self.key),
            kind=KNOWN_ANSWER,
            text=q.question,
            reasons=q.reasons,
            case=q.case,
            policy=q.policy,
            queue=q.queue,
            due_at=business_hours.until(at, hours) if q.clock == SLA else q.due_at,
            clock=q.clock,
            asked_by=self.asked_by,
            quorum=q.quorum,
            signers=tuple(q.signers),
            makers=tuple(q.makers),
            currency=q.currency,
            amount=q.amount,
            amount_company=q.amount_company,
            options=tuple(q.options),
        )


class _Over(Exception):
    """The rehearsal is over; nothing of it stays."""


def rehearse(documents: TwinDocuments, arrival: Arrival) -> Rehearsed | None:
    """Take the documents in and let the agents decide, and roll it all back. None where nobody would be
    asked.

    Nothing is sent or announced, and no other row changes. Numbers of rows have gaps after it, as after any
    transaction that is rolled back.
    """
    found: Rehearsed | None = None
    try:
        with transaction.atomic():
            found = _played(documents, arrival)
            raise _Over
    except _Over:
        return found


def _played(documents: TwinDocuments, arrival: Arrival) -> Rehearsed | None:
    name, data = _file(documents, arrival)
    files = [
        ("orders.csv", tables.orders(documents.orders) if documents.orders else b""),
        ("receipts.csv", tables.receipts(documents.receipts) if documents.receipts else b""),
        (name, data),
    ]
    report = take_in(
        [(path, content) for path, content in files if content],
        actor=arrival.received_by,
        source=arrival.source,
    )
    came = [line for line in report.lines if line.kind == "invoice" and line.result == "accepted"]
    if len(came) != 1 or report.count("quarantined"):
        return None
    invoice = Invoice.objects.get(pk=Subject(came[0].subject).key)
    _decide(invoice.id)
    question = Escalation.objects.filter(subject=invoice.subject, status=Status.OPEN).first()
    return _captured(invoice, question) if question is not None else None


def _file(documents: TwinDocuments, arrival: Arrival) -> tuple[str, bytes]:
    """The twin's document, in the format and under the name of the real one."""
    number = documents.invoice.number
    if arrival.source_format.startswith("csv"):
        data = tables.invoices([documents.invoice])
    else:
        data = ubl.as_bytes(ubl.invoice(documents.invoice))
    return arrival.name.replace(arrival.number, number), data


def _decide(key: UUID) -> None:
    """Let the agents decide on this invoice alone."""
    for _ in range(MOST_TURNS):
        due = dict(Task.objects.filter(invoice=key, alone=False).values_list("agent", "id"))
        taken = 0
        for name, agent in REGISTRY.items():
            tasks = work_queue.acquire(name, 1, [due[name]]) if name in due else []
            if tasks:
                taken += 1
                chain = Chain(tasks)
                chain.take(agent, tasks)
                chain.go_on(agent)
                chain.end(alone=False)
                break
        if not taken:
            return


def _captured(invoice: Invoice, question: Escalation) -> Rehearsed:
    entries = list(Entry.objects.filter(subject=invoice.subject).order_by("seq"))
    document = Document.objects.select_related("content").get(pk=invoice.document_id)
    asked_by = next(e.actor for e in reversed(entries) if e.type == OPENED)
    return Rehearsed(
        key=invoice.id,
        question=question,
        asked_by=asked_by,
        story=[_entry_shown(e) for e in entries if e.type != OPENED],
        document=document.id,
        name=document.name,
        sha256=document.content_id,
        data=bytes(document.content.data),
    )


def _entry_shown(entry: Entry) -> dict[str, Any]:
    """An entry as the page of a case shows it."""
    return {
        "type": entry.type,
        "actor": entry.actor,
        "at": instant(entry.recorded_at),
        "body": dumps({"data": _shown(ledger.data_of(entry.body))}).decode(),
    }


BULKY = ("invoice", "input", "facts", "changes", "allocations")
"""Parts of an entry that no line of a timeline shows."""


def _shown(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in BULKY}
