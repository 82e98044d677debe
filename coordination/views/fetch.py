"""Fetch and authorise in one step: a view cannot get a row except through these."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.http import Http404

from reviews.access import demand

from .. import rights
from ..models import (
    Agent,
    AuditSample,
    Content,
    Document,
    Incident,
    Invoice,
    KnownAnswer,
    Order,
    PaymentBatch,
    Quarantine,
    Receipt,
    Statement,
    TranslationMap,
    Vendor,
)
from ..selectors import orders
from ..services.intake.table_maps import is_sample

Viewer = User | AnonymousUser
Found = TypeVar("Found")


def there(found: Found | None, what: str) -> Found:
    """What was looked for; where there is none, the answer is that there is no such thing."""
    if found is None:
        raise Http404(f"There is no such {what}.")
    return found


def invoice_for(user: Viewer, invoice_id: UUID) -> Invoice:
    """An invoice whose history the person may read."""
    demand(user, rights.READ_AUDIT)
    return there(
        Invoice.objects.select_related("vendor", "document", "facts").filter(pk=invoice_id).first(), "invoice"
    )


def known_answer_for(user: Viewer, key: UUID) -> KnownAnswer | None:
    """The known-answer case with this key, for who may read an invoice's history; None where it is none."""
    demand(user, rights.READ_AUDIT)
    return KnownAnswer.objects.select_related("question").defer("data", "story").filter(pk=key).first()


def known_document_for(user: Viewer, document_id: UUID) -> KnownAnswer | None:
    """The known-answer case with this document; None where the document is a real one."""
    demand(user, rights.READ_AUDIT)
    return KnownAnswer.objects.defer("story").filter(document=document_id).first()


def document_for(user: Viewer, document_id: UUID) -> Document:
    """A document with its bytes."""
    demand(user, rights.READ_AUDIT)
    return there(Document.objects.select_related("content").filter(pk=document_id).first(), "document")


def quarantine_for(user: Viewer, quarantine_id: UUID, right: rights.Right) -> Quarantine:
    """A quarantined file, for those who may do what `right` says with it."""
    demand(user, right)
    return there(
        Quarantine.objects.select_related("content").filter(pk=quarantine_id).first(), "file in quarantine"
    )


def batch_for(user: Viewer, number: int, right: rights.Right = rights.READ_PAYMENTS) -> PaymentBatch:
    """A payment run."""
    demand(user, right)
    return there(PaymentBatch.objects.filter(number=number).first(), "payment run")


def statement_for(user: Viewer, statement_id: UUID) -> Statement:
    """A vendor's statement of account."""
    demand(user, rights.READ_CASES)
    return there(Statement.objects.select_related("vendor").filter(pk=statement_id).first(), "statement")


def vendor_for(user: Viewer, number: str) -> Vendor:
    """The vendor with this number of ours."""
    demand(user, rights.READ_AUDIT)
    return there(Vendor.objects.filter(vendor_id=number).first(), "vendor")


def order_for(user: Viewer, number: str) -> Order:
    """The order that this number means."""
    demand(user, rights.READ_AUDIT)
    return there(orders.find(number), "order")


def receipt_for(user: Viewer, receipt_id: UUID) -> Receipt:
    """A goods receipt or despatch advice."""
    demand(user, rights.READ_AUDIT)
    return there(Receipt.objects.select_related("document").filter(pk=receipt_id).first(), "receipt")


def agent_for(user: Viewer, name: str, right: rights.Right = rights.SEE) -> Agent:
    """An agent's standing."""
    demand(user, right)
    return there(Agent.objects.filter(pk=name).first(), "agent")


def incident_for(user: Viewer, number: int, right: rights.Right = rights.SEE) -> Incident:
    """An incident of an agent."""
    demand(user, right)
    return there(Incident.objects.filter(number=number).select_related("agent").first(), "incident")


def map_for(user: Viewer, map_id: UUID, right: rights.Right = rights.SEE) -> TranslationMap:
    """A version of a translation map."""
    demand(user, right)
    return there(TranslationMap.objects.filter(pk=map_id).first(), "map")


def sample_for(user: Viewer, sha256: str, right: rights.Right) -> Content:
    """A file that a map may be made on. One that was taken in is read under its documents, not here."""
    demand(user, right)
    found = Content.objects.filter(pk=sha256).first()
    if found is None or not is_sample(sha256):
        raise Http404("There is no such file to make a map on.")
    return found


def audit_sample_for(user: Viewer, sample_id: UUID, right: rights.Right = rights.READ_SAMPLES) -> AuditSample:
    """A sample that an auditor drew."""
    demand(user, right)
    return there(AuditSample.objects.filter(pk=sample_id).first(), "sample")
