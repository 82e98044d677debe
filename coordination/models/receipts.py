"""What arrived, and what the seller announced."""

from __future__ import annotations

from django.db import models

from audit.ids import new_id

from .documents import Document


class Receipt(models.Model):
    """A goods receipt, or a despatch advice: that explains a missing receipt and is none.

    `despatch_key` is the number of the despatch that a receipt confirms, or of the despatch itself, in the
    normal form that it is searched by.
    """

    class Kind(models.TextChoices):
        RECEIPT = "receipt"
        DESPATCH = "despatch"

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="receipts")
    number = models.TextField()
    number_key = models.TextField(default="")
    kind = models.CharField(max_length=10, choices=Kind)
    received_date = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    despatch_key = models.TextField(default="")

    class Meta:
        db_table = "coordination_receipt"
        indexes = [
            models.Index(
                fields=["despatch_key"],
                name="coordination_receipt_despatch",
                condition=~models.Q(despatch_key=""),
            ),
            models.Index(fields=["number_key"], name="coordination_receipt_key"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class ReceiptLine(models.Model):
    """Goods of one order line that arrived. `accepted` <= `quantity`; the rest was rejected.

    `order_line` may be empty: some receipts name the order and the item only. `order_key` is the order number
    in the normal form that it is searched by.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="lines")
    line = models.TextField(blank=True)
    order_number = models.TextField()
    order_key = models.TextField(default="")
    order_line = models.TextField(blank=True)
    item = models.TextField(blank=True)
    buyer_item = models.TextField(blank=True)
    description = models.TextField(blank=True)
    quantity = models.DecimalField(max_digits=30, decimal_places=10)
    accepted = models.DecimalField(max_digits=30, decimal_places=10)
    unit = models.CharField(max_length=10, blank=True)

    class Meta:
        db_table = "coordination_receiptline"
        indexes = [models.Index(fields=["order_key"], name="coordination_receipt_order_key")]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.order_number}/{self.order_line}"
