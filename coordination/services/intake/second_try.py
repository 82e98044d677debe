"""Taking in again what was set aside, once the cause is gone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from uuid import UUID

from ...models import Content, Quarantine
from .parts import Line
from .quarantine import NothingKept, NotInQuarantine, close
from .receive import take_in


def retry(quarantine_id: UUID, *, actor: str, allowed: Collection[str] | None = None) -> list[Line]:
    """Read quarantined bytes again, after a fix of the reader or its settings; `allowed` as in `take_in`.

    Reads the whole file again, so that what else of it stood in quarantine and is read now leaves it as well.
    """

    row = Quarantine.objects.open().filter(pk=quarantine_id).first()
    if row is None:
        raise NotInQuarantine
    content = Content.objects.get(pk=row.content_id)
    if content.size and not content.data:
        raise NothingKept
    report = take_in([(row.name, bytes(content.data))], actor=actor, source=row.source, allowed=allowed)
    told = {(x.code, x.error, x.line) for x in report.lines if x.result == "quarantined"}
    for other in Quarantine.objects.open().filter(content=row.content_id).exclude(pk=row.pk):
        if (other.code, other.error, other.line) not in told:
            close(other.pk, Quarantine.Status.RESOLVED, actor, "read with another row of its file")
    still = (row.code, row.error, row.line) in told
    close(row.id, Quarantine.Status.OPEN if still else Quarantine.Status.RESOLVED, actor, "tried again")
    return report.lines


def retry_all(
    quarantine_ids: Sequence[UUID], *, actor: str, allowed: Collection[str] | None = None
) -> list[Line]:
    """Read the files of these rows again, each once."""
    lines: list[Line] = []
    done: set[str] = set()
    for row in Quarantine.objects.open().filter(pk__in=quarantine_ids).order_by("received_at", "id"):
        if row.content_id not in done:
            done.add(row.content_id)
            with suppress(NotInQuarantine, NothingKept):  # somebody else has just read it, or nobody can
                lines += retry(row.pk, actor=actor, allowed=allowed)
    return lines
