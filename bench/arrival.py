"""python -m bench.arrival [--n N] [--portions K] [--rounds N]: what it costs when documents come in portions.

A made-up world is taken in at once and drained, and the same documents shuffled and in portions, drained
after each. The figure is a ratio of decisions, so it does not depend on the machine. Both end with the same
states and holds, but for vendors whose lists contradict each other: of those the last that came counts.
"""

from __future__ import annotations

import argparse

from .once import once

ONE = """
import csv, io, json, os, random, sys
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "coordination.project.settings"
django.setup()
from collections import Counter
from datetime import date
from django.core.management import call_command
call_command("migrate", verbosity=0, skip_checks=True)
from coordination.workers import runner
from coordination.services.intake import take_in
from coordination.models import Decision
from coordination.world import generate
seed, n, portions = map(int, sys.argv[1:])
world = generate(seed, n, date(2026, 11, 30))
documents = []
for name, content in [*world.files.items(), *world.later.items()]:
    head, *rows = csv.reader(io.StringIO(content.decode()))
    by_number = {}
    for row in rows:
        by_number.setdefault(row[0], []).append(row)
    documents += [(name, head, rows) for rows in by_number.values()]
if portions > 1:
    random.Random(seed).shuffle(documents)
for k in range(portions):
    files = {}
    for name, head, rows in documents[k::portions]:
        files.setdefault(name, [head]).extend(rows)
    for name, rows in files.items():
        out = io.StringIO()
        csv.writer(out, lineterminator="\\n").writerows(rows)
        files[name] = out.getvalue().encode()
    take_in(files.items(), actor="system:bench", source="bench")
    runner.drain()
on_one_fact = Counter(Decision.objects.values_list("invoice", "fact"))
again = runner.drain().decisions
print(json.dumps({"decisions": Decision.objects.count(), "most": max(on_one_fact.values()), "again": again}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=250, help="invoices")
    parser.add_argument("--portions", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    for seed in range(1, options.rounds + 1):
        once, cut = one(seed, options.n, 1), one(seed, options.n, options.portions)
        print(
            f"world {seed}: {once['decisions']} decisions at once, {cut['decisions']} in {options.portions}"
            f" portions ({cut['decisions'] / once['decisions']:.2f} times); at most"
            f" {max(once['most'], cut['most'])} on one invoice and one fact; {once['again'] + cut['again']}"
            " by another drain"
        )


def one(seed: int, n: int, portions: int) -> dict[str, int]:
    """Decisions of one world, on a database of its own."""
    found: dict[str, int] = once(ONE, seed, n, portions, COUNTERSIGN_FSYNC="0")
    return found


if __name__ == "__main__":
    main()
