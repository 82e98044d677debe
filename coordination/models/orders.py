"""What was ordered: messages as they came, and the order as they leave it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit import trail
from audit.ids import new_id

from .documents import Document
from .parties import Vendor


class OrderMessage(models.Model):
    """An order, change, response or cancellation as received. The order is folded from all of them, so that
    the sequence of arrival does not matter.

    `order_number` is the number that the order goes by, as the first message about it wrote it; `order_key`
    the same in the normal form by which a message in another spelling finds it.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="order_message")
    order_number = models.TextField(db_index=True)
    order_key = models.TextField(default="")
    message = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        db_table = "coordination_ordermessage"
        indexes = [models.Index(fields=["order_key"], name="coordination_ordermessage_key")]

    def __str__(self) -> str:
        return f"{self.message} of {self.order_number}"


class Order(models.Model):
    """A purchase order as it stands. `vendor` stays empty until a vendor with the seller's keys is known.

    `charges` are those that were agreed on, of the order and of its lines; `sales_order` is the seller's own
    number, `type_code` its kind by UNTDID 1001, `buyer` the company that it says has ordered.
    """

    class Status(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"
        CANCELLED = "cancelled"
        REJECTED = "rejected"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.TextField(unique=True)
    vendor = models.ForeignKey(Vendor, null=True, on_delete=models.PROTECT, related_name="orders")
    seller = models.JSONField(default=dict)
    buyer = models.JSONField(default=dict)
    order_date = models.DateField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    net = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    tax = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    gross = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    charges = models.JSONField(default=list)
    sales_order = models.TextField(blank=True)
    type_code = models.CharField(max_length=10, blank=True)
    revision = models.IntegerField(default=1)
    changed_at = models.DateTimeField()

    history = trail.history(no_index=["number", "vendor"])

    class Meta:
        db_table = "coordination_order"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["open", "closed", "cancelled", "rejected"]),
                name="coordination_order_status",
            )
        ]

    def __str__(self) -> str:
        return self.number


class OrderName(models.Model):
    """The numbers of an order in the normal form that they are searched by: ours, and the seller's own."""

    order = models.OneToOneField(Order, primary_key=True, on_delete=models.PROTECT, related_name="name")
    number_key = models.TextField()
    sales_key = models.TextField(blank=True)

    class Meta:
        db_table = "coordination_ordername"
        indexes = [
            models.Index(fields=["number_key"], name="coordination_ordername_key"),
            models.Index(
                fields=["sales_key"], name="coordination_ordername_sales", condition=~Q(sales_key="")
            ),
        ]

    def __str__(self) -> str:
        return self.number_key


class OrderLine(models.Model):
    """One line of an order. Unit price = `price` / `base_quantity`; `net` is the line amount the order
    states."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    position = models.IntegerField()
    line = models.TextField()
    item = models.TextField(blank=True)
    buyer_item = models.TextField(blank=True)
    description = models.TextField(blank=True)
    quantity = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    unit = models.CharField(max_length=10, blank=True)
    price = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    base_quantity = models.DecimalField(max_digits=30, decimal_places=10, default=1)
    net = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    tax_rate = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    standard_item = models.TextField(blank=True)

    history = trail.history(no_index=["order"])

    class Meta:
        db_table = "coordination_orderline"
        constraints = [models.UniqueConstraint(fields=["order", "line"], name="coordination_orderline_once")]

    def __str__(self) -> str:
        return f"{self.order_id} line {self.line}"
