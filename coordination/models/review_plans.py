"""The plans of the quality review."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit import trail
from audit.ids import new_id


class ReviewPlan(models.Model):
    """How much is reviewed of what (`domain.review_plan`), as one version of it was computed.

    `text`: the plan as JSON, which never changes; only the status does. `budget` is how many reviews it is
    made for, among as many invoices as `decided`; `basis_from` and `basis_until` bound these.
    """

    class Status(models.TextChoices):
        DRAFT = "draft"
        ACTIVE = "active"
        RETIRED = "retired"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.IntegerField(unique=True)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    decided = models.IntegerField()
    budget = models.IntegerField()
    basis_from = models.DateTimeField()
    basis_until = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    activated_by = models.CharField(max_length=200, blank=True)
    activated_at = models.DateTimeField(null=True)

    history = trail.history(no_index=["number"])

    class Meta:
        db_table = "coordination_reviewplan"
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="active"), name="coordination_one_active_review_plan"
            )
        ]

    def __str__(self) -> str:
        return f"review plan {self.number}"
