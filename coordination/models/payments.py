"""Money on its way out: batches that a second person approves, and at most one live payment per invoice."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit import trail
from audit.ids import new_id

from .invoices import Invoice
from .parties import Vendor

LIVE = ("proposed", "approved", "exported", "paid")


class PaymentBatch(models.Model):
    """A payment run in one currency."""

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        APPROVED = "approved"
        EXPORTED = "exported"
        EXECUTED = "executed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.IntegerField(unique=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.PROPOSED)
    currency = models.CharField(max_length=3)
    control_sum = models.DecimalField(max_digits=24, decimal_places=2)
    count = models.IntegerField()
    content_hash = models.CharField(max_length=64)
    execute_on = models.DateField()
    proposed_by = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    approved_by = models.CharField(max_length=200, blank=True)
    approved_at = models.DateTimeField(null=True)
    file_sha256 = models.CharField(max_length=64, blank=True)

    history = trail.history(no_index=["number"])

    class Meta:
        db_table = "coordination_paymentbatch"
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by="") | ~Q(approved_by=models.F("proposed_by")),
                name="coordination_batch_four_eyes",
            )
        ]

    def __str__(self) -> str:
        return f"Payment run {self.number}"


class Payment(models.Model):
    """One invoice's payment. It goes to the vendor's verified account as it was when proposed."""

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        APPROVED = "approved"
        EXPORTED = "exported"
        PAID = "paid"
        REFUSED = "refused"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, related_name="payments")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="payments")
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="payments")
    amount = models.DecimalField(max_digits=24, decimal_places=2)
    discount = models.DecimalField(max_digits=24, decimal_places=2, default=0)
    currency = models.CharField(max_length=3)
    account = models.CharField(max_length=64)
    bic = models.CharField(max_length=11, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.PROPOSED)

    history = trail.history(no_index=["batch", "invoice", "vendor"])

    class Meta:
        db_table = "coordination_payment"
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(status__in=LIVE), name="coordination_one_live_payment"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="coordination_payment_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"
