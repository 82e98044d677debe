"""A hold that a person sets: no agent releases it, and only who set it or a manager lifts it, by answering
the question."""

from __future__ import annotations

from django.contrib.auth.models import User

from reviews.access import may_now
from reviews.errors import NotAllowed

from .. import rights
from ..models import Hold

CODE = "manual_hold"


def demand_deputy(holds: list[Hold], by: str) -> None:
    """Who lifts a manual hold set it, or is a manager. Raises `NotAllowed`."""
    others = [h for h in holds if h.code == CODE and h.raised_by != by]
    if not others:
        return
    user = User.objects.filter(pk=by.partition(":")[2]).first() if by.startswith("human:") else None
    if user is None or not may_now(user, rights.LIFT_HOLDS):
        raise NotAllowed("Somebody else holds this invoice. They or a manager lift the hold.")
