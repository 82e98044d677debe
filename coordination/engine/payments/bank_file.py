"""The bank's file of an approved run (pain.001.001.09): written once, kept, and given out as it was."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit import canonical, ledger, trail
from audit.trail import Stamp

from ...agents import nature
from ...models import Content, Payment, PaymentBatch
from ...translation import pain001
from ...translation.canonical import Address, Invoice
from ...translation.sepa import PaymentFile, PostalAddress, Transfer
from .. import documents
from ..announce import announce
from .approval import BATCH_STATUS, PAY_STATUS, find, live, lock_batch, moved_to_bank_days
from .errors import NotApproved

WRITTEN = (PaymentBatch.Status.EXPORTED, PaymentBatch.Status.EXECUTED, PaymentBatch.Status.REFUSED)


def export(number: int, *, by: str = "system:export") -> bytes:
    """The bank's file of an approved run; written at the first call, the same bytes on every later one."""
    with transaction.atomic():
        lock_batch(f"payment_batch/{find(number).id}")
        batch = find(number)
        if batch.status == PaymentBatch.Status.APPROVED:
            return _write(batch, by)
        if batch.status not in WRITTEN:
            raise NotApproved
        return bytes(Content.objects.get(pk=batch.file_sha256).data)


def _write(batch: PaymentBatch, by: str) -> bytes:
    """Days that have gone by since the approval move on: a bank refuses a file with a day in the past."""
    now = timezone.now()
    payments = live(batch)
    stamp = Stamp(by, now, f"payment run {batch.number} exported")
    changes = moved_to_bank_days(batch, payments, stamp, keep_discounts=False)
    moved = len(changes)
    content = pain001.payment_file(as_file(batch, payments))
    batch.status, batch.file_sha256 = PaymentBatch.Status.EXPORTED, canonical.sha256(content)
    Content.objects.bulk_create(
        [Content(sha256=batch.file_sha256, data=content, size=len(content))], ignore_conflicts=True
    )
    for payment in payments:
        payment.status = Payment.Status.EXPORTED
    changes += trail.update([batch], BATCH_STATUS, stamp) + trail.update(payments, PAY_STATUS, stamp)
    data = {
        "number": str(batch.number), "file_sha256": batch.file_sha256, "message_id": pain001.message_id(batch.id.hex),
        "control_sum": f"{batch.control_sum:.2f}", "count": str(batch.count), "days_moved": str(moved),
    }  # fmt: skip
    ledger.append([ledger.Event(f"payment_batch/{batch.id}", "payment.exported", by, now, data, changes)])
    announce([("payments", "")])
    return content


def as_file(batch: PaymentBatch, payments: Sequence[Payment]) -> PaymentFile:
    """The run as the writer of bank files takes it. A creditor's address is the one its invoice prints."""
    company = settings.COUNTERSIGN_COMPANY
    contents = documents.contents([p.invoice_id for p in payments])
    return PaymentFile(
        batch_id=batch.id.hex, created_at=batch.proposed_at, execution_date=batch.execute_on, debtor=company["name"],
        iban=company["iban"], bic=company["bic"],
        address=PostalAddress(
            street=company["street"], postcode=company["postcode"], town=company["town"], country=company["country"]
        ),
        transfers=tuple(
            Transfer(
                payment_id=p.id.hex, creditor=nature.creditor(contents[p.invoice_id].invoice, p.vendor.name), iban=p.account, amount=p.amount, remittance=p.invoice.number, reference=contents[p.invoice_id].invoice.payment_reference,
                bic=p.bic, currency=p.currency, address=_address(contents[p.invoice_id].invoice),
                execution_date=p.terms.execute_on,
            )
            for p in payments
        ),
    )  # fmt: skip


def _address(invoice: Invoice) -> PostalAddress:
    """The seller's address as printed; a payee states none."""
    printed = Address() if nature.assigned(invoice, None) else invoice.seller.address
    return PostalAddress(
        street=printed.street, postcode=printed.postcode, town=printed.town, country=printed.country
    )
