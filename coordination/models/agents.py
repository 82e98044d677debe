"""Agents, the work open for them and what they decided."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from audit import trail
from audit.ids import new_id

from .invoices import Invoice


class Autonomy(models.TextChoices):
    """How far an agent may act, in rising order."""

    SHADOW = "shadow"
    ADVISE = "advise"
    SUPERVISED = "supervised"
    AUTONOMOUS = "autonomous"


class Breaker(models.TextChoices):
    """An agent's drift breaker. Closed is the empty text, so that rows from before it are what they were."""

    CLOSED = "", "closed"
    HALF = "half", "half-open"
    OPEN = "open"


class OnCritical(models.TextChoices):
    """What a critical alarm that may open a breaker does: open it, or ask a manager first."""

    OPEN = "", "opens the breaker"
    ASK = "ask", "asks a manager first"


class Agent(models.Model):
    """An agent's standing: how far it may act, whether it is stopped, and whether releases that rest on its
    answers go to a person (`breaker`).

    `breaker_share`: per cent of releases that are let through while the breaker is half-open. `review_share`:
    the share of automatic clearances that rest on its answers and are reviewed nevertheless, while a warning
    asks for more than the policy does. What is null or empty in older rows is no part of their digests.
    """

    name = models.CharField(primary_key=True, max_length=60)
    department = models.CharField(max_length=40)
    agent_version = models.CharField(max_length=20)
    autonomy = models.CharField(max_length=10, choices=Autonomy, default=Autonomy.SUPERVISED)
    paused = models.BooleanField(default=False)
    paused_by = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField()
    breaker = models.CharField(max_length=4, choices=Breaker, default=Breaker.CLOSED, blank=True)
    breaker_by = models.CharField(max_length=200, blank=True)
    breaker_reason = models.TextField(blank=True)
    breaker_share = models.SmallIntegerField(null=True)
    review_share = models.DecimalField(max_digits=4, decimal_places=3, null=True)
    on_critical = models.CharField(max_length=3, choices=OnCritical, default=OnCritical.OPEN, blank=True)

    history = trail.history()

    class Meta:
        db_table = "coordination_agent"

    def __str__(self) -> str:
        return self.name


class Task(models.Model):
    """Work open for one agent on one invoice: at most one. It is claimed with SKIP LOCKED and removed by the
    commit that does it; a slow agent takes a lease instead (`token` until `leased_until`, database time).

    A task is a hint: its agent decides only when the facts that it reads differ from those of its standing
    answer. `fact` numbers the newest fact from outside that led to it. `instead`: a person is to answer for
    an agent that is stopped, so that the release is ruled on without waiting for it. `alone`: a worker died
    with it in hand, so that it shares its transaction with no other (`tasks.in_hand`).
    """

    id = models.BigAutoField(primary_key=True)
    agent = models.CharField(max_length=60)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="tasks", db_index=False)
    cause = models.TextField()
    fact = models.BigIntegerField(default=0)
    instead = models.BooleanField(default=False)
    alone = models.BooleanField(default=False, db_default=False)
    due_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    error = models.TextField(blank=True)
    token = models.UUIDField(null=True)
    leased_by = models.CharField(max_length=200, blank=True)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "coordination_task"
        constraints = [models.UniqueConstraint(fields=["invoice", "agent"], name="coordination_task_once")]
        indexes = [models.Index(fields=["agent", "due_at", "id"], name="coordination_task_due")]

    def __str__(self) -> str:
        return f"{self.agent} on {self.invoice_id}"


class InHand(models.Model):
    """The tasks that a worker took up last; it lives while it holds an advisory lock of this number
    (`tasks.in_hand`)."""

    id = models.BigAutoField(primary_key=True)
    tasks = ArrayField(models.BigIntegerField())
    at = models.DateTimeField()

    class Meta:
        db_table = "coordination_inhand"

    def __str__(self) -> str:
        return f"worker {self.pk}"


class Invalidation(models.Model):
    """A changed fact of a kind that may concern an invoice: agents that read this kind look whether it does.
    Not unique on purpose, so that writing one never waits for the worker that is just taking the last. `fact`
    as in `Task`.
    """

    id = models.BigAutoField(primary_key=True)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="invalidations")
    kind = models.CharField(max_length=20)
    cause = models.TextField()
    fact = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        db_table = "coordination_wake"

    def __str__(self) -> str:
        return f"{self.kind} for {self.invoice_id}"


class Decision(models.Model):
    """One committed decision: the narrow row for queries; the whole of it is the ledger entry it points to.

    `stands_on` is the digest of the facts that it was made on, empty for a person's and for one that was made
    in an agent's stead; `valid_until` the time at which it has to be made again whatever the facts; `fact`
    the number of the newest fact from outside that led to it.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry_id = models.BigIntegerField(unique=True)
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="decisions", db_index=False
    )  # the index over versions begins with it
    agent = models.CharField(max_length=60)
    actor = models.CharField(max_length=200)
    outcome = models.CharField(max_length=20)
    confidence = models.DecimalField(max_digits=4, decimal_places=3, null=True)
    state_from = models.CharField(max_length=10)
    state_to = models.CharField(max_length=10)
    state_version = models.IntegerField()
    facts_version = models.IntegerField()
    policy = models.CharField(max_length=20)
    codes = models.JSONField(default=list)
    latency_ms = models.IntegerField(default=0)
    stands_on = models.CharField(max_length=64, blank=True)
    valid_until = models.DateTimeField(null=True)
    fact = models.BigIntegerField(default=0)
    proposed = models.CharField(max_length=8, blank=True, default="", db_default="")
    amount = models.DecimalField(max_digits=26, decimal_places=2, null=True)
    method = models.CharField(max_length=40, blank=True, default="", db_default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "coordination_decision"
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "agent", "state_version"], name="coordination_decision_version"
            ),
            models.CheckConstraint(condition=~Q(actor=""), name="coordination_decision_actor"),
            models.CheckConstraint(condition=~Q(policy=""), name="coordination_decision_policy"),
        ]
        indexes = [
            models.Index(fields=["agent", "at"], name="coordination_decision_agent"),
        ]

    def __str__(self) -> str:
        return f"{self.agent}: {self.outcome}"
