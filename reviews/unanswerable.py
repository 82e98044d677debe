"""Open questions that nobody may answer any more: whoever could is gone, has made it, has signed, or signs
for less.

It is looked for again and again, so many questions at a time, and only shown, with why: an account, a limit
or a delegation helps, and time answers nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import F

from . import coverage, policy, signatures, signing
from .access import decides_with, department_of
from .grants import in_a_row
from .kinds import stored_kind
from .models import Escalation, OpenQuestion, Status
from .principals import Principal, everybodys
from .signing import limit_of, reaches, stake_unknown

AT_MOST = 500
"""So many questions are looked at in one run, the longest unseen first."""
ENOUGH = 12
"""Where so many more may answer than are needed, it is not asked who of them made what is decided."""
NAMED = 4


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who decides cases, with what is asked of them."""

    user: User
    groups: frozenset[str]
    principals: tuple[Principal, ...]

    @property
    def actor(self) -> str:
        return f"human:{self.user.pk}"

    @property
    def name(self) -> str:
        return self.user.get_full_name() or self.user.get_username()


def check(now: datetime, at_most: int = AT_MOST) -> list[UUID]:
    """Look at the questions that were not looked at for longest, and keep of which nobody may answer. Returns
    those of which that is news."""
    order = F("looked_at").asc(nulls_first=True), "question"
    keys = list(OpenQuestion.objects.order_by(*order).values_list("pk", flat=True)[:at_most])
    before = dict(OpenQuestion.objects.filter(pk__in=keys).values_list("pk", "nobody"))
    members = everybody()
    rows = Escalation.objects.filter(pk__in=keys, status=Status.OPEN).defer("case")
    found = {row.pk: why_nobody(row, members) for row in rows}
    news = [key for key, why in found.items() if why != before.get(key, "")]
    OpenQuestion.objects.filter(pk__in=keys).update(looked_at=now)
    for key in news:
        OpenQuestion.objects.filter(pk=key).update(nobody=found[key])
    return news


def everybody() -> list[Member]:
    """Everybody who decides cases now, by name. A few queries, however many they are."""
    covered = everybodys()
    return [
        Member(user, frozenset(g.name for g in user.groups.all()), covered.get(user.pk, ()))
        for user in signing.deciding().prefetch_related("groups")
    ]


def why_nobody(row: Escalation, members: Sequence[Member]) -> str:
    """Why nobody may answer a question, or too few may; empty where enough may."""
    signed = list(row.verdicts.exclude(verdict=policy.REJECT).values_list("by", flat=True))
    needed = row.quorum - len(signed)
    stored = dict.fromkeys(row.makers, "")
    able = [m for m in members if not _hindrance(row, m, stored, signed)]
    if len(able) >= needed + ENOUGH and not row.signers:
        return ""
    made = signing.makers(row)
    hindered = [(m, _hindrance(row, m, made, signed)) for m in members]
    able = [m for m, why in hindered if not why]
    stands = [coverage.stands_as(row, _who(m).without(made)) for m in able]
    missing = signatures.uncovered(row.signers, [*signatures.given(row), *stands]) if row.signers else []
    if len(able) >= needed and not missing:
        return ""
    return _words(hindered, len(able), needed, missing)


def _who(member: Member) -> coverage.Who:
    return coverage.who(member.user, member.groups, member.principals)


ELSEWHERE = "elsewhere"


def _hindrance(row: Escalation, member: Member, made: dict[str, str], signed: Sequence[str]) -> str:
    """Why somebody may not answer: in words, `ELSEWHERE` where it is not theirs at all; empty if they may."""
    if not decides_with(member.groups, department_of(member.user), row):
        return ELSEWHERE
    held = member.groups & stored_kind(row.kind).groups or member.groups
    if coverage.objection(row, _who(member).without(made)):
        return ELSEWHERE
    if member.actor in made:
        return "made it"
    if member.actor in signed:
        return "has signed"
    if stake_unknown(row):
        return "" if policy.ANSWERS_ALL in held else ELSEWHERE
    limit = limit_of(member.user, held)
    return "" if reaches(limit, row) else f"signs up to {policy.currency()} {limit or 0:,.2f}"


def _words(hindered: Sequence[tuple[Member, str]], able: int, needed: int, missing: Sequence[str]) -> str:
    about = [f"{member.name} {why}" for member, why in hindered if why and why != ELSEWHERE]
    others = f" and {len(about) - NAMED} more may not either" if len(about) > NAMED else ""
    reasons = f": {'; '.join(about[:NAMED])}{others}" if about else ": nobody who is here has the right to"
    if missing and able >= needed:
        return f"Nobody may sign for {in_a_row(list(missing))}{reasons}."
    if able:
        return f"{needed} have still to sign, and {able} may{reasons}."
    return f"Nobody may answer this{reasons}."


def answerable_by_nobody() -> int:
    """How many open questions nobody may answer, as it was seen last."""
    return OpenQuestion.objects.exclude(nobody="").count()


def seen_why(key: UUID) -> str:
    """Why nobody may answer an open question, as it was seen last; empty where somebody may."""
    return OpenQuestion.objects.filter(pk=key).values_list("nobody", flat=True).first() or ""
