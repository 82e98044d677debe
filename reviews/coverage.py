"""Which reasons of a question one person's answer covers. An answer releases these and nothing else.

A specialist answers the queue of their department: there, what belongs to that department. One without a
department works for everybody and answers any queue, in each what belongs to the department whose queue
it is. Managers answer every queue and everything in it. What is overdue is answered by the department that is
its backup, too, as its own. A hold that a person has set is lifted by that person or a manager.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from . import policy, queues
from .kinds import stored_kind
from .models import Escalation
from .rights import groups_now

Reason = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Who:
    """A person as far as coverage asks: `actor` as in the ledger, groups in force, department (empty:
    none)."""

    actor: str
    groups: frozenset[str]
    department: str


def who(user: User, groups: frozenset[str] | None = None) -> Who:
    """The person as of now; `groups` where they are known already."""
    profile = getattr(user, "signing_profile", None)
    return Who(
        f"human:{user.pk}",
        groups_now(user) if groups is None else groups,
        profile.department if profile else "",
    )


def department_of(row: Escalation, reason: Reason) -> str:
    """Whose reason it is: the department named in it, else the one whose queue the question stands in."""
    return str(reason.get("department") or row.queue)


def covered(row: Escalation, person: Who) -> list[Reason]:
    """The reasons that an answer of this person covers, in the order of the question."""
    return [r for r in row.reasons if _covers(row, r, person)]


def remaining(row: Escalation, person: Who) -> list[Reason]:
    """The reasons that stay as they are whatever this person answers, short of rejecting."""
    return [r for r in row.reasons if not _covers(row, r, person)]


def _covers(row: Escalation, reason: Reason, person: Who) -> bool:
    if policy.ANSWERS_ALL in person.groups or reason.get("set_by") == person.actor:
        return True
    if reason.get("set_by") or not stands_before(row, person):
        return False
    return department_of(row, reason) in _departments(row, person)


def _departments(row: Escalation, person: Who) -> frozenset[str]:
    """The departments as which a person answers a question: their own, else that of its queue; the backup
    once it is overdue as both."""
    own = person.department or row.queue
    return frozenset({own, row.queue} if row.backup and own == row.backup else {own})


def stands_before(row: Escalation, person: Who) -> bool:
    """Does the question stand in a queue that this person answers?"""
    if policy.ANSWERS_ALL in person.groups:
        return True
    return row.queue in _departments(row, person) and not queues.is_reserved(row.queue)


def objection(row: Escalation, person: Who) -> str:
    """Why this question is not this person's to answer; empty if it is. Limits and makers are asked
    elsewhere."""
    if policy.ANSWERS_ALL in person.groups or any(r.get("set_by") == person.actor for r in row.reasons):
        return ""
    if queues.is_reserved(row.queue):
        return f"Questions in the queue of {row.queue} are decided by managers."
    if row.queue not in _departments(row, person):
        return f"This question is one for {row.queue}; you answer those of {person.department}."
    if row.reasons and not covered(row, person):
        if not any(r.get("set_by") for r in row.reasons):
            return (
                f"This is for {' and '.join(sorted({department_of(row, r) for r in row.reasons}))} to decide."
            )
        return f"Somebody else holds this {stored_kind(row.kind).words}. They or a manager lift the hold."
    return ""


def as_covers(row: Escalation, reasons: list[Reason]) -> list[dict[str, str]]:
    """Reasons as an answer keeps them: which hold, its code and line, and whose it is."""
    return [
        {
            "hold": str(r.get("hold", "")),
            "code": str(r.get("code", "")),
            "line": str(r.get("line", "")),
            "department": department_of(row, r),
        }
        for r in reasons
    ]
