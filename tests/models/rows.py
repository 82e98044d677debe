"""Rows as the database sees them, each complete and plain; a test changes what it is about.

They are written past the services, so that it is the database alone that accepts or refuses them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model

from coordination import models
from reviews import listed
from reviews.models import Escalation, Verdict

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = date(2026, 11, 20)
ALICE, BOB = "human:1", "human:2"
SYSTEM = "system:intake"
_numbers = count(1)
Row = TypeVar("Row", bound=Model)


def _next() -> int:
    return next(_numbers)


def made(model: type[Row], **values: Any) -> Row:
    """A row that is written without its history, whose absence the database notices only at commit."""
    [row] = model._default_manager.bulk_create([model(**values)])
    return row


def _sha256() -> str:
    return f"{_next():064x}"


def content(**changes: Any) -> models.Content:
    return made(models.Content, **{"sha256": _sha256(), "data": b"x", "size": 1} | changes)


def document(**changes: Any) -> models.Document:
    plain = {
        "kind": "invoice",
        "name": "file.csv",
        "source_format": "csv",
        "received_by": SYSTEM,
        "received_at": AT,
    }
    return made(models.Document, **{"content": changes.pop("content", None) or content()} | plain | changes)


def vendor(**changes: Any) -> models.Vendor:
    plain = {"vendor_id": f"V-{_next()}", "name": "Hartmann GmbH", "created_at": AT}
    return made(models.Vendor, **plain | changes)


def account(**changes: Any) -> models.BankAccount:
    plain = {"number": "DE89370400440532013000", "status": "verified", "origin": "file", "since": AT}
    whose = changes.pop("vendor", None) or vendor()
    return made(models.BankAccount, vendor=whose, **plain | changes)


def invoice(**changes: Any) -> models.Invoice:
    plain = {
        "number": f"INV-{_next()}",
        "type": "invoice",
        "currency": "EUR",
        "gross": Decimal("1190.00"),
        "digest": _sha256(),
        "received_at": AT,
        "state_since": AT,
    }
    paper = changes.pop("document", None) or document()
    return made(models.Invoice, document=paper, **plain | changes)


def facts(of: models.Invoice, **changes: Any) -> models.InvoiceFacts:
    return made(models.InvoiceFacts, invoice=of, **{"number_key": of.number} | changes)


def line(of: models.Invoice, **changes: Any) -> models.InvoiceLine:
    return made(models.InvoiceLine, invoice=of, **{"position": 1} | changes)


def hold(of: models.Invoice, **changes: Any) -> models.Hold:
    plain = {
        "code": "price_over",
        "question": "price",
        "owner": "procurement",
        "status": "open",
        "fingerprint": _sha256(),
        "raised_by": "procurement.matching",
        "opened_at": AT,
    }
    return made(models.Hold, invoice=of, **plain | changes)


def order(**changes: Any) -> models.Order:
    return made(models.Order, **{"number": f"PO-{_next()}", "changed_at": AT} | changes)


def order_line(of: models.Order, **changes: Any) -> models.OrderLine:
    return made(models.OrderLine, order=of, **{"position": 1, "line": "10"} | changes)


def task(of: models.Invoice, **changes: Any) -> models.Task:
    plain = {"agent": "finance.validation", "cause": "received", "due_at": AT, "opened_at": AT}
    return made(models.Task, invoice=of, **plain | changes)


def decision(of: models.Invoice, **changes: Any) -> models.Decision:
    plain = {
        "entry_id": _next(),
        "agent": "finance.validation",
        "actor": "agent:finance.validation/1",
        "outcome": "act",
        "state_from": "received",
        "state_to": "validated",
        "state_version": 1,
        "facts_version": 1,
        "policy": "v1",
        "at": AT,
    }
    return made(models.Decision, invoice=of, **plain | changes)


def clearance(of: models.Invoice, amount: str, **changes: Any) -> models.Clearance:
    """So much of an invoice was cleared, by a decision of its own."""
    ruled = decision(of, state_version=_next(), state_to="cleared")
    plain = {"amount": Decimal(amount), "currency": "EUR", "at": AT}
    return made(models.Clearance, invoice=of, decision=ruled, **plain | changes)


def run(**changes: Any) -> models.PaymentBatch:
    plain = {
        "number": _next(),
        "currency": "EUR",
        "control_sum": Decimal("1190.00"),
        "count": 1,
        "content_hash": "0" * 64,
        "execute_on": DAY,
        "proposed_by": ALICE,
        "proposed_at": AT,
    }
    return made(models.PaymentBatch, **plain | changes)


def payment(of: models.Invoice, **changes: Any) -> models.Payment:
    plain = {"amount": Decimal("1190.00"), "currency": "EUR", "account": "DE89370400440532013000"}
    batch, whose = changes.pop("batch", None) or run(), changes.pop("vendor", None) or vendor()
    return made(models.Payment, invoice=of, batch=batch, vendor=whose, **plain | changes)


def elsewhere(of: models.Invoice, **changes: Any) -> models.PaidElsewhere:
    plain = {
        "amount": Decimal("1190.00"),
        "currency": "EUR",
        "paid_on": DAY,
        "evidence": "bank slip",
        "proposed_by": ALICE,
        "proposed_at": AT,
    }
    return made(models.PaidElsewhere, invoice=of, **plain | changes)


def example(**changes: Any) -> models.CodingExample:
    plain = {"vendor_id": "V-1", "account": "4400", "coded_on": DAY, "by": ALICE, "recorded_at": AT}
    return made(models.CodingExample, **plain | changes)


def coding(of: models.Invoice, **changes: Any) -> models.Coding:
    plain = {"position": 1, "account": "4400", "status": "proposed", "by": "agent:finance.coding/1", "at": AT}
    return made(models.Coding, invoice=of, **plain | changes)


def statement(**changes: Any) -> models.Statement:
    plain = {"number": "S-1", "digest": _sha256(), "received_at": AT}
    return made(models.Statement, document=document(kind="statement"), **plain | changes)


def policy(**changes: Any) -> models.PolicyVersion:
    plain = {"revision": 1000 + _next(), "text": "{}", "sha256": _sha256(), "author": ALICE, "created_at": AT}
    return made(models.PolicyVersion, **plain | changes)


def table_map(**changes: Any) -> models.TranslationMap:
    plain = {
        "revision": 1,
        "name": f"Orders {_next()}",
        "kind": "orders",
        "text": "{}",
        "sha256": _sha256(),
        "signature": _sha256(),
        "author": ALICE,
        "created_at": AT,
    }
    return made(models.TranslationMap, sample=content(), **plain | changes)


def sample(**changes: Any) -> models.AuditSample:
    plain = {
        "purpose": "year end",
        "method": "random",
        "seed": "7",
        "size": 1,
        "zone": "UTC",
        "confidence": Decimal("0.95"),
        "population_digest": "0" * 64,
        "population_count": 1,
        "members": b"",
        "by": "human:5",
        "at": AT,
    }
    return made(models.AuditSample, **plain | changes)


def question(**changes: Any) -> Escalation:
    plain = {
        "subject": f"invoice/{UUID(int=_next())}",
        "kind": "invoice",
        "question": "Pay it?",
        "payload_hash": "0" * 64,
        "policy": "v1",
        "queue": "finance",
        "opened_at": AT,
        "due_at": AT,
        "clock": "desk time",
    }
    row = made(Escalation, **plain | changes)
    if row.status == "open":
        listed.write([row])
    return row


def verdict(under: Escalation, **changes: Any) -> Verdict:
    plain = {
        "verdict": "approve",
        "by": ALICE,
        "reason": "evidence_complete",
        "payload_hash": "0" * 64,
        "at": AT,
    }
    return made(Verdict, escalation=under, **plain | changes)
