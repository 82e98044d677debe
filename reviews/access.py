"""Who sees and does what. A table of rights by group; views get a row only through the functions below.

Specialists decide and bring invoices, and what is their department's. Managers also bring master data, rates
and the bank's messages, stop agents and approve payment runs. Auditors read everything and change nothing.
Administrators keep people's accounts and decide nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone

from .models import Escalation
from .policy import GRANTS
from .rights import ended, groups_now

P = ParamSpec("P")


class Right(StrEnum):
    """What a person may do; the value is how a refusal names it."""

    SEE = "see this page"
    READ_CASES = "read cases"
    DECIDE = "decide cases"
    UPLOAD = "upload documents"
    BRING_INVOICES = "bring invoices and credit notes"
    BRING_ORDERS = "bring orders"
    BRING_RECEIPTS = "bring goods receipts"
    BRING_MASTERS = "bring master data"
    BRING_RATES = "bring exchange rates"
    BRING_BANK = "bring messages of the bank"
    READ_AUDIT = "read the history"
    CONTROL_AGENTS = "stop and resume agents"
    READ_PAYMENTS = "see payment runs"
    RUN_PAYMENTS = "propose and approve payment runs"
    READ_QUALITY = "see how the agents were examined"
    MAKE_MAPS = "make maps of tables"
    SEE_ACCESS = "see who looked at what"
    NOTE = "write auditor's notes"
    READ_RETENTION = "see what is kept and for how long"
    KEEP_RECORDS = "set and lift legal holds"
    READ_SAMPLES = "see samples and take populations away"
    DRAW = "draw samples and record what is in them"
    VERIFY = "have the ledger verified"


ROLES: dict[str, frozenset[Right]] = {
    "specialist": frozenset(
        {Right.SEE, Right.READ_CASES, Right.DECIDE, Right.UPLOAD, Right.BRING_INVOICES, Right.READ_AUDIT}
    ),
    "manager": frozenset(Right) - {Right.NOTE, Right.DRAW, Right.BRING_ORDERS, Right.BRING_RECEIPTS},
    "auditor": frozenset(
        {
            Right.SEE,
            Right.READ_CASES,
            Right.READ_AUDIT,
            Right.READ_PAYMENTS,
            Right.SEE_ACCESS,
            Right.READ_RETENTION,
            Right.NOTE,
            Right.READ_QUALITY,
            Right.READ_SAMPLES,
            Right.DRAW,
            Right.VERIFY,
        }
    ),
    "admin": frozenset({Right.SEE}),
}
BY_DEPARTMENT: dict[str, frozenset[Right]] = {
    "procurement": frozenset({Right.BRING_ORDERS}),
    "operations": frozenset({Right.BRING_RECEIPTS}),
}
"""What specialists and managers of a department may do besides: an order, its receipt and its invoice are
three people's."""
TITLES = {
    "specialist": "Specialist",
    "manager": "Manager",
    "auditor": "Auditor, read only",
    "admin": "Administrator",
}
WHO = {
    Right.DECIDE: "specialists and managers",
    Right.UPLOAD: "specialists and managers",
    Right.READ_CASES: "specialists, managers and auditors",
    Right.READ_AUDIT: "specialists, managers and auditors",
    Right.READ_PAYMENTS: "managers and auditors",
    Right.READ_QUALITY: "managers and auditors",
    Right.CONTROL_AGENTS: "managers",
    Right.RUN_PAYMENTS: "managers",
    Right.BRING_INVOICES: "specialists and managers",
    Right.BRING_ORDERS: "people of procurement",
    Right.BRING_RECEIPTS: "people of operations",
    Right.BRING_MASTERS: "managers",
    Right.BRING_RATES: "managers",
    Right.BRING_BANK: "managers",
    Right.MAKE_MAPS: "managers",
    Right.SEE_ACCESS: "managers and auditors",
    Right.NOTE: "auditors",
    Right.READ_RETENTION: "managers and auditors",
    Right.KEEP_RECORDS: "managers",
    Right.READ_SAMPLES: "managers and auditors",
    Right.DRAW: "auditors",
    Right.VERIFY: "managers and auditors",
}


def groups_of(user: User | AnonymousUser) -> frozenset[str]:
    """The person's groups, read once per request; none once their access has ended."""
    known: frozenset[str] | None = getattr(user, "_countersign_groups", None)
    if known is None:
        known = groups_now(user) if isinstance(user, User) else frozenset()
        user._countersign_groups = known  # type: ignore[union-attr]
    return known


def may(user: User | AnonymousUser, right: Right) -> bool:
    groups = groups_of(user)
    if any(right in ROLES.get(group, frozenset()) for group in groups):
        return True
    return bool(groups & OF_DEPARTMENTS) and right in BY_DEPARTMENT.get(department_of(user), frozenset())


OF_DEPARTMENTS = frozenset({"specialist", "manager"})
"""Groups whose members have the rights of their department besides."""


def department_of(user: User | AnonymousUser) -> str:
    """The person's department; empty where they have none."""
    profile: Any = getattr(user, "signing_profile", None)
    return profile.department if profile else ""


def demand(user: User | AnonymousUser, right: Right) -> None:
    """Refuse in words unless the person has the right."""
    if not may(user, right):
        over = ended(user) if isinstance(user, User) else None
        if over is not None:
            raise PermissionDenied(f"Your access ended on {timezone.localtime(over):%-d %B %Y}.")
        who = f" {WHO[right].capitalize()} do." if right in WHO else ""
        raise PermissionDenied(f"You may not {right.value}.{who}")


def signed_in(request: HttpRequest) -> User:
    """The person of a request behind the sign-in."""
    if not isinstance(request.user, User):
        raise PermissionDenied("Sign in first.")
    return request.user


View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def requires(right: Right) -> Callable[[View[P]], View[P]]:
    """A view for people who have the right."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            demand(request.user, right)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def escalation_for(user: User | AnonymousUser, escalation_id: UUID) -> Escalation:
    """The question, if it exists and the person may read it."""
    demand(user, Right.READ_CASES)
    found = Escalation.objects.filter(pk=escalation_id).first()
    if found is None or not sees_kind(user, found.kind):
        raise Http404("There is no such case.")
    return found


def sees_kind(user: User | AnonymousUser, kind: str) -> bool:
    """What is paid and the bank's word on it are for those who see payments; everything else for all who read
    cases."""
    return kind not in {"payment_run", "bank_message", "paid_elsewhere"} or may(user, Right.READ_PAYMENTS)


def hidden_kinds(user: User | AnonymousUser) -> list[str]:
    return [kind for kind in GRANTS if not sees_kind(user, kind)]


def decides(user: User | AnonymousUser, escalation: Escalation) -> bool:
    """May the person's group decide this kind? Limits and makers are the service's to judge."""
    return may(user, Right.DECIDE) and bool(groups_of(user) & GRANTS.get(escalation.kind, frozenset()))


def title_of(user: User) -> str:
    """What stands under the name: the title of the signing profile, else the group."""
    profile: Any = getattr(user, "signing_profile", None)
    own: str = profile.title if profile and profile.title else ""
    return own or next((TITLES[g] for g in TITLES if g in groups_of(user)), "No group")
