"""What auditors leave behind, and who looked at what. Only ever added to."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from audit.ids import new_id


class AccessRecord(models.Model):
    """Somebody looked at something: a page of an invoice, a case, an original, an export.

    Rows never change. They leave when their time of retention is over, with an entry that says so.
    """

    erasable = True

    id = models.BigAutoField(primary_key=True)
    by = models.CharField(max_length=200)
    what = models.CharField(max_length=40)
    subject = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "coordination_accessrecord"
        indexes = [
            models.Index(fields=["subject", "-id"], name="coordination_access_subject"),
            models.Index(fields=["by", "-id"], name="coordination_access_person"),
        ]

    def __str__(self) -> str:
        return f"{self.by} {self.what} {self.subject}"


class AuditNote(models.Model):
    """An auditor's own words about an invoice, or about one entry of it (`seq`); `text` is a commitment to
    them."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject = models.TextField()
    seq = models.IntegerField(null=True)
    text = models.TextField()
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        db_table = "coordination_auditnote"
        indexes = [models.Index(fields=["subject", "at"], name="coordination_note_subject")]

    def __str__(self) -> str:
        return f"{self.by} on {self.subject}"


class SavedSearch(models.Model):
    """A search that a person keeps under a name; theirs alone, and no fact about anything."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="searches")
    name = models.CharField(max_length=80)
    query = models.TextField()

    class Meta:
        db_table = "coordination_savedsearch"
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="coordination_search_name")]

    def __str__(self) -> str:
        return self.name
