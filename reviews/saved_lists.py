"""Filters of the list that people keep under a name: their own, and those that colleagues of their department
share."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from audit import clock

from . import fields
from .access import department_of
from .errors import Refused
from .models import SavedList
from .open_lists import Filters

LONGEST_NAME, MOST = 60, 30
"""Characters of a name, and how many lists one person keeps."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A list as somebody sees it above the inbox. `by`: whose it is, where it is not their own."""

    id: UUID
    name: str
    filters: Filters
    shared: bool
    by: str


@transaction.atomic
def keep(name: str, filters: Filters, *, by: User, shared: bool = False) -> SavedList:
    """Keep filters under a name; one of that name is replaced. Raises `Refused` for none, for too many, and
    for sharing without a department; `fields.TooLong`."""
    words = " ".join(fields.within(name.strip(), LONGEST_NAME, "The name of a list").split())
    if not words:
        raise Refused("Give the list a name.")
    if shared and not department_of(by):
        raise Refused("You belong to no department that a list could be shared with. Keep it for yourself.")
    User.objects.select_for_update().get(pk=by.pk)  # two windows keep no more than one may
    mine = SavedList.objects.filter(owner=by)
    if not mine.filter(name=words).exists() and mine.count() >= MOST:
        raise Refused(f"You keep {MOST} lists already. Delete one first.")
    saved, _ = SavedList.objects.update_or_create(
        owner=by,
        name=words,
        defaults={
            "queue": filters.queue,
            "cause": filters.cause,
            "sort": filters.sort,
            "aside": filters.aside,
            "shared": shared,
            "at": clock.now(),
        },
    )
    return saved


def drop(key: UUID, *, by: User) -> bool:
    """Delete one of one's own; tell whether there was one. Of others nothing is deleted."""
    count, _ = SavedList.objects.filter(pk=key, owner=by).delete()
    return bool(count)


def visible(to: User) -> list[Kept]:
    """One's own lists by name, then those that colleagues of one's department share."""
    seen, department = Q(owner=to), department_of(to)
    if department:
        seen |= Q(shared=True, owner__is_active=True, owner__signing_profile__department=department)
    rows = SavedList.objects.filter(seen).select_related("owner").order_by("name", "at")
    found = [_kept(row, to) for row in rows]
    return sorted(found, key=lambda kept: (bool(kept.by), kept.name.casefold()))


def _kept(row: SavedList, to: User) -> Kept:
    filters = Filters(queue=row.queue, cause=row.cause, sort=row.sort, aside=row.aside)
    by = "" if row.owner_id == to.pk else row.owner.get_full_name() or row.owner.get_username()
    return Kept(row.pk, row.name, filters, row.shared, by)
