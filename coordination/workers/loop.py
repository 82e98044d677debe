"""A worker process: works while there is work, then waits for the doorbell, at most a few seconds."""

from __future__ import annotations

import gc
import logging
import time
from types import FrameType

import psycopg
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from audit import clock

from ..decisions import changes
from ..monitoring.alarms import Alarm
from ..services import policy_versions
from ..services.behaviour import watch as behaviour
from ..tasks import in_hand
from ..tasks.announce import WORK
from . import runner

log = logging.getLogger("countersign.decisions")

PATIENCE = 2.0
"""Seconds without a doorbell after which a worker looks anyway: a bell may be missed, work may not."""


class Stop:
    """Set by a signal; the worker ends after the batch in hand."""

    def __init__(self) -> None:
        self.requested = False

    def request(self, _signum: int, _frame: FrameType | None) -> None:
        self.requested = True


def tune_gc() -> None:
    """Collect garbage rarely: a batch makes many small frozen facts and no cycles, and scanning them costs a
    tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)


def run(stop: Stop, batch: int) -> None:
    """Work until told to stop. Agents that were added since the last start are registered first; a lost
    database is waited for."""
    tune_gc()
    while not stop.requested:
        try:
            policy_versions.ensure_defaults()
            with in_hand.registered():
                _work(stop, batch)
        except (DatabaseError, InterfaceError, psycopg.Error) as error:
            log.warning(
                "The database is away (%s); trying again.",
                str(error).strip().splitlines()[0] if str(error) else "",
            )
            connection.close()
            close_old_connections()
            time.sleep(1)


def _work(stop: Stop, batch: int) -> None:
    _listen()
    while not stop.requested:
        changes.ask_overdue(clock.now())
        while not stop.requested and runner.sweep(batch, lambda: stop.requested):
            pass
        _wait(stop)


LOOK_AGAIN = 1.0
"""Seconds between two looks of the monitor."""


def watch_decisions(stop: Stop) -> behaviour.Watched:
    """Read decisions for the monitors until told to stop; a lost database is waited for. How many were read,
    and the alarms."""
    decisions, alarms = 0, list[Alarm]()
    while not stop.requested:
        try:
            found = behaviour.watch()
            decisions += found.decisions
            alarms += found.alarms
        except (DatabaseError, InterfaceError, psycopg.Error) as error:
            log.warning("The database is away (%s); trying again.", type(error).__name__)
            connection.close()
            close_old_connections()
        time.sleep(LOOK_AGAIN)
    return behaviour.Watched(decisions, tuple(alarms))


def _listen() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {WORK}")


def _wait(stop: Stop) -> None:
    """Return at the first doorbell, at a request to stop, or when patience ends."""
    deadline = time.monotonic() + PATIENCE
    while not stop.requested and time.monotonic() < deadline:
        for _ in connection.connection.notifies(timeout=0.25, stop_after=1):
            return
