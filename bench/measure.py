"""What a stretch of work costs: seconds, processor time by who spends it, bytes of database and of its log.

Read from the operating system's and the server's own counters, before and after: what others do on the
machine does not count, what the server does beside the engine's connections (log writer, vacuum) does.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

TICKS = os.sysconf("SC_CLK_TCK")
SIZES = "SELECT pg_database_size(current_database()), pg_current_wal_insert_lsn() - '0/0'::pg_lsn"


@dataclass(frozen=True)
class Spent:
    """Processor time in seconds: of the engine's own processes, of PostgreSQL, of a broker."""

    engine: float
    postgres: float
    broker: float


class Meter:
    """Runs from when it is made until `end`. `broker`: a process under this one that is counted by itself."""

    def __init__(self, broker: int | None = None) -> None:
        self._broker = broker
        self._connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        # all processes of the server are children of this one; it keeps the time of those that ended
        self._server = stat_of(self._connection.info.backend_pid).parent
        self._size, self._log = self._sizes()
        self._spent, self._started = self._now(), time.perf_counter()

    def end(self, decisions: int, seconds: float | None = None) -> None:
        """Print the cost of so many decisions as a line of JSON; `seconds` where the engine knows them
        better."""
        seconds = time.perf_counter() - self._started if seconds is None else seconds
        spent, before = self._now(), self._spent
        size, log = self._sizes()
        print(
            json.dumps(
                {
                    "decisions": decisions,
                    "seconds": seconds,
                    "engine_seconds": spent.engine - before.engine,
                    "postgres_seconds": spent.postgres - before.postgres,
                    "broker_seconds": spent.broker - before.broker,
                    "database_bytes": size - self._size,
                    "log_bytes": log - self._log,
                }
            )
        )

    def _now(self) -> Spent:
        broker = spent_by(self._broker) if self._broker else 0.0
        return Spent(spent_by(os.getpid()) - broker, spent_by(self._server), broker)

    def _sizes(self) -> tuple[int, int]:
        row = self._connection.execute(SIZES).fetchone()
        assert row
        return int(row[0]), int(row[1])


@dataclass(frozen=True)
class Stat:
    """A process: who started it, and ticks spent by it and by those of its children that ended."""

    pid: int
    parent: int
    ticks: int


def spent_by(root: int) -> float:
    """Processor time of a process and all under it, in seconds; that of ended ones their parents keep."""
    found = {stat.pid: stat for stat in _processes()}

    def under(pid: int) -> bool:
        while pid in found and pid != root:
            pid = found[pid].parent
        return pid == root

    return sum(stat.ticks for stat in found.values() if under(stat.pid)) / TICKS


def _processes() -> Iterator[Stat]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                yield stat_of(int(folder.name))
            except (FileNotFoundError, ProcessLookupError):
                continue  # ended meanwhile


def stat_of(pid: int) -> Stat:
    """ppid, utime, stime, cutime and cstime of `man 5 proc`; the name before them may hold anything."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return Stat(pid, int(fields[1]), sum(int(ticks) for ticks in fields[11:15]))
