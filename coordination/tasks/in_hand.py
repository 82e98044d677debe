"""What a worker has in hand, kept where it outlives the worker.

A batch is one transaction, so that with a process that is killed every trace of it goes: its tasks are free
at once, and among them the one that killed it. Hence a worker says beforehand, over a second connection,
which tasks it takes up: one small write a batch. While it lives it holds an advisory lock of the same number,
so that a row which nobody holds is a dead worker's. What is left of its tasks is run alone from then on
(`Task.alone`), each try counted before it begins.

Nothing here waits for anybody: what another worker has locked is skipped, and a register that cannot be
written is no reason to stop.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from django.db import DatabaseError, connection, transaction

log = logging.getLogger("countersign.decisions")

LOCK, TASK_LOCK = 0x494E4844, 0x494E4854
"""First halves of advisory locks; the second is the number of a worker's row, or of a task that is run
alone."""

KEEP = """
INSERT INTO coordination_inhand (id, tasks, at) VALUES (%s, %s, now())
    ON CONFLICT (id) DO UPDATE SET tasks = excluded.tasks, at = excluded.at
"""
NUMBER = "SELECT nextval(pg_get_serial_sequence('coordination_inhand', 'id'))::int"
DEAD = "SELECT id, tasks FROM coordination_inhand WHERE pg_try_advisory_xact_lock(%s, id::int)"
ALONE = """
UPDATE coordination_task SET alone = true WHERE id IN (
    SELECT id FROM coordination_task WHERE id = ANY(%s) AND NOT alone FOR UPDATE SKIP LOCKED)
"""
_local = threading.local()


class Register:
    """One worker's row, written over a connection of its own that is opened with the first batch."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None
        self._number = 0

    def keep(self, tasks: Sequence[int]) -> None:
        try:
            if self._connection is None:
                self._open()
            self._execute(KEEP, [self._number, list(tasks)])
        except psycopg.Error as error:
            log.warning("What is in hand cannot be noted (%s); going on.", str(error).strip())
            self._close()

    def leave(self) -> None:
        """This worker ends in good order: nothing of it is left."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._execute("DELETE FROM coordination_inhand WHERE id = %s", [self._number])
            self._close()

    def _open(self) -> None:
        parameters = connection.get_connection_params()
        for name in ("cursor_factory", "context", "prepare_threshold"):
            parameters.pop(name, None)
        own = parameters | {"application_name": "countersign-in-hand", "autocommit": True}
        self._connection = psycopg.connect(**own)
        self._execute("SET synchronous_commit = off")  # it has to outlive the worker, not the server
        self._number = self._execute(NUMBER).fetchone()[0]
        self._execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, self._number])

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> Any:
        assert self._connection is not None  # noqa: S101 - opened above
        return self._connection.execute(statement.encode(), values)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


@contextmanager
def registered() -> Iterator[None]:
    """While this lasts, this thread is a worker whose batches are noted; one that is a worker already stays
    it. Inside of a transaction nobody is."""
    if connection.in_atomic_block or getattr(_local, "register", None) is not None:
        yield
        return
    _local.register = Register()
    try:
        yield
    finally:
        _local.register.leave()
        _local.register = None


def note(tasks: Sequence[int]) -> None:
    """These tasks are taken up now."""
    register: Register | None = getattr(_local, "register", None)
    if register is not None and tasks:
        register.keep(tasks)


def take_over() -> int:
    """Set apart what workers had in hand that are no more; how many such workers there were."""
    if getattr(_local, "register", None) is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(DEAD, [LOCK])
        if not cursor.fetchall():
            return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(DEAD, [LOCK])
        found = cursor.fetchall()
        cursor.execute(ALONE, [[task for _, tasks in found for task in tasks]])
        apart = cursor.rowcount
        cursor.execute("DELETE FROM coordination_inhand WHERE id = ANY(%s)", [[n for n, _ in found]])
    if apart:
        log.warning("A worker died with %d tasks in hand; each is run alone.", apart)
    return len(found)


@contextmanager
def held(task: int) -> Iterator[bool]:
    """Is this task ours to run alone, or in somebody else's hand? Ours it stays through several
    transactions."""
    key = [TASK_LOCK, task % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        ours: bool = cursor.fetchone()[0]
    try:
        yield ours
    finally:
        if ours:
            with suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
