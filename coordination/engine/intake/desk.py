"""Quarantine: bytes that could not be read, kept with the place where they broke, and another try."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit import ledger, trail
from audit.errors import CountersignError
from audit.ids import new_id

from ...models import Content, Quarantine
from ..announce import announce
from .parts import Line, Origin


class NotInQuarantine(CountersignError):
    """There is no open quarantine row with this id; it may have been read meanwhile."""

    status = 404


class NothingKept(CountersignError):
    """No bytes of this file are kept: it was too large, or its time of retention is over. Take it in again."""

    status = 409


@transaction.atomic
def set_aside(path: str, sha256: str, code: str, error: str, line: int | None, origin: Origin) -> Line:
    """Quarantine bytes or one document of a file. The same failure of the same bytes is one row."""
    told = Line(path, "quarantined", code=str(code), error=error, line=line)
    if Quarantine.objects.filter(content=sha256, code=code, error=error, line=line, status="open").exists():
        return told
    row = Quarantine(
        id=new_id(), content_id=sha256, name=path, source=origin.source, code=code, error=error, line=line,
        received_by=origin.actor, received_at=origin.at,
    )  # fmt: skip
    changes = trail.insert([row], origin.stamp("quarantined"))
    data = {"sha256": sha256, "name": path, "code": str(code), "error": error, "line": str(line or "")}
    ledger.append(
        [ledger.Event(f"quarantine/{row.id}", "document.quarantined", origin.actor, origin.at, data, changes)]
    )
    announce([("quarantine", str(row.id))])
    return told


def retry(quarantine_id: UUID, *, actor: str) -> list[Line]:
    """Read quarantined bytes again, after a fix of the reader or its settings.

    Reads the whole file again, so that what else of it stood in quarantine and is read now leaves it as well.
    """
    from .receive import take_in

    row = Quarantine.objects.filter(pk=quarantine_id, status="open").first()
    if row is None:
        raise NotInQuarantine
    content = Content.objects.get(pk=row.content_id)
    if content.size and not content.data:
        raise NothingKept
    report = take_in([(row.name, bytes(content.data))], actor=actor, source=row.source)
    told = {(x.code, x.error, x.line) for x in report.lines if x.result == "quarantined"}
    for other in Quarantine.objects.filter(content=row.content_id, status="open").exclude(pk=row.pk):
        if (other.code, other.error, other.line) not in told:
            _close(other.pk, Quarantine.Status.RESOLVED, actor, "read with another row of its file")
    still = (row.code, row.error, row.line) in told
    _close(row.id, Quarantine.Status.OPEN if still else Quarantine.Status.RESOLVED, actor, "tried again")
    return report.lines


def retry_all(quarantine_ids: Sequence[UUID], *, actor: str) -> list[Line]:
    """Read the files of these rows again, each once."""
    lines: list[Line] = []
    done: set[str] = set()
    for row in Quarantine.objects.filter(pk__in=quarantine_ids, status="open").order_by("received_at", "id"):
        if row.content_id not in done:
            done.add(row.content_id)
            with suppress(NotInQuarantine, NothingKept):  # somebody else has just read it, or nobody can
                lines += retry(row.pk, actor=actor)
    return lines


def dismiss(quarantine_id: UUID, *, actor: str) -> None:
    """A person has seen to it: the bytes stay, the row leaves the list."""
    _close(quarantine_id, Quarantine.Status.DISMISSED, actor, "dismissed")


@transaction.atomic
def _close(quarantine_id: UUID, status: str, actor: str, why: str) -> None:
    row = Quarantine.objects.select_for_update().filter(pk=quarantine_id, status="open").first()
    if row is None:
        raise NotInQuarantine
    at = timezone.now()
    row.status, row.tries = status, row.tries + 1
    changes = trail.update([row], ("status", "tries"), trail.Stamp(actor, at, why))
    ledger.append(
        [
            ledger.Event(
                f"quarantine/{row.id}",
                "quarantine.retried",
                actor,
                at,
                {"status": status, "why": why},
                changes,
            )
        ]
    )
    announce([("quarantine", str(row.id))])
