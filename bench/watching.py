"""python -m bench.watching [--invoices N]: what watching the agents costs beside deciding.

Two made-up trades of the same size. The first is drained and learned from, so that each agent has a baseline;
then the second is drained, and the monitor reads its decisions. Processor time of this process and of its
server, for a decision each, and the ratio of the two: one run, one machine, one database.
"""

from __future__ import annotations

import argparse

from .once import once

ONE = """
import json, os, sys, time
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "coordination.project.settings"
django.setup()
from datetime import date
from django.core.management import call_command
from django.db import connection, transaction
call_command("migrate", verbosity=0, skip_checks=True)
from bench.measure import TICKS, stat_of
from coordination.agents import REGISTRY
from coordination.models import MonitorState
from coordination.monitoring.learning import learn
from coordination.services.behaviour import observed, watch
from coordination.services.intake import take_in
from coordination.workers import loop, runner
from coordination.world import generate
n = int(sys.argv[1])
connection.ensure_connection()
backend = connection.connection.info.backend_pid
def spent():
    return time.process_time(), stat_of(backend).ticks / TICKS
def bring(seed, first):
    world = generate(seed, n, date.today(), 0.2, first=first)
    for files in (world.files, world.later):
        take_in(files.items(), actor="system:bench", source="bench", trust_first=True)
loop.tune_gc()
bring(11, 0)
runner.drain()
watch.watch()
with transaction.atomic():
    for name in REGISTRY:
        seen = [s.observation for s in observed.of_agent(name, "true", [])]
        if not any(not o.answer for o in seen):
            continue
        row = watch.keep_baseline(learn(seen, sla_ms=10_000), "bench")
        MonitorState.objects.filter(agent=name).update(baseline=row, learning_since=None)
watch.clear_cache()
bring(12, n)
before = spent()
done = runner.drain()
between = spent()
read = watch.watch()
after = spent()
deciding = [(b - a) / done.decisions * 1e6 for a, b in zip(before, between)]
watching = [(b - a) / read.decisions * 1e6 for a, b in zip(between, after)]
print(json.dumps({"decisions": done.decisions, "read": read.decisions, "deciding": deciding,
    "watching": watching, "share": sum(watching) / sum(deciding)}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=1_000)
    options = parser.parse_args()
    found = once(ONE, str(options.invoices))
    ours, server = found["deciding"]
    own, its = found["watching"]
    print(f"{found['decisions']:,} decisions: {ours:.0f} us ours, {server:.0f} us of the server, each")
    print(f"{found['read']:,} read by the monitor: {own:.0f} us ours, {its:.0f} us of the server, each")
    print(f"watching costs {found['share']:.1%} of deciding")


if __name__ == "__main__":
    main()
