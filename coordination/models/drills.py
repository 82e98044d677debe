"""Rehearsed drift: an agent's answers changed on purpose, in a demonstration or a staging installation."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from audit import trail
from audit.ids import new_id


class DrillQuerySet(models.QuerySet["Drill"]):
    """Drills."""

    def running(self) -> Self:
        """Those that nobody has ended."""
        return self.filter(ended_at=None)


class Drill(models.Model):
    """While it runs, a `share` of what the agent proposes is changed by its `kind`
    (`agents.drills`); the `seed` draws which. One at a time for each agent.

    Both reasons are commitments (`audit.commitments`).
    """

    class Kind(models.TextChoices):
        APPROVES = "approves", "approves what it would hold"
        UNSURE = "unsure", "says that it is unsure"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agent = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind)
    share = models.DecimalField(max_digits=4, decimal_places=3)
    seed = models.CharField(max_length=64)
    reason = models.TextField()
    started_by = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    ended_by = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.TextField(blank=True)

    objects = DrillQuerySet.as_manager()
    history = trail.history()

    class Meta:
        db_table = "coordination_drill"
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(ended_at=None), name="coordination_one_drill"
            ),
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="coordination_drill_share"),
        ]

    def __str__(self) -> str:
        return f"drill of {self.agent}"
