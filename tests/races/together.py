"""Many threads at one moment, each with a database connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection


def together(*jobs: Callable[[], Any]) -> list[Any]:
    """Run all jobs at once; what each returned or raised, in their order."""
    barrier = Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            return job()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def of(kind: type, outcomes: Sequence[Any]) -> list[Any]:
    """The outcomes of one kind."""
    return [o for o in outcomes if isinstance(o, kind)]
