"""python -m bench.watched_pages [--decisions N] [--data FOLDER] [PAGE ...]: what the pages of agents'
behaviour cost with years of work.

`bench.years` has the product write some thousand decisions, with people's answers among them, and copies
them until there are as many as asked for, over the thousand days before today. Milliseconds of processor time
of this process and of its server for each page as a manager sees it, the median and the longest of so many
requests, and milliseconds by the clock, which depend on what else the machine does; each page is asked for
once before. *Cold* is a page for which what a process keeps between two requests is thrown away before each.
With `--data` the database stays in that folder, and is measured again by the next run with it.
"""

from __future__ import annotations

import argparse

from .once import once

ONE = """
import gc, json, os, statistics, sys, time
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "coordination.project.settings"
django.setup()
from datetime import timedelta
from django.conf import settings
settings.ALLOWED_HOSTS = ["testserver"]
from django.core.management import call_command
from django.db import connection
from django.test import Client
call_command("migrate", verbosity=0, skip_checks=True)
from django.contrib.auth.models import User
from bench import years
from bench.growth import Backend
from coordination.models import Decision, Incident
from coordination.monitoring.measures import MEASURES
from coordination.selectors import confidence, quality_review
from coordination.selectors.behaviour import days
n, rounds, only = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
if not Decision.objects.exists():
    years.make(n)
with connection.cursor() as cursor:
    cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE relname = 'coordination_decision'")
    found = cursor.fetchone()[0]
today, agent = days.today(), "/agents/procurement.matching/"
onset, day = today - years.DRIFT, today - timedelta(days=3)
lists = agent + "decisions/"
number = Incident.objects.get(agent="procurement.matching").number
paths = ["/agents/", agent, agent + "?measure=override_rate&days=365", agent + "series/",
    agent + "series/?days=365", lists, lists + "?page=40"]
paths += [f"{lists}?measure={m.name}&event=yes" for m in MEASURES]
paths += [lists + "?" + query for query in (
    "measure=approve_rate&event=no", "measure=override_rate",
    f"since={onset}&measure=override_rate&event=yes", f"since={onset}&measure=approve_rate&event=yes",
    f"since={day}&until={day}", f"since={day}&until={day}&measure=override_rate",
    f"since={day}&until={day}&measure=approve_rate&event=yes",
    "measure=approve_rate&event=yes&type=invoice&vendor=known&band=to+1%2C000",
    "measure=approve_rate&event=yes&type=credit_note", "measure=escalate_rate&event=yes&order=no",
    "measure=override_rate&event=yes&band=over+10%2C000", f"since={today - timedelta(days=365)}",
    f"since={today - timedelta(days=365)}&measure=override_rate&event=yes")]
incident = f"/agents/incidents/{number}/"
paths += ["/agents/incidents/", incident, incident + "invoices/?fate=unpaid",
    incident + "invoices/?fate=paid", "/agents/service-levels/",
    "/agents/disagreement/", "/agents/disagreement/?days=90",
    "/agents/disagreement/finance.validation/procurement.matching/?days=30",
    "/agents/disagreement/finance.validation/procurement.matching/?days=90",
    agent + "confidence/", agent + "confidence/?threshold=95", agent + "confidence/ (cold)",
    "/agents/finance.validation/confidence/ (cold)", "/flow/ways/", "/flow/ways/?by=value",
    "/flow/ways/received/cleared/", "/oversight/", "/quality/review/", "/quality/review/ (cold)",
    "/kpis/counts/", "/kpis/counts/?days=90", "/"]
if only:
    paths = [path for path in paths if any(part in path for part in only)]
client, backend = Client(), Backend()
client.force_login(User.objects.get(username="sofie"))
def forget():
    confidence._read_at.cache_clear()
    quality_review._read_at.cache_clear()
for path in paths:
    client.get(path.removesuffix(" (cold)"))
gc.collect()
gc.freeze()
told = {}
for path in paths:
    worked, taken, address = [], [], path.removesuffix(" (cold)")
    for _ in range(rounds):
        if address != path:
            forget()
        began, cpu = time.perf_counter(), time.process_time() + backend.seconds()
        answer = client.get(address)
        worked.append((time.process_time() + backend.seconds() - cpu) * 1000)
        taken.append((time.perf_counter() - began) * 1000)
    told[path] = [statistics.median(worked), max(worked), statistics.median(taken), answer.status_code]
print(json.dumps({"decisions": found, "pages": told}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--data", help="where the database stays, instead of a temporary folder")
    parser.add_argument("pages", nargs="*", help="parts of addresses to measure; all of them by default")
    options = parser.parse_args()
    settings = {"COUNTERSIGN_ENV": "demo", "COUNTERSIGN_SAMPLING": "1"}
    if options.data:
        settings["COUNTERSIGN_DATA"] = options.data
    found = once(ONE, options.decisions, options.rounds, *options.pages, **settings)
    print(f"{found['decisions']:,} decisions")
    print("   work  longest  clock, ms")
    for path, (median, longest, clock, status) in found["pages"].items():
        print(f"{median:7.0f} {longest:8.0f} {clock:6.0f}  {path}{'' if status == 200 else f' {status}'}")


if __name__ == "__main__":
    main()
