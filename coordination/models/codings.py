"""Where invoice lines are booked: account and cost centre, and the lines that people coded before."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit import trail
from audit.ids import new_id

from .documents import Document
from .invoices import Invoice

CODE_LENGTH = 40
"""Longest account or cost centre."""


class CodingExample(models.Model):
    """A line as people coded it: imported (`document`), or confirmed on a page (`invoice` and `position`).

    What an agent proposed is never one. Of several examples of one invoice line the newest counts.
    `vendor_id` is our number for the vendor, who may come later than the example.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    vendor_id = models.CharField(max_length=255)
    item = models.TextField(blank=True)
    description = models.TextField(blank=True)
    account = models.CharField(max_length=CODE_LENGTH)
    cost_centre = models.CharField(max_length=CODE_LENGTH, blank=True)
    coded_on = models.DateField()
    invoice = models.ForeignKey(
        Invoice, null=True, on_delete=models.PROTECT, related_name="coding_examples", db_index=False
    )
    position = models.IntegerField(null=True)
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "coordination_codingexample"
        constraints = [
            models.CheckConstraint(
                condition=Q(document__isnull=False, invoice__isnull=True, position__isnull=True)
                | Q(document__isnull=True, invoice__isnull=False, position__isnull=False),
                name="coordination_codingexample_origin",
            ),
            models.CheckConstraint(condition=~Q(account=""), name="coordination_codingexample_account"),
            models.CheckConstraint(
                condition=Q(document__isnull=False) | Q(by__startswith="human:"),
                name="coordination_codingexample_people",
            ),
        ]
        indexes = [
            models.Index(fields=["vendor_id", "-coded_on", "-id"], name="coordination_codingexample_new"),
            models.Index(
                fields=["invoice", "position"],
                condition=Q(invoice__isnull=False),
                name="coordination_codingexample_lin",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item or self.description}: {self.account}"


class Coding(models.Model):
    """The account and cost centre of one invoice line.

    `proposed`: an agent's answer that a person has to confirm; `set`: one that holds because the agent was
    sure enough and may act; `confirmed`: a person's. `proposed_account` and `proposed_cost_centre` keep what
    the agent had said, empty where it said nothing. `version` counts changes of the coding, for the page that
    shows it.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        SET = "set"
        CONFIRMED = "confirmed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="codings", db_index=False)
    position = models.IntegerField()
    account = models.CharField(max_length=CODE_LENGTH)
    cost_centre = models.CharField(max_length=CODE_LENGTH, blank=True)
    proposed_account = models.CharField(max_length=CODE_LENGTH, blank=True)
    proposed_cost_centre = models.CharField(max_length=CODE_LENGTH, blank=True)
    confidence = models.DecimalField(max_digits=4, decimal_places=3, null=True)
    basis = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status)
    by = models.CharField(max_length=200)
    version = models.IntegerField(default=1)
    at = models.DateTimeField()

    history = trail.history(no_index=["invoice"])

    class Meta:
        db_table = "coordination_coding"
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="coordination_coding_once"),
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "set", "confirmed"]), name="coordination_coding_status"
            ),
            models.CheckConstraint(condition=~Q(account=""), name="coordination_coding_account"),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | Q(by__startswith="human:"),
                name="coordination_coding_people",
            ),
        ]
        indexes = [
            models.Index(
                fields=["invoice"], condition=Q(status="proposed"), name="coordination_coding_proposed"
            ),
            models.Index(
                fields=["invoice"], condition=Q(status="confirmed"), name="coordination_coding_confirmed"
            ),
            models.Index(fields=["by"], name="coordination_coding_by", condition=Q(by__startswith="human:")),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id} line {self.position}: {self.account}"
