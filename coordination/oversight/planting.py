"""Known-answer cases are put into the queue: sealed first, then asked, in one transaction."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from audit import clock
from reviews.models import Escalation

from ..domain.doses import share_of
from ..domain.oversight import Defect
from ..facts import doses
from ..models import (
    Document,
    Invoice,
    InvoiceType,
    KnownAnswer,
    State,
)
from ..services import keyed_draw
from ..services.oversight import ACTOR, put
from . import draw
from .rehearsal import Arrival, Rehearsed, rehearse
from .sources import source_of
from .twins import Chance, NoTwin, Source, enlarged, make_twin

LOOK_BACK = timedelta(days=1)
"""Questions asked within this are drawn from; of older ones no twin is made any more."""
AT_ONCE = 3
"""So many cases are put in one run at most: a rehearsal takes the locks of an intake for a moment."""
POOL, TRIES = 60, 8
"""Of so many invoices, by the keyed hash, those that resemble the question most are tried, up to so many."""
IMITATED, MOST_RECENT = timedelta(days=30), 500
"""Questions of so long, and so many of them at most, are imitated."""
MOST_TIMES = 50
"""A twin is so many times as large as its invoice at most."""
AGAIN_AFTER = timedelta(hours=4)
"""A case is put to a second reader this long after its first answer, at the earliest."""
PAIRED = 0.5
"""Of the cases that were answered, so many are put to a second reader."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be planted: with which defect, resembling what, drawn for which question."""

    seed: str
    defect: Defect
    near: Decimal | None = None
    lines: int = 0
    alike: bool | None = None
    """Is a clean one to look like the invoice it is a twin of? None: as the seed says."""
    drawn_for: UUID | None = None
    first: KnownAnswer | None = None
    by: str = ACTOR


@dataclass
class Planted:
    """What a run did: cases put in, and wishes for which no invoice had a fitting twin."""

    cases: list[KnownAnswer] = field(default_factory=list)
    without: int = 0


def run(now: datetime) -> Planted:
    """Plant what the draw says of the questions of the last day, then repeats for second readers. Nothing
    while measuring is off."""
    done, rate = Planted(), keyed_draw.share()
    if not rate:
        return done
    for wish in [*_drawn(now, rate), *_repeats(now)]:
        if len(done.cases) >= AT_ONCE:
            break
        _fulfil(wish, done)
    return done


def by_hand(count: int, *, by: str, defect: Defect | None = None) -> Planted:
    """Plant so many cases at once, whatever the draw says: for trying."""
    done = Planted()
    for _ in range(count):
        seed = secrets.token_hex(16)
        kinds = list(Defect)
        chosen = defect or kinds[Chance(seed).whole("defect", len(kinds))]
        _fulfil(Wish(seed, chosen, by=by), done)
    return done


def _fulfil(wish: Wish, done: Planted) -> None:
    made = _made(wish)
    planted = plant(made, wish) if made is not None else None
    if planted is None:
        done.without += 1
    else:
        done.cases.append(planted)


def _drawn(now: datetime, rate: float) -> Iterator[Wish]:
    asked = Escalation.objects.filter(kind="invoice", opened_at__gt=now - LOOK_BACK).order_by(
        "opened_at", "id"
    )
    done = set(
        KnownAnswer.objects.filter(at__gt=now - 2 * LOOK_BACK)
        .exclude(drawn_for=None)
        .values_list("drawn_for", flat=True)
    )
    in_force = doses.in_force()
    for e in asked.defer("case"):
        more = share_of(in_force.get(e.queue, ()), rate)  # while a burst is in force there
        if e.id not in done and draw.drawn(e.id, more):
            yield _imitating(e, now, own_queue=more > rate)


def _imitating(drawn: Escalation, now: datetime, *, own_queue: bool) -> Wish:
    """The case that a drawn question brings: like the question itself, or, where its reasons cannot be
    imitated, like another of the last weeks, so that reasons and amounts come as often as in the queue."""
    like = drawn if draw.can_imitate(_codes(drawn)) else _another(drawn, now, own_queue=own_queue)
    defect = draw.defect_for(drawn.id, _codes(like))
    alike = "duplicate_suspect" in _codes(like)
    lines = len(Escalation.objects.values_list("case", flat=True).get(pk=like.pk).get("lines", []))
    return Wish(keyed_draw.seed("twin", drawn.id), defect, _size(like), lines, alike, drawn_for=drawn.id)


def _another(drawn: Escalation, now: datetime, *, own_queue: bool) -> Escalation:
    """A burst is for the people of one queue: it imitates what stands there."""
    recent = Escalation.objects.filter(kind="invoice", opened_at__gt=now - IMITATED).defer("case")
    if own_queue:
        recent = recent.filter(queue=drawn.queue)
    fitting = [e for e in recent.order_by("-opened_at", "id")[:MOST_RECENT] if draw.can_imitate(_codes(e))]
    return fitting[int(keyed_draw.number("like", drawn.id) * len(fitting))] if fitting else drawn


def _codes(e: Escalation) -> frozenset[str]:
    return frozenset(r["code"] for r in e.reasons)


def _size(e: Escalation) -> Decimal | None:
    return abs(e.amount_company) if e.amount_company else None


def _repeats(now: datetime) -> Iterator[Wish]:
    """Cases that were answered and are to be read by somebody else, who knows nothing of the first answer."""
    again = set(KnownAnswer.objects.exclude(first=None).values_list("first_id", flat=True))
    answered = KnownAnswer.objects.filter(
        first=None, result__outcome__in=["caught", "missed"], result__at__lt=now - AGAIN_AFTER
    )
    for known in answered.select_related("question").defer("data", "story").order_by("at"):
        if known.id not in again and keyed_draw.number("again", known.id) < PAIRED:
            alike = "duplicate_suspect" in _codes(known.question)
            yield Wish(known.seed, Defect(known.defect), alike=alike, first=known)


# --- a twin -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Made:
    """A twin that was rehearsed, and the invoice it is one of."""

    source: UUID
    rehearsed: Rehearsed
    times: int


def _made(wish: Wish) -> Made | None:
    """The first twin that the agents hold for what it was made for."""
    first = wish.alike if wish.alike is not None else Chance(wish.seed).whole("alike", 2) == 1
    ways = (first, not first) if wish.defect is Defect.CLEAN else (first,)
    sources = [(row, source) for row in _candidates(wish) if (source := source_of(row)) is not None]
    for alike in ways:
        for row, source in sources:
            made = _twin_of(row, source, wish, alike)
            if made is not None:
                return made
    return None


def _twin_of(row: Invoice, source: Source, wish: Wish, alike: bool) -> Made | None:
    numbers = Chance(f"{wish.seed}/{wish.first.id if wish.first else ''}")
    itself = wish.defect is Defect.DUPLICATE or (wish.defect is Defect.CLEAN and alike)
    times = 1 if itself else _times(row, wish)
    try:
        larger = enlarged(source, times) if times > 1 else source
        documents = make_twin(
            larger, wish.defect, Chance(wish.seed), numbers, clock.today(), _taken, alike=alike
        )
    except NoTwin:
        return None
    document = row.document
    arrival = Arrival(
        row.number, document.name, document.source, document.source_format, document.received_by
    )
    rehearsed = rehearse(documents, arrival)
    if rehearsed is None or not _usable(wish.defect, rehearsed):
        return None
    return Made(row.id, rehearsed, times)


def _times(row: Invoice, wish: Wish) -> int:
    """How many times as large as the invoice the twin is: as near to what is wished for as whole numbers
    come, and of what is held for its size not below it."""
    if wish.first is not None:
        return wish.first.times
    if not wish.near or not row.gross:
        return 1
    ratio = float(wish.near / row.gross)
    whole = math.ceil(ratio) if wish.defect is Defect.CLEAN else round(ratio)
    return max(1, min(whole, MOST_TIMES))


def _usable(defect: Defect, found: Rehearsed) -> bool:
    q = found.question
    both = {"approve", "reject"} <= set(q.options)
    return both and q.amount_company is not None and draw.fits(defect, found.codes)


def _taken(number: str) -> bool:
    """Is a number in use, by an invoice, an order or a receipt?"""
    return Document.objects.filter(number=number).exists()


def _candidates(wish: Wish) -> list[Invoice]:
    """Invoices of which a twin may be made: those that went through, in an order that the seed gives, the
    ones first that resemble what is wished for."""
    rows = Invoice.objects.select_related("vendor", "document").filter(
        type=InvoiceType.INVOICE,
        state__in=[State.CLEARED, State.SCHEDULED, State.PAID],
        vendor__isnull=False,
        order_numbers__len=1,
        gross__gt=0,
    )
    if wish.first is not None:
        return list(rows.filter(pk=wish.first.source))
    rows = rows.filter(_same_format())
    used = KnownAnswer.objects.values_list("source", flat=True)
    numbers = dict(rows.exclude(pk__in=list(used)).values_list("pk", "number"))
    chance = Chance(wish.seed)
    keys = sorted(numbers, key=lambda pk: (chance.share(numbers[pk]), pk))[:POOL]
    found = list(rows.filter(pk__in=keys).annotate(n=Count("lines")))
    order = {pk: at for at, pk in enumerate(keys)}
    found.sort(key=lambda row: (*_unlike(row, wish), order[row.pk]))
    return found[:TRIES]


def _unlike(row: Invoice, wish: Wish) -> tuple[int, float]:
    """How unlike what is wished for a twin of this invoice would be: in lines, then in size."""
    if not wish.near or not row.gross:
        return 0, 0.0
    size = float(row.gross) * (1 if wish.alike or wish.defect is Defect.DUPLICATE else _times(row, wish))
    return abs(row.n - wish.lines), abs(math.log(size) - math.log(float(wish.near)))  # type: ignore[attr-defined]


def _same_format() -> Q:
    """Documents whose twin can be written as they are."""
    return Q(document__source_format__startswith="ubl") | Q(document__source_format__startswith="csv")


# --- into the queue -----------------------------------------------------------------------------------------


def plant(made: Made, wish: Wish) -> KnownAnswer | None:
    """Put a case into the queue (`services.oversight.put`). None where it was planted meanwhile."""
    found = made.rehearsed
    known = KnownAnswer(
        id=found.key,
        defect=wish.defect,
        seed=wish.seed,
        times=made.times,
        source=made.source,
        drawn_for=wish.drawn_for,
        first=wish.first,
        story=found.story,
        document=found.document,
        name=found.name,
        sha256=found.sha256,
        data=found.data,
        by=wish.by,
    )
    try:
        with transaction.atomic():
            return put(known, found.asked)
    except IntegrityError as error:
        if "coordination_known_answer_" in str(error) and "_once" in str(error):
            return None
        raise
