"""What people supplied where a document says nothing that can be used."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit.ids import new_id

from .documents import Document
from .invoices import Invoice


class SuppliedFact(models.Model):
    """A value that stands above what the document of an invoice says in one field (`domain.supplied`).

    Of several of one field the highest `number` is in force. It was supplied by a person who answered a
    `question` (`confirmed_by` by the second one who gave the same answer), or later by a `document` that
    states the field itself; then `by` is who brought that. `was` is what stood there, `place` where the
    document has it; `why` is a commitment to the person's words (`audit.commitments`).
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="supplied", db_index=False
    )  # what is unique begins with it
    field = models.CharField(max_length=80)
    number = models.SmallIntegerField()
    value = models.TextField()
    was = models.TextField(blank=True)
    place = models.TextField(blank=True)
    question = models.UUIDField(null=True)
    document = models.ForeignKey(
        Document, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    by = models.CharField(max_length=200)
    confirmed_by = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    why = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "coordination_suppliedfact"
        indexes = [models.Index(fields=["field"], name="coordination_supplied_field")]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "field", "number"], name="coordination_one_fact_in_force"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="coordination_suppliedfact_number"),
            models.CheckConstraint(
                condition=Q(question__isnull=False, document__isnull=True, by__startswith="human:")
                | Q(question__isnull=True, document__isnull=False),
                name="coordination_suppliedfact_origin",
            ),
            models.CheckConstraint(
                condition=~Q(confirmed_by=models.F("by")), name="coordination_suppliedfact_second"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.invoice_id}: {self.value}"
