"""What reports need of the sealer: its latest checkpoint, and how entries stand under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from audit import proofs, sealing


@dataclass(frozen=True, slots=True)
class SealStatus:
    """How entries are sealed: `words` says it, `note` is the checkpoint, `leaves` their places in the
    tree."""

    words: str
    note: str = ""
    leaves: dict[int, int] = field(default_factory=dict)


def checkpoint() -> str:
    """The text of the latest checkpoint; empty before the first seal."""
    found = sealing.latest()
    return found.note if found else ""


def seal_status(entries: Sequence[int]) -> SealStatus:
    """Which of these entries the latest checkpoint covers."""
    leaves = proofs.leaf_indexes(entries)
    if not leaves:
        return SealStatus("None of them is under a checkpoint yet; the next seal takes them in.")
    words = (
        f"{len(leaves)} of {len(entries)} are under the latest checkpoint, which is printed here; an evidence"
        " bundle proves it."
    )
    return SealStatus(words, checkpoint(), leaves)
