"""What the page of retention shows: the classes, the legal holds, and the latest erasures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from audit import commitments
from audit.models import Erased
from audit.subjects import Subject
from reviews.selectors import Person, people

from ..models import Invoice, LegalHold, Vendor
from ..services.retention import classes as retention
from ..services.retention.classes import RetentionStatus

MOST = 100


@dataclass(frozen=True, slots=True)
class Held:
    """One legal hold, standing or lifted. `invoice` is the key of a page, `name` what it is on."""

    id: UUID
    name: str
    invoice: UUID | None
    reason: str
    by: Person | None
    at: datetime
    lifted_by: Person | None
    lifted_at: datetime | None
    lift_reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """Texts that went together: of what kind, when, why."""

    kind: str
    count: int
    why: str
    by: Person | None
    at: datetime


@dataclass(frozen=True, slots=True)
class RetentionOverview:
    """The classes, the legal holds in force and lifted, and the latest erasures."""

    classes: Sequence[RetentionStatus]
    standing: Sequence[Held]
    lifted: Sequence[Held]
    gone: Sequence[Gone]


def overview() -> RetentionOverview:
    """Everything, in a handful of queries."""
    holds = _holds()
    return RetentionOverview(
        classes=retention.report(),
        standing=[h for h in holds if h.lifted_at is None],
        lifted=[h for h in holds if h.lifted_at is not None],
        gone=_gone(),
    )


def _holds() -> list[Held]:
    standing = list(LegalHold.objects.in_force().order_by("-placed_at"))
    rows = standing + list(LegalHold.objects.exclude(lifted_at=None).order_by("-lifted_at")[:MOST])
    texts: list[Any] = commitments.reveal([[r.reason, r.lift_reason] for r in rows])
    actors, names = people([a for r in rows for a in (r.placed_by, r.lifted_by)]), _names(rows)
    return [
        Held(
            r.id,
            *names.get(r.subject, (r.subject, None)),
            reason,
            actors.get(r.placed_by),
            r.placed_at,
            actors.get(r.lifted_by),
            r.lifted_at,
            lift_reason,
        )
        for r, (reason, lift_reason) in zip(rows, texts, strict=True)
    ]


def _names(rows: Sequence[LegalHold]) -> dict[str, tuple[str, UUID | None]]:
    """What holds are on, in words, and the invoice's key where there is a page."""
    keys: dict[str, list[str]] = {"invoice": [], "vendor": []}
    for row in rows:
        kind, key = Subject(row.subject).parts
        keys[kind].append(key)
    invoices = Invoice.objects.select_related("vendor").filter(pk__in=keys["invoice"])
    out: dict[str, tuple[str, UUID | None]] = {
        i.subject: (f"Invoice {i.number}{f', {i.vendor.name}' if i.vendor else ''}", i.id) for i in invoices
    }
    vendors = Vendor.objects.filter(pk__in=keys["vendor"])
    return out | {Subject.of("vendor", v.id): (f"Vendor {v.vendor_id} {v.name}", None) for v in vendors}


def _gone() -> list[Gone]:
    rows = (
        Erased.objects.values("kind", "why", "by", "at")
        .annotate(n=Count("commitment"))
        .order_by("-at", "kind")
    )
    found = list(rows[:MOST])
    actors = people(r["by"] for r in found)
    return [Gone(r["kind"], r["n"], r["why"], actors.get(r["by"]), r["at"]) for r in found]
