"""Kept counts: how many there are, and worth what, without counting them at each look."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Sum


class TallyQuerySet(models.QuerySet["Tally"]):
    """Sums of a count."""

    def total(self, name: str, *key: str) -> int:
        """How many there are of this name whose key begins so."""
        where = {f"key__{at}": value for at, value in enumerate(key)}
        found: int | None = self.filter(name=name, **where).aggregate(total=Sum("n"))["total"]
        return found or 0

    def sums(self, name: str) -> list[tuple[list[str], int, Decimal]]:
        """Key, number and worth of each group that is not empty."""
        groups = self.filter(name=name).values_list("key").annotate(all=Sum("n"), value=Sum("worth"))
        return [(key, n, worth) for key, n, worth in groups.filter(all__gt=0).order_by()]

    def sums_by(self, name: str, parts: int, **narrowed: str) -> list[tuple[list[str], int, Decimal]]:
        """The first parts of keys, with number and worth of each group that is not empty."""
        found = self.filter(name=name, **narrowed).annotate(group=F(f"key__0_{parts}"))
        groups = found.values_list("group").annotate(all=Sum("n"), value=Sum("worth"))
        return list(groups.filter(all__gt=0).order_by())


class Tally(models.Model):
    """So many more, or fewer, of a name and a key; the sum of all rows is how many there are.

    Triggers of the database add a row for what a statement changed, so that two transactions never wait for
    each other over a count; `services/kept_counts.py` makes one row of those of a key. Names and keys:
    `invoices` by state, lane, currency, type and UTC day of receipt, with their gross; `documents` by kind;
    `codings`: `proposed` ones of booked invoices, by the key of their vendor.
    """

    name = models.CharField(max_length=20)
    key = ArrayField(models.TextField())
    n = models.BigIntegerField()
    worth = models.DecimalField(max_digits=32, decimal_places=6)

    objects = TallyQuerySet.as_manager()

    class Meta:
        db_table = "coordination_tally"
        indexes = [models.Index(fields=["name"], name="coordination_tally_name")]

    def __str__(self) -> str:
        return f"{self.name} {self.key}: {self.n}"
