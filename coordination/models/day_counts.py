"""What pages show of many decisions and ways, counted by day: two agents' answers beside each other, and
where the invoices of a week stood."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class AgreementDay(models.Model):
    """What two agents proposed on the same invoices on one UTC day, by the newest answer of each on that day
    that was approve or hold: how many invoices both approved, only the first, only the second, neither.

    `first` is the name that comes first by its characters. Decisions up to `until` are in it.
    """

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    first = models.CharField(max_length=60, db_collation="C")
    second = models.CharField(max_length=60, db_collation="C")
    both = models.IntegerField()
    first_only = models.IntegerField()
    second_only = models.IntegerField()
    neither = models.IntegerField()
    until = models.DateTimeField()

    class Meta:
        db_table = "coordination_agreementday"
        constraints = [
            models.UniqueConstraint(fields=["day", "first", "second"], name="coordination_agreementday_once"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="coordination_agreementday_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} and {self.second} {self.day}"


class WayDay(models.Model):
    """One step of the ways that invoices had taken, as they stood at the end of one UTC day: of those
    received in the seven days to it, how many had gone from `source` to `target` on the way to where they
    stood.

    An empty `target`: they stood there. A step that was taken back is not counted (`domain.paths.forward`).
    `gross`: what the invoices among them bill; credit notes are counted and not summed. Versions up to
    `until` are in it.
    """

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    source = models.CharField(max_length=10)
    target = models.CharField(max_length=10, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    invoices = models.IntegerField()
    gross = models.DecimalField(max_digits=32, decimal_places=6)
    until = models.DateTimeField()

    class Meta:
        db_table = "coordination_wayday"
        constraints = [
            models.UniqueConstraint(
                fields=["day", "source", "target", "currency"], name="coordination_wayday_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.source} to {self.target or 'stand'}"
