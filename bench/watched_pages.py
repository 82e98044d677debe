"""python -m bench.watched_pages [--decisions N]: what the pages of agents' behaviour cost with years of work.

A made-up trade is drained and watched; then decisions of four years are written beside it, as many as asked
for, with the counts that the monitor keeps of them (the decisions' rows without their entries: no page reads
those in number). Milliseconds of server time for each page, the median and the longest of so many requests.
"""

from __future__ import annotations

import argparse

from .once import once

ONE = """
import json, os, statistics, sys, time
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "coordination.project.settings"
django.setup()
from datetime import date, timedelta
from django.conf import settings
settings.ALLOWED_HOSTS = ["testserver"]
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
call_command("migrate", verbosity=0, skip_checks=True)
from django.contrib.auth.models import User
from coordination.agents import REGISTRY
from coordination.models import MonitorState
from coordination.monitoring.learning import learn
from coordination.project.people import create_demo_people
from coordination.services.behaviour import day_counts, observed, watch
from coordination.services.intake import take_in
from coordination.workers import loop, runner
from coordination.world import generate
n, rounds = int(sys.argv[1]), int(sys.argv[2])
loop.tune_gc()
world = generate(11, 400, date.today(), 0.2)
for files in (world.files, world.later):
    take_in(files.items(), actor="system:bench", source="bench", trust_first=True)
runner.drain()
watch.watch()
with transaction.atomic():
    for name in REGISTRY:
        seen = [s.observation for s in observed.of_agent(name, "true", [])]
        if any(not o.answer for o in seen):
            row = watch.keep_baseline(learn(seen, sla_ms=10_000), "bench")
            MonitorState.objects.filter(agent=name).update(baseline=row, learning_since=None)
create_demo_people()
agents, days = list(MonitorState.objects.values_list("agent", flat=True)), 1_000
with transaction.atomic(), connection.cursor() as cursor:
    cursor.execute("SET LOCAL session_replication_role = replica")
    cursor.execute("ALTER TABLE coordination_decision DISABLE TRIGGER ALL")
    cursor.execute('''
INSERT INTO coordination_decision (id, entry_id, invoice_id, agent, actor, outcome, confidence, state_from,
       state_to, state_version, facts_version, policy, codes, latency_ms, stands_on, fact, proposed, amount,
       method, at)
SELECT gen_random_uuid(), 1000000000 + g, i.ids[1 + g %% cardinality(i.ids)],
       a.names[1 + g %% cardinality(a.names)],
       'agent:x/1', 'act', 0.99, 'received', 'received', 1000 + g, 1, 'v1', '[]', 5, '', 0, 'approve', 120,
       'paired by reference', now() - (1 + g %% %s) * interval '1 day' - (g %% 40000) * interval '1 second'
  FROM generate_series(1, %s) g, (SELECT array_agg(id) AS ids FROM coordination_invoice) i,
       (SELECT %s::text[] AS names) a''', [days, n, agents])
    cursor.execute("ALTER TABLE coordination_decision ENABLE TRIGGER ALL")
    cursor.execute('''
INSERT INTO coordination_rateday (agent_id, day, measure, cases, events, judged, happened, expected,
       information, up, down)
SELECT t.agent_id, d::date, t.measure, 1500, 300, 1500, 300, 300, 240, 3, 2
  FROM (SELECT DISTINCT agent_id, measure FROM coordination_rateday) t,
       generate_series(current_date - %s, current_date - 1, interval '1 day') d
    ON CONFLICT DO NOTHING''', [days])
    cursor.execute('''
INSERT INTO coordination_daycell (agent_id, version, day, doc_type, source_format, vendor_new, no_order,
       band, decisions, amount, cases, events, judged, happened, expected)
SELECT t.agent_id, t.version, d::date, t.doc_type, t.source_format, t.vendor_new, t.no_order, t.band,
       t.decisions,
       t.amount, t.cases, t.events, t.judged, t.happened, t.expected
  FROM (SELECT DISTINCT ON (agent_id, version, doc_type, source_format, vendor_new, no_order, band) *
          FROM coordination_daycell) t,
       generate_series(current_date - %s, current_date - 1, interval '1 day') d
    ON CONFLICT DO NOTHING''', [days])
with connection.cursor() as cursor:
    cursor.execute("ANALYZE")
    cursor.execute("SELECT count(*) FROM coordination_decision")
    found = cursor.fetchone()[0]
client = Client()
client.force_login(User.objects.get(username="sofie"))
told = {}
for path in ("/agents/", "/agents/procurement.matching/", "/agents/procurement.matching/series/",
        "/agents/procurement.matching/decisions/", "/agents/incidents/", "/agents/service-levels/",
        "/agents/disagreement/", "/agents/procurement.matching/confidence/", "/flow/ways/", "/oversight/"):
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        answer = client.get(path)
        taken.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200, (path, answer.status_code)
    told[path] = [statistics.median(taken), max(taken)]
print(json.dumps({"decisions": found, "pages": told}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    found = once(ONE, str(options.decisions), str(options.rounds), COUNTERSIGN_ENV="demo")
    print(f"{found['decisions']:,} decisions")
    for path, (median, longest) in found["pages"].items():
        print(f"{median:7.0f} ms, longest {longest:6.0f} ms  {path}")


if __name__ == "__main__":
    main()
