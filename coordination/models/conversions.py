"""Declared unit factors: the only way two units are ever compared."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit.ids import new_id

from .documents import Document
from .parties import Vendor


class UnitConversion(models.Model):
    """One `unit` is `factor` of `per`, for an item of a vendor, all items of it (no item) or everybody (no
    vendor).

    Declared in a document (CSV `conversions`); a later declaration of the same factor replaces an earlier
    one.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    vendor = models.ForeignKey(Vendor, null=True, on_delete=models.PROTECT, related_name="conversions")
    item = models.TextField(blank=True)
    unit = models.CharField(max_length=10)
    per = models.CharField(max_length=10)
    factor = models.DecimalField(max_digits=30, decimal_places=10)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()

    class Meta:
        db_table = "coordination_unitconversion"
        constraints = [
            models.CheckConstraint(condition=Q(factor__gt=0), name="coordination_conversion_positive")
        ]

    def __str__(self) -> str:
        return f"1 {self.unit} = {self.factor} {self.per}"
