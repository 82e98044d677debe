"""Which reasons of a question one person's answer covers. An answer releases these and nothing else.

A specialist answers the queue of their department: there, what belongs to that department. One without a
department works for everybody and answers any queue, in each what belongs to the department whose queue
it is. Managers answer every queue and everything in it. What is overdue is answered by the department that is
its backup, too, as its own; and whoever answers for somebody (`principals`) answers as that person's
department does. A department that has to sign a question signs all of it, in whatever queue it stands. A hold
that a person has set is lifted by that person or a manager.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import User

from . import policy, queues
from .kinds import stored_kind
from .models import Escalation
from .principals import Principal, principals_of
from .rights import groups_now

Reason = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Who:
    """A person as far as coverage asks: `actor` as in the ledger, groups in force, department (empty: none),
    and for whom they answer besides."""

    actor: str
    groups: frozenset[str]
    department: str
    principals: tuple[Principal, ...] = ()

    def without(self, actors: Container[str]) -> Who:
        """The same person, answering for none of these."""
        return replace(self, principals=tuple(p for p in self.principals if p.actor not in actors))


def who(
    user: User, groups: frozenset[str] | None = None, principals: tuple[Principal, ...] | None = None
) -> Who:
    """The person as of now; `groups` and `principals` where they are known already."""
    profile = getattr(user, "signing_profile", None)
    return Who(
        f"human:{user.pk}",
        groups_now(user) if groups is None else groups,
        profile.department if profile else "",
        principals_of(user) if principals is None else principals,
    )


def principal_of(row: Escalation, person: Who) -> Principal | None:
    """For whom a person answers this question: whoever has claimed it, or somebody whose queue it stands in
    where it is not their own to answer; None: it is their own, or nobody's of theirs."""
    claimed = [p for p in person.principals if p.actor == row.owner]
    queued = [p for p in person.principals if p.department is not None]
    tried = [*claimed, None, *queued] if person.principals else []
    return next((p for p in tried if not _objection(row, _in_place(person, p))), None)


def _in_place(person: Who, principal: Principal | None) -> Who:
    """The person as they answer for another, with the rights that they have themselves."""
    return person if principal is None else replace(person, department=principal.department or "")


def _effective(row: Escalation, person: Who) -> Who:
    return _in_place(person, principal_of(row, person))


def department_of(row: Escalation, reason: Reason) -> str:
    """Whose reason it is: the department named in it, else the one whose queue the question stands in."""
    return str(reason.get("department") or row.queue)


def covered(row: Escalation, person: Who) -> list[Reason]:
    """The reasons that an answer of this person covers, in the order of the question."""
    acting = _effective(row, person)
    return [r for r in row.reasons if _covers(row, r, acting)]


def remaining(row: Escalation, person: Who) -> list[Reason]:
    """The reasons that stay as they are whatever this person answers, short of rejecting."""
    acting = _effective(row, person)
    return [r for r in row.reasons if not _covers(row, r, acting)]


def _covers(row: Escalation, reason: Reason, person: Who) -> bool:
    if policy.ANSWERS_ALL in person.groups or reason.get("set_by") == person.actor:
        return True
    if reason.get("set_by") or not _stands_before(row, person):
        return False
    if _has_to_sign(row, person):
        return True
    return department_of(row, reason) in _departments(row, person)


def _departments(row: Escalation, person: Who) -> frozenset[str]:
    """The departments as which a person answers a question: their own, else that of its queue; the backup
    once it is overdue as both."""
    own = person.department or row.queue
    return frozenset({own, row.queue} if row.backup and own == row.backup else {own})


def stands_before(row: Escalation, person: Who) -> bool:
    """Does the question stand in a queue that this person answers?"""
    return _stands_before(row, _effective(row, person))


def _has_to_sign(row: Escalation, person: Who) -> bool:
    """Is it a question that the person's department has to sign, whatever queue it stands in? Their signature
    is for the whole of it, then."""
    return bool(person.department) and person.department in row.signers


def stands_as(row: Escalation, person: Who) -> frozenset[str]:
    """The groups and the department that a person's signature under a question stands for: their own, or that
    of whom they answer for; without one that whose queue it is."""
    acting = _effective(row, person)
    manages = policy.ANSWERS_ALL in person.groups
    department = acting.department or ("" if manages else row.queue)
    return person.groups | ({department} if department else frozenset())


def _stands_before(row: Escalation, person: Who) -> bool:
    if policy.ANSWERS_ALL in person.groups:
        return True
    return (row.queue in _departments(row, person) or _has_to_sign(row, person)) and not queues.is_reserved(
        row.queue
    )


def objection(row: Escalation, person: Who) -> str:
    """Why this question is not this person's to answer; empty if it is. Limits and makers are asked
    elsewhere."""
    return _objection(row, _effective(row, person))


def _objection(row: Escalation, person: Who) -> str:
    if policy.ANSWERS_ALL in person.groups or any(r.get("set_by") == person.actor for r in row.reasons):
        return ""
    if queues.is_reserved(row.queue):
        return f"Questions in the queue of {row.queue} are decided by managers."
    if row.queue not in _departments(row, person) and not _has_to_sign(row, person):
        return f"This question is one for {row.queue}; you answer those of {person.department}."
    if row.reasons and not any(_covers(row, r, person) for r in row.reasons):
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
