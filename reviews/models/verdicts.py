"""The answers that people gave."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from audit.ids import new_id

from .questions import Escalation


class Verdict(models.Model):
    """One person's answer. Only ever added; with a quorum there are several to one escalation.

    `on_behalf_of`: for whom they answered, where it was not theirs; empty where it was. `stands_as`: the
    groups and the department that the signature stands for, of a question that names who has to sign.
    `comment` is a commitment to what they wrote (`audit.commitments`), not the text. `covers` is what of the
    question the answer is about, `overrides` the codes that an override sets aside (comma-separated),
    `seen_version` null where no page and nobody said what had been looked at. `seconds`: how long the page
    had been before them; null where they answered by no page. `remedy` and `terms`: of an edit, which answer
    it is and what was supplied (`remedies`).
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    escalation = models.ForeignKey(Escalation, on_delete=models.PROTECT, related_name="verdicts")
    verdict = models.CharField(max_length=20)
    by = models.CharField(max_length=200)
    on_behalf_of = models.CharField(max_length=200, blank=True, default="")
    stands_as = ArrayField(models.CharField(max_length=40), default=list)
    reason = models.CharField(max_length=60)
    comment = models.TextField(blank=True)
    overrides = models.TextField(blank=True)
    remedy = models.CharField(max_length=20, blank=True)
    terms = models.JSONField(default=dict)
    covers = models.JSONField(default=list)
    seen_version = models.IntegerField(null=True)
    seconds = models.IntegerField(null=True)
    payload_hash = models.CharField(max_length=64)
    click = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "reviews_verdict"
        constraints = [
            models.UniqueConstraint(fields=["escalation", "by"], name="reviews_one_verdict_per_person"),
            models.UniqueConstraint(
                fields=["by", "click"], condition=~Q(click=""), name="reviews_one_verdict_per_click"
            ),
        ]
        indexes = [models.Index(fields=["at"], name="reviews_verdict_at")]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.by}"
