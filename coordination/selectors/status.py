"""Where is my invoice: finding it, and what we know that its vendor is not told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from audit import clock
from reviews.models import Escalation, Status
from reviews.selectors import Person, people

from ..domain.hold_codes import CATALOGUE
from ..facts.numbered import part_of_number
from ..models import Hold, Invoice, InvoiceStatus
from ..services.correspondence.responses import (
    InvoiceAnswer,
    NoAddress,
    addresses,
    answer_for,
    letter,
    vendor_name,
)
from ..translation.identity import normalised_number
from ..translation.invoice_response import ORDER

MOST = 20
"""Invoices offered to choose from."""


@dataclass(frozen=True, slots=True)
class Found:
    """One invoice that may be the one asked for."""

    invoice: Invoice
    vendor: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A hold for our eyes: until when it waits, and whether the vendor is told of it."""

    words: str
    sentence: str
    line: int | None
    until: datetime | None
    since: datetime
    told: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """Both sides of one answer: `text` for the vendor, the rest for us. `no_address` says why there is no
    response."""

    standing: InvoiceAnswer
    text: str
    reasons: Sequence[Reason]
    question: Escalation | None
    owner: Person | None
    told_before: str
    no_address: str

    @property
    def in_days(self) -> bool:
        """Is the money given to the bank and leaves on a later day?"""
        paying = self.standing.paying
        return paying is not None and paying.on > clock.today()


def find(number: str, vendor: str) -> list[Found]:
    """Invoices with this number, as it is spelt or but for spaces, dashes and case; else those that contain
    it."""
    number, vendor = number.strip(), vendor.strip()
    if not number and not vendor:
        return []
    rows = Invoice.objects.select_related("vendor", "facts")
    if vendor:
        rows = rows.filter(
            Q(vendor__name__icontains=vendor)
            | Q(vendor__vendor_id__iexact=vendor)
            | Q(facts__seller__name__icontains=vendor)
        )
    key = normalised_number(number)
    exact = rows.filter(Q(number=number) | Q(facts__number_key=key)) if key else rows
    found = exact.order_by("-received_at", "-id")[:MOST]
    if key and not found:
        found = rows.filter(part_of_number(number)).order_by("-received_at", "-id")[:MOST]
    return [Found(row, vendor_name(row)) for row in found]


def answer(row: Invoice) -> Answer:
    """What is said of one invoice, to its vendor and to us. The row comes with `vendor` and `facts`."""
    found = answer_for(row)
    question = Escalation.objects.filter(subject=row.subject, status=Status.OPEN).first()
    holds = Hold.objects.live().filter(invoice=row).order_by("opened_at", "id")
    return Answer(
        standing=found,
        text=letter(found),
        reasons=[_reason(h) for h in holds],
        question=question,
        owner=people([question.owner]).get(question.owner) if question and question.owner else None,
        told_before=_further(row.id, found.response),
        no_address=_no_address(row),
    )


def _no_address(row: Invoice) -> str:
    try:
        addresses(row)
    except NoAddress as error:
        return error.message
    return ""


def _reason(hold: Hold) -> Reason:
    kind = CATALOGUE.get(hold.code)
    return Reason(
        words=kind.words if kind else hold.code,
        sentence=hold.detail.get("sentence", ""),
        line=hold.line,
        until=hold.until,
        since=hold.opened_at,
        told=bool(kind and kind.vendor),
    )


def _further(invoice: UUID, response: str) -> str:
    """The furthest status the vendor may have been told before, if it is beyond the present one: Peppol knows
    no step back (rule OP-BR111-R012), so that this one is told by other means."""
    if response not in ORDER:
        return ""
    before = InvoiceStatus.history.filter(invoice_id=invoice).values_list("response", flat=True).distinct()
    known = [r for r in before if r in ORDER and ORDER.index(r) > ORDER.index(response)]
    return max(known, key=ORDER.index, default="")
