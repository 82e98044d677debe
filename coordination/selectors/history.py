"""One invoice from first to last entry: what happened, who, why, under which rules, and which rows
changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone

from audit import canonical, commitments
from audit.models import GENESIS, Entry
from reviews.models import Escalation
from reviews.selectors import Person, people

from ..assurance.evidence import order_messages, orders_named
from ..display.ledger_entries import Moment, body_of, fact_words, moment
from ..facts import taken
from ..models import Document, Hold, Invoice
from .seals import Proof, proof

HIDDEN = frozenset({"id", "answered", "matching", "state_since", "history_id"})
"""Columns of a changed row that say nothing to a reader."""


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the timeline. `sound`: its hash is that of its body, and it names the entry before it."""

    seq: int
    at: datetime
    actor: Person | None
    type: str
    line: Moment
    policy: str
    hash: str
    prev: str
    sound: bool


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class History:
    """A whole invoice."""

    invoice: Invoice
    days: Sequence[Day]
    count: int
    sound: bool
    documents: Sequence[Document]
    holds: Sequence[Hold]
    escalations: Sequence[Escalation]
    actors: int


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row as an entry changed it; without fields it was made by it."""

    table: str
    label: str
    sha256: str
    created: bool
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class StoodOn:
    """Facts of a decision that another entry holds: which, in words, and its number (None: no entry has
    them)."""

    words: str
    digest: str
    seq: int | None


@dataclass(frozen=True, slots=True)
class Detail:
    """The entry beside the timeline. `stood_on`: facts that it names and another entry holds."""

    step: Step
    data: dict[str, Any]
    changes: Sequence[RowChange]
    previous: str
    escalation: Escalation | None
    proof: Proof
    stood_on: Sequence[StoodOn] = ()


def history(invoice: Invoice) -> History:
    """The timeline with what belongs to it; a handful of queries however long it is."""
    entries = list(Entry.objects.filter(subject=invoice.subject).order_by("seq"))
    steps = _steps(entries)
    by_day: dict[date, list[Step]] = defaultdict(list)
    for step in steps:
        by_day[timezone.localtime(step.at).date()].append(step)
    return History(
        invoice=invoice,
        days=[Day(day, found) for day, found in by_day.items()],
        count=len(steps),
        sound=all(step.sound for step in steps),
        documents=_documents(invoice),
        holds=list(invoice.holds.order_by("opened_at")),
        escalations=list(Escalation.objects.filter(subject=invoice.subject).order_by("opened_at")),
        actors=len({e.actor for e in entries}),
    )


def _documents(invoice: Invoice) -> list[Document]:
    """The invoice's file, and the orders it names."""
    about = Q(number__in=orders_named(invoice)) | Q(pk__in=order_messages(invoice).values("document_id"))
    orders = Document.objects.filter(about, kind__startswith="order")
    return [invoice.document, *orders.exclude(pk=invoice.document_id).order_by("received_at")[:20]]


def trail(subject: str) -> list[Step]:
    """The entries of any subject, in order, each checked against its hash and the one before."""
    return _steps(list(Entry.objects.filter(subject=subject).order_by("seq")))


def _steps(entries: Sequence[Entry]) -> list[Step]:
    actors = people(e.actor for e in entries)
    out, before = [], GENESIS
    for entry in entries:
        sound = canonical.leaf_hash(entry.body.encode()) == entry.hash and entry.prev == before
        out.append(_step(entry, actors, sound))
        before = entry.hash
    return out


def _step(entry: Entry, actors: dict[str, Person], sound: bool) -> Step:
    data = body_of(entry.body).get("data", {})
    policy = data.get("policy", "")
    revision = f"v{policy.get('revision')}" if isinstance(policy, dict) else str(policy)
    return Step(
        seq=entry.seq,
        at=entry.recorded_at,
        actor=actors.get(entry.actor),
        type=entry.type,
        line=moment(entry),
        policy=revision,
        hash=entry.hash,
        prev=entry.prev,
        sound=sound,
    )


def detail(invoice: Invoice, seq: int) -> Detail | None:
    """One entry with its data and the rows it changed."""
    pair = list(Entry.objects.filter(subject=invoice.subject, seq__in=[seq - 1, seq]).order_by("seq"))
    entry = next((e for e in pair if e.seq == seq), None)
    if entry is None:
        return None
    before = pair[0].hash if len(pair) > 1 else GENESIS
    sound = canonical.leaf_hash(entry.body.encode()) == entry.hash and entry.prev == before
    data = commitments.reveal(body_of(entry.body).get("data", {}))
    question = Escalation.objects.filter(pk=data["escalation"]).first() if data.get("escalation") else None
    return Detail(
        _step(entry, people([entry.actor]), sound),
        data,
        _changes(data),
        before,
        question,
        proof(entry),
        _stood_on(entry, data),
    )


def _stood_on(entry: Entry, data: dict[str, Any]) -> list[StoodOn]:
    named = data.get("taken")
    if not isinstance(named, dict):
        return []
    earlier = Entry.objects.filter(subject=entry.subject, seq__lt=entry.seq, type=taken.TYPE).order_by("seq")
    there = {body_of(e.body).get("data", {}).get("digest"): e.seq for e in earlier}
    return [StoodOn(fact_words(names), digest, there.get(digest)) for digest, names in named.items()]


# --- changed rows -------------------------------------------------------------------------------------------


def _changes(data: dict[str, Any]) -> list[RowChange]:
    """The rows an entry names, each against its version before; one query per table."""
    wanted: dict[str, dict[int, tuple[str, str]]] = defaultdict(dict)
    for table, key, history_id, sha256 in data.get("changes", []):
        wanted[table][int(history_id)] = (key, sha256)
    return [change for table, rows in wanted.items() for change in _of_table(table, rows)]


def _of_table(table: str, rows: dict[int, tuple[str, str]]) -> list[RowChange]:
    model = _history_models().get(table)
    if model is None:
        return []
    key: str = model.instance_type._meta.pk.attname  # type: ignore[attr-defined]
    keys = [k for k, _ in rows.values()]
    versions: Any = model._default_manager.filter(**{f"{key}__in": keys}, history_id__lte=max(rows))
    out, latest = [], {}  # type: list[RowChange], dict[str, Any]
    for version in versions.order_by("history_id"):
        row_key = str(getattr(version, key))
        if version.history_id in rows:
            out.append(_change(model, version, latest.get(row_key), rows[version.history_id][1]))
        latest[row_key] = version
    return out


def _history_models() -> dict[str, type[models.Model]]:
    return {m._meta.db_table: m for m in apps.get_models() if hasattr(m, "instance_type")}


def _change(model: type[models.Model], now: Any, before: Any, sha256: str) -> RowChange:
    name = model.instance_type._meta.verbose_name  # type: ignore[attr-defined]
    label = str(getattr(now, "code", "") or "").replace("_", " ")
    fields = _diff(now, before) if before is not None else []
    return RowChange(str(name), label, sha256, before is None, fields)


def _diff(now: Any, before: Any) -> list[Field]:
    delta = now.diff_against(before)
    return [
        Field(c.field, _describe(c.old), _describe(c.new)) for c in delta.changes if c.field not in HIDDEN
    ]


def _describe(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%d %b %Y %H:%M:%S}"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(map(str, value)) or "–"
    return str(value)
