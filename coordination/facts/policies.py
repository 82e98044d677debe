"""The policy in force, read once per batch; version 1 on a fresh installation."""

from __future__ import annotations

from audit.errors import CountersignError

from ..domain.policy import Policy
from ..governance import policy as rules
from ..models import PolicyVersion


class NoPolicy(CountersignError):
    """No policy is active; nothing is decided. Activate a version with `manage.py policy activate`."""


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
