"""Quarantine: bytes that could not be read, kept with the place where they broke."""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import InterfaceError, InternalError, OperationalError, transaction

from audit import clock, ledger, trail
from audit.errors import CountersignError
from audit.ids import new_id
from audit.subjects import Subject

from ...models import Quarantine
from ...tasks.announce import announce
from ...translation import limits
from ...translation.canonical import QuarantineCode
from ...translation.nature import ListError
from .parts import Line, Origin, Part

log = logging.getLogger("countersign.intake")

PROGRAM_LIMIT = "54"
"""Class of the database's errors about a value that is too large for it; its other operational errors are its
own."""


class NotInQuarantine(CountersignError):
    """There is no open quarantine row with this id; it may have been read meanwhile."""

    status = 404


class NothingKept(CountersignError):
    """No bytes of this file are kept: it was too large, or its time of retention is over. Take it in
    again."""

    status = 409


@transaction.atomic
def set_aside(path: str, sha256: str, code: str, error: str, line: int | None, origin: Origin) -> Line:
    """Quarantine bytes or one document of a file. The same failure of the same bytes is one row."""
    told = Line(path, "quarantined", code=str(code), error=error, line=line)
    if Quarantine.objects.open().filter(content=sha256, code=code, error=error, line=line).exists():
        return told
    row = Quarantine(
        id=new_id(),
        content_id=sha256,
        name=path,
        source=origin.source,
        code=code,
        error=error,
        line=line,
        received_by=origin.actor,
        received_at=origin.at,
    )
    changes = trail.insert([row], origin.stamp("quarantined"))
    data = {"sha256": sha256, "name": path, "code": str(code), "error": error, "line": str(line or "")}
    ledger.append(
        [
            ledger.Event(
                Subject.of("quarantine", row.id),
                "document.quarantined",
                origin.actor,
                origin.at,
                data,
                changes,
            )
        ]
    )
    announce([("quarantine", str(row.id))])
    return told


def of_the_file(error: Exception) -> bool:
    """Is it the file that fails, and not the database, the machine or a code list of the settings? Then the
    other files go on without it."""
    if isinstance(error, OperationalError):
        state = getattr(error.__cause__, "sqlstate", "") or ""
        return state.startswith(PROGRAM_LIMIT)
    return not isinstance(error, InterfaceError | OSError | MemoryError | InternalError | ListError)


def set_aside_failed(part: Part, number: str, error: Exception, origin: Origin) -> Line:
    """Quarantine one document that was read and could not be written; what happened is in the log."""
    log.error("%s, document %s cannot be written", part.path, part.index, exc_info=error)
    kind = type(part.document).__name__.lower()
    line = limits.row_of(part.document)
    told = (
        f"{kind} {legible(number)[:60]} cannot be kept ({type(error).__name__}): correct it, or ask for it in"
        " another format"
    )
    return set_aside(part.path, part.sha256, QuarantineCode.MALFORMED, told, line, origin)


def set_aside_unread(path: str, sha256: str, error: Exception, origin: Origin) -> Line:
    """Quarantine a file on which its reader failed; what happened is in the log."""
    log.error("%s cannot be read", path, exc_info=error)
    told = f"the file cannot be read ({type(error).__name__}): ask for it in another format"
    return set_aside(path, sha256, QuarantineCode.MALFORMED, told, None, origin)


def legible(text: str) -> str:
    """A name as the database can keep it: no NUL, no half characters."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "?")


def dismiss(quarantine_id: UUID, *, actor: str) -> None:
    """A person has seen to it: the bytes stay, the row leaves the list."""
    close(quarantine_id, Quarantine.Status.DISMISSED, actor, "dismissed")


@transaction.atomic
def close(quarantine_id: UUID, status: str, actor: str, why: str) -> None:
    row = Quarantine.objects.open().select_for_update().filter(pk=quarantine_id).first()
    if row is None:
        raise NotInQuarantine
    at = clock.now()
    row.status, row.tries = status, row.tries + 1
    changes = trail.update([row], ("status", "tries"), trail.Stamp(actor, at, why))
    ledger.append(
        [
            ledger.Event(
                Subject.of("quarantine", row.id),
                "quarantine.retried",
                actor,
                at,
                {"status": status, "why": why},
                changes,
            )
        ]
    )
    announce([("quarantine", str(row.id))])
