"""What came in: bytes by their SHA-256, what was read from them, and what could not be read."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from audit import trail
from audit.ids import new_id


class Content(models.Model):
    """The original bytes, once per SHA-256.

    Bytes that became no document may be emptied when their time of retention is over (then `data` is empty
    and `size` is not); the same bytes, and only they, may come back.
    """

    append_only = True
    erasable_columns = ("data",)
    restorable = "encode(sha256(NEW.data), 'hex') = NEW.sha256"

    sha256 = models.CharField(primary_key=True, max_length=64)
    data = models.BinaryField()
    size = models.IntegerField()

    class Meta:
        db_table = "coordination_content"

    def __str__(self) -> str:
        return self.sha256


class Document(models.Model):
    """One business document read from a file. A CSV holds many; `part` tells them apart.

    `provenance` maps canonical field paths to [source path, raw value].
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="documents")
    part = models.TextField(blank=True)
    kind = models.CharField(max_length=20)
    number = models.TextField(blank=True)
    name = models.TextField()
    source = models.CharField(max_length=60, blank=True)
    source_format = models.CharField(max_length=40)
    subject = models.TextField(blank=True)
    provenance = models.JSONField(default=dict)
    canonical = models.JSONField(default=dict)
    received_by = models.CharField(max_length=200)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "coordination_document"
        constraints = [
            models.UniqueConstraint(fields=["content", "kind", "part"], name="coordination_document_once"),
        ]
        indexes = [
            models.Index(fields=["subject"], name="coordination_doc_subject"),
            models.Index(fields=["kind", "number"], name="coordination_doc_number"),
            models.Index(fields=["kind", "received_at"], name="coordination_doc_newest"),
            models.Index(fields=["source", "kind", "id"], name="coordination_doc_source"),
            models.Index(
                fields=["received_by"],
                name="coordination_doc_people",
                condition=Q(received_by__startswith="human:"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class QuarantineQuerySet(models.QuerySet["Quarantine"]):
    """What could not be read."""

    def open(self) -> Self:
        """What nobody has read or dismissed yet."""
        return self.filter(status=Quarantine.Status.OPEN)


class Quarantine(models.Model):
    """Bytes, or one document of a file, that could not be read. A person tries again or dismisses it."""

    class Status(models.TextChoices):
        OPEN = "open"
        RESOLVED = "resolved"
        DISMISSED = "dismissed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="+")
    name = models.TextField()
    source = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=20)
    error = models.TextField()
    line = models.IntegerField(null=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    tries = models.IntegerField(default=1)
    received_by = models.CharField(max_length=200)
    received_at = models.DateTimeField()

    objects = QuarantineQuerySet.as_manager()
    history = trail.history(no_index=["content"])

    class Meta:
        db_table = "coordination_quarantine"
        indexes = [models.Index(fields=["status", "received_at"], name="coordination_quarantine_open")]

    def __str__(self) -> str:
        return f"{self.name}: {self.code}"
