"""Open questions that can be answered together, read only: which ask the same of the same party, what stands
against answering one of them beside others, and what they come to.

Which ask the same is kept beside the open questions (`listed.cause_of`); a group is read by an index, so many
of it at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from audit import clock
from audit.words import how_many

from . import selectors, signing
from .kinds import stored_kind
from .models import Escalation, OpenQuestion, Status
from .names import display, person
from .selectors import PENDING

MOST = 100
"""So many questions are answered together at most: as many as a list shows."""
Offered = Sequence[tuple[str, Sequence[tuple[str, str]]]]
"""Verdicts, each with the codes and words that can be given for it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One question of a group: its row of the list, and why it is not answered together with the others
    (empty: it can be)."""

    row: selectors.Row
    escalation: Escalation
    objection: str

    @property
    def open(self) -> bool:
        return self.escalation.status == Status.OPEN


@dataclass(frozen=True, slots=True)
class Group:
    """Questions before they are answered together, in the order in which they were chosen or are due."""

    items: Sequence[Item]
    more: bool = False
    """Are there more of the cause than can be answered at once?"""

    @property
    def answerable(self) -> list[Item]:
        return [item for item in self.items if not item.objection]

    @property
    def causes(self) -> int:
        """How many causes those have that can be answered; one that stands alone is its own."""
        return len({item.row.cause or str(item.row.id) for item in self.answerable})

    @property
    def sums(self) -> list[tuple[str, Decimal]]:
        """What those come to that can be answered, by currency."""
        return sums_of(item.escalation for item in self.answerable)

    @property
    def worth(self) -> Decimal:
        """The same in company currency, as far as it is known."""
        return sum((item.escalation.amount_company or Decimal(0) for item in self.answerable), Decimal(0))

    @property
    def unvalued(self) -> int:
        """Of how many it is not known what they come to in company currency."""
        return sum(
            e.amount is not None and e.amount_company is None
            for e in (item.escalation for item in self.answerable)
        )

    @property
    def several_sign(self) -> int:
        """How many of them count only once somebody else has signed, too."""
        return sum(item.escalation.quorum > 1 for item in self.answerable)


@dataclass(frozen=True, slots=True)
class Cause:
    """What an open question asks, and how many others ask it."""

    title: str
    reasons: Sequence[str]
    what: str
    """How many things are asked about, with the word of their kind."""
    others: int
    more: bool
    """Are there more than that?"""
    worth: Decimal
    """What all of them come to in company currency, this one with them."""


def sums_of(rows: Iterable[Escalation]) -> list[tuple[str, Decimal]]:
    """Amounts of questions by currency, in order of the currency; those without one are left out."""
    found: dict[str, Decimal] = {}
    for e in rows:
        if e.amount is not None:
            found[e.currency] = found.get(e.currency, Decimal(0)) + e.amount
    return sorted(found.items())


def keys_of_cause(e: Escalation, hidden: Sequence[str]) -> list[UUID]:
    """The open questions that ask the same as this one, itself first, then by when they are due: one more
    than can be answered together, at most."""
    cause = OpenQuestion.objects.filter(pk=e.pk).values_list("cause", flat=True).first()
    if not cause:
        return [e.pk]
    same = OpenQuestion.objects.filter(cause=cause, pending__isnull=True)
    others = same.exclude(pk=e.pk).exclude(kind__in=hidden)
    return [e.pk, *others.order_by("due_at", "question").values_list("pk", flat=True)[:MOST]]


def cause_of(e: Escalation, hidden: Sequence[str]) -> Cause | None:
    """What an open question asks and how many others do; None where none does, and of a blind review: that
    is answered by itself."""
    if e.status != Status.OPEN or e.blind:
        return None
    keys = keys_of_cause(e, hidden)
    if len(keys) == 1:
        return None
    amounts = OpenQuestion.objects.filter(pk__in=keys[:MOST]).values_list("amount_company", flat=True)
    kind, count = stored_kind(e.kind), len(keys[:MOST])
    return Cause(
        title=selectors.title_of(e),
        reasons=list(dict.fromkeys(str(r.get("words") or r["code"]) for r in e.reasons if r.get("code"))),
        what=how_many(count, kind.words) if kind.words.isalpha() else how_many(count, "question"),
        others=count - 1,
        more=len(keys) > MOST,
        worth=sum((amount or Decimal(0) for amount in amounts), Decimal(0)),
    )


def group(keys: Sequence[UUID], by: User, hidden: Sequence[str]) -> Group:
    """These questions as they stand, for somebody who would answer them together. Those of kinds that they
    may not see are left out, and those above `MOST`."""
    now = clock.now()
    found = [(e, row) for e, row in selectors.rows_of(keys[:MOST], now) if e.kind not in hidden]
    signed = _signed_by(by, [e.pk for e, _ in found])
    items = [Item(row, e, _objection(e, row, by, now, signed=e.pk in signed)) for e, row in found]
    return Group(items, more=len(keys) > MOST)


def _signed_by(by: User, keys: Sequence[UUID]) -> set[UUID]:
    mine = Escalation.objects.filter(pk__in=keys, verdicts__by=person(by))
    return set(mine.values_list("pk", flat=True))


def _objection(e: Escalation, row: selectors.Row, by: User, now: datetime, *, signed: bool) -> str:
    if row.gone == PENDING:
        return f"{row.gone_by} has answered this a moment ago."
    if row.gone:
        return f"{row.gone.capitalize()}{row.gone_by and f' by {row.gone_by}'} already."
    if signed:
        return "You have signed this; a second person is needed."
    if e.owner not in ("", person(by)):
        return f"{display(e.owner)} has claimed this."
    blind = bool(selectors.shown_of(e).get("blind"))
    return alone(e, now, blind=blind) or signing.objection(e, by)


def alone(e: Escalation, now: datetime, *, blind: bool) -> str:
    """Why an open question is not answered together with others by anybody, whatever the answer; empty if it
    may be. What has to be looked at by itself for so long, and what is reviewed blind, is never answered
    beside others."""
    if blind:
        return "A blind review: it is answered on its own page, before anything is said of it."
    dwell = stored_kind(e.kind).dwell
    wait = dwell(e) if dwell is not None else None
    if wait is not None:
        return (
            f"It is answered on its own page, which has to be shown for {how_many(wait.seconds, 'second')}"
            f" ({wait.why})."
        )
    if e.aside_until is not None and e.aside_until > now:
        until = timezone.localtime(e.aside_until)
        return f"Put aside until {until:%-d %b %Y, %H:%M}; put it back in the list first."
    return ""


def common(of_each: Sequence[Offered]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Verdicts and codes that every one of these questions takes, in the order of the first."""
    if not of_each:
        return []
    codes = [{v: {code for code, _ in rows} for v, rows in found} for found in of_each]
    all_: list[tuple[str, list[tuple[str, str]]]] = []
    for verdict, rows in of_each[0]:
        true = [(code, words) for code, words in rows if all(code in c.get(verdict, ()) for c in codes)]
        if true:
            all_.append((verdict, true))
    return all_
