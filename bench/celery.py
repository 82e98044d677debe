"""Celery with Redis: a task a step, the four of an invoice in a chain.

As its documentation has it for many short tasks: no results kept, many messages fetched at a time, processes
forked from a parent that fetches for them, one a core (its default). Tasks are acknowledged when they are
done, so that what a killed worker held is given out again. A row and the next task are not committed
together: Redis knows no transaction of PostgreSQL. A parent process and a child a core, one task at a time in
each, and the Redis server. The clock starts when the worker says that it is ready.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time

from . import redis_server, steps
from .floor import invoice_columns, statements
from .measure import Meter

FETCHED = 128
"""Messages that a child has in hand; its documentation names 64 or 128 for short tasks."""


def main() -> None:
    steps.setup()
    with redis_server.running() as server:
        drain(steps.load(int(sys.argv[1])), invoice_columns(), server)


def drain(work: list[steps.Work], columns: str, server: redis_server.Server) -> None:
    import psycopg
    from celery import Celery, chain
    from celery.signals import worker_process_init, worker_ready
    from django.db import connections

    app = Celery("bench", broker=f"redis+socket://{server.socket}")
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        worker_prefetch_multiplier=FETCHED,
        worker_redirect_stdouts=False,
    )
    last, left = len(steps.AGENTS) - 1, multiprocessing.Value("i", len(work))
    mine: list[psycopg.Connection] = []

    @worker_process_init.connect(weak=False)
    def connect(**_: object) -> None:
        mine.append(psycopg.connect(os.environ["DATABASE_URL"], autocommit=True))

    @app.task(name="step")
    def step(index: int, number: int) -> None:
        made = statements(work[index], number, columns)
        with mine[0].transaction():
            for sql, values in made:
                mine[0].execute(sql, values)
        if number == last:
            with left.get_lock():
                left.value -= 1

    def watch() -> None:
        meter = Meter(broker=server.pid)
        while left.value:
            time.sleep(0.01)
        meter.end(len(work) * len(steps.AGENTS))
        os.kill(os.getpid(), signal.SIGTERM)

    @worker_ready.connect(weak=False)
    def begin(**_: object) -> None:
        threading.Thread(target=watch, daemon=True).start()

    for index in range(len(work)):
        chain(*(step.si(index, number) for number in range(len(steps.AGENTS)))).delay()
    connections.close_all()
    app.worker_main(
        ["worker", "--loglevel=ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    )


if __name__ == "__main__":
    main()
