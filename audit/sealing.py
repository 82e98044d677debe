"""The sealer: gives entries their places in one tree and signs its root, so that nothing sealed can be
changed unseen.

Each seal takes what has no place yet, in an order of its own: a slow transaction commits a lower id, an older
time or an older transaction number after others, so none of these says what was sealed before. It then writes
a checkpoint (C2SP tlog-checkpoint, Ed25519 signed note) over the root of all entries and the root of the
heads, one leaf for each subject with its last entry, which is what shows that the history of one subject ends
where it ends.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from . import clock, keys, sinks, tlog, trail
from .canonical import instant
from .models import Checkpoint
from .proofs import compact_range
from .verify import head_leaf

INTERVAL = timedelta(seconds=60)
Row = tuple[int, str, int, str]
"""Id, subject, seq and hash of an entry."""

AT_ONCE = 50_000
"""Entries under one checkpoint: a backlog is sealed in several, so that memory does not grow with it."""

# The floor is only a shortcut. Entries written by transactions older than every one that ran at the last seal
# have their places; numbers of a server that was restored elsewhere say nothing, so a thorough seal looks at
# every entry.
UNSEALED = """
SELECT e.id, e.subject, e.seq, e.hash FROM audit_entry e
WHERE e.tx >= %(floor)s AND NOT EXISTS (SELECT 1 FROM audit_leaf l WHERE l.entry_id = e.id)
ORDER BY e.subject COLLATE "C", e.seq LIMIT %(limit)s
"""
OLDEST = """
SELECT min(e.recorded_at), count(*) FROM audit_entry e
WHERE e.tx >= %(floor)s AND e.subject NOT LIKE 'audit/%%'
AND NOT EXISTS (SELECT 1 FROM audit_leaf l WHERE l.entry_id = e.id)
"""
HEADS = """
INSERT INTO audit_head (subject, seq, hash, leaf)
SELECT * FROM unnest(%s::text[], %s::int[], %s::text[], %s::bytea[])
ON CONFLICT (subject) DO UPDATE SET seq = EXCLUDED.seq, hash = EXCLUDED.hash, leaf = EXCLUDED.leaf
"""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Where the tree stands. `fresh`: entries that got their places now."""

    size: int
    root: str
    note: str
    fresh: int = 0


def latest() -> Checkpoint | None:
    """The checkpoint over everything sealed so far."""
    return Checkpoint.objects.order_by("-size").first()


def seal(*, thorough: bool = True) -> Sealed:
    """Seal everything that has been committed. `thorough` looks at every entry, else only at those since the
    last seal."""
    fresh = 0
    while True:
        now = _seal_some(thorough=thorough)
        fresh += now.fresh
        if now.fresh < AT_ONCE:
            return Sealed(now.size, now.root, now.note, fresh)


@transaction.atomic
def _seal_some(*, thorough: bool) -> Sealed:
    keys.lock()
    before = latest()
    known, running = _floor(before), _oldest_running()
    rows = _unsealed(0 if thorough else known)
    if not rows and before is not None:
        return Sealed(before.size, before.root, before.note)
    signer = keys.signer()
    keys.publish(signer.key)
    if keys.announce(signer):  # the entry about the key belongs under the first checkpoint that the key signs
        rows += _last_entry(keys.SUBJECT)
    tree = compact_range(before.size if before else 0)
    _place(rows, tree)
    subjects, heads = _move_heads(rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at = cursor.fetchone()[0]
    note = signer.note(_text(signer.name, tree, subjects, heads, at))
    row = Checkpoint(
        size=tree.size,
        root=tree.root().hex(),
        note=note,
        created_at=at,
        floor=running if len(rows) < AT_ONCE else known,
    )
    trail.insert_facts([row])
    transaction.on_commit(lambda: sinks.keep(note))
    return Sealed(row.size, row.root, note, len(rows))


def _place(rows: Sequence[Row], tree: tlog.CompactRange) -> None:
    """Leaves for the entries, and the subtrees they complete."""
    places = [(tree.size + i, row[0]) for i, row in enumerate(rows)]
    trail.copy_in("audit_leaf", ("leaf_index", "entry_id"), places)
    for _, _, _, hash_ in rows:
        tree.add(bytes.fromhex(hash_))
    nodes = [(level, index, hash_.hex()) for level, index, hash_ in tree.completed]
    trail.copy_in("audit_node", ("level", "index", "hash"), nodes)


def _move_heads(rows: Sequence[Row]) -> tuple[int, bytes]:
    """Bring the heads up to date; how many subjects there are, and the root over them in order of their
    bytes."""
    last = {
        subject: (seq, hash_) for _, subject, seq, hash_ in rows
    }  # a subject's entries come in order of seq
    values = [(s, seq, hash_, head_leaf(s, seq, hash_)) for s, (seq, hash_) in last.items()]
    with connection.cursor() as cursor:
        cursor.execute(HEADS, [list(column) for column in zip(*values, strict=True)] or [[], [], [], []])
        cursor.execute("SELECT count(*), string_agg(leaf, '' ORDER BY subject) FROM audit_head")
        count, leaves = cursor.fetchone()
    return count, tlog.root(_cut(leaves or b""))


def _cut(joined: bytes) -> Iterator[bytes]:
    return (joined[i : i + 32] for i in range(0, len(joined), 32))


def _text(origin: str, tree: tlog.CompactRange, subjects: int, heads: bytes, at: datetime) -> str:
    """C2SP tlog-checkpoint: origin, size, root; then our extension lines."""
    root, of_heads = (base64.b64encode(h).decode() for h in (tree.root(), heads))
    return f"{origin}\n{tree.size}\n{root}\nheads {subjects} {of_heads}\ntime {instant(at)}\n"


def _unsealed(floor: int) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(UNSEALED, {"floor": floor, "limit": AT_ONCE})
        return list(cursor.fetchall())


def _last_entry(subject: str) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, subject, seq, hash FROM audit_entry WHERE subject = %s ORDER BY seq DESC LIMIT 1",
            [subject],
        )
        return list(cursor.fetchall())


def _oldest_running() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def _floor(before: Checkpoint | None) -> int:
    """What older transactions wrote has its place. 0 when this server counts lower: the numbers are another
    server's."""
    return before.floor if before is not None and before.floor <= _oldest_running() else 0


@dataclass(frozen=True, slots=True)
class Lag:
    """What no checkpoint covers yet: how many entries, and how old the oldest is. Those about the ledger
    itself aside."""

    count: int
    age: timedelta

    @property
    def late(self) -> bool:
        """Is the sealer down? It runs each interval, so nothing waits longer than two."""
        return self.age > 2 * INTERVAL


def lag() -> Lag:
    """How far the seals are behind."""
    with connection.cursor() as cursor:
        cursor.execute(OLDEST, {"floor": _floor(latest())})
        oldest, count = cursor.fetchone()
    return Lag(count, clock.now() - oldest if oldest else timedelta())
