"""One question as the page shows it: its place in the list, how it stands, what replaced it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from audit import commitments

from .models import Escalation, Status
from .selectors import SORTS, Clock, Filters, Person, clock, narrowed, people, title_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case stands in the list it was opened from."""

    position: int
    total: int
    before: UUID | None
    after: UUID | None


def place(e: Escalation, filters: Filters, actor: str, hidden: Sequence[str] = ()) -> Place:
    """Position among the open questions of the same list, and its neighbours."""
    ordered = list(
        narrowed(filters, actor, hidden)
        .filter(Q(status=Status.OPEN) | Q(pk=e.pk))
        .order_by(*SORTS.get(filters.sort, SORTS["clock"]))
        .values_list("id", flat=True)[:2000]
    )
    at = ordered.index(e.pk) if e.pk in ordered else -1
    following = ordered[at + 1] if 0 <= at < len(ordered) - 1 else None
    before = ordered[at - 1] if at > 0 else None
    return Place(at + 1, len(ordered), before, following)


@dataclass(frozen=True, slots=True)
class Signed:
    """One person's answer under a question."""

    verdict: str
    by: str
    at: datetime
    reason: str
    comment: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """One question as the page shows it: the frozen case, and how it stands now."""

    escalation: Escalation
    title: str
    clock: Clock
    owner: Person | None
    decided_by: Person | None
    signed: Sequence[Signed]
    successor: UUID | None
    mine: bool

    @property
    def data(self) -> dict[str, Any]:
        frozen: dict[str, Any] = self.escalation.case
        return frozen

    @property
    def open(self) -> bool:
        return self.escalation.status == Status.OPEN

    @property
    def lines_off(self) -> list[dict[str, Any]]:
        return [line for line in self.data.get("lines", []) if line.get("result")]

    @property
    def lines_in(self) -> list[dict[str, Any]]:
        return [line for line in self.data.get("lines", []) if not line.get("result")]


def case_view(e: Escalation, actor: str) -> CaseView:
    """One question with its answers so far and, if it was replaced, what replaced it."""
    verdicts = list(e.verdicts.order_by("at"))
    known = people([e.owner, e.decided_by, *(v.by for v in verdicts)])
    given = [
        Signed(
            v.verdict,
            known[v.by].name if v.by in known else v.by,
            v.at,
            v.reason,
            commitments.reveal(v.comment),
        )
        for v in verdicts
    ]
    return CaseView(
        escalation=e,
        title=title_of(e),
        clock=clock(e, timezone.now()),
        owner=known.get(e.owner),
        decided_by=known.get(e.decided_by),
        signed=given,
        successor=_successor(e),
        mine=bool(actor) and e.owner == actor,
    )


def _successor(e: Escalation) -> UUID | None:
    if e.status != Status.SUPERSEDED:
        return None
    newer = Escalation.objects.filter(subject=e.subject, opened_at__gte=e.decided_at or e.opened_at).exclude(
        pk=e.pk
    )
    return newer.order_by("-opened_at").values_list("id", flat=True).first()


def cleared_today(actor: str) -> int:
    """How many questions the person has answered today; for the word on the empty list."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return Escalation.objects.filter(decided_by=actor, decided_at__gte=midnight).count()
