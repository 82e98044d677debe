"""Erasing personal text on request. The commitments stay in entries and rows, so every hash and proof stands.

Each subject's own chain gets the entry that lists what was removed about it, and the request an entry with
the numbers. Texts about what a legal hold covers stay and are counted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import QuerySet

from audit import clock, commitments, ledger
from audit.errors import CountersignError
from audit.ids import new_id
from audit.models import Personal
from audit.subjects import Subject
from reviews import services
from reviews.access import may_now
from reviews.errors import NotAllowed

from ... import rights
from ...models import Invoice
from ...tasks.announce import announce
from . import legal_holds

TYPE = "personal.erased"
AT_ONCE = 500
"""Texts that one entry lists."""
MOST_WORDS = 300


class NoReason(CountersignError):
    """An erasure needs a reason. It stays in the ledger, so name nobody in it."""

    exit_code = 2


class NobodySuch(CountersignError):
    """Say whose or which text: person/USERNAME, invoice/NUMBER, vendor/NUMBER, or one commit:sha256:... of an
    entry."""

    status = 404
    exit_code = 2


class NothingThere(CountersignError):
    """There is no personal text of this subject left to erase."""

    status = 404


@dataclass(frozen=True, slots=True)
class Erasure:
    """What came of a request: which texts went, how many a legal hold kept."""

    request: str
    subject: str
    removed: tuple[str, ...]
    kept: int


def erase(subject: str, *, reason: str, by: User) -> Erasure:
    """Erase the personal texts of a subject: all that a person wrote, or all that was written about an
    invoice or vendor.

    Raises `NotAllowed`, `NoReason`, `NobodySuch`, `NothingThere`.
    """
    if not may_now(by, rights.KEEP_RECORDS):
        raise NotAllowed("Personal text is erased by managers.")
    why = " ".join(reason.split())[:MOST_WORDS]
    if not why:
        raise NoReason
    key, rows = _texts_of(subject.strip())
    with transaction.atomic():
        return _erase(key, rows, why, services.person(by))


def _texts_of(subject: str) -> tuple[str, QuerySet[Personal]]:
    """The subject as entries name it, and its texts."""
    token = commitments.TOKEN.fullmatch(subject)
    if token:
        return subject, Personal.objects.filter(commitment=token[1])
    kind, name = Subject(subject).parts
    if kind == "person":
        user = User.objects.filter(username=name).first()
        if user is None:
            raise NobodySuch
        return services.person(user), Personal.objects.filter(of=services.person(user))
    if kind not in {"invoice", "vendor"} or not name:
        raise NobodySuch
    found = legal_holds.find(name)
    if not found.startswith(f"{kind}/"):
        raise NobodySuch
    about = [found]
    if kind == "vendor":
        keys = Invoice.objects.filter(vendor=Subject(found).uuid).values_list("id", flat=True)
        about += [Subject.of("invoice", key) for key in keys]
    return found, Personal.objects.filter(about__in=about)


def _erase(key: str, rows: QuerySet[Personal], why: str, actor: str) -> Erasure:
    for about in sorted(set(rows.values_list("about", flat=True))):
        services.lock(about)
    texts = list(
        rows.order_by("about", "at", "commitment")
    )  # after the locks: who came first has them removed
    held = _held({t.about for t in texts})
    if not texts:
        raise NothingThere
    request, at = str(new_id()), clock.now()
    by_subject: dict[str, list[Personal]] = defaultdict(list)
    for text in texts:
        if text.about not in held:
            by_subject[text.about].append(text)
    gone = [text for listed in by_subject.values() for text in listed]
    events = [
        e for about, listed in by_subject.items() for e in _events(about, listed, request, why, actor, at)
    ]
    data = {
        "of": key,
        "why": why,
        "removed": str(len(gone)),
        "kept": str(len(texts) - len(gone)),
        "kept_because": "legal hold" if len(gone) < len(texts) else "",
    }
    ledger.append([*events, ledger.Event(f"erasure/{request}", "erasure.requested", actor, at, data)])
    commitments.erase(gone, by=actor, why=why, at=at)
    announce([(about, Subject(about).key) for about in by_subject])
    return Erasure(request, key, tuple(t.commitment for t in gone), len(texts) - len(gone))


def _events(
    about: str, texts: list[Personal], request: str, why: str, actor: str, at: datetime
) -> list[ledger.Event]:
    out = []
    for start in range(0, len(texts), AT_ONCE):
        listed = [
            {"commitment": t.commitment, "kind": t.kind, "of": t.of, "at": t.at}
            for t in texts[start : start + AT_ONCE]
        ]
        data = {"request": request, "why": why, "removed": listed}
        out.append(ledger.Event(about, TYPE, actor, at, data))
    return out


def _held(subjects: set[str]) -> set[str]:
    """Which of the subjects a legal hold covers."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s FROM unnest(%s::text[]) s WHERE {legal_holds.HELD.format(subject='s')}",  # noqa: S608 - our own text
            [sorted(subjects)],
        )
        return {row[0] for row in cursor.fetchall()}
