"""What is worked out from the work of weeks and put in force by a manager, version by version."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from audit.ids import new_id


class MeasuredVersion(models.Model):
    """One version: its `text` is JSON and never changes, only the status does. `basis_from` and `basis_until`
    bound the work that it rests on. Each kind has a table, a history and the rule that one version is active
    of its own. `words` is what a version is called."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        ACTIVE = "active"
        RETIRED = "retired"
        REFUSED = "refused"

    words: ClassVar[str]

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.IntegerField(unique=True)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    basis_from = models.DateTimeField()
    basis_until = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    made_by = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    activated_by = models.CharField(max_length=200, blank=True)
    activated_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.words} {self.number}"
