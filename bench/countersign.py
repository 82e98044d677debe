"""The product, drained as `manage.py work --drain` does: one process, or `--workers` that share the work.

The other workers start with the clock, so that their start counts.
"""

from __future__ import annotations

import subprocess
import sys

from . import steps
from .measure import Meter


def main() -> None:
    workers = int(sys.argv[1])
    steps.setup()
    from coordination.workers import loop, runner

    loop.tune_gc()
    meter = Meter()
    command = [sys.executable, "manage.py", "work", "--drain", "--json"]
    others = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(workers - 1)]
    done = runner.drain(helpers=[other.wait for other in others])
    meter.end(done.decisions)


if __name__ == "__main__":
    main()
