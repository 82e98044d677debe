"""Sockets hear at once that somebody's session or rights have changed: the doorbell rings for that person."""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models.signals import m2m_changed, post_delete, post_save

from reviews.models import SigningProfile

from .relay import CHANNEL


def connect() -> None:
    """Listen for what ends access: a session that is gone, an account, its groups or its signing profile that
    changed."""
    post_delete.connect(_session_gone, sender=Session, dispatch_uid="countersign.session gone")
    post_save.connect(_account_changed, sender=User, dispatch_uid="countersign.account changed")
    m2m_changed.connect(
        _groups_changed, sender=User.groups.through, dispatch_uid="countersign.groups changed"
    )
    post_save.connect(_profile_changed, sender=SigningProfile, dispatch_uid="countersign.profile changed")


def check_again(person: object) -> None:
    """Have every socket of the person, in any process, checked again as soon as this is committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, orjson.dumps({"person": str(person)}).decode()])


def _session_gone(instance: Session, **_: Any) -> None:
    person = instance.get_decoded().get(SESSION_KEY)
    if person is not None:
        check_again(person)


def _account_changed(instance: User, created: bool, update_fields: Any = None, **_: Any) -> None:
    if not created and set(update_fields or ["all"]) != {"last_login"}:
        check_again(instance.pk)


def _groups_changed(instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **_: Any) -> None:
    if not reverse:
        people = [instance.pk] if action.startswith("post_") else []
    elif action == "pre_clear":  # afterwards nobody says whom the group had; it rings when both are committed
        people = list(instance.user_set.values_list("pk", flat=True))
    else:
        people = sorted(pk_set or ()) if action.startswith("post_") else []
    for person in people:
        check_again(person)


def _profile_changed(instance: SigningProfile, **_: Any) -> None:
    check_again(instance.user_id)
