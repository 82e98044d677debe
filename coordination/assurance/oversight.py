"""What known-answer cases and the answers of people show of a period: read only, teams and not people."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from audit.models import Entry
from reviews.models import Escalation
from reviews.queues import titles

from ..domain.doses import DisplayOrder
from ..domain.key_figures import Share
from ..domain.oversight import (
    CAUGHT,
    DEFECT_WORDS,
    MISSED,
    CatchRate,
    Course,
    Defect,
    Dwell,
    Noise,
    OrderEffect,
    Pair,
    course,
    dwell,
    noise,
    rate_of,
)
from ..domain.telling_apart import told_apart
from ..models import KNOWN_ANSWER, KnownAnswer, KnownAnswerResult
from ..services.oversight import COMMITTED, sealed
from ..tasks.sql import rows as fetch

MOST_COMPARED, LEAST_COMPARED = 300, 30
"""So many cases of each sort are compared at most, and at least: fewer tell nothing."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A known-answer case that is over."""

    key: UUID
    first: UUID | None
    defect: Defect
    queue: str
    outcome: str
    verdict: str
    by: str
    seconds: int | None
    let_go: Decimal
    drawn_order: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OfDefect:
    """The cases with one defect."""

    defect: Defect
    words: str
    rate: CatchRate


@dataclass(frozen=True, slots=True)
class OfQueue:
    """A team: answers to real questions about invoices, and to known-answer cases. `known` is a share of all
    answers."""

    queue: str
    title: str
    answers: int
    known: Share
    rate: CatchRate
    overrides: Share
    with_agents: Share
    course: Course


@dataclass(frozen=True, slots=True)
class Commitments:
    """Commitments made so far, how many of them were opened, and how many opened to what was sealed."""

    made: int
    opened: int
    true: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that is told of a period, from `since` to before `until`."""

    since: datetime
    until: datetime
    wrong_payments: CatchRate
    wrong_holds: CatchRate
    spent: int
    by_defect: Sequence[OfDefect]
    by_queue: Sequence[OfQueue]
    noise: Noise
    dwell: Sequence[Dwell]
    second_readings: int
    commitments: Commitments
    orders: OrderEffect


def figures(since: datetime, until: datetime) -> Figures:
    """The figures of a period."""
    found = ended(since, until)
    return Figures(
        since=since,
        until=until,
        wrong_payments=rate_of(e.outcome for e in found if e.defect is not Defect.CLEAN),
        wrong_holds=rate_of(e.outcome for e in found if e.defect is Defect.CLEAN),
        spent=sum(e.outcome not in (CAUGHT, MISSED) for e in found),
        by_defect=[
            OfDefect(d, DEFECT_WORDS[d], rate_of(e.outcome for e in found if e.defect is d)) for d in Defect
        ],
        by_queue=_by_queue(found, since, until),
        noise=noise(_pairs(found)),
        dwell=dwell(_times(since, until)),
        second_readings=_second_readings(since, until),
        commitments=commitments(since, until),
        orders=OrderEffect(
            rate_of(e.outcome for e in found if e.drawn_order == DisplayOrder.EVIDENCE),
            rate_of(e.outcome for e in found if e.drawn_order == DisplayOrder.RECOMMENDATION),
        ),
    )


def ended(since: datetime, until: datetime) -> list[Ended]:
    """Known-answer cases that were answered or taken back in the period, in the order of it."""
    found = KnownAnswerResult.objects.filter(at__gte=since, at__lt=until).order_by("at", "known_id")
    columns = (
        *(
            "known_id",
            "known__first_id",
            "known__defect",
            "known__question__queue",
            "outcome",
            "verdict",
            "by",
        ),
        *("seconds", "let_go", "drawn_order", "at"),
    )
    return [Ended(a, b, Defect(c), *rest) for a, b, c, *rest in found.values_list(*columns)]


def of_person(actor: str, since: datetime, until: datetime) -> CatchRate:
    """A person's own catch rate, for that person."""
    return rate_of(e.outcome for e in ended(since, until) if e.by == actor)


def _by_queue(found: Sequence[Ended], since: datetime, until: datetime) -> list[OfQueue]:
    real = {row[0]: row[1:] for row in fetch(ANSWERS, since=since, until=until)}
    known: dict[str, list[Ended]] = defaultdict(list)
    for e in found:
        if e.by:
            known[e.queue].append(e)
    out = []
    for queue, title in titles():
        answers, overrides, agreed = real.get(queue, (0, 0, 0))
        own = known.get(queue, [])
        if not answers and not own:
            continue
        outcomes = [e.outcome for e in own]
        out.append(
            OfQueue(
                queue=queue,
                title=title,
                answers=answers + len(own),
                known=Share(len(own), answers + len(own)),
                rate=rate_of(outcomes),
                overrides=Share(overrides, answers),
                with_agents=Share(agreed, answers),
                course=course(_all_outcomes(queue, until)),
            )
        )
    return out


def _all_outcomes(queue: str, until: datetime) -> list[str]:
    """Every outcome of a queue in order, so that a block of cases does not begin with a period."""
    found = KnownAnswerResult.objects.filter(known__question__queue=queue, at__lt=until)
    return list(found.order_by("at", "known_id").values_list("outcome", flat=True))


ANSWERS = """
SELECT e.queue, count(*), count(*) FILTER (WHERE v.verdict = 'override'),
       count(*) FILTER (WHERE (v.verdict = 'reject') = EXISTS (
           SELECT 1 FROM jsonb_array_elements(e."case"->'positions') p
            WHERE p->>'outcome' NOT IN ('approve', 'act', 'note')))
  FROM reviews_verdict v JOIN reviews_escalation e ON e.id = v.escalation_id
 WHERE e.kind = 'invoice' AND v.at >= %(since)s AND v.at < %(until)s GROUP BY e.queue
"""
"""Queue, answers to questions about invoices, overrides, and answers that went the agents' way: rejected
what an agent held, let go what none did."""

TIMES = """
SELECT abs(e.amount_company), v.seconds
  FROM reviews_verdict v JOIN reviews_escalation e ON e.id = v.escalation_id
 WHERE v.at >= %(since)s AND v.at < %(until)s AND v.seconds IS NOT NULL
   AND e.kind IN ('invoice', 'known_answer') AND e.amount_company IS NOT NULL
"""


SECOND_READINGS = """
SELECT count(*) FROM (SELECT escalation_id FROM reviews_verdict WHERE at >= %(since)s AND at < %(until)s
                       GROUP BY escalation_id HAVING count(*) >= 2) v
  JOIN reviews_escalation e ON e.id = v.escalation_id WHERE e.kind = 'invoice'
"""


def _times(since: datetime, until: datetime) -> list[tuple[Decimal, int]]:
    return [(amount, seconds) for amount, seconds in fetch(TIMES, since=since, until=until)]


def _pairs(found: Iterable[Ended]) -> list[Pair]:
    """Two people's answers to one case. A case that the same person answered twice says nothing of two."""
    repeats = [e for e in found if e.first is not None and e.outcome in (CAUGHT, MISSED)]
    firsts = KnownAnswerResult.objects.filter(known__in=[e.first for e in repeats])
    of = {r.known_id: r for r in firsts}
    out = []
    for e in repeats:
        first = of.get(e.first) if e.first else None
        if first is not None and first.by != e.by:
            agreed = (first.verdict == "reject") == (e.verdict == "reject")
            out.append(Pair(agreed, first.let_go, e.let_go))
    return out


def _second_readings(since: datetime, until: datetime) -> int:
    """Real questions about invoices that two people answered in the period."""
    [(found,)] = fetch(SECOND_READINGS, since=since, until=until)
    return int(found)


# --- commitments --------------------------------------------------------------------------------------------


def commitments(since: datetime, until: datetime) -> Commitments:
    """Each case of the period that is over is sealed again, and compared with what was committed to."""
    over = KnownAnswer.objects.filter(result__at__gte=since, result__at__lt=until)
    entries = Entry.objects.filter(type=COMMITTED, recorded_at__lt=until)
    opened, true = 0, 0
    for known in over.select_related("question").defer("data", "story").order_by("pk").iterator(200):
        opened += 1
        true += (
            opens(known)
            and entries.filter(
                subject=known.subject, body__contains=f'"commitment":"{known.commitment}"'
            ).exists()
        )
    waiting = KnownAnswer.objects.filter(at__lt=until, result=None).count()
    return Commitments(opened + waiting, opened, true)


def opens(known: KnownAnswer) -> bool:
    """Is the case, with its answer and nonce, what the commitment is over?"""
    q = known.question
    return sealed(q.question, q.reasons, q.case, known.defect, known.nonce) == known.commitment


# --- told from real ones ------------------------------------------------------------------------------------


def told_from_real(
    imitable: Callable[[frozenset[str]], bool], since: datetime, until: datetime
) -> float | None:
    """The AUC with which a logistic regression tells known-answer cases from real ones that are held for the
    same reasons, by what pages show (`domain.telling_apart`). None where there are too few of either."""
    asked = Escalation.objects.filter(opened_at__gte=since, opened_at__lt=until)
    known = list(asked.filter(kind=KNOWN_ANSWER).order_by("-opened_at")[:MOST_COMPARED])
    if len(known) < LEAST_COMPARED:
        return None
    real = comparable(asked.filter(kind="invoice"), imitable)
    if len(real) < LEAST_COMPARED:
        return None
    both = [*known, *real]
    told = moments_of(both)
    return told_apart([shown(e, told.get(e.id, 0)) for e in both], [e.kind == KNOWN_ANSWER for e in both])


def comparable(asked: QuerySet[Escalation], imitable: Callable[[frozenset[str]], bool]) -> list[Escalation]:
    """The newest real questions whose reasons a known-answer case could have, too."""
    out = []
    for e in asked.order_by("-opened_at").iterator(200):
        if imitable(frozenset(r["code"] for r in e.reasons)):
            out.append(e)
        if len(out) == MOST_COMPARED:
            break
    return out


def moments_of(cases: Sequence[Escalation]) -> dict[UUID, int]:
    """How many entries the timeline of each case had when it was asked."""
    known = KnownAnswer.objects.filter(question__in=cases)
    out = {question: len(story) for question, story in known.values_list("question_id", "story")}
    for e in cases:
        if e.kind != KNOWN_ANSWER:
            before = Entry.objects.filter(subject=e.subject, recorded_at__lte=e.opened_at)
            out[e.id] = before.exclude(type="escalation.opened").count()
    return out


def shown(e: Escalation, entries: int) -> Mapping[str, float]:
    """What the page of a case shows, as numbers."""
    case: dict[str, Any] = e.case
    lines: list[dict[str, Any]] = case.get("lines", [])
    positions: list[dict[str, Any]] = case.get("positions", [])
    number, amount = str(case.get("number", "")), abs(float(e.amount if e.amount is not None else 0))
    sure = [float(p["confidence"]) for p in positions if p.get("confidence")]
    found = {
        "amount": math.log1p(amount),
        "cents": amount % 1,
        "lines": float(len(lines)),
        "lines off": float(sum(bool(x.get("result")) for x in lines)),
        "reasons": float(len(e.reasons)),
        "hard": float(any(r.get("hard") for r in e.reasons)),
        "hours": (e.due_at - e.opened_at).total_seconds() / 3600,
        "quorum": float(e.quorum),
        "options": float(len(e.options)),
        "entries": float(entries),
        "positions": float(len(positions)),
        "least sure": min(sure, default=1.0),
        "against": float(sum(p.get("outcome") not in ("approve", "act", "note") for p in positions)),
        "receipts": float(len(case.get("receipts", []))),
        "orders": float(len(case.get("orders", []))),
        "rules": float(len(case.get("rules", []))),
        "discount": float(bool(case.get("discount"))),
        "number": float(len(number)),
        "digits": float(sum(c.isdigit() for c in number)),
        "question": float(len(e.question)),
        "words": float(sum(len(r.get("sentence", "")) for r in e.reasons)),
        "nature": float(len(case.get("nature") or [])),
        "places": float(sum(len(str((x.get("invoiced") or {}).get("quantity", ""))) for x in lines)),
        f"clock {e.clock}": 1.0,
        f"queue {e.queue}": 1.0,
    }
    return found | {f"code {r['code']}": 1.0 for r in e.reasons}
