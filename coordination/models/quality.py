"""How well the agents did on a world whose right answers are known."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from audit.ids import new_id


class Evaluation(models.Model):
    """One examination: which world, under which policy, and the figures (`world.report.figures`).

    The ledger entry it points to binds the figures by their SHA-256.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry_id = models.BigIntegerField(unique=True)
    seed = models.BigIntegerField()
    invoices = models.IntegerField()
    defect_share = models.DecimalField(max_digits=4, decimal_places=3)
    formats = ArrayField(models.CharField(max_length=10))
    policy = models.CharField(max_length=20)
    policy_sha256 = models.CharField(max_length=64)
    figures = models.JSONField()
    figures_sha256 = models.CharField(max_length=64)
    by = models.CharField(max_length=200)
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "coordination_evaluation"

    def __str__(self) -> str:
        return f"seed {self.seed}, {self.invoices} invoices, {self.policy}"
