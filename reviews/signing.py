"""Who may sign what: group, limit, and never one's own work. Asked by the page beforehand and by the service
at the last moment."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from audit import clock

from . import coverage, policy, signatures
from .access import decides_with, department_of
from .grants import DECIDE, holders, holds
from .kinds import stored_kind
from .models import Escalation
from .principals import everybodys

REJECT = policy.REJECT
NAMED = 2
"""So many people are named to hand over to."""


def objection(row: Escalation, by: User, verdict: str = "", *, whatever_amount: bool = False) -> str:
    """Why this person may not answer, with who may instead; empty if they may.

    Where what is at stake is not known, nobody approves; a manager may still reject (`verdict`), for no money
    goes then. `whatever_amount`: the answer lets nothing go, so that no limit is asked.
    """
    return judge(row, by, verdict, whatever_amount=whatever_amount)[0]


def judge(
    row: Escalation, by: User, verdict: str, *, whatever_amount: bool = False
) -> tuple[str, coverage.Who]:
    """The objection, and the person as it was asked of: what they may and for whom they answer is read once,
    so that an answer stands on what was checked, whatever is taken back meanwhile. Of those for whom they
    answer none made what is decided."""
    person, made = coverage.who(by), makers(row)
    stops = verdict == REJECT and stored_kind(row.kind).makers_may_reject
    acting = person if stops else person.without(made)
    asked = (person, acting)
    why = _objection(row, by, verdict, asked, {} if stops else made, whatever_amount=whatever_amount)
    return why, acting


def _objection(
    row: Escalation,
    by: User,
    verdict: str,
    asked: tuple[coverage.Who, coverage.Who],
    made: dict[str, str],
    *,
    whatever_amount: bool,
) -> str:
    person, acting = asked
    kind = stored_kind(row.kind)
    if not (by.is_active and decides_with(person.groups, person.department, row)):
        return f"{kind.words.capitalize()} questions are decided by {kind.answered_by}."
    may = _signing_groups(person.groups, row)
    acting = replace(acting, groups=may)
    if (me := f"human:{by.pk}") in made:
        what = f" ({made[me]})" if made[me] else ""
        others = _instead(row, made)
        return f"You made what is decided here{what}; someone else has to countersign. {others}"
    if why := coverage.objection(row, acting):
        why = _made_by(row, replace(person, groups=may)) or why
        return f"{why} Hand over to {_others(row, department_first=True)}."
    if whatever_amount:
        return ""
    if verdict != REJECT and (why := signatures.not_needed(row, coverage.stands_as(row, acting))):
        return f"{why} Hand over to {_others(row)}."
    if stake_unknown(row):
        return "" if verdict == REJECT and policy.ANSWERS_ALL in may else _unknown(row)
    limit = limit_of(by, may)
    if reaches(limit, row):
        return ""
    over = (
        f"{_money(abs(row.amount_company or Decimal(0)))} is over your limit of"
        f" {_money(limit or Decimal(0))}."
    )
    return f"{over} Hand over to {_others(row)}."


def signs_alone(row: Escalation, me: coverage.Who, by: User) -> bool:
    """Does the person's own limit reach what is at stake? What nobody knows is over every limit."""
    return reaches(limit_of(by, _signing_groups(me.groups, row)), row)


def makers(row: Escalation) -> dict[str, str]:
    """Everybody who made what is decided, those of when it was asked and those of now, with what they
    brought."""
    found = stored_kind(row.kind).makers
    return dict.fromkeys(row.makers, "") | dict(found(row) if found is not None else {})


def _made_by(row: Escalation, person: coverage.Who) -> str:
    """Who made what is decided of those for whom a person would answer it, in a sentence; empty for
    nobody."""
    principal = coverage.principal_of(row, person)
    return f"{principal.name}, for whom you answer, made what is decided here." if principal else ""


def _instead(row: Escalation, made: dict[str, str]) -> str:
    found = signers(row, made=made)[:NAMED]
    if found:
        return f"Hand over to {' or '.join(found)}."
    groups = " or ".join(sorted(stored_kind(row.kind).groups)) or "group that may"
    return f"Nobody else here may sign it: whoever keeps the accounts names another {groups}."


def _others(row: Escalation, *, department_first: bool = False) -> str:
    found = signers(row, department_first=department_first)[:NAMED]
    return " or ".join(found) or "somebody who may sign it"


def limit_of(user: User, groups: frozenset[str]) -> Decimal | None:
    """The person's own limit, else the highest of their groups."""
    own = getattr(getattr(user, "signing_profile", None), "limit", None)
    if own is not None:
        return Decimal(own)
    return max((x for g in groups if (x := policy.limit_of(g)) is not None), default=None)


def _signing_groups(groups: frozenset[str], row: Escalation) -> frozenset[str]:
    """By which of their groups a person signs: those that answer the kind, or all where a department does."""
    return groups & stored_kind(row.kind).groups or groups


def signers(
    row: Escalation, *, department_first: bool = False, made: dict[str, str] | None = None, of: str = ""
) -> list[str]:
    """Names of the people who may answer, managers' first unless their department's are; nobody twice, no
    maker. `of`: of one department only."""
    right = stored_kind(row.kind).answers
    found, made, covered = [], makers(row) if made is None else made, everybodys()
    for user in deciding().prefetch_related("groups"):
        groups = frozenset(g.name for g in user.groups.all())
        held = _signing_groups(groups, row)
        if of and department_of(user) != of:
            continue
        if f"human:{user.pk}" in made or not holds(right, groups, partial(department_of, user)):
            continue
        person = coverage.who(user, held, covered.get(user.pk, ())).without(made)
        if coverage.objection(row, person) or signatures.not_needed(row, coverage.stands_as(row, person)):
            continue
        if reaches(limit_of(user, held), row):
            found.append(
                (("manager" in held) == department_first, user.get_full_name() or user.get_username())
            )
    return [name for _, name in sorted(found, key=lambda pair: pair[0])]


def deciding() -> QuerySet[User]:
    """The people who decide cases now, by name."""
    working = Q(signing_profile__until__isnull=True) | Q(signing_profile__until__gt=clock.now())
    people = User.objects.filter(working, is_active=True, groups__name__in=holders(DECIDE).roles).distinct()
    return people.select_related("signing_profile").order_by("first_name", "username")


def backups(row: Escalation) -> list[str]:
    """Names of the people of the department to which a question went when its time was over, who may sign
    it."""
    return signers(row, of=row.backup) if row.backup else []


def _money(amount: Decimal) -> str:
    return f"{policy.currency()} {amount:,.2f}".strip()


def stake_unknown(row: Escalation) -> bool:
    """Is something at stake, and nobody knows how much in company currency? That is over every limit."""
    return row.amount_company is None and (row.amount is not None or stored_kind(row.kind).has_stake)


def _unknown(row: Escalation) -> str:
    company = policy.currency() or "company currency"
    if row.amount is None:
        instead = stored_kind(row.kind).instead
        return (
            "What is at stake is not known: the document states no amount that can be read. Nobody can"
            f" approve it; a manager rejects it{instead and f', {instead}'}."
        )
    return (
        f"What is at stake is not known in {company}, and so it is over every limit: there is no rate for"
        f" {row.currency or 'its currency'}. Take in a list of rates (date,currency,rate); then this is asked"
        " again."
    )


def reaches(limit: Decimal | None, row: Escalation) -> bool:
    """Is a limit as high as what is at stake? Nobody's is where that is not known."""
    if row.amount_company is None:
        return not stake_unknown(row)
    return limit is not None and abs(row.amount_company) <= limit
