"""What must not be removed although its time is over."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from audit import trail
from audit.ids import new_id


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    """Legal holds."""

    def in_force(self) -> Self:
        """Those that nobody has lifted."""
        return self.filter(lifted_at=None)


class LegalHold(models.Model):
    """Nothing about this invoice, or about any invoice of this vendor, is removed while the hold stands.

    `subject` is `invoice/<key>` or `vendor/<key>`; both reasons are commitments (`audit.commitments`).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject = models.TextField()
    reason = models.TextField()
    placed_by = models.CharField(max_length=200)
    placed_at = models.DateTimeField()
    lifted_by = models.CharField(max_length=200, blank=True)
    lifted_at = models.DateTimeField(null=True)
    lift_reason = models.TextField(blank=True)

    objects = LegalHoldQuerySet.as_manager()
    history = trail.history()

    class Meta:
        db_table = "coordination_legalhold"
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=Q(lifted_at=None), name="coordination_one_legal_hold"
            ),
        ]

    def __str__(self) -> str:
        return f"legal hold on {self.subject}"
