"""How tables of other systems are read, as versioned data."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit import trail
from audit.ids import new_id
from audit.subjects import Subject

from .documents import Content


class TranslationMap(models.Model):
    """One version of a map. `text` is canonical JSON and never changes; only the status does.

    A version is proposed by one person and put in force by another. Versions of one map share `series`.
    `signature` is the SHA-256 of what decides whether a table is for it. `sample` is the file it was made on,
    for looking at it again when it is changed.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        ACTIVE = "active"
        RETIRED = "retired"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    series = models.UUIDField(default=new_id, editable=False)
    revision = models.IntegerField()
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    signature = models.CharField(max_length=64)
    sample = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="+")
    sample_name = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.PROPOSED)
    author = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    activated_by = models.CharField(max_length=200, blank=True)
    activated_at = models.DateTimeField(null=True)
    retired_by = models.CharField(max_length=200, blank=True)
    retired_at = models.DateTimeField(null=True)

    history = trail.history(no_index=["sample"])

    class Meta:
        db_table = "coordination_translationmap"
        constraints = [
            models.UniqueConstraint(fields=["series", "revision"], name="coordination_map_revision"),
            models.UniqueConstraint(
                fields=["series"], condition=Q(status="active"), name="coordination_one_active_map"
            ),
            models.UniqueConstraint(
                fields=["signature"], condition=Q(status="active"), name="coordination_one_map_per_table"
            ),
            models.UniqueConstraint(
                fields=["name"], condition=Q(status="active"), name="coordination_one_map_per_name"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.revision}"

    @property
    def subject(self) -> str:
        """The subject of the map's entries and questions, the same for all its versions."""
        return Subject.of("map", self.series)
