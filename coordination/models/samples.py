"""Samples that auditors drew, and what they found in them. Only ever added to."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit.ids import new_id
from audit.subjects import Subject

from .invoices import Invoice


class AuditSample(models.Model):
    """A sample of invoices, complete enough to be drawn again by anybody.

    `query` is the search that made the population, `zone` the time zone its days were meant in. `members` are
    the keys of the whole population in order, 16 bytes each, compressed; their amounts never change after
    intake. `drawn` lists key, amount, stratum and hits in the order of the draw. A credit note's amount is
    negative here.
    """

    class Method(models.TextChoices):
        RANDOM = "random"
        STRATIFIED = "stratified"
        MONETARY_UNIT = "monetary_unit"

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    purpose = models.TextField()
    method = models.CharField(max_length=13, choices=Method)
    seed = models.CharField(max_length=64)
    size = models.IntegerField()
    query = models.TextField(blank=True)
    zone = models.CharField(max_length=64)
    currency = models.CharField(max_length=3, blank=True)
    confidence = models.DecimalField(max_digits=4, decimal_places=3)
    parameters = models.JSONField(default=dict)
    population_digest = models.CharField(max_length=64)
    population_count = models.IntegerField()
    population_sums = models.JSONField(default=dict)
    members = models.BinaryField()
    drawn = models.JSONField(default=list)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        db_table = "coordination_auditsample"
        constraints = [
            models.CheckConstraint(
                condition=Q(method__in=["random", "stratified", "monetary_unit"]),
                name="coordination_sample_method",
            ),
            models.CheckConstraint(condition=Q(size__gte=1), name="coordination_sample_size"),
        ]
        indexes = [
            models.Index(fields=["-at"], name="coordination_sample_newest"),
            models.Index(fields=["population_digest"], name="coordination_sample_population"),
        ]

    def __str__(self) -> str:
        return f"{self.method} of {self.size}: {self.purpose}"

    @property
    def subject(self) -> str:
        return Subject.of("sample", self.id)


class SampleResult(models.Model):
    """What was found about one item of a sample. The latest counts, earlier ones stay.

    `audited` is the amount the item should have had, in the sample's currency and with the sign of the
    sample.
    """

    class Outcome(models.TextChoices):
        RIGHT = "right"
        WRONG = "wrong"
        NOT_FOUND = "not_found"

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sample = models.ForeignKey(AuditSample, on_delete=models.PROTECT, related_name="results")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="sample_results")
    outcome = models.CharField(max_length=9, choices=Outcome)
    audited = models.DecimalField(max_digits=26, decimal_places=6, null=True)
    words = models.TextField(blank=True)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        db_table = "coordination_sampleresult"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["right", "wrong", "not_found"]), name="coordination_result_outcome"
            )
        ]

    def __str__(self) -> str:
        return f"{self.outcome}: {self.invoice_id}"
