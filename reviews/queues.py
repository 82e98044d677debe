"""The queues in which questions stand. Whoever asks registers theirs, once, at start."""

from __future__ import annotations

from dataclasses import dataclass

from .grants import RegisteredTwice


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue with the title of its list. `reserved`: no department answers it, only whoever answers all; it
    is listed while something stands in it."""

    key: str
    title: str
    reserved: bool = False


QUEUES: dict[str, Queue] = {}
"""Queues by key, in the order in which lists show them."""


def register(*queues: Queue) -> None:
    """Enter queues. Raises `RegisteredTwice` for a key that is taken."""
    for queue in queues:
        if queue.key in QUEUES:
            raise RegisteredTwice(f"The queue {queue.key!r} is registered already.")
        QUEUES[queue.key] = queue


def titles() -> list[tuple[str, str]]:
    """Return key and title of every queue, in order."""
    return [(queue.key, queue.title) for queue in QUEUES.values()]


FILES: list[tuple[str, str]] = []
"""What the list can be taken away as: a word and the name of an address, which takes the filters of the list.
Whoever writes such files registers them."""


def is_reserved(key: str) -> bool:
    """Tell whether no department answers this queue."""
    return key in QUEUES and QUEUES[key].reserved
