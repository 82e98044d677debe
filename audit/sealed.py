"""Checking the seals of this database: places, roots, heads, signatures and times. Fed by `inspection.py`,
entry by entry."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import connection

from . import keys, tlog
from .canonical import instant, loads
from .models import Checkpoint, Node
from .proofs import compact_range
from .verify import (
    LATE,
    EntryRow,
    Finding,
    Key,
    Unreadable,
    head_leaf,
    parse_checkpoint,
    parse_key,
)
from .verify import (
    Checkpoint as Signed,
)
from .words import how_many

LEDGER = "audit/ledger"
"""Subject of findings that are about no single entry."""
WIDTH = 32
ABSENT = bytes(WIDTH)


class Seals:
    """The sealed tree as the entries make it, from `since` leaves on, beside what was signed.

    `entry` takes entries in order of subject and sequence; `findings` compares. Memory: 32 bytes for each
    leaf.
    """

    def __init__(self, retained: Sequence[Signed] = (), since: int = 0) -> None:
        self.since, self.retained = since, retained
        self.checkpoints = list(Checkpoint.objects.filter(size__gte=since).order_by("size"))
        self.sizes = [c.size for c in self.checkpoints]
        self.size = self.sizes[-1] if self.sizes else 0
        self.root = ""
        self.leaves = bytearray(WIDTH * max(0, self.size - since))
        self.keys: list[tuple[int, Key]] = []
        self._heads: dict[int, dict[str, bytes]] = {size: {} for size in self._head_sizes()}
        self._bounds = [
            (instant(c.created_at - LATE), instant(c.created_at + LATE)) for c in self.checkpoints
        ]
        self._now = instant(_clock() + LATE)
        self._before = ("", "")

    def _head_sizes(self) -> set[int]:
        """Sizes at which the heads are derived: the latest checkpoint and those that somebody kept. Needs all
        entries."""
        if self.since:
            return set()
        return {r.size for r in self.retained if r.size <= self.size} | ({self.size} if self.size else set())

    # --- entry by entry -------------------------------------------------------------------------------------

    def entry(self, row: EntryRow, leaf: int | None) -> Iterator[Finding]:
        """Take an entry in and check when it says it was written against the seals before and over it."""
        if leaf is not None and self.since <= leaf < self.size:
            at = WIDTH * (leaf - self.since)
            self.leaves[at : at + WIDTH] = bytes.fromhex(row.hash) if len(row.hash) == 64 else ABSENT
            for size, heads in self._heads.items():
                if leaf < size:
                    heads[row.subject] = head_leaf(row.subject, row.seq, row.hash)
        if row.subject == keys.SUBJECT:
            yield from self._named_leaf(row, leaf)
        yield from self._dated(row, leaf)

    def _dated(self, row: EntryRow, leaf: int | None) -> Iterator[Finding]:
        over = bisect_right(self.sizes, leaf) if leaf is not None else len(self.sizes)
        if over and row.recorded_at < self._bounds[over - 1][0]:
            detail = (
                f"It is dated {row.recorded_at}, but the seal of"
                f" {instant(self.checkpoints[over - 1].created_at)} does not have it."
            )
            yield Finding("back_dated", row.subject, row.seq, detail)
        subject, before = self._before
        self._before = row.subject, row.recorded_at
        if subject == row.subject and row.recorded_at < before and _apart(row.recorded_at, before) > LATE:
            yield Finding(
                "back_dated",
                row.subject,
                row.seq,
                f"It is dated {row.recorded_at}, the entry before it {before}.",
            )
        latest = self._bounds[over][1] if over < len(self.sizes) else self._now
        if row.recorded_at > latest:
            yield Finding(
                "post_dated", row.subject, row.seq, f"It is dated {row.recorded_at}, which was still to come."
            )

    def _named_leaf(self, row: EntryRow, leaf: int | None) -> Iterator[Finding]:
        """A key that the ledger names, from its leaf on."""
        try:
            data = loads(row.body)["data"]
            key = parse_key(data["key"])
        except (ValueError, KeyError, TypeError, Unreadable):
            yield Finding("key_unreadable", row.subject, row.seq, "The entry names no key that can be read.")
            return
        if row.type == "seal.key_changed" and not keys.changed_by(data):
            yield Finding("key_not_signed", row.subject, row.seq, "The key before it did not sign this one.")
        self.keys.append((self.size if leaf is None else leaf, key))

    # --- the whole ------------------------------------------------------------------------------------------

    def findings(self) -> Iterator[Finding]:
        """What is wrong with places, trees and signatures, after all entries."""
        yield from self._places()
        tree = compact_range(self.since)
        roots = {self.since: tree.root()} if self.since else {}
        wanted = {*self.sizes, *(r.size for r in self.retained)}
        for start in range(0, len(self.leaves), WIDTH):
            tree.add(bytes(self.leaves[start : start + WIDTH]))
            if tree.size in wanted:
                roots[tree.size] = tree.root()
        self.root = tree.root().hex() if self.size else ""
        yield from self._nodes(tree)
        yield from self._signed(roots)
        yield from self._kept(roots)
        yield from self._key()

    def _places(self) -> Iterator[Finding]:
        """Leaves are numbered without gaps up to the latest checkpoint, and each has its entry."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), coalesce(min(leaf_index), 0), coalesce(max(leaf_index), -1) FROM audit_leaf"
            )
            count, first, last = cursor.fetchone()
            cursor.execute(
                "SELECT l.leaf_index, l.entry_id FROM audit_leaf l WHERE NOT EXISTS"
                " (SELECT 1 FROM audit_entry e WHERE e.id = l.entry_id) ORDER BY 1 LIMIT 100"
            )
            gone = cursor.fetchall()
        if (first, last) != (0, count - 1):
            yield Finding("leaf_gap", LEDGER, None, f"{count} leaves are numbered from {first} to {last}.")
        if count < self.size:
            covered = how_many(self.size, "entry", "entries")
            detail = f"The latest checkpoint covers {covered}; only {how_many(count, 'has', 'have')} a place."
            yield Finding("leaf_missing", LEDGER, None, detail)
        elif count > self.size:
            placed = how_many(count, "entry has", "entries have")
            detail = f"{placed} a place; the latest checkpoint covers {self.size}."
            yield Finding("leaf_unsealed", LEDGER, None, detail)
        for leaf, entry in gone:
            yield Finding(
                "entry_missing", LEDGER, None, f"Entry {entry} was sealed as leaf {leaf} and is gone."
            )

    def _nodes(self, tree: tlog.CompactRange) -> Iterator[Finding]:
        stored = dict(_nodes_of(self.since))
        for level, index, hash_ in tree.completed:
            if stored.pop((level, index), None) != hash_.hex():
                start = index << level
                detail = (
                    f"The entries sealed as leaves {start} to {start + (1 << level) - 1} are not what was"
                    " sealed."
                )
                yield Finding("subtree_mismatch", LEDGER, None, detail)
        for level, index in stored:
            yield Finding(
                "subtree_invented", LEDGER, None, f"No entries make up the stored subtree {level}/{index}."
            )

    def _signed(self, roots: dict[int, bytes]) -> Iterator[Finding]:
        """Each checkpoint says what the entries give, and the key in force signed it."""
        wrong = 0
        before: datetime | None = None
        for row in self.checkpoints:
            try:
                signed = parse_checkpoint(row.note)
            except Unreadable as error:
                yield Finding("checkpoint_unreadable", f"audit/checkpoint/{row.size}", row.size, str(error))
                continue
            yield from self._agrees(row, signed)
            if before is not None and row.created_at < before:
                detail = "It is older than the checkpoint before it."
                yield Finding("checkpoint_order", f"audit/checkpoint/{row.size}", row.size, detail)
            before = row.created_at
            if roots.get(row.size) != signed.root:
                wrong += 1
                if wrong == 1:
                    detail = f"The first {row.size} entries do not give the root that was signed for them."
                    yield Finding("root_mismatch", f"audit/checkpoint/{row.size}", row.size, detail)
            yield from self._heads_agree(signed, "checkpoint")
        if wrong > 1:
            yield Finding(
                "root_mismatch", LEDGER, None, f"{wrong} checkpoints have other roots than the entries give."
            )

    def _agrees(self, row: Checkpoint, signed: Signed) -> Iterator[Finding]:
        """The columns repeat the note, and the note's signature is of the key in force."""
        subject = f"audit/checkpoint/{row.size}"
        if (row.size, row.root, instant(row.created_at)) != (signed.size, signed.root.hex(), signed.time):
            yield Finding(
                "checkpoint_altered", subject, row.size, "Its columns do not repeat what was signed."
            )
        key = self._key_at(row.size)
        if key is not None and not signed.note.names(key):
            yield Finding("foreign_key", subject, row.size, f"It is not signed by the key in force, {key}.")
        elif key is not None and not signed.note.signed_by(key):
            yield Finding("signature_invalid", subject, row.size, "The signature is not over this text.")

    def _key_at(self, size: int) -> Key | None:
        found = [key for leaf, key in self.keys if leaf < size]
        return found[-1] if found else (self.keys[0][1] if self.keys else None)

    def _heads_agree(self, signed: Signed, what: str) -> Iterator[Finding]:
        heads = self._heads.get(signed.size)
        if heads is None:
            return
        leaves = [heads[subject] for subject in sorted(heads, key=str.encode)]
        if (len(leaves), tlog.root(leaves)) != (signed.subjects, signed.heads):
            detail = (
                f"{len(leaves)} subjects end otherwise than the {what} of {signed.size} says of its"
                f" {signed.subjects}."
            )
            yield Finding("heads_mismatch", f"audit/checkpoint/{signed.size}", signed.size, detail)

    def _kept(self, roots: dict[int, bytes]) -> Iterator[Finding]:
        """Against checkpoints that were kept elsewhere: only these catch who rewrote everything."""
        notes = {row.size: row.root for row in self.checkpoints}
        for kept in self.retained:
            subject = f"audit/checkpoint/{kept.size}"
            if self.keys and kept.origin != self.keys[-1][1].name:
                yield Finding(
                    "foreign_log", subject, kept.size, f"The retained checkpoint is of the log {kept.origin}."
                )
                continue
            if self.keys and not any(kept.note.signed_by(key) for _, key in self.keys):
                detail = "No key that this ledger names has signed the retained checkpoint."
                yield Finding("foreign_key", subject, kept.size, detail)
            if kept.size > self.size:
                detail = (
                    f"The retained checkpoint of {kept.time} had {kept.size} entries; here {self.size} are"
                    " sealed."
                )
                yield Finding("tree_smaller", subject, kept.size, detail)
            elif kept.size in notes and notes[kept.size] != kept.root.hex():
                detail = f"Two roots were signed for {kept.size} entries: the retained one and another."
                yield Finding("two_roots", subject, kept.size, detail)
            elif kept.size > self.since and roots.get(kept.size) != kept.root:
                detail = (
                    f"The first {kept.size} entries are not those of the retained checkpoint of {kept.time}."
                )
                yield Finding("history_rewritten", subject, kept.size, detail)
            yield from self._heads_agree(kept, "retained checkpoint")

    def _key(self) -> Iterator[Finding]:
        """The private key lies outside of the database: who signs with another one shows."""
        own = keys.known()
        if own is not None and self.keys and self.keys[-1][1] != own:
            detail = f"The ledger names {self.keys[-1][1]}, this installation signs with {own}."
            yield Finding("key_differs", keys.SUBJECT, None, detail)


def _nodes_of(since: int) -> Iterator[tuple[tuple[int, int], str]]:
    for level, index, hash_ in Node.objects.values_list("level", "index", "hash").iterator(2000):
        if (index + 1) << level > since:
            yield (level, index), hash_


def _apart(earlier: str, later: str) -> timedelta:
    try:
        return datetime.fromisoformat(later) - datetime.fromisoformat(earlier)
    except (ValueError, TypeError):
        return timedelta.max


def _clock() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found
