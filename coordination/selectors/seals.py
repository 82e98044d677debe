"""How the ledger stands under its seals: for the page about it, and for one invoice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from audit import keys, ledger, proofs, sealing
from audit.models import Checkpoint, Entry, Head
from audit.sealing import Lag
from audit.verify import leaf_hash, parse_checkpoint, parse_key, root_of_proof
from reviews.selectors import Person, people

from ..assurance import verification

MOST_CHECKPOINTS = 20
MOST_VERIFICATIONS = 10


@dataclass(frozen=True, slots=True)
class Verification:
    """A verification as its entry tells it. `codes`: findings by code."""

    at: datetime
    by: Person | None
    entries: int
    size: int
    since: int
    retained: int
    findings: Sequence[dict[str, Any]]
    count: int

    @property
    def clean(self) -> bool:
        return not self.count


@dataclass(frozen=True, slots=True)
class Seals:
    """The page: the latest checkpoint and key, what waits, what verifications found."""

    latest: Checkpoint | None
    key: str
    lag: Lag
    checkpoints: Sequence[Checkpoint]
    verifications: Sequence[Verification]

    @property
    def last(self) -> Verification | None:
        return self.verifications[0] if self.verifications else None


def seals() -> Seals:
    """Everything for the page, in a handful of queries."""
    checkpoints = list(Checkpoint.objects.order_by("-size")[:MOST_CHECKPOINTS])
    return Seals(
        checkpoints[0] if checkpoints else None, keys.announced(), sealing.lag(), checkpoints, verifications()
    )


def verifications(most: int = MOST_VERIFICATIONS) -> list[Verification]:
    """The latest verifications, newest first."""
    rows = list(
        Entry.objects.filter(subject=verification.SUBJECT, type=verification.TYPE).order_by("-seq")[:most]
    )
    actors = people(row.actor for row in rows)
    return [_verification(row, actors.get(row.actor)) for row in rows]


def _verification(row: Entry, by: Person | None) -> Verification:
    data = ledger.data_of(row.body)
    return Verification(
        at=row.recorded_at,
        by=by,
        entries=int(data["entries"]),
        size=int(data["size"] or 0),
        since=int(data["since"]),
        retained=len(data["retained"]),
        findings=data["findings"],
        count=sum(int(n) for n in data["codes"].values()),
    )


@dataclass(frozen=True, slots=True)
class SubjectSeal:
    """How one subject stands under the seals: `open` entries have none yet. `findings`: what the last
    verification found on it."""

    size: int
    open: int
    verified: bool
    findings: Sequence[str]


def subject_seal(subject: str) -> SubjectSeal:
    """The seal over a subject's history, and whether a verification since has found anything."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE l.entry_id IS NULL), coalesce(max(l.leaf_index) + 1, 0)"
            " FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry_id = e.id WHERE e.subject = %s",
            [subject],
        )
        waiting, covered = cursor.fetchone()
    latest, last = sealing.latest(), next(iter(verifications(1)), None)
    found = [f["code"] for f in last.findings if f["subject"] == subject] if last else []
    clean = last is not None and last.clean and last.size >= covered > 0
    return SubjectSeal(latest.size if latest else 0, waiting, clean, found)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is proved of one entry now: its place in the sealed tree, and whether the sealed history ends with
    it.

    `kept`: places besides the database where the checkpoint was put.
    """

    leaf: int | None
    size: int
    sealed_at: datetime | None
    included: bool
    signed: bool
    last: bool
    kept: int


def proof(entry: Entry) -> Proof:
    """Prove an entry against the latest checkpoint, as an evidence bundle does: by hashes, not by what rows
    say."""
    latest, leaf = sealing.latest(), proofs.leaf_indexes([entry.id]).get(entry.id)
    if latest is None or leaf is None or leaf >= latest.size:
        return Proof(None, latest.size if latest else 0, None, False, False, False, 0)
    signed = parse_checkpoint(latest.note)
    own = bytes.fromhex(leaf_hash(entry.body.encode()))
    path = proofs.inclusion([leaf], latest.size)[leaf]
    head = Head.objects.filter(subject=entry.subject).values_list("seq", "hash").first()
    return Proof(
        leaf=leaf,
        size=latest.size,
        sealed_at=latest.created_at,
        included=root_of_proof(own, leaf, latest.size, path) == signed.root,
        signed=signed.note.signed_by(parse_key(keys.announced())),
        last=head == (entry.seq, entry.hash),
        kept=1 + len(settings.COUNTERSIGN_CHECKPOINTS),
    )
