"""PgQueuer: a job a step, on its own schema in the same database.

As its documentation has it: a worker on one asyncpg connection under uvloop, with the settings of
`pgq autovac`, and more jobs dequeued at a time than by default, since they are short (BATCH, at most twice as
many in hand). The next step is enqueued on the connection that writes the rows, so that both are committed
together. One process with one thread; POOL jobs at a time have a connection to write by.
"""

from __future__ import annotations

import json
import os
import sys

from . import steps
from .floor import invoice_columns, statements
from .measure import Meter

BATCH = 50
POOL = 10


def main() -> None:
    import uvloop

    steps.setup()
    uvloop.run(drain(steps.load(int(sys.argv[1])), invoice_columns()))


async def drain(work: list[steps.Work], columns: str) -> None:
    import asyncpg
    from pgqueuer import PgQueuer
    from pgqueuer.db import AsyncpgDriver, PsycopgDriver
    from pgqueuer.models import Job
    from pgqueuer.queries import Queries
    from pgqueuer.types import QueueExecutionMode
    from psycopg_pool import AsyncConnectionPool

    url, last = os.environ["DATABASE_URL"], len(steps.AGENTS) - 1
    driver = AsyncpgDriver(await asyncpg.connect(url))
    queries = Queries(driver)
    await queries.install()
    await queries.optimize_autovacuum()
    worker = PgQueuer(driver)
    pool = AsyncConnectionPool(url, min_size=POOL, max_size=POOL, kwargs={"autocommit": True}, open=False)

    @worker.entrypoint("step")
    async def step(job: Job) -> None:
        index, number = json.loads(job.payload or b"")
        made = statements(work[index], number, columns)
        async with pool.connection() as connection, connection.transaction():
            for sql, values in made:
                await connection.execute(sql, values)
            if number < last:
                await Queries(PsycopgDriver(connection)).enqueue("step", b"[%d,%d]" % (index, number + 1))

    async with pool:
        await pool.wait()
        count = len(work)
        await queries.enqueue(["step"] * count, [b"[%d,0]" % index for index in range(count)], [0] * count)
        meter = Meter()
        await worker.qm.run(batch_size=BATCH, max_concurrent_tasks=2 * BATCH, mode=QueueExecutionMode.drain)
        meter.end(count * len(steps.AGENTS))


if __name__ == "__main__":
    main()
