"""The plans of the quality review."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit import trail

from .measured_versions import MeasuredVersion


class ReviewPlan(MeasuredVersion):
    """How much is reviewed of what (`domain.review_plan`). `budget` is how many reviews it is made for, among
    as many invoices as `decided`."""

    words = "review plan"

    decided = models.IntegerField()
    budget = models.IntegerField()

    history = trail.history(no_index=["number"])

    class Meta:
        db_table = "coordination_reviewplan"
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="active"), name="coordination_one_active_review_plan"
            )
        ]
