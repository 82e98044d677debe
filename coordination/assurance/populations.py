"""Populations handed over: what a search finds, as a file, with a signed manifest that says how it was made.

The file is written from one snapshot of the database; number and sums are counted twice, from the rows as
they are written and by the database, and have to agree. That it was handed over is an entry of the ledger and
an access record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit import clock, keys, ledger, sealing
from audit.canonical import instant
from audit.errors import CountersignError
from audit.ids import new_id

from ..facts import policies
from ..reports import manifest as paper
from ..reports.table import COLUMNS, Head, RunningTotal
from ..reports.writers import FORMATS, Format
from . import population_query, seal_status
from .access_log import seen_by
from .one_state import one_state
from .search import Search


class NoSuchFormat(CountersignError):
    """Choose a format: csv, xlsx, jsonl or pdf."""

    exit_code = 2


class CountedOtherwise(CountersignError):
    """The rows and the database do not agree about number and sums. Nothing was handed over."""

    status = 500


@dataclass(frozen=True, slots=True)
class Exported:
    """A population that was handed over: its key, its manifest and the manifest as a file."""

    id: UUID
    name: str
    manifest: dict[str, Any]
    paper: bytes


def export(wanted: Search, format_name: str, out: BinaryIO, *, by: str, name: str = "") -> Exported:
    """Write what a search finds to `out` (which can be read back), in bounded memory, and record that.

    `by` is the actor, `name` how the file is called in the manifest. Raises `BadQuery`, `NoSuchFormat`.
    """
    form = FORMATS.get(format_name)
    if form is None:
        raise NoSuchFormat
    key = new_id()
    name = name or f"population-{str(key)[-12:]}.{form.suffix}"
    sealing.seal()  # so that the checkpoint it carries covers what it lists
    with one_state():
        manifest = _written(wanted, form, out, key, by, name)
    signer = keys.signer()
    signed = paper.signed(manifest, signer.sign, signer.public, signer.name)
    with transaction.atomic():
        _record(key, manifest, by)
    return Exported(key, name, manifest, signed)


def _written(wanted: Search, form: Format, out: BinaryIO, key: UUID, by: str, name: str) -> dict[str, Any]:
    now, policy, counted = clock.now(), policies.active(), RunningTotal()
    zone = timezone.get_current_timezone_name()
    head = Head(
        f"Population {str(key)[-12:]}",
        [
            ("Search", population_query.in_words(wanted)),
            ("Days are those of", zone),
            ("Made", instant(now)),
            ("By", by),
            ("Policy in force", f"{policy.name}, SHA-256 {policy.sha256}"),
        ],
    )
    form.write(out, population_query.rows(wanted), head, counted)
    out.flush()
    if (counted.count, counted.as_json()) != population_query.totals(wanted):
        raise CountedOtherwise
    size, digest = _measured(out)
    return {
        "format": paper.FORMAT,
        "id": str(key),
        "made": instant(now),
        "by": by,
        "query": {field: getattr(wanted, field) for field in Search.__slots__},
        "query_string": wanted.query,
        "zone": zone,
        "policy": {"revision": str(policy.revision), "sha256": policy.sha256},
        "count": str(counted.count),
        "totals": counted.as_json(),
        "digest": counted.digest,
        "columns": [{"name": c.name, "about": c.about} for c in COLUMNS if c.width or form.name != "pdf"],
        "file": {
            "name": name,
            "format": form.name,
            "about": form.about,
            "bytes": str(size),
            "sha256": digest,
        },
        "checkpoint": seal_status.checkpoint(),
    }


def _measured(out: BinaryIO) -> tuple[int, str]:
    digest, size = sha256(), 0
    out.seek(0)
    while block := out.read(paper.BLOCK):
        digest.update(block)
        size += len(block)
    out.seek(0)
    return size, digest.hexdigest()


def _record(key: UUID, manifest: dict[str, Any], by: str) -> None:
    now: datetime = clock.now()
    subject = f"population/{key}"
    told = ("query", "zone", "policy", "count", "totals", "digest", "file")
    data = {name: manifest[name] for name in told} | {
        "manifest_sha256": sha256(paper.message(manifest)).hexdigest()
    }
    seen_by(by, "population", subject)
    ledger.append([ledger.Event(subject, "population.exported", by, now, data)])


def recorded(found: paper.Checked) -> bool:
    """Does this ledger say that exactly this manifest was handed over?"""
    from audit.canonical import loads
    from audit.models import Entry

    subject = f"population/{found.manifest.get('id')}"
    body = (
        Entry.objects.filter(subject=subject, type="population.exported")
        .values_list("body", flat=True)
        .first()
    )
    return body is not None and loads(body)["data"].get("manifest_sha256") == found.sha256
