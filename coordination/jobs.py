"""Side jobs on Procrastinate: clocks, waking, the watched folder, and the rescue of jobs whose worker died.

A job is a thin call of a function that tests call too. Decisions are not made here: the agents' workers make
them. Every process reads this file when it starts, so that a job imports what it does when it runs.
"""

from __future__ import annotations

import contextlib
import logging
from datetime import timedelta

from django.conf import settings
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from audit import clock

log = logging.getLogger("countersign.jobs")

STALLED_AFTER = 120
"""Seconds without a heartbeat after which a job's worker is taken for dead."""


@app.periodic(cron="* * * * *")
@app.task(name="countersign.wake_waiting", queueing_lock="wake", pass_context=False)
def wake_waiting(timestamp: int) -> None:
    """Ask again about invoices whose wait for a fact is over."""
    from .decisions import changes

    changes.ask_overdue(clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="countersign.run_clocks", queueing_lock="clocks", pass_context=False)
def run_clocks(timestamp: int) -> None:
    """Warn at half of a question's time, pass it on when the time is over, put back what was put aside, begin
    and end delegations, and look for what nobody may answer."""
    from .services import deadlines

    deadlines.run(clock.now())
    deadlines.look_for_unanswerable(clock.now())


@app.periodic(cron="*/1 * * * * */2")
@app.task(name="countersign.settle_answers", queueing_lock="answers", pass_context=False)
def settle_answers(timestamp: int) -> None:
    """Carry out the answers of pages that can no longer be taken back."""
    from .services import deadlines

    deadlines.count_answers(clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="countersign.plant_known_answers", queueing_lock="known_answers", pass_context=False)
def plant_known_answers(timestamp: int) -> None:
    """Look for a fall of the catch rate, put known-answer cases among the questions, where that is switched
    on, and take old ones back."""
    from .oversight import planting
    from .services import catch_rate_falls, oversight

    catch_rate_falls.look(clock.now())
    planting.run(clock.now())
    oversight.take_back(clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="countersign.fold_counts", queueing_lock="fold", pass_context=False)
def fold_counts(timestamp: int) -> None:
    """Make one row of each kept count."""
    from .services import kept_counts

    kept_counts.fold()


@app.periodic(cron="* * * * *")
@app.task(name="countersign.renew_next_run", queueing_lock="next_run", pass_context=False)
def renew_next_run(timestamp: int) -> None:
    """Work out anew what the next payment run would pay, where that is kept."""
    from .services.payments import next_run

    next_run.renew(clock.now())


@app.periodic(cron="*/1 * * * * */10")
@app.task(name="countersign.watch_folder", queueing_lock="watch", pass_context=False)
def watch_folder(timestamp: int) -> None:
    """Take in what lies in the watched folder."""
    from .services.intake import watched_folder

    watched_folder.run(settings.COUNTERSIGN_DATA / "inbox", clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="countersign.seal", queueing_lock="seal", pass_context=False)
def seal(timestamp: int) -> None:
    """Give what was committed its place in the tree and sign the root; say when that had not happened for too
    long."""
    from audit import sealing, sinks

    behind = sealing.lag()
    if sealing.latest() and behind.late:
        log.warning("%s entries were not sealed in time, the oldest waited %s.", behind.count, behind.age)
    sealed = sealing.seal(thorough=False)
    if sealed.fresh and sinks.remote():
        send_checkpoint.defer(note=sealed.note)


@app.task(
    name="countersign.send_checkpoint",
    retry=RetryStrategy(max_attempts=12, exponential_wait=3),
    pass_context=False,
)
def send_checkpoint(note: str) -> None:
    """Send a checkpoint out of the house; tried again for hours while nobody answers."""
    from audit import sinks

    if failed := sinks.send(note):
        raise NotSent("; ".join(failed))


@app.periodic(cron="* * * * *")
@app.task(name="countersign.check_service_levels", queueing_lock="service", pass_context=False)
def check_service_levels(timestamp: int) -> None:
    """Tell where work is late, and which agent has fallen silent."""
    from .services.behaviour import service_levels

    for notice in service_levels.check():
        log.warning("%s", notice.text)


@app.periodic(cron="*/10 * * * *")
@app.task(name="countersign.count_days", queueing_lock="count_days", pass_context=False)
def count_days(timestamp: int) -> None:
    """Count yesterday and today for the pages that read counts by day."""
    from .services.behaviour import day_counts

    day_counts.count_recent()


@app.periodic(cron="37 2 * * *")
@app.task(name="countersign.measure_confidence", queueing_lock="confidence", pass_context=False)
def measure_confidence(timestamp: int) -> None:
    """Measure how sure agents may say that they are, and ask a manager where that is news."""
    from .services.behaviour import calibrate, measured_versions

    with contextlib.suppress(measured_versions.NothingNew):
        calibrate.propose()


@app.periodic(cron="53 2 1-7 * *")
@app.task(name="countersign.plan_review", queueing_lock="review_plan", pass_context=False)
def plan_review(timestamp: int) -> None:
    """Make the month's plan of the quality review and ask a manager; in seven nights, in case a house is shut
    in one."""
    from .services.behaviour import plan_review as service

    service.make_monthly(clock.now())


@app.periodic(cron="17 * * * *")
@app.task(name="countersign.verify", queueing_lock="verify", pass_context=False)
def verify(timestamp: int) -> None:
    """Verify what is new each hour and everything each night, against the checkpoints on disk; an alarm goes
    out."""
    from audit import sinks

    from .assurance import verification

    found = verification.routine(clock.now())
    for finding in found.findings[:20]:
        log.error("The ledger does not verify: %s", finding)
    if found.findings and sinks.remote():
        send_alarm.defer(text="\n".join(map(str, found.findings[:100])))


@app.task(
    name="countersign.send_alarm",
    retry=RetryStrategy(max_attempts=12, exponential_wait=3),
    pass_context=False,
)
def send_alarm(text: str) -> None:
    """Tell those who keep checkpoints that the ledger does not verify."""
    from audit import sinks

    if failed := sinks.send(text, "The ledger does not verify"):
        raise NotSent("; ".join(failed))


class NotSent(RuntimeError):
    """A place where checkpoints go did not take one; the job runs again."""


@app.periodic(cron="*/2 * * * *")
@app.task(name="countersign.retry_stalled", queueing_lock="stalled", pass_context=False)
async def retry_stalled(timestamp: int) -> None:
    """Run again the jobs of workers that died: Procrastinate leaves them `doing` otherwise."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        log.warning("Job %s (%s) lost its worker; it runs again.", job.id, job.task_name)
        await app.job_manager.retry_job(job, retry_at=clock.now() + timedelta(seconds=1))
