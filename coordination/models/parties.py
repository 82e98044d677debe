"""Vendors and where they are paid."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audit import trail
from audit.ids import new_id

from .locking import LockingQuerySet


class VendorQuerySet(LockingQuerySet["Vendor"]):
    """Vendors."""


class Vendor(models.Model):
    """A vendor we know. `vendor_id` is our own number for it."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        BLOCKED = "blocked"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    vendor_id = models.CharField(max_length=100, unique=True)
    name = models.TextField()
    vat_id = models.CharField(max_length=40, blank=True)
    vat_key = models.CharField(max_length=40, blank=True, db_index=True)
    country = models.CharField(max_length=2, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    payment_terms = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    street = models.TextField(blank=True)
    town = models.TextField(blank=True)
    postcode = models.TextField(blank=True)
    created_at = models.DateTimeField()

    objects = VendorQuerySet.as_manager()
    history = trail.history(no_index=["vendor_id", "vat_key"])

    class Meta:
        db_table = "coordination_vendor"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["active", "blocked"]), name="coordination_vendor_status"
            )
        ]

    def __str__(self) -> str:
        return f"{self.vendor_id} {self.name}"


class BankAccount(models.Model):
    """An account of a vendor. Only a verified one is ever paid; a change is a proposal until a person
    verifies it, or until another proposal takes its place (`superseded`)."""

    class Status(models.TextChoices):
        VERIFIED = "verified"
        PROPOSED = "proposed"
        RETIRED = "retired"
        REFUSED = "refused"
        SUPERSEDED = "superseded"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="accounts")
    number = models.CharField(max_length=64)
    bic = models.CharField(max_length=11, blank=True)
    status = models.CharField(max_length=10, choices=Status)
    origin = models.TextField()
    verified_by = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField()

    history = trail.history(no_index=["vendor"])

    class Meta:
        db_table = "coordination_bankaccount"
        constraints = [
            models.UniqueConstraint(
                fields=["vendor"], condition=Q(status="verified"), name="coordination_one_verified_account"
            ),
            models.UniqueConstraint(
                fields=["vendor"], condition=Q(status="proposed"), name="coordination_one_proposed_account"
            ),
        ]
        indexes = [models.Index(fields=["number"], name="coordination_account_number")]

    def __str__(self) -> str:
        return f"{self.number} ({self.status})"


class Rate(models.Model):
    """A reference rate, `per_eur` units of `currency` for one euro; used for thresholds only, never to
    pay."""

    on = models.DateField()
    currency = models.CharField(max_length=3)
    per_eur = models.DecimalField(max_digits=20, decimal_places=6)

    class Meta:
        db_table = "coordination_rate"
        constraints = [models.UniqueConstraint(fields=["currency", "on"], name="coordination_rate_once")]

    def __str__(self) -> str:
        return f"{self.currency} {self.per_eur} on {self.on}"
