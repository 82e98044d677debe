"""Whether work is done in the time that was agreed: what was late, minute by minute, and what was noticed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit import trail
from audit.ids import new_id

from .agents import Agent


class AgentMinute(models.Model):
    """Decisions of an agent in one minute, and how many took longer than agreed. Minutes are kept as long as
    a burn rate looks back."""

    id = models.BigAutoField(primary_key=True)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+", db_index=False)
    minute = models.DateTimeField()
    decisions = models.IntegerField(default=0)
    late = models.IntegerField(default=0)

    class Meta:
        db_table = "coordination_agentminute"
        constraints = [
            models.UniqueConstraint(fields=["minute", "agent"], name="coordination_agentminute_once")
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.minute}"


class ServiceAlert(models.Model):
    """A service level that is used up too fast, or an agent that has fallen silent, from when it was noticed
    until it was over. `about`: a department or an agent; `text`: what was noticed, in a sentence."""

    class Kind(models.TextChoices):
        AGENTS = "agents", "Agents late"
        PEOPLE = "people", "Questions late"
        SILENT = "silent", "Agent silent"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=6, choices=Kind)
    about = models.CharField(max_length=60)
    urgency = models.CharField(max_length=5)
    text = models.TextField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    history = trail.history()

    class Meta:
        db_table = "coordination_servicealert"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about"],
                condition=Q(closed_at__isnull=True),
                name="coordination_one_open_alert",
            )
        ]
        indexes = [models.Index(fields=["-opened_at"], name="coordination_alert_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
