"""Who looked at what, and what auditors noted. Neither changes anything about what was looked at."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from audit import clock, commitments, ledger, trail
from audit.errors import CountersignError
from audit.ids import new_id
from reviews.services import person

from ..models import AccessRecord, AuditNote, SavedSearch

MOST_WORDS = 4000
LONGEST_NAME = 80


class NothingNoted(CountersignError):
    """A note needs words."""

    status = 400


def seen(user: User, what: str, subject: str) -> None:
    """Record that somebody looked."""
    seen_by(person(user), what, subject)


def seen_by(actor: str, what: str, subject: str) -> None:
    """Record that an actor looked: a person, or a command that nobody signed in for."""
    AccessRecord.objects.create(by=actor, what=what, subject=subject, at=clock.now())


@transaction.atomic
def note(subject: str, text: str, *, by: User, seq: int | None = None) -> AuditNote:
    """Add an auditor's note. A commitment to it is an entry of the ledger, outside the invoice's own
    chain."""
    words = text.strip()[:MOST_WORDS]
    if not words:
        raise NothingNoted
    now, actor = clock.now(), person(by)
    token = commitments.commit(words, kind="audit note", of=actor, about=subject, at=now)
    row = AuditNote(id=new_id(), subject=subject, seq=seq, text=token, by=actor, at=now)
    trail.insert_facts([row])
    data = {"about": subject, "text": token}
    if seq is not None:
        data["seq"] = str(seq)
    ledger.append([ledger.Event(f"note/{row.id}", "audit.noted", actor, now, data)])
    return row


def keep_search(user: User, name: str, query: str) -> None:
    """Keep a search under a name; the same name again replaces it."""
    words = " ".join(name.split())[:LONGEST_NAME]
    if not words:
        raise NothingNoted("A search is kept under a name.")
    SavedSearch.objects.update_or_create(user=user, name=words, defaults={"query": query[:2000]})


def drop_search(user: User, search: UUID) -> None:
    """Forget one of one's own searches."""
    SavedSearch.objects.filter(user=user, pk=search).delete()
