"""python -m bench.latency [--n N]: how long one invoice takes while nothing else is to be done.

Sound invoices of a made-up world come one by one, each when the one before is cleared; a worker of its own
process waits for them. Counted from the moment an invoice is accepted, which is when its intake has
committed, to the moment another connection sees it cleared, and to the moment a listener, such as the hub of
the web server, hears of it. `intake` is what taking it in cost before. Milliseconds; the floor is one round
trip to the database in the same process.
"""

from __future__ import annotations

import argparse

from .once import once

ONE = """
import csv, io, json, os, subprocess, sys, time
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "coordination.project.settings"
django.setup()
from datetime import date
import psycopg
from django.core.management import call_command
from django.db import connection
call_command("migrate", verbosity=0, skip_checks=True)
from coordination.management.commands.dburl import url
from coordination.models import Invoice
from coordination.services.intake import take_in
from coordination.workers import runner
from coordination.world import generate
n = int(sys.argv[1])
world = generate(5, n + 10, date.today(), 0.0, hard_share=0.0)
bills = {}
[name] = [k for k in world.files if "invoice" in k]
head, *rows = csv.reader(io.StringIO(world.files[name].decode()))
for row in rows:
    bills.setdefault(row[head.index("invoice_number")], []).append(row)
take_in([(k, v) for k, v in world.files.items() if k != name], actor="system:bench", source="bench")
runner.drain()
worker = subprocess.Popen([sys.executable, "manage.py", "work"], stderr=subprocess.DEVNULL)
time.sleep(4)
look = psycopg.connect(url(connection.get_connection_params()), autocommit=True)
ear = psycopg.connect(url(connection.get_connection_params()), autocommit=True)
ear.execute("LISTEN countersign")
told = {"intake": [], "cleared": [], "heard": [], "floor": []}
left = 0
try:
    for number, lines in list(bills.items()):
        out = io.StringIO()
        csv.writer(out, lineterminator="\\n").writerows([head, *lines])
        started = time.perf_counter()
        take_in([(f"{number}.csv", out.getvalue().encode())], actor="system:bench", source="bench")
        accepted = time.perf_counter()
        key = str(Invoice.objects.values_list("id", flat=True).get(number=number))
        began = time.perf_counter()
        look.execute("SELECT 1").fetchone()
        told["floor"].append(time.perf_counter() - began)
        lane = ""
        while time.perf_counter() - accepted < 5:
            state, lane = look.execute(
                "SELECT state, lane FROM coordination_invoice WHERE id = %s", [key]).fetchone()
            if state == "cleared" or lane in ("escalated", "waiting"):
                break
            time.sleep(0.001)
        cleared = time.perf_counter()
        if lane != "auto":
            left += 1
            continue
        told["intake"].append(accepted - started)
        told["cleared"].append(cleared - accepted)
        for note in ear.notifies(timeout=2):
            if key in note.payload and '"finance.payment"' in note.payload:
                told["heard"].append(max(0.0, time.perf_counter() - accepted))
                break
        time.sleep(0.05)
finally:
    worker.terminate()
    worker.wait(30)
def ms(values, share):
    return round(1000 * sorted(values)[min(len(values) - 1, int(len(values) * share))], 1)
print(json.dumps({name: {"n": len(v), "p50": ms(v, 0.5), "p95": ms(v, 0.95)} for name, v in told.items() if v}
    | {"asked of people": left}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=60, help="invoices")
    for name, value in once(ONE, parser.parse_args().n).items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
