"""Agents' behaviour over time: what is normal, what was counted, which alarms came and what was done about
them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from audit import trail
from audit.ids import new_id

from .agents import Agent
from .measured_versions import MeasuredVersion


class Baseline(models.Model):
    """What is normal for an agent, as one version of it was learned. Older ones stay.

    `text`: the baseline as canonical JSON (`monitoring.stored`), `sha256` its digest. `cause` says why it was
    learned: the first one, or the incident that was closed as the new normal.
    """

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="baselines", db_index=False)
    number = models.IntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    first_day = models.DateField()
    last_day = models.DateField()
    decisions = models.IntegerField()
    cause = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "coordination_baseline"
        constraints = [
            models.UniqueConstraint(fields=["agent", "number"], name="coordination_baseline_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="coordination_baseline_number"),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} baseline {self.number}"


class MonitorPosition(models.Model):
    """How far the monitor has read the decisions: transaction and entry of the last one, in that order.

    One row. `taken` changes when somebody else than the reader has written what it has in hand. `above`:
    entries up to this number were read before the database was restored on a server that numbers its
    transactions lower.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    tx = models.BigIntegerField(default=0)
    entry = models.BigIntegerField(default=0)
    above = models.BigIntegerField(default=0)
    taken = models.UUIDField(default=new_id)
    at = models.DateTimeField(null=True)

    class Meta:
        db_table = "coordination_monitorposition"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="coordination_one_position")]

    def __str__(self) -> str:
        return f"read to {self.tx}/{self.entry}"


class MonitorState(models.Model):
    """What the monitor has in hand of one agent between two readings: its detectors (`monitoring.stored`),
    and since when it learns or watches. Always as of the position of `MonitorPosition`.

    `silent`: measures that are not watched until a new baseline is learned from `learning_since` on, for
    `cause`. `answers` and `overridden`: people's answers about it since the last move of its breaker
    (`breaker`: which one).
    """

    agent = models.OneToOneField(Agent, primary_key=True, on_delete=models.PROTECT, related_name="monitor")
    baseline = models.ForeignKey(Baseline, null=True, on_delete=models.PROTECT, related_name="+")
    learning_since = models.DateField(null=True)
    silent = ArrayField(models.CharField(max_length=30), default=list)
    day = models.DateField(null=True)
    detectors = models.JSONField(default=dict)
    cause = models.TextField(blank=True)
    decisions = models.BigIntegerField(default=0)
    breaker = models.CharField(max_length=10, blank=True)
    answers = models.IntegerField(default=0)
    overridden = models.IntegerField(default=0)

    class Meta:
        db_table = "coordination_monitorstate"

    def __str__(self) -> str:
        return f"monitor of {self.agent_id}"


class RateDay(models.Model):
    """One measure of one agent on one day: cases in its base, events, how many were expected, the information
    of the cases, and where the evidence stood at the end of the day, up and down.

    `expected`, `information` and evidence are of the cases that the monitor judged (`judged`): none while
    learning. Days are UTC days.
    """

    id = models.BigAutoField(primary_key=True)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    measure = models.CharField(max_length=30)
    cases = models.IntegerField(default=0)
    events = models.IntegerField(default=0)
    judged = models.IntegerField(default=0)
    happened = models.IntegerField(default=0)
    expected = models.FloatField(default=0)
    information = models.FloatField(default=0)
    up = models.FloatField(null=True)
    down = models.FloatField(null=True)

    class Meta:
        db_table = "coordination_rateday"
        constraints = [
            models.UniqueConstraint(fields=["agent", "measure", "day"], name="coordination_rateday_once")
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.measure} {self.day}"


class DayCell(models.Model):
    """What an agent did in one day of one kind of work: decisions, their amount in company currency, and for
    each measure (in the order of `monitoring.measures.MEASURES`) cases, events and how many events were
    expected; of cases that could not be judged nothing is expected."""

    id = models.BigAutoField(primary_key=True)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.CharField(max_length=20)
    day = models.DateField()
    doc_type = models.CharField(max_length=11)
    source_format = models.CharField(max_length=40)
    vendor_new = models.BooleanField()
    no_order = models.BooleanField()
    band = models.CharField(max_length=12)
    decisions = models.IntegerField(default=0)
    amount = models.DecimalField(max_digits=30, decimal_places=2, default=0)
    cases = ArrayField(models.IntegerField())
    events = ArrayField(models.IntegerField())
    judged = ArrayField(models.IntegerField())
    happened = ArrayField(models.IntegerField())
    expected = ArrayField(models.FloatField())

    class Meta:
        db_table = "coordination_daycell"
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "agent",
                    "day",
                    "version",
                    "doc_type",
                    "source_format",
                    "vendor_new",
                    "no_order",
                    "band",
                ],
                name="coordination_daycell_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.day}: {self.decisions}"


class Incident(models.Model):
    """Alarms of one agent that are under way together, from the first to the day on which a person closed
    them.

    `onset`: the estimated first day of the change, of its alarms the earliest. `actions`: what was done by
    itself (`monitoring.measures.Action`), the furthest. `cause` and `closed_*` are set when a second person
    has agreed. `baseline`: number of the version that it was judged by.
    """

    class Status(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    class Cause(models.TextChoices):
        FIXED = "fixed", "Real, and mended"
        NEW_NORMAL = "new_normal", "Real, the new normal"
        DATA = "data", "Data problem"
        FALSE = "false", "False alarm"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.IntegerField(unique=True)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="incidents")
    baseline = models.IntegerField()
    level = models.CharField(max_length=8)
    category = models.CharField(max_length=10)
    action = models.CharField(max_length=10)
    onset = models.DateField()
    opened_at = models.DateTimeField()
    status = models.CharField(max_length=6, choices=Status, default=Status.OPEN)
    acknowledged_by = models.CharField(max_length=200, blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    owner = models.CharField(max_length=200, blank=True)
    cause = models.CharField(max_length=10, choices=Cause, blank=True)
    closed_by = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True)

    history = trail.history()

    class Meta:
        db_table = "coordination_incident"
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(status="open"), name="coordination_one_open_incident"
            ),
            models.CheckConstraint(
                condition=Q(status="open", cause="", closed_at__isnull=True)
                | Q(status="closed", closed_at__isnull=False) & ~Q(cause=""),
                name="coordination_incident_closed",
            ),
        ]
        indexes = [models.Index(fields=["agent", "-opened_at"], name="coordination_incident_agent")]
        ordering = [F("opened_at").desc()]

    def __str__(self) -> str:
        return f"incident {self.number}"


class Alarm(models.Model):
    """What the monitor noticed, as it was when it did. `entry`: the ledger's number of the decision that
    raised it; `examples`: the entries of decisions, newest last; `strata`: name, cases, events and how many
    were expected of each kind that differs most. `amount` is in company currency."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="alarms")
    measure = models.CharField(max_length=30)
    direction = models.CharField(max_length=4)
    level = models.CharField(max_length=8)
    category = models.CharField(max_length=10)
    action = models.CharField(max_length=10)
    agent_version = models.CharField(max_length=20)
    evidence = models.FloatField()
    entry = models.BigIntegerField()
    onset = models.DateField()
    before = models.FloatField()
    after = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    decisions = models.IntegerField()
    amount = models.DecimalField(max_digits=30, decimal_places=2)
    strata = models.JSONField(default=list)
    examples = ArrayField(models.BigIntegerField(), default=list)
    at = models.DateTimeField()

    class Meta:
        db_table = "coordination_alarm"
        indexes = [models.Index(fields=["at"], name="coordination_alarm_time")]

    def __str__(self) -> str:
        return f"{self.measure} {self.direction}"


class CalibrationTable(MeasuredVersion):
    """How sure agents may say that they are (`domain.calibration`): `text` are its rows, `answers` how many
    of people it rests on."""

    words = "calibration"

    answers = models.IntegerField()

    history = trail.history(no_index=["number"])

    class Meta:
        db_table = "coordination_calibrationtable"
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="active"), name="coordination_one_active_calibration"
            )
        ]
