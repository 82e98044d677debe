"""A question whose right answer is known: it is asked, shown and answered as one about an invoice is, and
moves nothing (`services.oversight`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from audit.models import Entry
from reviews.models import Escalation, Status
from reviews.pending import OF_ANSWERS

from ..models import KNOWN_ANSWER, KnownAnswer
from ..services import oversight
from . import invoice

UNTOLD = (oversight.COMMITTED, oversight.OPENED)
"""Entries that the timeline of a case does not show: a real one has none of them. Once it is over, neither
who answered what."""


def _moments(e: Escalation) -> Sequence[Entry]:
    """What happened to the case before it was asked, as the rehearsal wrote it, and what has happened
    since."""
    stories = KnownAnswer.objects.filter(question=e).values_list("story", flat=True)
    told = [
        Entry(
            type=one["type"],
            actor=one["actor"],
            recorded_at=datetime.fromisoformat(one["at"]),
            body=one["body"],
        )
        for one in stories.first() or ()
    ]
    untold = UNTOLD if e.status == Status.OPEN else (*UNTOLD, *OF_ANSWERS)
    return [*told, *Entry.objects.filter(subject=e.subject).exclude(type__in=untold).order_by("seq")]


KIND = replace(
    invoice.KIND,
    name=KNOWN_ANSWER,
    carry_out=oversight.answered,
    locks={KNOWN_ANSWER: oversight.lock},
    makers=None,
    private=True,
    page=replace(
        invoice.KIND.page,
        follows="invoice",
        after="coordination/questions/_known_answer.html",
        discloses=oversight.disclosure,
        moments=_moments,
    ),
)
