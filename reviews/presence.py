"""Who has a question before them now. A page says so from time to time while it is looked at; whoever does
not is taken for gone. It is no act: it stands in no history, changes no answer, and goes by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from . import assignment, signals
from .models import Presence
from .selectors import Person, people

BEAT = timedelta(seconds=20)
"""A page says so often that it is looked at."""
FRESH = timedelta(seconds=50)
"""So long somebody is taken to be there after their page said so: two beats and a slow line."""


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody who has a question before them; `typing`: with something typed that is not sent."""

    person: Person
    typing: bool


@transaction.atomic
def note(question: UUID, actor: str, *, typing: bool, now: datetime) -> None:
    """Somebody has this question before them; what they had before is no longer. Whoever has claimed it keeps
    the claim. Others hear of what changed, not of every beat."""
    before = Presence.objects.select_for_update().filter(pk=actor).first()
    was = (before.question_id, before.typing) if before and before.at > now - FRESH else None
    Presence.objects.update_or_create(
        pk=actor, defaults={"question_id": question, "typing": typing, "at": now}
    )
    assignment.renew(question, actor, now)
    if was != (question, typing):
        left = {was[0]} if was else set()
        signals.looked.send(Presence, questions=left | {question})


@transaction.atomic
def leave(actor: str) -> None:
    """Somebody has closed the page."""
    gone = Presence.objects.filter(pk=actor).values_list("question_id", flat=True).first()
    if gone is not None:
        Presence.objects.filter(pk=actor).delete()
        signals.looked.send(Presence, questions={gone})


def looking(now: datetime, *, but: str, hidden: Sequence[str] = ()) -> dict[UUID, list[Look]]:
    """By question who has it before them, without one person and kinds that are not theirs to see."""
    rows = Presence.objects.filter(at__gt=now - FRESH).exclude(pk=but).exclude(question__kind__in=hidden)
    found = list(rows.order_by("at").values_list("question_id", "actor", "typing"))
    known = people(actor for _, actor, _ in found)
    looks: defaultdict[UUID, list[Look]] = defaultdict(list)
    for question, actor, typing in found:
        if actor in known:
            looks[question].append(Look(known[actor], typing))
    return dict(looks)


def remove_gone(now: datetime) -> int:
    """Remove who has been gone for long. Returns how many."""
    return Presence.objects.filter(at__lte=now - FRESH).delete()[0]
