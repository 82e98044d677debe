"""The review queue's tables: questions put to people, and the answers they gave."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from audit import guards, trail
from audit.ids import new_id

from .policy import zone


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


class OpenQuestion(models.Model):
    """What lists read of an open question, beside its case, which is large: one row while it is open.

    `reviews.listed` writes it with the question; a trigger of the database removes it with the answer and
    follows the owner. `nobody`: why nobody may answer it, as it was seen at `looked_at` (`unanswerable`);
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
    excerpt = models.JSONField(default=dict)
    nobody = models.TextField(blank=True, default="")
    looked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "reviews_openquestion"
        indexes = [
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
        ]

    def __str__(self) -> str:
        return f"{self.queue}: {self.question_id}"


class Mention(models.Model):
    """Somebody was named in a remark about a question that is open. What was said is an entry; this is where
    they find it."""

    question = models.ForeignKey(OpenQuestion, on_delete=models.CASCADE, related_name="mentions")
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


class Verdict(models.Model):
    """One person's answer. Only ever added; with a quorum there are several to one escalation.

    `on_behalf_of`: for whom they answered, where it was not theirs; empty where it was. `stands_as`: the
    groups and the department that the signature stands for, of a question that names who has to sign.
    `comment` is a commitment to what they wrote (`audit.commitments`), not the text. `covers` is what of the
    question the answer is about, `overrides` the codes that an override sets aside (comma-separated),
    `seen_version` null where no page and nobody said what had been looked at. `seconds`: how long the page
    had been before them; null where they answered by no page.
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


NO_CIRCLE = """
BEGIN
  IF NEW.ended_at IS NULL AND EXISTS (
    WITH RECURSIVE way(person, begins, ends) AS (
      SELECT NEW.delegate_id, NEW.begins, NEW.ends
      UNION
      SELECT d.delegate_id, greatest(w.begins, d.begins), least(w.ends, d.ends)
        FROM way w JOIN public.reviews_delegation d ON d.delegator_id = w.person AND d.ended_at IS NULL
       WHERE greatest(w.begins, d.begins) < least(w.ends, d.ends) AND w.person <> NEW.delegator_id)
    SELECT FROM way WHERE person = NEW.delegator_id) THEN
    RAISE EXCEPTION 'reviews_delegation %: people would stand in for each other in a circle', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'reviews_no_circle';
  END IF;
  RETURN NULL;
END
"""


class Delegation(models.Model):
    """Somebody's questions are answered by a colleague, too, from a day to a day: from `begins` on, until
    before `ends`, or until it was ended before (`ended_at`; then also what was planned is over).

    `begun_at` and `ended_at` are the moments of its entries. `by` arranged it: the delegator, or a manager.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    delegator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    delegate = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    by = models.CharField(max_length=200)
    at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    history = trail.history(no_index=["delegator", "delegate"])
    database_rules = (guards.Rule("reviews_no_circle", NO_CIRCLE),)

    class Meta:
        db_table = "reviews_delegation"
        constraints = [
            models.CheckConstraint(
                condition=~Q(delegator=models.F("delegate")), name="reviews_delegation_to_another"
            ),
            models.CheckConstraint(
                condition=Q(begins__lt=models.F("ends")), name="reviews_delegation_from_until"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delegator_id} to {self.delegate_id}"

    @property
    def first(self) -> date:
        """Its first day, in the zone of the house."""
        return self.begins.astimezone(zone()).date()

    @property
    def last(self) -> date:
        """Its last day."""
        return (self.ends - timedelta(microseconds=1)).astimezone(zone()).date()


class SigningProfile(models.Model):
    """What one person may decide: their department's queue and the amount up to which they sign alone.

    From `until` on the account has no right at all: an auditor's access ends by itself.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="signing_profile"
    )
    department = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=80, blank=True)
    limit = models.DecimalField(max_digits=24, decimal_places=2, null=True, help_text="company currency")
    until = models.DateTimeField(null=True)

    class Meta:
        db_table = "reviews_desk"

    def __str__(self) -> str:
        return f"{self.user}: {self.department}"
