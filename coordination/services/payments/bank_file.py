"""The bank's file of a signed run (pain.001.001.09): written after a last look, once, kept, and given out as
it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from audit import canonical, clock, ledger, trail
from audit.subjects import Subject
from audit.trail import Stamp

from ...agents import nature
from ...facts import documents, payments_made
from ...models import Content, Payment, PaymentBatch
from ...tasks.announce import announce
from ...translation import cross_border, pain001, sepa
from ...translation.canonical import Address, Invoice
from ...translation.sepa import PaymentFile, PostalAddress, Transfer
from . import abroad, release_check, withdrawal
from .approval import BATCH_STATUS, PAY_STATUS, find, live, lock_batch, moved_to_bank_days
from .errors import LeftOut, NotApproved, Stopped


def export(number: int, *, by: str = "system:export") -> bytes:
    """The bank's file of an approved run; written at the first call, the same bytes on every later one.

    Everything that made each payment right is looked at once more in the transaction that writes. What no
    longer holds is left out, and then no file is written: raises `LeftOut`, after the run was changed. Raises
    `Stopped` while the payment agent is stopped, `NotApproved` for a run that is not signed.
    """
    with transaction.atomic():
        lock_batch(Subject.of("payment_batch", find(number).id))
        batch = find(number)
        if batch.status in withdrawal.WRITTEN:
            return bytes(Content.objects.get(pk=batch.file_sha256).data)
        if batch.status != PaymentBatch.Status.APPROVED:
            raise NotApproved(_not_approved(batch))
        if release_check.stopped():
            raise Stopped
        now, payments = clock.now(), live(batch)
        gone = wrong(batch, payments, now)
        if not gone:
            return _write(batch, payments, by, now)
        withdrawal.leave(batch, gone, by, now)
    raise LeftOut(withdrawal.words(batch, withdrawal.left_out(batch)))


def _not_approved(batch: PaymentBatch) -> str:
    if batch.status == PaymentBatch.Status.CANCELLED:
        return f"Payment run {batch.number} is cancelled. Propose a new one."
    if withdrawal.left_out(batch):
        return f"Payment run {batch.number} lost payments after it was signed; it has to be signed again."
    return ""


def wrong(batch: PaymentBatch, payments: Sequence[Payment], at: datetime) -> dict[UUID, str]:
    """Payments that may not go into a file now, by their key, each with the reason in words."""
    gone = release_check.found(batch, payments, at)
    refused = cross_border.refusal if batch.scheme else sepa.refusal
    for transfer in as_file(batch, payments).transfers:
        if why := refused(transfer):
            gone.setdefault(UUID(transfer.payment_id), why)
    return gone


def _write(batch: PaymentBatch, payments: Sequence[Payment], by: str, now: datetime) -> bytes:
    """Days that have gone by since the approval move on: a bank refuses a file with a day in the past."""
    stamp = Stamp(by, now, f"payment run {batch.number} exported")
    changes = moved_to_bank_days(batch, payments, stamp, keep_discounts=False)
    moved = len(changes)
    content = written(batch, payments)
    batch.status, batch.file_sha256 = PaymentBatch.Status.EXPORTED, canonical.sha256(content)
    for payment in payments:
        payment.status = Payment.Status.EXPORTED
    changes += trail.update([batch], BATCH_STATUS, stamp) + trail.update(list(payments), PAY_STATUS, stamp)
    data = {
        "number": str(batch.number),
        "file_sha256": batch.file_sha256,
        "message_id": pain001.message_id(batch.id.hex),
        "control_sum": f"{batch.control_sum:.2f}",
        "count": str(batch.count),
        "days_moved": str(moved),
    }
    ledger.append(
        [ledger.Event(Subject.of("payment_batch", batch.id), "payment.exported", by, now, data, changes)]
    )
    announce([("payments", "")])
    return content


def written(batch: PaymentBatch, payments: Sequence[Payment]) -> bytes:
    """The file of a run as it stands, kept under its digest."""
    write = cross_border.payment_file if batch.scheme else pain001.payment_file
    content = write(as_file(batch, payments))
    kept = Content(sha256=canonical.sha256(content), data=content, size=len(content))
    Content.objects.bulk_create([kept], ignore_conflicts=True)
    return content


def as_file(batch: PaymentBatch, payments: Sequence[Payment]) -> PaymentFile:
    """The run as the writer of bank files takes it. A creditor's address is the one its invoice prints;
    abroad that of our master data stands before it."""
    company = settings.COUNTERSIGN_COMPANY
    contents = documents.contents([p.invoice_id for p in payments])
    labels = payments_made.labels(payments)
    where = abroad.addresses([p.invoice for p in payments]) if batch.scheme else {}
    return PaymentFile(
        batch_id=batch.id.hex,
        created_at=batch.proposed_at,
        execution_date=batch.execute_on,
        debtor=company["name"],
        iban=company["iban"],
        bic=company["bic"],
        copy=batch.copy or 1,
        address=PostalAddress(
            street=company["street"],
            postcode=company["postcode"],
            town=company["town"],
            country=company["country"],
        ),
        transfers=tuple(
            Transfer(
                payment_id=p.id.hex,
                creditor=nature.creditor(contents[p.invoice_id].invoice, p.vendor.name),
                iban=p.account,
                amount=p.amount,
                remittance=labels[p.id],
                reference=contents[p.invoice_id].invoice.payment_reference,
                bic=p.bic,
                currency=p.currency,
                address=where.get(p.invoice_id) or _address(contents[p.invoice_id].invoice),
                execution_date=p.terms.execute_on,
            )
            for p in payments
        ),
    )


def _address(invoice: Invoice) -> PostalAddress:
    """The seller's address as printed; a payee states none."""
    printed = Address() if nature.assigned(invoice, None) else invoice.seller.address
    return PostalAddress(
        street=printed.street, postcode=printed.postcode, town=printed.town, country=printed.country
    )
