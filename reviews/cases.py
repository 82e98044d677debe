"""One question as the page shows it: its place in the list, how it stands, what replaced it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from audit import clock, commitments
from audit.models import Entry
from audit.subjects import Subject

from . import coverage, pending, remedy_forms, signatures, unanswerable, urgency
from .coverage import department_of
from .kinds import Kind, Order, Wait, stored_kind
from .models import Escalation, PendingAnswer, Status, Verdict
from .open_lists import Filters, listed, totals
from .selectors import Clock, Person, clock_of, distinct, ended, passed_on, people, title_of
from .signing import backups

WAITING_SHOWN = 5
"""So many answers that can be taken back are shown at once."""
NEAR, WALKED = 150, 2_000
"""Among so many of the first of a list a case is mostly found; so many are walked through."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case stands in the list it was opened from."""

    position: int
    total: int
    before: UUID | None
    after: UUID | None


def place(e: Escalation, filters: Filters, actor: str, hidden: Sequence[str] = ()) -> Place:
    """Position among the open questions of the same list, and its neighbours. The first of them are looked
    at first: there one begins. One that has ended keeps its place; one that is open and not in the list has
    none."""
    rows, today = listed(filters, actor, hidden), clock.today()
    mine = urgency.rank_of(e, e.case, filters.sort, today)
    for many in (NEAR, WALKED):
        ranks = urgency.first(rows, filters.sort, today, many)
        kept = e.status != Status.OPEN and mine not in ranks
        ordered = sorted([*ranks, mine])[:WALKED] if kept else ranks
        if len(ranks) < many or mine < ranks[-1]:
            break
    at = ordered.index(mine) if mine in ordered else -1
    open_count = len(ranks) if len(ranks) < many else totals(filters, actor, hidden)[0]
    return Place(
        position=at + 1,
        total=min(WALKED, open_count + kept),
        before=ordered[at - 1][-1] if at > 0 else None,
        after=ordered[at + 1][-1] if 0 <= at < len(ordered) - 1 else None,
    )


@dataclass(frozen=True, slots=True)
class Signed:
    """One person's answer under a question."""

    verdict: str
    by: str
    at: datetime
    reason: str
    comment: str
    remedy: str = ""
    """Of an edit: what was answered, in words."""
    for_whom: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """Reasons of one department: their words, and until when they wait for a fact (None: they do not)."""

    department: str
    words: Sequence[str]
    waits: datetime | None


@dataclass(frozen=True)
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
    disclosure: Any = None
    """What its kind tells the person once they have answered."""
    hushed: bool = False
    """Was it answered by somebody else, of whom nothing is told?"""
    left: Sequence[Share] = ()
    """What an approval did not cover, with whose it is."""
    pending: PendingAnswer | None = None
    """An answer that can still be taken back."""
    pending_by: Person | None = None
    pending_mine: bool = False

    @property
    def data(self) -> dict[str, Any]:
        frozen: dict[str, Any] = self.escalation.case
        return frozen

    @property
    def open(self) -> bool:
        return self.escalation.status == Status.OPEN

    @cached_property
    def together(self) -> int:
        """With how many others one's answer was given that can still be taken back; none of it if alone."""
        if self.pending is None or not self.pending.together:
            return 0
        return PendingAnswer.objects.filter(by=self.pending.by, together=self.pending.together).count()

    @property
    def undo_seconds(self) -> int:
        """How many seconds are left in which the answer can be taken back."""
        left = self.pending.until - clock.now() if self.pending is not None else timedelta(0)
        return max(0, math.ceil(left.total_seconds()))

    @property
    def aside(self) -> datetime | None:
        """Until when it is put aside; None where it stands in the list."""
        until = self.escalation.aside_until
        return until if self.open and until is not None and until > clock.now() else None

    @property
    def passed_on(self) -> str:
        """Who sees to it since its time is over; empty before."""
        return passed_on(self.escalation) if self.open else ""

    @cached_property
    def backups(self) -> list[str]:
        """The names of the people of the department that is its backup."""
        return backups(self.escalation)

    @property
    def blind(self) -> bool:
        """Is it answered without knowing what the agents said? Only until it is answered."""
        return self.open and self.escalation.blind

    @property
    def awaited(self) -> int:
        """How many more have to sign before it counts."""
        counted = sum(not s.remedy for s in self.signed)
        return max(0, self.escalation.quorum - counted) if self.open else 0

    @cached_property
    def nobody(self) -> str:
        """Why nobody may answer it, as it was seen last; empty where somebody may."""
        return unanswerable.seen_why(self.escalation.pk) if self.open else ""

    @property
    def needed(self) -> str:
        """Of the groups that have to sign those that have not, in words; empty where any may."""
        return signatures.needed_words(self.escalation) if self.open and self.escalation.signers else ""

    @property
    def chips(self) -> list[dict[str, Any]]:
        """Reasons, one per code and size, however many lines have it."""
        return distinct(self.escalation.reasons)

    @property
    def outcome(self) -> str:
        """How it ended; an override is told apart from an approval."""
        return ended(self.escalation.status, self.escalation.verdict)

    @property
    def key(self) -> str:
        """Which one of its sort is asked about: the subject without its prefix."""
        return Subject(self.escalation.subject).key

    @property
    def followed(self) -> str:
        """The subject by which the page hears of changes."""
        own = Subject(self.escalation.subject)
        return Subject.of(self.kind.page.follows or own.kind, own.key)

    @property
    def kind(self) -> Kind:
        """Its kind: who answers it, and how its page is made."""
        return stored_kind(self.escalation.kind)

    @cached_property
    def order(self) -> Order | None:
        """What stands first on the page; None where the kind does not say."""
        say = self.kind.page.order
        return say(self.escalation) if say is not None else None

    @cached_property
    def wait(self) -> Wait | None:
        """How long the page has to have been shown before the question is let go; None: no least time."""
        say = self.kind.dwell
        return say(self.escalation) if say is not None and self.open else None

    @cached_property
    def details(self) -> Any:
        """What the kind's templates show, made of the case; None where they need no more than the case."""
        make = self.kind.page.details
        return make(self.data) if make is not None else None


def case_view(e: Escalation, actor: str) -> CaseView:
    """One question with its answers so far and, if it was replaced, what replaced it."""
    verdicts = list(e.verdicts.order_by("at"))
    private = stored_kind(e.kind).private and e.status != Status.OPEN
    if private:  # what others answered is theirs to know
        verdicts = [v for v in verdicts if v.by == actor]
    waiting = pending.find(e.pk) if e.status == Status.OPEN else None
    answering = [waiting.by] if waiting is not None else []
    signers = [who for v in verdicts for who in (v.by, v.on_behalf_of)]
    known = people([e.owner, e.decided_by, *answering, *signers])
    given = [
        Signed(
            v.verdict,
            known[v.by].name if v.by in known else v.by,
            v.at,
            v.reason,
            commitments.reveal(v.comment),
            remedy_forms.words_of(v),
            known[v.on_behalf_of].name if v.on_behalf_of in known else v.on_behalf_of,
        )
        for v in verdicts
    ]
    lost = urgency.loss_of(stored_kind(e.kind).deadlines, e.case, clock.today())
    return CaseView(
        escalation=e,
        title=title_of(e),
        clock=clock_of(e, clock.now(), lost),
        owner=known.get(e.owner),
        decided_by=known.get(e.decided_by) if not private or e.decided_by == actor else None,
        signed=given,
        disclosure=_disclosure(e, actor),
        hushed=private and e.decided_by not in ("", actor),
        successor=_successor(e),
        mine=bool(actor) and e.owner == actor,
        left=_left(e, verdicts),
        pending=waiting,
        pending_by=known.get(waiting.by) if waiting is not None else None,
        pending_mine=waiting is not None and waiting.by == actor,
    )


def waiting_of(actor: str) -> list[CaseView]:
    """What a person has answered and can still take back, the newest first; of what was answered together the
    first."""
    shown: dict[str, UUID] = {}
    for key, together in (
        PendingAnswer.objects.filter(by=actor).order_by("-at", "pk").values_list("pk", "together")
    ):
        shown.setdefault(together or str(key), key)
    keys = list(shown.values())[:WAITING_SHOWN]
    found = Escalation.objects.in_bulk(keys)
    return [case_view(found[key], actor) for key in keys if key in found]


def _disclosure(e: Escalation, actor: str) -> Any:
    tell = stored_kind(e.kind).page.discloses
    return tell(e, actor) if tell is not None and e.status != Status.OPEN else None


def moments(e: Escalation, at_most: int, *, without: Q | None = None) -> tuple[list[Entry], int]:
    """The newest entries of a case's timeline, oldest first, and how many there are; `without` those that are
    not to be seen yet."""
    told = stored_kind(e.kind).page.moments
    if told is not None:
        entries = told(e)
        return list(entries[-at_most:]), len(entries)
    found = Entry.objects.filter(subject=e.subject).exclude(without or Q(pk=None)).order_by("-seq")
    return list(reversed(found[:at_most])), found.count()


def name_people(e: Escalation, entries: Sequence[Entry], actor: str) -> list[tuple[Entry, Person | None]]:
    """Entries of a timeline, each with the person whose act it was. Of a kind that is told to nobody else
    only one's own are named."""
    known = people(entry.actor for entry in entries if entry.actor.startswith("human:"))
    if stored_kind(e.kind).private:
        known = {who: person for who, person in known.items() if who == actor}
    return [(entry, known.get(entry.actor)) for entry in entries]


def grouped(e: Escalation, reasons: Sequence[coverage.Reason]) -> list[Share]:
    """Reasons by the department that answers them, each in words with the lines it is about."""
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    for r in reasons:
        key = (department_of(e, r), r.get("until", ""))
        found.setdefault(key, {}).setdefault(r.get("words", ""), []).append(r.get("line", ""))
    return [
        Share(
            name, [_worded(w, lines) for w, lines in words.items()], parse_datetime(until) if until else None
        )
        for (name, until), words in found.items()
    ]


def _left(e: Escalation, verdicts: Sequence[Verdict]) -> list[Share]:
    if e.status != Status.APPROVED:
        return []
    signed = [{c["hold"] for c in v.covers} for v in verdicts]
    return grouped(e, [r for r in e.reasons if not all(r.get("hold", "") in holds for holds in signed)])


def _worded(words: str, lines: list[str]) -> str:
    numbers = [n for n in dict.fromkeys(lines) if n]
    if not numbers:
        return words
    return f"{words}, line{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"


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
