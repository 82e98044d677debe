"""What people may sign, who answers for whom, and the lists that they keep."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit import guards, trail
from audit.ids import new_id

from ..policy import zone

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


class SavedList(models.Model):
    """Filters of the list that a person keeps under a name; no fact about anything.

    `shared`: the others of their department see it, too, as long as the person belongs to it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_lists")
    name = models.CharField(max_length=60)
    queue = models.CharField(max_length=40, blank=True)
    cause = models.CharField(max_length=40, blank=True)
    sort = models.CharField(max_length=10)
    aside = models.BooleanField(default=False)
    shared = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        db_table = "reviews_savedlist"
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="reviews_list_name"),
            models.CheckConstraint(condition=~Q(name=""), name="reviews_list_named"),
            models.CheckConstraint(
                condition=Q(sort__in=["clock", "amount", "age"]), name="reviews_list_sort"
            ),
        ]

    def __str__(self) -> str:
        return self.name
