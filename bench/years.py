"""Years of watched work in one database, for measuring pages: a made-up trade that the product decides and
people answer about, multiplied by SQL over the days before today.

Some hundred invoices are taken in, drained, answered and watched, so that every row of them is what the
product writes. Then invoices, holds, questions, answers, decisions and their entries are copied with shifted
keys and days, some copies a day, and so are the counts of the monitor, which therefore agree with the rows.
Bodies of copied entries are short, but for those of decisions that drew an invoice for review. A copy is good
for looking at, and for nothing else: no entry of it verifies.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

DAYS = 1_000
"""The copies lie in so many days before today."""
WAYS = 70
"""Of so many days versions of invoices are copied and ways counted: pages read nine weeks of them."""
REFUSED = 5
"""One in so many questions is refused."""
AT_ONCE = 50
"""So many copies are one transaction."""
DRIFT = timedelta(days=21)
"""So long ago the open incident began."""

FUNCTIONS = """
CREATE OR REPLACE FUNCTION pg_temp.key(id uuid, ms bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex(('x' || substr(replace(id::text, '-', ''), 1, 12))::bit(48)::bigint - ms), 12, '0')
          || substr(replace(id::text, '-', ''), 13))::uuid
$$;
"""
INVOICES = "SELECT id FROM coordination_invoice"
SUBJECTS = "SELECT 'invoice/' || id FROM coordination_invoice"
TABLES = {
    "coordination_document": "WHERE id IN (SELECT document_id FROM coordination_invoice)",
    "coordination_invoice": "",
    "coordination_hold": "",
    "reviews_escalation": f"WHERE status <> 'open' AND subject IN ({SUBJECTS})",
    "reviews_verdict": f"""WHERE escalation_id IN (SELECT id FROM reviews_escalation
                            WHERE status <> 'open' AND subject IN ({SUBJECTS}))""",
    "audit_entry": "WHERE id IN (SELECT entry_id FROM coordination_decision)",
    "coordination_decision": "",
    "coordination_historicalinvoice": "",
}
"""What is copied, and which of its rows."""
SHARED = {"vendor_id", "content_id"}
"""Keys of what all copies share."""
SHORT = """CASE WHEN body LIKE '%random_audit%' THEN body
                ELSE '{"data": {"reasoning": "As it was said of the first of these."}}' END"""
VALUES = {
    ("audit_entry", "id"): "id + {base} - c.n * {step}",
    ("audit_entry", "tx"): "-c.n",
    ("audit_entry", "body"): SHORT,
    ("audit_entry", "subject"): "'invoice/' || pg_temp.key(split_part(subject, '/', 2)::uuid, c.ms)",
    ("coordination_decision", "entry_id"): "entry_id + {base} - c.n * {step}",
    ("coordination_document", "part"): "part || 'Z' || c.n",
    ("coordination_document", "canonical"): "'{}'",
    ("coordination_document", "provenance"): "'{}'",
    ("coordination_invoice", "number"): "number || 'Z' || c.n",
    ("coordination_invoice", "digest"): "lpad(to_hex(c.n), 8, '0') || substr(digest, 9)",
    ("coordination_invoice", "number_key"): "number_key || 'Z' || c.n",
    (
        "coordination_invoice",
        "state",
    ): "CASE WHEN c.days > 30 AND state = 'cleared' THEN 'paid' ELSE state END",
    ("coordination_hold", "status"): "CASE status WHEN 'open' THEN 'released' ELSE status END",
    (
        "reviews_escalation",
        "subject",
    ): "'invoice/' || pg_temp.key(split_part(subject, '/', 2)::uuid, c.ms)",
    ("reviews_escalation", "case"): """jsonb_build_object('blind', "case" -> 'blind')""",
    ("reviews_verdict", "click"): "''",
}
RATES = """
INSERT INTO coordination_rateday (agent_id, day, measure, cases, events, judged, happened, expected,
       information, up, down)
SELECT agent_id, day - c.days, measure, %(each)s * sum(cases), %(each)s * sum(events),
       %(each)s * sum(judged), %(each)s * sum(happened), %(each)s * sum(expected),
       %(each)s * sum(information), 3, 2
  FROM coordination_rateday CROSS JOIN generate_series(1, %(days)s) c(days)
 GROUP BY agent_id, day - c.days, measure
"""
CELLS = """
INSERT INTO coordination_daycell (agent_id, version, day, doc_type, source_format, vendor_new, no_order,
       band, decisions, amount, cases, events, judged, happened, expected)
SELECT agent_id, version, day - c.days, doc_type, source_format, vendor_new, no_order, band,
       %(each)s * decisions, %(each)s * amount, (SELECT array_agg(%(each)s * x) FROM unnest(cases) x),
       (SELECT array_agg(%(each)s * x) FROM unnest(events) x),
       (SELECT array_agg(%(each)s * x) FROM unnest(judged) x),
       (SELECT array_agg(%(each)s * x) FROM unnest(happened) x),
       (SELECT array_agg(%(each)s * x) FROM unnest(expected) x)
  FROM coordination_daycell CROSS JOIN generate_series(1, %(days)s) c(days)
"""
KNOWN_VENDORS = """
WITH gone AS (DELETE FROM coordination_daycell RETURNING *),
flat AS (
  SELECT agent_id, version, day, doc_type, source_format, no_order, band, sum(decisions) AS decisions,
         sum(amount) AS amount FROM gone GROUP BY 1, 2, 3, 4, 5, 6, 7)
INSERT INTO coordination_daycell (agent_id, version, day, doc_type, source_format, vendor_new, no_order,
       band, decisions, amount, cases, events, judged, happened, expected)
SELECT f.agent_id, f.version, f.day, f.doc_type, f.source_format, false, f.no_order, f.band, f.decisions,
       f.amount, a.cases, a.events, a.judged, a.happened, a.expected
  FROM flat f CROSS JOIN LATERAL (
       SELECT array_agg(cases ORDER BY at) AS cases, array_agg(events ORDER BY at) AS events,
              array_agg(judged ORDER BY at) AS judged, array_agg(happened ORDER BY at) AS happened,
              array_agg(expected ORDER BY at) AS expected FROM (
         SELECT at, sum(g.cases[at]) AS cases,
                CASE at WHEN %(new)s THEN 0 ELSE sum(g.events[at]) END AS events,
                sum(g.judged[at]) AS judged,
                CASE at WHEN %(new)s THEN 0 ELSE sum(g.happened[at]) END AS happened,
                sum(g.expected[at]) AS expected
           FROM gone g CROSS JOIN generate_series(1, cardinality(g.cases)) at
          WHERE (g.agent_id, g.version, g.day, g.doc_type, g.source_format, g.no_order, g.band)
              = (f.agent_id, f.version, f.day, f.doc_type, f.source_format, f.no_order, f.band)
          GROUP BY at) x) a
"""
"""The copies are earlier, so that no vendor is new any more."""


def make(decisions: int, invoices: int = 400) -> None:
    """Fill an empty database until it has about so many decisions."""
    decide(invoices)
    multiply(decisions)
    drift()


def decide(invoices: int) -> None:
    """Take a made-up trade in, let agents decide and people answer, and watch it from a learned baseline."""
    from django.contrib.auth.models import User

    from audit import clock
    from coordination.project.people import create_demo_people
    from coordination.services.intake import take_in
    from coordination.workers import loop, runner
    from coordination.world import generate
    from reviews.errors import ReviewError
    from reviews.models import Escalation, SigningProfile
    from reviews.services import resolve

    loop.tune_gc()
    create_demo_people()
    SigningProfile.objects.update(limit=10**12)
    world = generate(11, invoices, clock.today(), 0.2)
    for files in (world.files, world.later):
        take_in(files.items(), actor="system:bench", source="bench", trust_first=True)
    runner.drain()
    people = list(User.objects.filter(username__in=("sofie", "jonas")).order_by("username"))
    reasons = {"approve": "evidence_complete", "reject": "wrong_document"}
    for n, row in enumerate(Escalation.objects.filter(status="open", kind="invoice").order_by("id")):
        if n % 10 == 9:
            continue  # stays open
        verdict = "reject" if n % REFUSED == 0 else "approve"
        for by in people:
            try:
                resolve(row.id, verdict, by=by, reason=reasons[verdict], comment="Because I looked.")
            except ReviewError:
                continue
            break
    runner.drain()
    _learn()


def _learn() -> None:
    """A baseline of each agent from what there is, and then the counts by it."""
    from django.db import connection, transaction

    from coordination.agents import REGISTRY
    from coordination.models import MonitorState, RateDay
    from coordination.monitoring.learning import learn
    from coordination.monitoring.measures import PLACES
    from coordination.services.behaviour import observed, watch

    with transaction.atomic():
        for name in REGISTRY:
            seen = [s.observation for s in observed.of_agent(name, "true", [])]
            if any(not o.answer for o in seen):
                row = watch.keep_baseline(learn(seen, sla_ms=10_000), "bench")
                MonitorState.objects.create(agent_id=name, baseline=row)
    watch.watch()
    RateDay.objects.filter(measure="new_vendor_rate").update(events=0, happened=0)
    with connection.cursor() as cursor:
        cursor.execute(KNOWN_VENDORS, {"new": PLACES["new_vendor_rate"] + 1})


def multiply(decisions: int) -> None:
    """Copy everything over the days before today, the same number of copies on each day."""
    from django.db import connection

    from coordination.models import Decision
    from coordination.services import kept_counts
    from coordination.services.behaviour import day_counts

    first = Decision.objects.order_by("at").values_list("at", flat=True)[0].astimezone(UTC)
    copies = ceil(decisions / Decision.objects.count()) - 1
    each = max(1, ceil(copies / DAYS))
    days = ceil(copies / each)
    midnight = datetime.combine(first.date(), time(), UTC)
    apart = int((first - midnight) / timedelta(milliseconds=1)) // (each + 1)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(FUNCTIONS)
        cursor.execute("SELECT max(id) + 1000 FROM audit_entry")
        step = cursor.fetchone()[0]
        for name, which in TABLES.items():
            order = "history_id" if "historical" in name else "id"
            cursor.execute(f"CREATE TEMP TABLE first_{name} AS SELECT * FROM {name} {which} ORDER BY {order}")
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        statements = [(name, _copying(cursor, name, step * (copies + 1), step)) for name in TABLES]
        for last in range(copies, 0, -AT_ONCE):
            given = {"last": last, "first": max(1, last - AT_ONCE + 1), "each": each, "apart": apart}
            for name, statement in statements:
                if "historical" not in name or given["first"] <= WAYS * each:
                    cursor.execute(statement, given)
        cursor.execute(RATES, {"each": each, "days": days})
        cursor.execute(CELLS, {"each": each, "days": days})
        cursor.execute("SELECT setval(pg_get_serial_sequence('audit_entry', 'id'), max(id)) FROM audit_entry")
        for name in TABLES:
            cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
        cursor.execute("RESET session_replication_role")
    kept_counts.rebuild()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    day_counts.count_back(WAYS)


def _copying(cursor: Any, table: str, base: int, step: int) -> str:
    """The statement that writes the copies `first` to `last` of a table, the oldest first."""
    cursor.execute(
        "SELECT column_name, data_type, is_identity FROM information_schema.columns"
        " WHERE table_name = %s AND table_schema = 'public' AND is_generated = 'NEVER'",
        [table],
    )
    names, values = [], []
    for name, kind, identity in cursor.fetchall():
        own = VALUES.get((table, name))
        if identity == "YES" and own is None:
            continue
        if own is None:
            own = f't."{name}"'
            if kind == "uuid" and name not in SHARED:
                own = f"pg_temp.key({own}, c.ms)"
            elif kind in {"timestamp with time zone", "date"}:
                own = f"{own} - c.days" if kind == "date" else f"{own} - c.ms * interval '1 ms'"
        else:
            own = own.replace("{base}", str(base)).replace("{step}", str(step)).replace("%", "%%")
        names.append(f'"{name}"')
        values.append(own)
    return f"""
INSERT INTO {table} ({", ".join(names)}) OVERRIDING SYSTEM VALUE
SELECT {", ".join(values)}
  FROM (SELECT n, days, days * 86400000::bigint + ((n - 1) %% %(each)s) * %(apart)s::bigint AS ms
          FROM generate_series(%(last)s, %(first)s, -1) n CROSS JOIN LATERAL
               (SELECT (n - 1) / %(each)s + 1 AS days) d) c
 CROSS JOIN LATERAL (SELECT * FROM first_{table}) t
"""


def drift() -> None:
    """Two open incidents of agents, each with the alarm that began it."""
    from django.db import transaction

    from audit import clock
    from coordination.models import Decision
    from coordination.monitoring import alarms
    from coordination.monitoring.measures import Action, Category, Direction, Level
    from coordination.services.behaviour import incidents

    onset = clock.now() - DRIFT
    for agent, measure, level, action in (
        ("procurement.matching", "approve_rate", Level.WARNING, Action.QA_BOOST),
        ("finance.validation", "escalate_rate", Level.CRITICAL, Action.NONE),
    ):
        found = Decision.objects.filter(agent=agent, at__gt=onset).order_by("at")[:20]
        examples = tuple(found.values_list("entry_id", flat=True))
        stratum = alarms.Stratum("invoice", 4_000, 2_000, 400.0)
        extent = alarms.Extent(
            onset.date(), 0.1, 0.5, 0.4, 0.6, 4_000, Decimal(3_000_000), (stratum,), examples
        )
        told = alarms.Alarm(
            examples[-1],
            onset.isoformat(),
            agent,
            "1",
            measure,
            Direction.UP,
            level,
            Category.BEHAVIOUR if action is Action.QA_BOOST else Category.INPUTS,
            action,
            50_000.0,
            1,
            extent,
        )
        with transaction.atomic():
            incidents.take(told, onset, 1)
