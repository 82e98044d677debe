"""What vendors say that we owe them, line by line, and what became of each line."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from audit import trail
from audit.ids import new_id
from audit.subjects import Subject

from .documents import Document
from .invoices import Invoice
from .locking import LockingQuerySet
from .parties import Vendor
from .payments import Payment


class StatementQuerySet(LockingQuerySet["Statement"]):
    """Statements of account."""


class Statement(models.Model):
    """A vendor's statement of account and how it stands against our books.

    What the vendor states never changes; status, counts, `own` (what the statement lacks), `contradictions`
    and `our_balance` are those of the last reconciliation. `basis` names the differences it found, `answered`
    those that a person has answered: the same are not asked twice.
    """

    class Status(models.TextChoices):
        RECEIVED = "received"
        AGREED = "agreed"
        OPEN = "open"
        ACCEPTED = "accepted"
        ASKED = "asked"
        SUPERSEDED = "superseded"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.TextField()
    vendor = models.ForeignKey(Vendor, null=True, on_delete=models.PROTECT, related_name="statements")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="statements")
    seller = models.JSONField(default=dict)
    vendor_ref = models.TextField(blank=True)
    statement_date = models.DateField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    balance = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    total_debit = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    total_credit = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    digest = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status, default=Status.RECEIVED)
    line_count = models.IntegerField(default=0)
    matched = models.IntegerField(default=0)
    timing = models.IntegerField(default=0)
    differences = models.IntegerField(default=0)
    their_sum = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    our_balance = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    own = models.JSONField(default=list)
    contradictions = models.JSONField(default=list)
    basis = models.CharField(max_length=64, blank=True)
    answered = models.CharField(max_length=64, blank=True)
    reconciled_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    objects = StatementQuerySet.as_manager()
    history = trail.history(no_index=["vendor", "document"])

    class Meta:
        db_table = "coordination_statement"
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="coordination_statement_once"),
            models.CheckConstraint(
                condition=Q(
                    status__in=["received", "agreed", "open", "accepted", "asked", "superseded", "failed"]
                ),
                name="coordination_statement_status",
            ),
        ]
        indexes = [
            models.Index(
                fields=["vendor", "currency", "statement_date"], name="coordination_statement_newest"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def subject(self) -> str:
        return Subject.of("statement", self.id)

    @property
    def vendor_name(self) -> str:
        """Our vendor's name, else the one that the statement gives."""
        return self.vendor.name if self.vendor else str(self.seller.get("name") or "Unknown vendor")


class StatementLine(models.Model):
    """One line as the vendor wrote it, and its result. `kind` is empty until it was reconciled for the first
    time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lines")
    position = models.IntegerField()
    reference = models.TextField(blank=True)
    reference_date = models.DateField(null=True)
    type = models.TextField(blank=True)
    amount = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    others = ArrayField(models.TextField(), default=list)
    kind = models.CharField(max_length=20, blank=True)
    sentence = models.TextField(blank=True)
    ours = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    invoice = models.ForeignKey(
        Invoice, null=True, on_delete=models.PROTECT, related_name="statement_lines", db_index=False
    )
    payment = models.ForeignKey(
        Payment, null=True, on_delete=models.PROTECT, related_name="statement_lines", db_index=False
    )
    suggestions = models.JSONField(default=list)

    history = trail.history(no_index=["statement", "invoice", "payment"])

    class Meta:
        db_table = "coordination_statementline"
        constraints = [
            models.UniqueConstraint(fields=["statement", "position"], name="coordination_statementline_once")
        ]

    def __str__(self) -> str:
        return f"{self.statement_id} line {self.position}"


class StatementChange(models.Model):
    """Something changed for a vendor: its statements are reconciled again. Without a vendor: vendors changed,
    so that statements of nobody may find theirs. Not unique on purpose, as `Invalidation`."""

    id = models.BigAutoField(primary_key=True)
    vendor = models.ForeignKey(Vendor, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    cause = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "coordination_statementnote"

    def __str__(self) -> str:
        return f"statements of {self.vendor_id or 'nobody'}"
