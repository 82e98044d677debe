"""manage.py work: run the agents, until told to stop or, with --drain, until nothing is due."""

import os
import signal
import subprocess
import sys
import time
from typing import Any

from django.core.management.base import CommandParser
from django.db import connection

from ...workers import loop, runner
from ..base import Misused, Report, ReportingCommand


class Command(ReportingCommand):
    help = "Run all agents. Without --drain this is the worker process of `up`."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--drain", action="store_true", help="stop when no task is due")
        parser.add_argument(
            "--workers", type=int, default=1, metavar="N", help="processes that share the work"
        )
        parser.add_argument(
            "--batch", type=int, default=runner.BATCH, metavar="N", help="invoices per transaction"
        )

    def report(self, options: dict[str, Any]) -> Report:
        if options["workers"] < 1 or options["batch"] < 1:
            raise Misused("--workers and --batch are numbers of 1 and more.")
        if not options["drain"]:
            stop = loop.Stop()
            signal.signal(signal.SIGTERM, stop.request)
            signal.signal(signal.SIGINT, stop.request)
            loop.run(stop, options["batch"])
            return Report({}, [])
        loop.tune_gc()
        started = time.monotonic()
        helpers = [_helper(options["batch"]) for _ in range(options["workers"] - 1)]
        done = runner.drain(options["batch"], helpers=[h.wait for h in helpers])
        seconds = time.monotonic() - started
        data = {
            "decisions": done.decisions,
            "escalations": done.escalations,
            "seconds": round(seconds, 3),
            "decisions_per_second": round(done.decisions / seconds, 1) if seconds else 0.0,
        }
        connection.close()
        return Report(data)


def _helper(batch: int) -> "subprocess.Popen[bytes]":
    """One more process that drains the same work."""
    command = [sys.executable, sys.argv[0], "work", "--drain", "--json", f"--batch={batch}"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ)  # noqa: S603 - our own command
