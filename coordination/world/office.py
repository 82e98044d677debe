"""The people of the demonstration at their desks: who takes which question, when, and what they answer."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User

from audit.errors import CountersignError
from audit.subjects import Subject
from reviews import coverage, kinds
from reviews import services as reviews
from reviews.models import Escalation, Status

from ..models import Invoice
from . import calendar
from .labels import Label

BEGIN, END = time(8, 30), time(17, 30)
"""Office hours."""

PACE = {"marta": 2.0, "ingrid": 4.0, "pieter": 6.0, "sofie": 3.0}
"""Office hours after which each has answered half of what came to them."""
SPREAD, LONGEST = 0.9, 36.0
OWN = {"procurement": "marta", "operations": "ingrid", "finance": "pieter"}
MANAGER, SECOND = "sofie", "jonas"
"""Who answers for the managers, and who adds a second signature. The second clears nothing alone, so that
somebody is left who may sign the payment runs."""
BY_MANAGERS = 0.12
"""Of questions that a specialist could answer, so many a manager answers."""
MISTAKES = 0.03
"""So many answers are the other one."""

APPROVED = {
    "price_over": 0.45,
    "no_po": 0.8,
    "item_not_ordered": 0.4,
    "qty_over_ordered": 0.4,
    "uom_mismatch": 0.6,
    "qty_over_received": 0.15,
    "supplier_mismatch": 0.2,
    "split_suspect": 0.5,
}
"""Of the invoices that are rightly held for this, so many are agreed to in the end; of what is not named here
and wrong, none."""
ONLY_SIGNED = frozenset(
    {
        "over_threshold",
        "random_audit",
        "low_confidence",
        "agents_disagree",
        "outside_envelope",
        "drift_breaker",
    }
)
"""Reasons that say nothing is wrong: somebody is to look."""
LEFT_OPEN = frozenset({"drill"})
"""Reasons that people leave until they are gone."""

WORDS = {
    "price_over": "The price list was looked at; it says otherwise.",
    "no_po": "No order was placed; agreed with the cost centre.",
    "qty_over_received": "Fewer pieces came than are billed; a credit note is asked for.",
    "no_receipt": "Nothing has come of it; the vendor is asked.",
    "duplicate_suspect": "The same delivery, billed twice.",
    "tax_mismatch": "The tax is wrong; a corrected invoice is asked for.",
    "bank_mismatch": "The account is not the one we know; asked by phone.",
    "po_unknown": "There is no such order; the vendor is asked for the right number.",
}
OTHERWISE = "Looked at with the order and the receipt."


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """When who answers which question."""

    at: datetime
    escalation: UUID
    who: str


@dataclass
class Office:
    """What people have before them. `given` counts answers."""

    seed: int
    people: dict[str, User]
    zone: ZoneInfo
    given: int = 0
    labels: dict[str, Label] = field(default_factory=dict)
    waiting: list[Due] = field(default_factory=list)
    seen: set[UUID] = field(default_factory=set)

    def know(self, labels: Iterable[Label]) -> None:
        """What these invoices should come to."""
        self.labels |= {label.invoice: label for label in labels}

    def look(self, now: datetime) -> None:
        """Take up what has been asked since the last look."""
        if not self.people.keys() & PACE.keys():
            return
        fresh = Escalation.objects.filter(status=Status.OPEN, kind="invoice").exclude(id__in=self.seen)
        for row in fresh.order_by("opened_at", "id"):
            if LEFT_OPEN & {r["code"] for r in row.reasons}:
                continue
            self.seen.add(row.id)
            self._plan(row, now)

    def due_before(self, at: datetime) -> Iterator[Due]:
        """What is answered before then, in its order."""
        while self.waiting and self.waiting[0].at < at:
            yield heapq.heappop(self.waiting)

    def _plan(self, row: Escalation, now: datetime) -> None:
        chance = self._chance("plan")
        who = MANAGER if chance.random() < BY_MANAGERS else OWN.get(row.queue, MANAGER)
        if who in self.people:
            hours = min(LONGEST, PACE[who] * math.exp(chance.gauss(0, SPREAD)))
            heapq.heappush(self.waiting, Due(self.office_time(now, hours), row.id, who))

    def _chance(self, what: str) -> random.Random:
        """Chance that is the same whenever the same world is played: keys are not, so it goes by place."""
        return random.Random(f"{self.seed}/{what}/{len(self.seen)}/{self.given}")  # noqa: S311 - a game

    def office_time(self, start: datetime, hours: float) -> datetime:
        """The instant after so many hours at the desk."""
        at, left = start.astimezone(self.zone), timedelta(hours=hours)
        while True:
            day = at.date()
            opens, closes = (datetime.combine(day, hour, self.zone) for hour in (BEGIN, END))
            if calendar.is_working_day(day) and at < closes:
                at = max(at, opens)
                if at + left < closes:
                    return at + left
                left -= closes - at
            at = datetime.combine(day + calendar.ONE, BEGIN, self.zone)

    # --- answering ------------------------------------------------------------------------------------------

    def answer(self, due: Due) -> bool:
        """The answer of whoever has it; a manager's where it is not theirs to give. False where the question
        is gone or nobody may answer it."""
        row = Escalation.objects.filter(pk=due.escalation, status=Status.OPEN).first()
        if row is None or LEFT_OPEN & {r["code"] for r in row.reasons}:
            return False
        verdict = self._verdict(row)
        given = 0
        for who in dict.fromkeys((due.who, MANAGER, SECOND)):
            if who not in self.people or (who == SECOND and not given):
                continue
            if self._given(row, self.people[who], verdict):
                given += 1
                row = Escalation.objects.get(pk=row.pk)
                if row.status != Status.OPEN:
                    break
        self.given += given
        return given > 0

    def _given(self, row: Escalation, by: User, verdict: str) -> bool:
        for one in dict.fromkeys((verdict, "override", "reject") if verdict == "approve" else (verdict,)):
            if one not in row.options:
                continue
            covers = list(row.reasons) if one == "reject" else coverage.covered(row, coverage.who(by))
            codes = [code for code, _ in kinds.reasons_of(row.kind, one, covers) if code != "other"]
            if not codes:
                continue
            chance = self._chance("reason")
            try:
                reviews.resolve(
                    row.id,
                    one,
                    by=by,
                    reason=chance.choice(codes),
                    comment=self._words(row) if one != "approve" else "",
                    seen_version=row.version,
                )
            except CountersignError:
                continue
            return True
        return False

    def _verdict(self, row: Escalation) -> str:
        chance = self._chance("verdict")
        number = Invoice.objects.filter(pk=Subject(row.subject).uuid).values_list("number", flat=True).first()
        label = self.labels.get(number or "")
        codes = {r["code"] for r in row.reasons} - ONLY_SIGNED
        fine = label is None or label.kind == "clean" or not codes or set(label.codes) <= ONLY_SIGNED
        right = fine or all(chance.random() < APPROVED.get(code, 0) for code in sorted(codes))
        if chance.random() < MISTAKES and codes:
            right = not right
        return "approve" if right else "reject"

    def _words(self, row: Escalation) -> str:
        codes: Sequence[Any] = [r["code"] for r in row.reasons]
        return next((WORDS[code] for code in codes if code in WORDS), OTHERWISE)
