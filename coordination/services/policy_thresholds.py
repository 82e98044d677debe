"""Another confidence threshold of one agent, as a draft of the policy. Nothing changes by it: a draft comes
into force like every version, by two managers (`policy_activation`)."""

from __future__ import annotations

import json
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction

from reviews.access import may_now
from reviews.errors import NotAllowed, Refused
from reviews.services import person

from .. import rights
from ..agents import ADVISORY, REGISTRY
from ..domain.policy import Policy
from ..facts import policies
from ..governance.lint import lint
from ..models import PolicyVersion
from . import policy_versions
from .policy_activation import Unsound

LEAST_CONFIDENCE = "least_confidence"


def lowest(policy: Policy) -> tuple[Decimal, str]:
    """The confidence that the table of rules asks of every agent before it lets an invoice go, with the id of
    the rule; nought and empty where none does. A threshold below it changes nothing."""
    asked = [
        (Decimal(value), rule.id)
        for rule in policy.rules
        if rule.then == "auto"
        for fact, operator, value in rule.when
        if fact == LEAST_CONFIDENCE and operator in {">", ">="}
    ]
    return max(asked, default=(Decimal(0), ""))


def in_force(policy: Policy, agent: str) -> Decimal:
    """The confidence from which on an agent's answers are acted on: its threshold, or what the rules ask of
    all where that is more."""
    return max(policy.threshold(agent), lowest(policy)[0])


@transaction.atomic
def draft(agent: str, threshold: Decimal, *, by: User) -> PolicyVersion:
    """Keep the policy in force with this threshold of the agent as a draft by `by`. The same again is the
    version that is there.

    Raises `NotAllowed`, `Refused` (nothing would change, or it is no threshold), `Unsound`.
    """
    if not may_now(by, rights.ACTIVATE_POLICY):
        raise NotAllowed("A change of the policy is drafted by managers.")
    policy = policies.active()
    if agent not in REGISTRY or agent in ADVISORY:
        raise Refused(f"{agent} decides nothing about invoices: there is no threshold to it.")
    if not 0 < threshold < 1:
        raise Refused("A threshold is between 0 and 1.")
    least, rule = lowest(policy)
    if threshold < least:
        raise Refused(f"Rule {rule} asks {least} of every agent: a threshold below it changes nothing.")
    if threshold == policy.threshold(agent):
        raise Refused(f"{threshold} is in force for {agent} already.")
    text = PolicyVersion.objects.get(status=PolicyVersion.Status.ACTIVE).text
    data = json.loads(text)
    data["confidence"][agent] = f"{threshold:.2f}"
    changed = json.dumps(data)
    if faults := lint(changed):
        raise Unsound(f"The policy with this threshold has faults: {faults[0].message}")
    return policy_versions.draft(changed, author=person(by))
