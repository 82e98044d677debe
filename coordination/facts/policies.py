"""The policy in force, read once per batch; version 1 on a fresh installation."""

from __future__ import annotations

from audit.errors import CountersignError

from ..domain.policy import Policy
from ..governance import policy as rules
from ..models import PolicyVersion


class NoPolicy(CountersignError):
    """No policy is in force; nothing is decided. Ask for one: `manage.py policy activate VERSION --by ME`."""


def active() -> Policy:
    """The active policy, typed."""
    row = (
        PolicyVersion.objects.filter(status=PolicyVersion.Status.ACTIVE)
        .values_list("text", "revision")
        .first()
    )
    if row is None:
        raise NoPolicy
    return rules.load(*row)
