"""python -m bench.growth [--invoices N] [--seed N] [--looks N] [--database URL] [--out FILE] [PATH ...]

How long each page takes when there are many invoices. Some thousands are taken in, decided and paid by the
product; then they are multiplied by SQL, with shifted keys, numbers and days, to `--invoices` over the year
before today. The newest quarter of the copies is not paid yet; the questions of the newest two fifths are
open. Then every page is looked at by a manager, `--looks` times: milliseconds of processor time, of view and
template and of PostgreSQL, and milliseconds by the clock, which depend on what else the machine does; the
middle and the 95th percentile, with kilobytes and number of queries.

A copy is good for looking at, and for nothing else: constraint triggers do not run while it is made, and no
entry of it verifies. Hence only an empty database is multiplied, one of its own in a temporary folder, or
the one that `--database` names; where that has invoices already, pages are only timed.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DAYS = 365
"""The copies lie in so many days before today."""
UNPAID, OPEN = 0.25, 0.4
"""The newest copies, as a share of all: not paid yet; with open questions."""

PAGES = (
    "/",
    "/inbox/",
    "/inbox/?queue=finance",
    "/inbox/?sort=amount",
    "/invoices/",
    "/invoices/?state=cleared",
    "/invoices/?q=NK1",
    "/flow/",
    "/payments/",
    "/statements/",
    "/status/",
    "/coding/",
    "/intake/",
    "/intake/quarantine/",
    "/agents/",
    "/kpis/",
    "/quality/",
    "/audit/",
    "/audit/seals/",
    "/audit/samples/",
    "/audit/retention/",
    "/shell/nav/",
)

TABLES = (
    "coordination_document",
    "coordination_invoice",
    "coordination_invoicefacts",
    "coordination_invoicestatus",
    "coordination_invoiceline",
    "coordination_taxsubtotal",
    "coordination_allowancecharge",
    "coordination_order",
    "coordination_orderline",
    "coordination_ordermessage",
    "coordination_ordername",
    "coordination_receipt",
    "coordination_receiptline",
    "coordination_allocation",
    "coordination_delivery",
    "coordination_hold",
    "coordination_coding",
    "coordination_statement",
    "coordination_statementline",
    "audit_entry",
    "coordination_decision",
    "coordination_clearance",
    "reviews_escalation",
    "reviews_historicalescalation",
    "coordination_historicalinvoice",
    "coordination_historicalhold",
)
PAYMENTS = (
    "coordination_paymentbatch",
    "coordination_payment",
    "coordination_paymentterms",
    "coordination_credituse",
    "coordination_historicalpayment",
)
SHARED = {"vendor_id", "content_id"}
"""Keys of what all copies share."""
NUMBERS = {"number", "number_key", "number_written", "skeleton"}
LISTS = {
    "order_numbers",
    "order_keys",
    "preceding",
    "preceding_keys",
    "receipt_numbers",
    "despatch_numbers",
    "sales_orders",
    "sales_keys",
    "delivery_keys",
}
COPIED = "^(invoice|order|receipt|statement|payment_batch)/[0-9a-f]{8}-"
FUNCTIONS = """
CREATE OR REPLACE FUNCTION pg_temp.key(id uuid, ms bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex(('x' || substr(hex, 1, 12))::bit(48)::bigint - ms), 12, '0') || substr(hex, 13))::uuid
    FROM (SELECT replace(id::text, '-', '') AS hex) x
$$;
CREATE OR REPLACE FUNCTION pg_temp.subject(name text, ms bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT split_part(name, '/', 1) || '/' || pg_temp.key(split_part(name, '/', 2)::uuid, ms)
$$;
CREATE OR REPLACE FUNCTION pg_temp.each(names text[], n int) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(array_agg(name || 'Z' || n ORDER BY at), '{}')
    FROM unnest(names) WITH ORDINALITY AS x(name, at)
$$;
CREATE OR REPLACE FUNCTION pg_temp.digest(text text, n int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE text WHEN '' THEN '' ELSE encode(sha256(convert_to(text || n, 'UTF8')), 'hex') END
$$;
CREATE OR REPLACE FUNCTION pg_temp.case_of(c jsonb, n int, days int) RETURNS jsonb LANGUAGE sql IMMUTABLE
AS $$
  SELECT c
      || CASE WHEN c ? 'number' THEN jsonb_build_object('number', (c ->> 'number') || 'Z' || n) ELSE '{}' END
      || CASE WHEN c ->> 'due_date' <> ''
              THEN jsonb_build_object('due_date', ((c ->> 'due_date')::date - days)::text) ELSE '{}' END
      || CASE WHEN jsonb_typeof(c -> 'discount') = 'object' AND c -> 'discount' ->> 'until' <> ''
              THEN jsonb_build_object('discount', (c -> 'discount') || jsonb_build_object(
                     'until', ((c -> 'discount' ->> 'until')::date - days)::text)) ELSE '{}' END
$$;
"""


def main() -> None:
    options = parse()
    with tempfile.TemporaryDirectory(prefix="countersign-growth-") as folder:
        Path(folder).chmod(0o755)
        os.environ |= {"COUNTERSIGN_SAMPLING": "0", "DJANGO_SETTINGS_MODULE": "coordination.project.settings"}
        if options.database:
            os.environ["DATABASE_URL"] = options.database
        else:
            os.environ.pop("DATABASE_URL", None)
            os.environ["COUNTERSIGN_DATA"] = folder
        sys.path.insert(0, str(ROOT))
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0, skip_checks=True)
        found = measure(options)
    print(table(found))
    if options.out:
        Path(options.out).write_text(json.dumps(found, indent=1) + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="pages to look at; all of them by default")
    parser.add_argument("--invoices", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=4_000, help="invoices that the product decides")
    parser.add_argument("--looks", type=int, default=20)
    parser.add_argument("--database", help="where to make them, instead of a temporary folder")
    parser.add_argument("--out")
    return parser.parse_args()


def measure(options: argparse.Namespace) -> dict[str, Any]:
    from coordination.models import Invoice
    from reviews.models import Escalation

    if not Invoice.objects.exists():
        decide(options.seed)
        multiply(max(0, round(options.invoices / options.seed) - 1))
    rows = time_pages(options.paths or PAGES, options.looks)
    return {
        "invoices": Invoice.objects.count(),
        "questions": Escalation.objects.filter(status="open").count(),
        "pages": rows,
    }


def decide(count: int) -> None:
    """Take a made-up trade in, let the agents decide it, and pay what they cleared."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from coordination.project.people import create_demo_people
    from coordination.services import payments
    from coordination.services.intake import take_in
    from coordination.workers import runner
    from coordination.world import bookings, generate
    from reviews.models import SigningProfile
    from reviews.services import person

    create_demo_people()
    today = timezone.localdate()
    world = generate(7, count, today)
    for files in (world.files, {"codings.csv": bookings.history(7, today)}, world.later):
        take_in(files.items(), actor="system:bench", source="bench", trust_first=True)
    runner.drain()
    users = {u.username: u for u in User.objects.all()}
    SigningProfile.objects.update(limit=10**12)
    for batch in payments.propose(person(users["sofie"])).batches:
        payments.approve(batch.number, by=users["jonas"])
        payments.export(batch.number)
        payments.confirm(batch.number, by=users["sofie"])
    runner.drain()


def multiply(copies: int) -> None:
    """Add so many copies of everything, each some days earlier than the one before, and seal what came."""
    from django.db import connection

    from audit import guards, sealing
    from coordination.services import kept_counts

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(FUNCTIONS)
        for name in (*TABLES, *PAYMENTS):
            cursor.execute(f"CREATE TEMP TABLE first_{name} AS SELECT * FROM {name}{narrowed(cursor, name)}")
        cursor.execute("SELECT max(id) + 1000 FROM audit_entry")
        step = cursor.fetchone()[0]
        cursor.execute("SELECT coalesce(max(number), 0) FROM coordination_paymentbatch")
        runs = cursor.fetchone()[0]
        for name in (*TABLES, *PAYMENTS):
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        for n in range(1, copies + 1):
            paid, answered = n > copies * UNPAID, n > copies * OPEN
            days = max(1, DAYS * n // copies)
            for name in TABLES + (PAYMENTS if paid else ()):
                cursor.execute(copied(cursor, name, n, days, step * n, runs * n, paid, answered))
        cursor.execute("SELECT setval(pg_get_serial_sequence('audit_entry', 'id'), max(id)) FROM audit_entry")
        for name in (*TABLES, *PAYMENTS):
            cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
        cursor.execute("RESET session_replication_role")
    guards.install()
    kept_counts.rebuild()
    sealing.seal()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def copied(
    cursor: Any, table: str, n: int, days: int, entries: int, runs: int, paid: bool, answered: bool
) -> str:
    """The statement that copies a table's first rows, those that the product wrote, as copy `n`."""
    cursor.execute(
        "SELECT column_name, data_type, is_identity FROM information_schema.columns"
        " WHERE table_name = %s AND table_schema = 'public' AND is_generated = 'NEVER'",
        [table],
    )
    ms = days * 86_400_000
    special = {
        ("audit_entry", "id"): f"id + {entries}",
        ("audit_entry", "hash"): f"pg_temp.digest(hash, {n})",
        ("audit_entry", "prev"): f"pg_temp.digest(prev, {n})",
        ("coordination_decision", "entry_id"): f"entry_id + {entries}",
        ("coordination_document", "part"): f"part || 'Z{n}'",
        ("coordination_paymentbatch", "number"): f"number + {runs}",
        ("reviews_escalation", "case"): f'pg_temp.case_of("case", {n}, {days})',
    }
    if answered:
        special |= {
            ("reviews_escalation", "status"): "CASE status WHEN 'open' THEN 'rejected' ELSE status END",
            ("reviews_escalation", "verdict"): "CASE status WHEN 'open' THEN 'reject' ELSE verdict END",
            (
                "reviews_escalation",
                "decided_by",
            ): "CASE status WHEN 'open' THEN 'human:1' ELSE decided_by END",
            (
                "reviews_escalation",
                "decided_at",
            ): f"coalesce(decided_at, opened_at) - interval '{days - 1} d'",
            ("coordination_hold", "status"): "'released'",
        }
    states = "state"
    if answered:
        asked = "lane IN ('escalated', 'waiting')"
        states = f"CASE WHEN {asked} THEN 'rejected' ELSE state END"
        special["coordination_invoice", "lane"] = f"CASE WHEN {asked} THEN 'human' ELSE lane END"
    if not paid:
        states = "CASE WHEN state IN ('scheduled', 'paid') THEN 'cleared' ELSE state END"
    special["coordination_invoice", "state"] = states
    names, values = [], []
    for name, kind, identity in cursor.fetchall():
        if identity == "YES" and (table, name) not in special:
            continue
        names.append(f'"{name}"')
        values.append(special.get((table, name)) or shifted(f'"{name}"', name, kind, n, days, ms))
    return (
        f"INSERT INTO {table} ({', '.join(names)})"
        f"{' OVERRIDING SYSTEM VALUE' if (table, 'id') in special else ''}"
        f" SELECT {', '.join(values)} FROM pg_temp.first_{table}"
    )


def narrowed(cursor: Any, table: str) -> str:
    """Of tables with subjects only what is about a copied thing."""
    cursor.execute(
        "SELECT 1 FROM information_schema.columns WHERE table_name = %s AND column_name = 'subject'", [table]
    )
    return f" WHERE subject ~ '{COPIED}'" if cursor.fetchone() else ""


def shifted(quoted: str, name: str, kind: str, n: int, days: int, ms: int) -> str:
    """A column of the copy, by its type and by what it holds."""
    if kind == "uuid" and name not in SHARED:
        return f"pg_temp.key({quoted}, {ms})"
    if kind in {"timestamp with time zone", "date"}:
        return f"{quoted} - {days}" if kind == "date" else f"{quoted} - interval '{days} d'"
    if name == "subject":
        return f"pg_temp.subject({quoted}, {ms})"
    if name == "digest":
        return f"pg_temp.digest({quoted}, {n})"
    if name in LISTS:
        return f"pg_temp.each({quoted}, {n})"
    if name in NUMBERS and kind in {"text", "character varying"}:
        return f"CASE {quoted} WHEN '' THEN '' ELSE {quoted} || 'Z{n}' END"
    return quoted


def time_pages(paths: Sequence[str], looks: int) -> list[dict[str, Any]]:
    """Each page as a manager sees it; one page of an invoice, a case, an agent and a run beside them."""
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(User.objects.get(username="sofie"))
    backend = Backend()
    rows = []
    for path in paths:  # everything is loaded once, and kept from the collector as the web server keeps it
        client.get(path)
    gc.collect()
    gc.freeze()
    for path in paths:
        took, worked = [], []
        for _ in range(looks):
            at, cpu = time.perf_counter(), time.process_time() + backend.seconds()
            answer = client.get(path)
            took.append(1000 * (time.perf_counter() - at))
            worked.append(1000 * (time.process_time() + backend.seconds() - cpu))
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        slowest = max(queries.captured_queries, key=lambda q: float(q["time"]), default={"time": "0"})
        rows.append(
            {
                "page": path,
                "status": answer.status_code,
                "p50": part(worked, 0.5),
                "p95": part(worked, 0.95),
                "wall_p50": part(took, 0.5),
                "wall_p95": part(took, 0.95),
                "kb": round(len(answer.content) / 1000, 1),
                "queries": len(queries),
                "slowest_query": round(1000 * float(slowest["time"])),
            }
        )
        print(line(rows[-1]), flush=True)
    return rows


def part(values: Sequence[float], share: float) -> float:
    """The value below which such a share of all lies."""
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))], 1)


class Backend:
    """The server process of this connection, where it runs on this machine. No query is run in parallel: what
    other processes do for it would not be counted."""

    def __init__(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SET max_parallel_workers_per_gather = 0")
            cursor.execute("SELECT pg_backend_pid()")
            self.stat = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")

    def seconds(self) -> float:
        """Processor time so far; nothing where the server is elsewhere."""
        return int(self.stat.read_text().split()[0]) / 1e9 if self.stat.exists() else 0.0


def line(row: dict[str, Any]) -> str:
    """A row as text."""
    return (
        f"{row['page']:26} {row['status']} {row['p50']:8.1f} {row['p95']:8.1f} ms of work,"
        f" {row['wall_p50']:8.1f} {row['wall_p95']:8.1f} ms by the clock, {row['kb']:6.1f} kB,"
        f" {row['queries']:3} queries, the slowest {row['slowest_query']} ms"
    )


def table(found: dict[str, Any]) -> str:
    """The rows as a table of the documentation has them."""
    head = f"{found['invoices']:,} invoices, {found['questions']:,} open questions"
    rows = [f"| {r['page']} | {r['p50']:.0f} | {r['p95']:.0f} | {r['kb']:.0f} kB |" for r in found["pages"]]
    return "\n".join([head, "", "| page | p50 ms | p95 ms | size |", "|---|---|---|---|", *rows])


if __name__ == "__main__":
    main()
