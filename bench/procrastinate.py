"""Procrastinate: a job a step, on its own schema in the same database.

As its documentation has it: asynchronous tasks on a psycopg pool, the next step deferred on the connection
that writes the rows, so that both are committed together, and jobs that succeeded deleted. One process with
one thread, CONCURRENCY jobs at a time.
"""

from __future__ import annotations

import asyncio
import os
import sys

from . import steps
from .floor import invoice_columns, statements
from .measure import Meter

CONCURRENCY = 5


def main() -> None:
    steps.setup()
    asyncio.run(drain(steps.load(int(sys.argv[1])), invoice_columns()))


async def drain(work: list[steps.Work], columns: str) -> None:
    from procrastinate import App, PsycopgConnector
    from psycopg_pool import AsyncConnectionPool

    url, last = os.environ["DATABASE_URL"], len(steps.AGENTS) - 1
    app = App(connector=PsycopgConnector(conninfo=url, min_size=2, max_size=CONCURRENCY))
    pool = AsyncConnectionPool(
        url, min_size=CONCURRENCY, max_size=CONCURRENCY, kwargs={"autocommit": True}, open=False
    )
    left, done = len(work), asyncio.Event()

    @app.task(name="step")
    async def step(index: int, number: int) -> None:
        nonlocal left
        made = statements(work[index], number, columns)
        async with pool.connection() as connection, connection.transaction():
            for sql, values in made:
                await connection.execute(sql, values)
            if number < last:
                await step.configure(connection=connection).defer_async(index=index, number=number + 1)
        left -= number == last
        if not left:
            done.set()

    async with app.open_async(), pool:
        await step.batch_defer_async(*({"index": index, "number": 0} for index in range(len(work))))
        await pool.wait()
        meter = Meter()
        worker = asyncio.create_task(
            app.run_worker_async(
                concurrency=CONCURRENCY, delete_jobs="successful", install_signal_handlers=False
            )
        )
        await done.wait()
        meter.end(len(work) * len(steps.AGENTS))
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


if __name__ == "__main__":
    main()
