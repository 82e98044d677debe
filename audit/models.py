"""The ledger's tables. Rows are only ever inserted (`guards.py` makes the database refuse anything else)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Cast

GENESIS = "0" * 64
"""`prev` of a subject's first entry."""


class Entry(models.Model):
    """One thing that happened to one subject. `body` is the truth; the other columns repeat it for queries.

    `tx` is the writing transaction: ids commit out of order, so a reader of the tail compares `tx` with the
    oldest transaction still running and never uses `id` as a cursor.
    """

    append_only = True

    id = models.BigAutoField(primary_key=True)
    subject = models.TextField()
    seq = models.IntegerField()
    prev = models.CharField(max_length=64)
    body = models.TextField()
    hash = models.CharField(max_length=64)
    type = models.TextField()
    actor = models.TextField()
    recorded_at = models.DateTimeField()
    tx = models.BigIntegerField(
        db_default=Cast(
            Cast(models.Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField()
        )
    )

    class Meta:
        db_table = "audit_entry"
        constraints = [
            models.UniqueConstraint(fields=["subject", "seq"], name="audit_entry_subject_seq"),
            models.UniqueConstraint(fields=["subject", "prev"], name="audit_entry_subject_prev"),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="audit_entry_seq_positive"),
        ]
        indexes = [
            models.Index(fields=["recorded_at"], name="audit_entry_time"),
            models.Index(fields=["tx", "id"], name="audit_entry_tail"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} #{self.seq} {self.type}"


class Personal(models.Model):
    """Personal text as it was written, beside the ledger. Entries and rows carry its `commitment` instead of
    it.

    `of` is who wrote it, `about` the subject it was written about. A row leaves only with an entry that lists
    it; the commitment without the salt says nothing about the text.
    """

    erasable = True

    commitment = models.CharField(primary_key=True, max_length=64)
    salt = models.CharField(max_length=64)
    value = models.TextField()
    kind = models.CharField(max_length=40)
    of = models.TextField()
    about = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "audit_personal"
        indexes = [
            models.Index(fields=["of"], name="audit_personal_of"),
            models.Index(fields=["about"], name="audit_personal_about"),
            models.Index(fields=["kind", "at"], name="audit_personal_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.of}"


class Erased(models.Model):
    """What is left of an erased text: which it was, when it went, by whom and why."""

    append_only = True

    commitment = models.CharField(primary_key=True, max_length=64)
    kind = models.CharField(max_length=40)
    of = models.TextField()
    about = models.TextField()
    by = models.CharField(max_length=200)
    why = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "audit_erased"

    def __str__(self) -> str:
        return f"{self.kind} of {self.of}, erased"


class Leaf(models.Model):
    """The place of an entry in the tree: given once, by the sealer, in its own order."""

    append_only = True

    leaf_index = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)

    class Meta:
        db_table = "audit_leaf"

    def __str__(self) -> str:
        return f"{self.leaf_index}: entry {self.entry_id}"


class Node(models.Model):
    """The root of a complete subtree of 2**level leaves (levels 8, 16, ...): from these, roots and proofs are
    made fast."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_node"
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="audit_node_place")]

    def __str__(self) -> str:
        return f"subtree {self.level}/{self.index}"


class Head(models.Model):
    """The last sealed entry of each subject. Derived from leaves and entries; `verify` derives it again."""

    subject = models.TextField(primary_key=True, db_collation="C")
    seq = models.IntegerField()
    hash = models.CharField(max_length=64)
    leaf = models.BinaryField()

    class Meta:
        db_table = "audit_head"

    def __str__(self) -> str:
        return f"{self.subject} #{self.seq}"


class Checkpoint(models.Model):
    """A signed root over the first `size` entries of the tree. `note` is what was signed, with the signature.

    `floor`: the oldest transaction that was running when the entries were gathered; what older ones wrote is
    sealed.
    """

    append_only = True

    size = models.BigIntegerField(primary_key=True)
    root = models.CharField(max_length=64)
    note = models.TextField()
    created_at = models.DateTimeField()
    floor = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "audit_checkpoint"

    def __str__(self) -> str:
        return f"checkpoint of {self.size}"
