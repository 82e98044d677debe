"""What stands beside an open question: what lists read of it, who is on it, and an answer that waits."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from .questions import Escalation


class OpenQuestion(models.Model):
    """What lists read of an open question, beside its case, which is large: one row while it is open.

    `reviews.listed` writes it with the question; a trigger of the database removes it with the answer and
    follows the owner. `leased_until`: when a claim ends by itself, unless its owner's page renews it; null
    where it does not. `nobody`: why nobody may answer it, as it was seen at `looked_at` (`unanswerable`);
    empty where somebody may. All else is as it was asked.
    """

    question = models.OneToOneField(Escalation, on_delete=models.CASCADE, primary_key=True, related_name="+")
    kind = models.CharField(max_length=20)
    queue = models.CharField(max_length=40)
    owner = models.CharField(max_length=200, blank=True)
    codes = ArrayField(models.TextField(), default=list)
    currency = models.CharField(max_length=3, blank=True)
    amount_company = models.DecimalField(max_digits=24, decimal_places=2, null=True)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    aside_until = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    excerpt = models.JSONField(default=dict)
    cause = models.CharField(max_length=64, blank=True)
    """What is asked of whom, as a digest (`listed.cause_of`): the same for questions that ask the same of the
    same party; empty for one that stands alone."""
    nobody = models.TextField(blank=True, default="")
    looked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "reviews_openquestion"
        indexes = [
            models.Index(
                fields=["cause", "due_at", "question"], condition=~Q(cause=""), name="reviews_listed_by_cause"
            ),
            models.Index(fields=["due_at", "opened_at", "question"], name="reviews_listed_by_clock"),
            models.Index(fields=["-amount_company", "due_at", "question"], name="reviews_listed_by_amount"),
            models.Index(fields=["opened_at", "question"], name="reviews_listed_by_age"),
            models.Index(fields=["owner"], condition=~Q(owner=""), name="reviews_listed_by_owner"),
            GinIndex(fields=["codes"], name="reviews_listed_by_code"),
            models.Index(
                models.F("looked_at").asc(nulls_first=True),
                models.F("question"),
                name="reviews_listed_by_look",
            ),
            models.Index(fields=["question"], condition=~Q(nobody=""), name="reviews_listed_nobody"),
            models.Index(
                fields=["aside_until"],
                condition=Q(aside_until__isnull=False),
                name="reviews_listed_aside",
            ),
            models.Index(
                fields=["leased_until"],
                condition=Q(leased_until__isnull=False),
                name="reviews_listed_leases",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue}: {self.question_id}"


class PendingAnswer(models.Model):
    """An open question has been answered by a page, and the answer can still be taken back.

    What was answered stands in `entry`, an entry of the ledger; the row says that there is one, and until
    when. A question cannot be closed over it: who closes it says first that the answer is void.
    """

    question = models.OneToOneField(
        OpenQuestion, on_delete=models.DO_NOTHING, primary_key=True, related_name="pending"
    )
    verdict = models.CharField(max_length=20)
    by = models.CharField(max_length=200)
    click = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    until = models.DateTimeField(db_index=True)
    entry = models.BigIntegerField(unique=True)
    together = models.CharField(max_length=64, blank=True, db_index=True)

    class Meta:
        db_table = "reviews_pendinganswer"
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=models.F("at")), name="reviews_pending_until"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.by}, until {self.until}"


class Presence(models.Model):
    """Who has a question before them now, and whether they have typed something that is not sent. One row a
    person; it counts while it is fresh (`presence.FRESH`), and it is no act: nothing of it is kept."""

    actor = models.CharField(max_length=200, primary_key=True)
    question = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="+")
    typing = models.BooleanField(default=False)
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "reviews_presence"

    def __str__(self) -> str:
        return f"{self.actor} at {self.question_id}"


class Mention(models.Model):
    """Somebody was named in a remark about a question that is open. What was said is an entry; this is where
    they find it."""

    question = models.ForeignKey(OpenQuestion, on_delete=models.DO_NOTHING, related_name="mentions")
    actor = models.CharField(max_length=200)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        db_table = "reviews_mention"
        constraints = [
            models.UniqueConstraint(fields=["actor", "question"], name="reviews_mentioned_once"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} in {self.question_id}"


class OpenTally(models.Model):
    """So many more open questions of a queue and kind, or fewer, and their amounts in company currency; the
    sum of all rows is how many there are.

    Triggers of the database add a row for what each write changed, so that nobody waits for a count;
    `listed.fold` makes one row of those of a queue and kind.
    """

    queue = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    n = models.BigIntegerField()
    worth = models.DecimalField(max_digits=32, decimal_places=2)

    class Meta:
        db_table = "reviews_opentally"

    def __str__(self) -> str:
        return f"{self.queue} {self.kind}: {self.n}"


class LossDay(models.Model):
    """A day on which something is lost while a question stands, as its kind names it (`kinds.Deadline`).

    It counts from `counts_from` on; one that `stays` counts for ever, another until it has passed. The
    moments of the question stand beside it, so that one index has the order of the list.
    """

    question = models.ForeignKey(OpenQuestion, on_delete=models.CASCADE, related_name="days")
    on = models.DateField()
    counts_from = models.DateField()
    stays = models.BooleanField()
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta:
        db_table = "reviews_lossday"
        indexes = [
            models.Index(
                fields=["on", "due_at", "opened_at", "question"],
                condition=Q(stays=True),
                name="reviews_losses_that_stay",
            ),
            models.Index(
                fields=["on", "due_at", "opened_at", "question"],
                condition=Q(stays=False),
                name="reviews_losses_that_pass",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id}: {self.on}"
