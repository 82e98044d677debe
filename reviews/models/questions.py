"""A question that is put to people, frozen when it was opened."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from audit import guards, trail
from audit.ids import new_id


class Status(models.TextChoices):
    """Where an escalation stands. Expired is not rejected; silence never approves."""

    OPEN = "open"
    APPROVED = "approved"
    EDITED = "edited"
    PARTIAL = "partial"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


LISTED = """
BEGIN
  IF EXISTS (SELECT 1 FROM public.reviews_escalation WHERE id = NEW.id AND (status = 'open') IS DISTINCT FROM
      EXISTS (SELECT 1 FROM public.reviews_openquestion WHERE question_id = NEW.id)) THEN
    RAISE EXCEPTION 'reviews_escalation %: lists would show what is not open, or not show what is', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'reviews_listed',
            HINT = 'Ask by reviews.services.ask, which writes what lists read.';
  END IF;
  RETURN NULL;
END
"""


class Escalation(models.Model):
    """One question, frozen when it was opened.

    `case` is the stored snapshot the person decides on, `kind` the name of a registered kind
    (`reviews.kinds`). `aside_*`: until when somebody has put it aside, what brings it back before
    (`handling.Awaited`), and the last entry of the ledger then; empty for what stands in the list.
    `warn_at`: when half of its time is over; null for questions of before, of which it is half of all time.
    `signers`: groups and departments that have to be among the `quorum` people who sign, each by another.
    `backup`: the department that answers it, too, since its time was over.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject = models.TextField()
    kind = models.CharField(max_length=20)
    question = models.TextField()
    reasons = models.JSONField(default=list)
    options = ArrayField(models.CharField(max_length=20), default=list)
    case = models.JSONField(default=dict)
    payload_hash = models.CharField(max_length=64)
    policy = models.CharField(max_length=20)
    queue = models.CharField(max_length=40)
    quorum = models.SmallIntegerField(default=1)
    signers = ArrayField(models.CharField(max_length=40), default=list)
    makers = ArrayField(models.CharField(max_length=200), default=list)
    currency = models.CharField(max_length=3, blank=True)
    amount = models.DecimalField(max_digits=24, decimal_places=2, null=True)
    amount_company = models.DecimalField(max_digits=24, decimal_places=2, null=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    version = models.IntegerField(default=1)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    clock = models.CharField(max_length=20)
    warn_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    backup = models.CharField(max_length=40, blank=True, default="")
    owner = models.CharField(max_length=200, blank=True)
    aside_until = models.DateTimeField(null=True)
    aside_for = models.CharField(max_length=5, blank=True)
    aside_mark = models.BigIntegerField(null=True)
    verdict = models.CharField(max_length=20, blank=True)
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    supersedes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

    history = trail.history(no_index=["supersedes"])
    database_rules = (guards.Rule("reviews_listed", LISTED),)

    class Meta:
        db_table = "reviews_escalation"
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=Q(status="open"), name="reviews_one_open_per_subject"
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="reviews_escalation_status"),
            models.CheckConstraint(condition=Q(quorum__gte=1), name="reviews_escalation_quorum"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="open"), name="reviews_open_by_clock"),
            models.Index(
                fields=["backup"], condition=Q(status="open") & ~Q(backup=""), name="reviews_open_by_backup"
            ),
            models.Index(fields=["subject", "opened_at"], name="reviews_by_subject"),
            models.Index(fields=["decided_at"], name="reviews_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.question}"

    @property
    def half_time(self) -> datetime:
        """When half of its time is over."""
        return self.warn_at or self.opened_at + (self.due_at - self.opened_at) / 2

    @property
    def blind(self) -> bool:
        """Is it answered without knowing what agents said? Settled when it was asked, in the frozen case."""
        return bool(self.case.get("blind"))
