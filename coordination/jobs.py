"""Side jobs on Procrastinate: clocks, waking, the watched folder, and the rescue of jobs whose worker died.

A job is a thin call of a function that tests call too. Decisions are not made here: the agents' workers make them.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from .engine import clocks, facts, watch

log = logging.getLogger("countersign.jobs")

STALLED_AFTER = 120
"""Seconds without a heartbeat after which a job's worker is taken for dead."""


@app.periodic(cron="* * * * *")
@app.task(name="countersign.wake_waiting", queueing_lock="wake", pass_context=False)
def wake_waiting(timestamp: int) -> None:
    """Ask again about invoices whose wait for a fact is over."""
    facts.wake_waiting(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="countersign.run_clocks", queueing_lock="clocks", pass_context=False)
def run_clocks(timestamp: int) -> None:
    """Warn at half of a question's time, pass it on when the time is over."""
    clocks.run(timezone.now())


@app.periodic(cron="*/1 * * * * */10")
@app.task(name="countersign.watch_folder", queueing_lock="watch", pass_context=False)
def watch_folder(timestamp: int) -> None:
    """Take in what lies in the watched folder."""
    watch.run(settings.COUNTERSIGN_DATA / "inbox", timezone.now())


@app.periodic(cron="*/2 * * * *")
@app.task(name="countersign.retry_stalled", queueing_lock="stalled", pass_context=False)
async def retry_stalled(timestamp: int) -> None:
    """Run again the jobs of workers that died: Procrastinate leaves them `doing` otherwise."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        log.warning("Job %s (%s) lost its worker; it runs again.", job.id, job.task_name)
        await app.job_manager.retry_job(job, retry_at=timezone.now() + timedelta(seconds=1))
