"""The rules in force, as versioned data."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit import trail
from audit.ids import new_id


class PolicyVersion(models.Model):
    """One version of the rules. `text` is canonical JSON and never changes; only the status does."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        TESTED = "tested"
        ACTIVE = "active"
        RETIRED = "retired"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    revision = models.IntegerField(unique=True)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    author = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    activated_by = models.CharField(max_length=200, blank=True)
    activated_at = models.DateTimeField(null=True)

    history = trail.history(no_index=["revision"])

    class Meta:
        db_table = "coordination_policyversion"
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="active"), name="coordination_one_active_policy"
            )
        ]

    def __str__(self) -> str:
        return f"v{self.revision}"
