"""A person's rights as entries of the ledger, so that it can be said later who could have decided what.

Groups and signing limits live in tables of the accounts; each change of them is recorded when it is made,
whoever makes it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists
from django.db.models.signals import m2m_changed, post_delete, post_save

from audit import clock, ledger
from audit.canonical import instant
from audit.models import Entry
from audit.subjects import Subject

from .models import SigningProfile

ACTOR = "system:accounts"
TYPE = "person.rights"


def rights_of(user: User) -> dict[str, Any]:
    """What decides about a person's rights, as it is recorded."""
    profile: SigningProfile | None = SigningProfile.objects.filter(user=user).first()
    until = {"until": instant(profile.until)} if profile and profile.until else {}
    return {
        "name": user.get_full_name() or user.get_username(),
        "groups": sorted(user.groups.values_list("name", flat=True)),
        "active": user.is_active,
        "department": profile.department if profile else "",
        "limit": "" if profile is None or profile.limit is None else f"{profile.limit:.2f}",
        **until,
    }


def ended(user: User, at: datetime | None = None) -> datetime | None:
    """When the person's access ended, if it has by `at` (default: now)."""
    over = SigningProfile.objects.filter(user=user.pk, until__lte=at or clock.now())
    return over.values_list("until", flat=True).first()


def groups_now(user: User) -> frozenset[str]:
    """The groups whose rights the person has at this moment: none once their access has ended. One query."""
    over = SigningProfile.objects.filter(user=user.pk, until__lte=clock.now())
    return frozenset(user.groups.filter(~Exists(over)).values_list("name", flat=True))


@transaction.atomic
def record(user: User) -> None:
    """Record the person's rights if they differ from what was recorded last."""
    locked = User.objects.select_for_update().filter(pk=user.pk).first()
    if locked is None:
        return
    from audit.canonical import loads

    now, subject = rights_of(locked), Subject.of("person", user.pk)
    last = (
        Entry.objects.filter(subject=subject, type=TYPE)
        .order_by("-seq")
        .values_list("body", flat=True)
        .first()
    )
    if last is not None and loads(last)["data"]["rights"] == now:
        return
    ledger.append([ledger.Event(subject, TYPE, ACTOR, clock.now(), {"rights": now})])


def connect() -> None:
    """Record every change of groups, accounts and signing profiles from now on."""
    m2m_changed.connect(_groups_changed, sender=User.groups.through, dispatch_uid="countersign.rights.groups")
    post_save.connect(_profile_saved, sender=SigningProfile, dispatch_uid="countersign.rights.profile")
    post_delete.connect(_profile_gone, sender=SigningProfile, dispatch_uid="countersign.rights.profile gone")
    post_save.connect(_user_saved, sender=User, dispatch_uid="countersign.rights.user")


def _groups_changed(instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **_: Any) -> None:
    if reverse and action == "pre_clear":  # afterwards nobody says whom the group had
        instance.emptied_of = set(instance.user_set.values_list("pk", flat=True))
    if not action.startswith("post_"):
        return
    emptied: set[int] = getattr(instance, "emptied_of", set())
    keys = emptied if pk_set is None else pk_set
    for user in User.objects.filter(pk__in=keys).order_by("pk") if reverse else [instance]:
        record(user)


def _profile_saved(instance: SigningProfile, **_: Any) -> None:
    record(instance.user)


def _profile_gone(instance: SigningProfile, **_: Any) -> None:
    record(User(pk=instance.user_id))


def _user_saved(instance: User, created: bool, update_fields: frozenset[str] | None = None, **_: Any) -> None:
    if not created and (update_fields is None or "is_active" in update_fields):
        record(instance)
