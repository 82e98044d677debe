"""What papers need of the sealer: its signing key, its latest checkpoint, and how entries stand under it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import connection


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with the installation's Ed25519 key. `public`: its 32 bytes, `name`: as checkpoints call it."""

    name: str
    public: bytes
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Standing:
    """How entries are sealed: `words` says it, `note` is the checkpoint, `leaves` their places in the tree."""

    words: str
    note: str = ""
    leaves: dict[int, int] = field(default_factory=dict)


def checkpoint() -> str:
    """The text of the latest checkpoint; empty before the first seal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_checkpoint')")
        if cursor.fetchone()[0] is None:
            return ""
        cursor.execute("SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1")
        found = cursor.fetchone()
    return str(found[0]) if found else ""


def standing(entries: Sequence[int]) -> Standing:
    """Which of these entries the latest checkpoint covers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_checkpoint')")
        if cursor.fetchone()[0] is None:
            return Standing("None of them is under a checkpoint yet; the next seal takes them in.")
        cursor.execute(
            "SELECT entry_id, leaf_index FROM audit_leaf WHERE entry_id = ANY(%s)"
            " AND leaf_index < (SELECT max(size) FROM audit_checkpoint)",
            [list(entries)],
        )
        leaves = dict(cursor.fetchall())
    if not leaves:
        return Standing("None of them is under a checkpoint yet; the next seal takes them in.")
    words = f"{len(leaves)} of {len(entries)} are under the latest checkpoint, which is printed here; an evidence bundle proves it."
    return Standing(words, checkpoint(), leaves)
