"""DBOS: a workflow an invoice, with a transaction a step; its system tables in the same database.

As its documentation has it: a datasource, which commits a step's rows together with its checkpoint, so that
each happens exactly once, and a queue on which the workflows stand. One process, a thread for each of the
CONCURRENCY workflows at a time; the queue is looked at every POLL seconds (by default each second, which
would leave the worker idle). Transactions are READ COMMITTED, as those of the others are. The clock starts
with the first workflow.
"""

from __future__ import annotations

import os
import sys
import threading

from . import steps
from .floor import invoice_columns, statements
from .measure import Meter

CONCURRENCY = 10
POLL = 0.05


def main() -> None:
    steps.setup()
    work, columns = steps.load(int(sys.argv[1])), invoice_columns()
    from dbos import DBOS, DBOSConfig, SQLAlchemyDatasource

    url = os.environ["DATABASE_URL"]
    config: DBOSConfig = {
        "name": "bench",
        "system_database_url": url,
        "sys_db_pool_size": CONCURRENCY * 2,
        "log_level": "WARNING",
    }
    DBOS(config=config)
    source = SQLAlchemyDatasource.create(url, engine_kwargs={"pool_size": CONCURRENCY * 2})

    @source.transaction(isolation_level="READ COMMITTED")
    def step(index: int, number: int) -> str:
        connection = source.sql_session().connection()
        for sql, values in statements(work[index], number, columns):
            connection.exec_driver_sql(sql, tuple(values))
        return steps.STATES[number]

    meters: list[Meter] = []
    first = threading.Lock()

    @DBOS.workflow()
    def invoice(index: int) -> None:
        with first:
            if not meters:
                meters.append(Meter())
        for number in range(len(steps.AGENTS)):
            step(index, number)

    DBOS.launch()
    handles = [DBOS.enqueue_workflow("invoices", invoice, index) for index in range(len(work))]
    DBOS.register_queue("invoices", worker_concurrency=CONCURRENCY, polling_interval_sec=POLL)
    for handle in handles:
        handle.get_result(polling_interval_sec=POLL)
    meters[0].end(len(work) * len(steps.AGENTS))
    DBOS.destroy()


if __name__ == "__main__":
    main()
