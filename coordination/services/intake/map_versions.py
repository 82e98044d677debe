"""Keeping translation maps: each version is a row that never changes, with its ledger entry.

A version is proposed by one person and put in force by another, over the review queue: a map decides what
every later file of its kind says.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction

from audit import canonical, clock, ledger, trail
from audit.errors import CountersignError
from audit.ids import new_id
from reviews.access import may_now
from reviews.errors import Conflict, NotAllowed, Refused
from reviews.models import Escalation, Verdict
from reviews.services import person

from ... import rights
from ...models import Content, TranslationMap
from ...tasks.announce import announce
from ...translation import maps
from ...translation.maps import Map
from .. import master_data
from ..master_data import Change, Proposal

MAPS_LOCK = 0x4D415053
"""Advisory lock: one version of any map is saved at a time, so that two people cannot both save the next
one."""

LONGEST_NAME = 80
LONGEST_SAMPLE = 25_000_000
NO_SAMPLE = "The sample is empty or over 25 MB: take a part of it."


class Unusable(Refused):
    """The map cannot be used as it stands."""


class MovedOn(Conflict):
    """Somebody saved another version of this map. Look at it first; what you filled in is kept."""


class NoSuchMap(CountersignError):
    """There is no such map."""

    status = 404
    exit_code = 2


@transaction.atomic
def propose(
    one: Map,
    *,
    name: str,
    sample: Content,
    sample_name: str,
    by: User,
    series: UUID | None = None,
    seen: int = 0,
) -> TranslationMap:
    """Save a version and ask a second person to put it in force; until then the one before it stays.

    `seen` is the revision that the person had before them, 0 for a new map.
    """
    _demand(by)
    title = _title_of(one, name)
    _lock()
    before = _current(series, seen) if series else None
    text = canonical.dumps(maps.as_data(one)).decode()
    digest = canonical.sha256(text.encode())
    if (
        before is not None
        and before.status in {"active", "proposed"}
        and (before.sha256, before.name) == (digest, title)
    ):
        raise Unusable(f"This is version {before.revision} as it stands: there is nothing to save.")
    _refuse_clash(one, title, series)
    now = clock.now()
    row = TranslationMap(
        id=new_id(),
        series=series or new_id(),
        revision=seen + 1,
        name=title,
        kind=one.kind,
        text=text,
        sha256=digest,
        signature=one.signature,
        sample=sample,
        sample_name=sample_name[:255],
        author=person(by),
        created_at=now,
    )
    stamp = trail.Stamp(person(by), now, "map saved")
    changes = (
        _retire(before, person(by), now, stamp) if before is not None and before.status == "proposed" else []
    )
    changes += trail.insert([row], stamp)
    data = {
        "name": row.name,
        "revision": str(row.revision),
        "kind": row.kind,
        "sha256": row.sha256,
        "text": row.text,
        "signature": row.signature,
        "sample": sample.sha256,
    }
    _record(row, "map.saved", person(by), now, data, changes)
    _ask(row, one, person(by), now)
    return row


def _title_of(one: Map, name: str) -> str:
    """The name of a map that can be used. Raises `Unusable` with all that is wrong."""
    title = " ".join(name.split())
    wrong = maps.problems(one)
    if not title or len(title) > LONGEST_NAME:
        wrong.insert(0, f"Give the map a name of at most {LONGEST_NAME} characters.")
    if wrong:
        raise Unusable(" ".join(wrong))
    return title


def _ask(row: TranslationMap, one: Map, actor: str, at: datetime) -> None:
    """The question to a second person, with every value that the map writes into all rows."""
    before = TranslationMap.objects.filter(series=row.series, status=TranslationMap.Status.ACTIVE).first()
    waited = master_data.waiting([row.subject]).get(row.subject)
    now, then = f"version {before.revision}" if before else "no map", f"version {row.revision}"
    said = (
        f"Tables with these columns are read as {row.kind} by {then} of “{row.name}” from now on, for"
        " everybody."
    )
    changes = [Change("translation map", now, then, said, "map_changed")]
    changes += [
        Change(
            "value for all rows",
            "from the table",
            f.constant,
            f"The map writes {column} = {f.constant} into every row, whatever the table says.",
            "map_changed",
        )
        for column, f in sorted(one.fields.items())
        if f.constant
    ]
    Proposal(
        subject=row.subject,
        text=f"Read {row.kind} by the map “{row.name}”, {then}?",
        changes=tuple(changes),
        case={
            "vendor": f"Map “{row.name}”",
            "map": str(row.id),
            "revision": str(row.revision),
            "sha256": row.sha256,
        },
        if_approved=f"Approving puts {then} in force." + (f" It takes the place of {now}." if before else ""),
        if_rejected=(
            f"Rejecting keeps {now}:"
            f" {'its tables are read as before' if before else 'its tables wait in quarantine'}."
        ),
        makers=(*(waited.makers if waited else ()), actor),
    ).ask(actor, at)


def answered(escalation: Escalation, verdict: Verdict, at: datetime) -> None:
    """The proposed version is in force, or refused. Raises `Unusable` where another map has taken its table
    or name."""
    row = TranslationMap.objects.select_for_update().get(pk=escalation.case["map"])
    stamp = trail.Stamp(verdict.by, at, f"{verdict.verdict}: {verdict.reason}")
    data = {"name": row.name, "revision": str(row.revision), "sha256": row.sha256}
    if verdict.verdict != "approve":
        row.status, row.retired_by, row.retired_at = TranslationMap.Status.REFUSED, verdict.by, at
        changes = trail.update([row], ("status", "retired_by", "retired_at"), stamp)
        return _record(row, "map.refused", verdict.by, at, data, changes)
    _refuse_clash(maps.from_data(canonical.loads(row.text)), row.name, row.series)
    changes = []
    for before in TranslationMap.objects.select_for_update().filter(series=row.series, status="active"):
        changes += _retire(before, verdict.by, at, stamp)
    row.status, row.activated_by, row.activated_at = TranslationMap.Status.ACTIVE, verdict.by, at
    changes += trail.update([row], ("status", "activated_by", "activated_at"), stamp)
    return _record(row, "map.activated", verdict.by, at, data, changes)


def lock_map(subject: str) -> None:
    """Lock all maps, as everybody does who writes one."""
    del subject
    _lock()


@transaction.atomic
def retire(row_id: UUID, *, by: User) -> TranslationMap:
    """Take a map out of force; tables of its header wait in quarantine from now on."""
    _demand(by)
    _lock()
    row = TranslationMap.objects.select_for_update().filter(pk=row_id).first()
    if row is None:
        raise NoSuchMap
    if row.status != TranslationMap.Status.ACTIVE:
        raise MovedOn("This version is not in force. Look at the map again.")
    now = clock.now()
    changes = _retire(row, person(by), now, trail.Stamp(person(by), now, "map retired"))
    _record(row, "map.retired", person(by), now, {"name": row.name, "revision": str(row.revision)}, changes)
    return row


def _demand(by: User) -> None:
    if not may_now(by, rights.MAKE_MAPS):
        raise NotAllowed("Maps are made by managers, and put in force by another one.")


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MAPS_LOCK])


def _current(series: UUID, seen: int) -> TranslationMap:
    """The newest version of a map, if it is the one that the person saw."""
    newest = TranslationMap.objects.select_for_update().filter(series=series).order_by("-revision").first()
    if newest is None:
        raise NoSuchMap
    if newest.revision != seen:
        when = f"{newest.created_at:%d %b %Y, %H:%M} UTC"
        raise MovedOn(
            f"Version {newest.revision} of this map was saved on {when}, after you began with version {seen}."
            " Look at it first; what you filled in is kept."
        )
    return newest


def _refuse_clash(one: Map, title: str, series: UUID | None) -> None:
    others = TranslationMap.objects.filter(status=TranslationMap.Status.ACTIVE)
    others = others.exclude(series=series) if series else others
    for other in others.filter(signature=one.signature)[:1]:
        raise Unusable(f"The map “{other.name}” is for tables with these columns already: change that one.")
    if others.filter(name=title).exists():
        raise Unusable(f"There is a map with the name “{title}” already: give this one another.")


def _retire(row: TranslationMap, actor: str, now: datetime, stamp: trail.Stamp) -> list[trail.Change]:
    if row.status not in {TranslationMap.Status.ACTIVE, TranslationMap.Status.PROPOSED}:
        return []
    row.status, row.retired_by, row.retired_at = TranslationMap.Status.RETIRED, actor, now
    return trail.update([row], ("status", "retired_by", "retired_at"), stamp)


def _record(
    row: TranslationMap,
    type_: str,
    actor: str,
    now: datetime,
    data: dict[str, str],
    changes: list[trail.Change],
) -> None:
    ledger.append([ledger.Event(row.subject, type_, actor, now, data, changes)])
    announce([("maps", str(row.series)), ("quarantine", "")])


def keep_sample(content: bytes) -> str:
    """Keep a file that a map is to be made on, without taking it in; its SHA-256."""
    from .receive import keep

    if not content or len(content) > LONGEST_SAMPLE:
        raise Unusable(NO_SAMPLE)
    [sha256] = keep([content])
    return sha256
