"""Invoices and credit notes: a narrow row that moves, and facts that never change."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform

from audit import guards, trail
from audit.ids import new_id
from audit.subjects import Subject

from .documents import Document
from .locking import LockingQuerySet
from .orders import OrderLine
from .oversight import never
from .parties import Vendor


class State(models.TextChoices):
    """The furthest stage whose questions are all settled."""

    RECEIVED = "received"
    VALIDATED = "validated"
    MATCHED = "matched"
    DELIVERED = "delivered"
    CLEARED = "cleared"
    SCHEDULED = "scheduled"
    PAID = "paid"
    REJECTED = "rejected"
    VOID = "void"


FINAL = (State.SCHEDULED, State.PAID, State.REJECTED, State.VOID)
"""States in which agents no longer work on an invoice."""


class Lane(models.TextChoices):
    """How an invoice stands: who has to do something about it."""

    OPEN = "open"
    AUTO = "auto"
    WAITING = "waiting"
    ESCALATED = "escalated"
    HUMAN = "human"
    VOID = "void"


class InvoiceType(models.TextChoices):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class InvoiceQuerySet(LockingQuerySet["Invoice"]):
    """Invoices."""


class Invoice(models.Model):
    """An invoice or credit note as the agents see it move. Header facts are those of its document, with what
    people supplied above them (`models.SuppliedFact`); the facts of the document itself never change.

    `version` counts changes; a proposal made on another version is made again. `facts_version` counts how
    often an agent was asked again. `answered` names the agents whose answers stand. `matching` numbers the
    set of allocations in force. `number_key`, `skeleton` and `stirred` are no longer written nor read:
    versions of rows that have them stay provable. The number is searched by its key in the facts.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.TextField()
    number_key = models.TextField(blank=True, default="")
    skeleton = models.TextField(blank=True, default="")
    type = models.CharField(max_length=11, choices=InvoiceType)
    type_code = models.CharField(max_length=30, blank=True)
    vendor = models.ForeignKey(
        Vendor, null=True, on_delete=models.PROTECT, related_name="invoices", db_index=False
    )  # the index over amounts begins with it
    issue_date = models.DateField(null=True)
    due_date = models.DateField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    net = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    tax = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    gross = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    order_numbers = ArrayField(models.TextField(), default=list)
    preceding = ArrayField(models.TextField(), default=list)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="invoices")
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVED)
    lane = models.CharField(max_length=10, choices=Lane, default=Lane.OPEN)
    version = models.IntegerField(default=1)
    facts_version = models.IntegerField(default=1)
    answered = ArrayField(models.CharField(max_length=60), default=list)
    matching = models.IntegerField(default=0)
    stirred = models.SmallIntegerField(null=True)
    received_at = models.DateTimeField()
    state_since = models.DateTimeField()

    objects = InvoiceQuerySet.as_manager()
    history = trail.history(no_index=["vendor", "document"])
    database_rules = (guards.Rule("coordination_invoice_no_known_answer", never("id", "An invoice")),)

    class Meta:
        db_table = "coordination_invoice"
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="coordination_invoice_once"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="coordination_invoice_state"),
            models.CheckConstraint(condition=Q(lane__in=Lane.values), name="coordination_invoice_lane"),
        ]
        indexes = [
            models.Index(
                fields=["vendor", "currency", "gross", "issue_date"], name="coordination_inv_amount"
            ),
            models.Index(fields=["-received_at", "-id"], name="coordination_inv_newest"),
            models.Index(fields=["state", "-received_at", "-id"], name="coordination_inv_state"),
            models.Index(fields=["lane", "-received_at", "-id"], name="coordination_inv_lane"),
            models.Index(fields=["state", "state_since"], name="coordination_inv_since"),
            models.Index(
                fields=["vendor", "state_since"], condition=Q(state="paid"), name="coordination_inv_paid"
            ),  # when a vendor was last paid
            models.Index(fields=["number"], name="coordination_inv_plain"),
            GinIndex(fields=["order_numbers"], name="coordination_inv_orders", fastupdate=False),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def subject(self) -> str:
        return Subject.of("invoice", self.id)


class InvoiceFacts(models.Model):
    """Header facts: parties as printed, account, totals beside the three, terms, text.

    `number_key` is the document's own number in the normal form that it is searched by, `number_written` the
    same with its signs, of which a person may know a part, and the `_keys` are the numbers that it names: of
    our orders, of preceding invoices, of the seller's orders, of despatches and receipts. They are here and
    not on the invoice because a row without history can be written anew when the normal form changes.
    `payment` is how the document wants to be paid: its means, the payer's reference, instalments, discounts,
    tax to be withheld.
    """

    append_only = True
    renewable_columns = ("number_key", "number_written", "order_keys")
    """Follow what a person supplies (`models.SuppliedFact`), in the transaction that records it."""
    renewed_under = ("fact.supplied",)

    invoice = models.OneToOneField(Invoice, primary_key=True, on_delete=models.PROTECT, related_name="facts")
    seller = models.JSONField(default=dict)
    buyer = models.JSONField(default=dict)
    vendor_ref = models.TextField(blank=True)
    account = models.JSONField(default=dict)
    other_accounts = models.JSONField(default=list)
    payee = models.JSONField(default=dict)
    despatch_numbers = ArrayField(models.TextField(), default=list)
    receipt_numbers = ArrayField(models.TextField(), default=list)
    sales_orders = ArrayField(models.TextField(), default=list)
    number_key = models.TextField(default="")
    number_written = models.TextField(default="")
    order_keys = ArrayField(models.TextField(), default=list)
    preceding_keys = ArrayField(models.TextField(), default=list)
    sales_keys = ArrayField(models.TextField(), default=list)
    delivery_keys = ArrayField(models.TextField(), default=list)
    lines_net = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    prepaid = models.DecimalField(max_digits=26, decimal_places=6, default=0)
    rounding = models.DecimalField(max_digits=26, decimal_places=6, default=0)
    payable = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    payment_terms = models.TextField(blank=True)
    note = models.TextField(blank=True)
    unreadable = models.JSONField(default=list)
    rules = models.JSONField(default=list)
    texts = models.JSONField(default=list)
    payment = models.JSONField(default=dict)
    marks = ArrayField(models.TextField(), default=list)

    class Meta:
        db_table = "coordination_invoicefacts"
        indexes = [
            models.Index(fields=["number_key"], name="coordination_facts_number"),
            GinIndex(fields=["order_keys"], name="coordination_facts_orders", fastupdate=False),
            GinIndex(fields=["preceding_keys"], name="coordination_facts_preceding", fastupdate=False),
            GinIndex(fields=["sales_keys"], name="coordination_facts_sales", fastupdate=False),
            GinIndex(fields=["delivery_keys"], name="coordination_facts_deliveries", fastupdate=False),
            models.Index(KeyTextTransform("vat_id", "buyer"), name="coordination_facts_buyer_vat"),
            models.Index(KeyTextTransform("endpoint", "buyer"), name="coordination_facts_buyer_id"),
        ]

    def __str__(self) -> str:
        return f"facts of {self.invoice_id}"


class InvoiceLine(models.Model):
    """One invoiced line, as printed."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    position = models.IntegerField()
    line = models.TextField(blank=True)
    item = models.TextField(blank=True)
    buyer_item = models.TextField(blank=True)
    description = models.TextField(blank=True)
    quantity = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    unit = models.CharField(max_length=10, blank=True)
    price = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    base_quantity = models.DecimalField(max_digits=30, decimal_places=10, default=1)
    net = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    tax_rate = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    tax_category = models.CharField(max_length=40, blank=True)
    order_number = models.TextField(blank=True)
    order_line = models.TextField(blank=True)
    standard_item = models.TextField(blank=True)
    base_unit = models.CharField(max_length=10, blank=True)
    note = models.TextField(blank=True)
    despatch_number = models.TextField(blank=True)
    despatch_line = models.TextField(blank=True)
    receipt_number = models.TextField(blank=True)
    receipt_line = models.TextField(blank=True)

    class Meta:
        db_table = "coordination_invoiceline"
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="coordination_invoiceline_once")
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id} line {self.position}"


class AllowanceCharge(models.Model):
    """An allowance or charge of the header (`position` empty) or of one line."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allowances")
    position = models.IntegerField(null=True)
    charge = models.BooleanField()
    amount = models.DecimalField(max_digits=26, decimal_places=6)
    reason = models.TextField(blank=True)
    reason_code = models.CharField(max_length=20, blank=True)
    tax_category = models.CharField(max_length=40, blank=True)
    tax_rate = models.DecimalField(max_digits=12, decimal_places=4, null=True)

    class Meta:
        db_table = "coordination_allowancecharge"

    def __str__(self) -> str:
        return f"{'charge' if self.charge else 'allowance'} {self.amount}"


class TaxSubtotal(models.Model):
    """One row of the tax breakdown, as stated."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="taxes")
    category = models.CharField(max_length=40, blank=True)
    rate = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    base = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    tax = models.DecimalField(max_digits=26, decimal_places=6, null=True)

    class Meta:
        db_table = "coordination_taxsubtotal"

    def __str__(self) -> str:
        return f"{self.rate} % of {self.base}"


class Allocation(models.Model):
    """So much of an invoice line belongs to this order line, and to this receipt line where one is named.

    Rows of an older `matching` than the invoice's are history; the newest set is in force.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations")
    matching = models.IntegerField()
    position = models.IntegerField()
    order_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="allocations")
    quantity = models.DecimalField(max_digits=30, decimal_places=10)
    amount = models.DecimalField(max_digits=26, decimal_places=6)
    found_by = models.CharField(max_length=20)

    class Meta:
        db_table = "coordination_allocation"

    def __str__(self) -> str:
        return f"{self.quantity} of {self.order_line_id}"


class Delivery(models.Model):
    """So much of an allocated invoice line is covered by this receipt line."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="deliveries")
    facts_version = models.IntegerField()
    position = models.IntegerField()
    receipt_line = models.ForeignKey(
        "coordination.ReceiptLine", on_delete=models.PROTECT, related_name="deliveries"
    )
    quantity = models.DecimalField(max_digits=30, decimal_places=10)

    class Meta:
        db_table = "coordination_delivery"

    def __str__(self) -> str:
        return f"{self.quantity} of {self.receipt_line_id}"


class HoldQuerySet(models.QuerySet["Hold"]):
    """Holds."""

    def live(self) -> Self:
        """Those that keep their invoice from being released: open, or waiting for a fact."""
        return self.exclude(status=Hold.Status.RELEASED)


class Hold(models.Model):
    """A reason not to pay yet: typed, owned, with what was expected and found. An invoice may have many.

    `fingerprint` names the finding itself (code, line, found), so that a person's release stands for exactly
    that.
    """

    class Status(models.TextChoices):
        OPEN = "open"
        WAITING = "waiting"
        RELEASED = "released"

    class Release(models.TextChoices):
        MATCHED = "matched"
        OVERRIDE = "override"
        REPLACED = "replaced"
        REJECTED = "rejected"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="holds")
    line = models.IntegerField(null=True)
    code = models.CharField(max_length=40)
    question = models.CharField(max_length=40)
    owner = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=Status)
    release = models.CharField(max_length=10, choices=Release, blank=True)
    detail = models.JSONField(default=dict)
    fingerprint = models.CharField(max_length=64)
    raised_by = models.CharField(max_length=60)
    until = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=200, blank=True)
    release_reason = models.TextField(blank=True)

    objects = HoldQuerySet.as_manager()
    history = trail.history(no_index=["invoice"])

    class Meta:
        db_table = "coordination_hold"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["open", "waiting", "released"]), name="coordination_hold_status"
            ),
            models.UniqueConstraint(
                fields=["invoice", "fingerprint"],
                condition=~Q(status="released"),
                name="coordination_hold_once",
            ),
        ]
        indexes = [
            models.Index(fields=["invoice"], condition=~Q(status="released"), name="coordination_hold_live"),
            models.Index(fields=["until"], condition=Q(status="waiting"), name="coordination_hold_waiting"),
            models.Index(
                fields=["code", "opened_at"], condition=~Q(status="released"), name="coordination_hold_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} on {self.invoice_id}"


class InvoiceStatus(models.Model):
    """What we would tell the vendor now: plain words and the Peppol Invoice Response that says the same."""

    invoice = models.OneToOneField(Invoice, primary_key=True, on_delete=models.PROTECT, related_name="status")
    text = models.TextField()
    response = models.CharField(max_length=2)
    reasons = ArrayField(models.CharField(max_length=3), default=list)
    actions = ArrayField(models.CharField(max_length=3), default=list)
    as_of = models.DateTimeField()

    history = trail.history(no_index=["invoice"])

    class Meta:
        db_table = "coordination_invoicestatus"

    def __str__(self) -> str:
        return f"{self.response}: {self.text}"
