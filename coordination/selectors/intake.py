"""What came in lately and what could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Func, IntegerField, QuerySet

from reviews.selectors import Person, people

from ..models import Document, Quarantine, Tally
from ..services.intake.table_maps import ADVICE

AT_MOST = 200


@dataclass(frozen=True, slots=True)
class SetAside:
    """One file, or one document of a file, that broke."""

    id: UUID
    name: str
    code: str
    error: str
    line: int | None
    size: int
    sha256: str
    tries: int
    source: str
    by: Person | None
    received_at: datetime
    needs_map: bool = False
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """Documents by kind."""

    kind: str
    count: int
    last: datetime

    @property
    def ending(self) -> str:
        """What makes several of the kind's word; some kinds are several already."""
        return "" if self.count == 1 or self.kind.endswith("s") else "s"


def quarantine() -> list[SetAside]:
    """Open rows, newest first."""
    unread: QuerySet[Quarantine] = Quarantine.objects.open()
    rows = list(
        unread.select_related("content")
        .defer("content__data")
        .annotate(bytes_kept=Func("content__data", function="octet_length", output_field=IntegerField()))
        .order_by("-received_at", "name", "line")[:AT_MOST]
    )
    known = people(r.received_by for r in rows)
    return [
        SetAside(
            id=r.id,
            name=r.name,
            code=r.code,
            error=r.error,
            line=r.line,
            size=r.content.size,
            sha256=r.content_id,
            tries=r.tries,
            source=r.source,
            by=known.get(r.received_by),
            received_at=r.received_at,
            needs_map=r.error.endswith(ADVICE),
            kept=bool(r.bytes_kept) or not r.content.size,
        )
        for r in rows
    ]


def kinds() -> Sequence[Source]:
    """How many documents of each kind are kept."""
    rows = Tally.objects.sums("documents")
    found = [Source(kind, count, _newest(kind)) for (kind,), count, _ in rows]
    return sorted(found, key=lambda source: -source.count)


def _newest(kind: str) -> datetime:
    rows = Document.objects.filter(kind=kind).order_by("-received_at")
    return rows.values_list("received_at", flat=True)[0]
