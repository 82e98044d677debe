"""Building RFC 6962 trees: roots as leaves arrive, and proofs out of stored subtrees. Pure; checking is
`verify.py`.

Roots of complete subtrees of 256 and 65,536 leaves (and so on) are kept by the sealer, so that a root or a
proof of a tree of millions of leaves is made of a few hundred hashes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from .verify import EMPTY_ROOT, node_hash

STEP = 8
"""Levels between stored subtrees: each covers 2**8 of the next smaller ones."""

Subtree = Callable[[int, int], bytes]
"""Hash of the complete subtree at (level, index): it covers leaves [index << level, (index + 1) << level)."""


class CompactRange:
    """The roots of the complete subtrees at the left of a growing tree: all that is needed to go on.

    `completed` gathers (level, index, root) of every subtree to be stored that an added leaf completed.
    """

    def __init__(self) -> None:
        self.size = 0
        self.completed: list[tuple[int, int, bytes]] = []
        self._peaks: list[tuple[int, bytes]] = []

    def add(self, hash_: bytes, level: int = 0) -> None:
        """Append a leaf, or the root of a complete subtree of 2**level leaves where one may begin."""
        if self.size & ((1 << level) - 1):
            raise ValueError(f"A subtree of level {level} does not begin at {self.size}.")
        self.size += 1 << level
        while self._peaks and self._peaks[-1][0] == level:
            hash_ = node_hash(self._peaks.pop()[1], hash_)
            level += 1
            if level % STEP == 0:
                self.completed.append((level, (self.size >> level) - 1, hash_))
        self._peaks.append((level, hash_))

    def root(self) -> bytes:
        """RFC 6962 2.1 MTH of what has been added."""
        if not self._peaks:
            return EMPTY_ROOT
        found = self._peaks[-1][1]
        for _, left in reversed(self._peaks[:-1]):
            found = node_hash(left, found)
        return found


def root(leaves: Iterable[bytes]) -> bytes:
    """RFC 6962 2.1 MTH of leaf hashes."""
    range_ = CompactRange()
    for leaf in leaves:
        range_.add(leaf)
    return range_.root()


def parts(start: int, end: int) -> list[tuple[int, int]]:
    """The complete subtrees (level, index) that cover leaves [start, end), left to right."""
    found = []
    while start < end:
        level = min(
            (start & -start).bit_length() - 1 if start else end.bit_length(), (end - start).bit_length() - 1
        )
        found.append((level, start >> level))
        start += 1 << level
    return found


def span_root(start: int, end: int, subtree: Subtree) -> bytes:
    """MTH of leaves [start, end); `start` is where a subtree of that size may begin, as in RFC 6962."""
    hashes = [subtree(level, index) for level, index in parts(start, end)]
    found = hashes[-1]
    for left in reversed(hashes[:-1]):
        found = node_hash(left, found)
    return found


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """RFC 6962 2.1.1 PATH(index, D[size])."""
    if not 0 <= index < size:
        raise IndexError(f"Leaf {index} is not in a tree of {size}.")
    return _path(index, 0, size, subtree)


def _path(index: int, start: int, end: int, subtree: Subtree) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(index, start, middle, subtree), span_root(middle, end, subtree)]
    return [*_path(index, middle, end, subtree), span_root(start, middle, subtree)]


def consistency_proof(first: int, size: int, subtree: Subtree) -> list[bytes]:
    """RFC 6962 2.1.2 PROOF(first, D[size])."""
    if not 0 < first <= size:
        raise IndexError(f"A tree of {first} does not come before one of {size}.")
    return _subproof(first, 0, size, subtree, complete=True)


def _subproof(first: int, start: int, end: int, subtree: Subtree, *, complete: bool) -> list[bytes]:
    if first == end - start:
        return [] if complete else [span_root(start, end, subtree)]
    middle = _split(end - start)
    if first <= middle:
        inner = _subproof(first, start, start + middle, subtree, complete=complete)
        return [*inner, span_root(start + middle, end, subtree)]
    inner = _subproof(first - middle, start + middle, end, subtree, complete=False)
    return [*inner, span_root(start, start + middle, subtree)]


def _split(count: int) -> int:
    """The largest power of two smaller than `count`."""
    return 1 << (count - 1).bit_length() - 1


def of_leaves(leaves: Sequence[bytes]) -> Subtree:
    """Subtrees of a list of leaf hashes that is at hand, each computed once."""
    known: dict[tuple[int, int], bytes] = {}

    def subtree(level: int, index: int) -> bytes:
        if level == 0:
            return leaves[index]
        if (level, index) not in known:
            known[level, index] = node_hash(subtree(level - 1, 2 * index), subtree(level - 1, 2 * index + 1))
        return known[level, index]

    return subtree
