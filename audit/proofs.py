"""Subtrees of the sealed tree out of the database: what the sealer goes on from, and what proofs are made
of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from . import tlog
from .verify import node_hash

BLOCK = 1 << tlog.STEP
LEAVES = """
SELECT e.hash FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry_id
WHERE l.leaf_index >= %s AND l.leaf_index < %s ORDER BY l.leaf_index
"""
NODES = "SELECT hash FROM audit_node WHERE level = %s AND index >= %s AND index < %s ORDER BY index"


def _hashes(statement: str, *parameters: int) -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [bytes.fromhex(row[0]) for row in cursor.fetchall()]


def compact_range(size: int) -> tlog.CompactRange:
    """The left edge of the tree of `size` leaves, out of a few hundred stored hashes."""
    found = tlog.CompactRange()
    level = tlog.STEP * (max(size, 1).bit_length() // tlog.STEP)
    start = 0
    while level > 0:
        end = size >> level
        for hash_ in _hashes(NODES, level, start, end):
            found.add(hash_, level)
        start, level = end << tlog.STEP, level - tlog.STEP
    for hash_ in _hashes(LEAVES, start, size):
        found.add(hash_)
    found.completed.clear()
    return found


class StoredTree:
    """Subtrees of the sealed entries, a block of 256 hashes at a time."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bytes] = {}

    def __call__(self, level: int, index: int) -> bytes:
        found = self._known.get((level, index))
        if found is None:
            if level % tlog.STEP == 0:
                self._load(level, index)
                return self._known[level, index]
            found = node_hash(self(level - 1, 2 * index), self(level - 1, 2 * index + 1))
            self._known[level, index] = found
        return found

    def _load(self, level: int, index: int) -> None:
        start = index - index % BLOCK
        hashes = (
            _hashes(NODES, level, start, start + BLOCK) if level else _hashes(LEAVES, start, start + BLOCK)
        )
        self._known.update({(level, start + i): hash_ for i, hash_ in enumerate(hashes)})


@dataclass(frozen=True, slots=True)
class HeadProof:
    """The last sealed entry of a subject, its place among the heads and the proof up to their root."""

    subject: str
    seq: int
    hash: str
    index: int
    proof: list[bytes]


def leaf_indexes(entries: Sequence[int]) -> dict[int, int]:
    """Places of entries in the tree, by entry id; those without one are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entry_id, leaf_index FROM audit_leaf WHERE entry_id = ANY(%s)", [list(entries)]
        )
        return dict(cursor.fetchall())


def inclusion(indexes: Iterable[int], size: int) -> dict[int, list[bytes]]:
    """Inclusion proofs of leaves in the tree of `size`."""
    tree = StoredTree()
    return {index: tlog.inclusion_proof(index, size, tree) for index in indexes}


def consistency(first: int, size: int) -> list[bytes]:
    """The proof that the tree of `size` goes on from the one of `first`."""
    return tlog.consistency_proof(first, size, StoredTree())


def neighbours(prefix: str) -> list[str]:
    """The subjects whose heads stand just before and just behind those that begin with a prefix: with their
    proofs, that none of these is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "(SELECT subject FROM audit_head WHERE subject < %s ORDER BY subject DESC LIMIT 1) UNION ALL"
            " (SELECT subject FROM audit_head WHERE subject > %s AND NOT starts_with(subject, %s)"
            " ORDER BY subject LIMIT 1)",
            [prefix] * 3,
        )
        return [subject for (subject,) in cursor.fetchall()]


def heads(subjects: Sequence[str]) -> list[HeadProof]:
    """Proofs that these are the last entries, under the heads of the latest checkpoint. Unsealed subjects are
    left out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(leaf, '' ORDER BY subject) FROM audit_head")
        joined = cursor.fetchone()[0] or b""
        leaves = [joined[i : i + 32] for i in range(0, len(joined), 32)]
        cursor.execute(
            "SELECT h.subject, h.seq, h.hash, (SELECT count(*) FROM audit_head o WHERE o.subject < h.subject)"
            " FROM audit_head h WHERE h.subject = ANY(%s) ORDER BY h.subject",
            [list(subjects)],
        )
        found = cursor.fetchall()
    tree = tlog.of_leaves(leaves)
    return [
        HeadProof(s, seq, hash_, at, tlog.inclusion_proof(at, len(leaves), tree))
        for s, seq, hash_, at in found
    ]
