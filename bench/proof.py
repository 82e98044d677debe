"""python -m bench.proof [--entries N] [--history N] [--transitions N] [--out FILE]

What the ledger costs and how fast it is proved, on a database of its own:

append       entries with their row versions written, per second, in batches as the engine writes them seal
all of them into one tree; then one more batch, as each minute verify       whole, in a process of its own,
with its peak memory; incremental after one more batch evidence     one bundle written and checked pages
timeline of an invoice with 200 entries, and the invoice as of a moment, in server time share        time in
the ledger (entries) and in history (row versions with their digests) of a drain, by one worker concurrent
transitions by 8 threads, a third rolled back, sealed while they run: entries lost, findings

Entries are vendors that change: a body of about 3 kB, one row version each, seven to a subject.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PER_SUBJECT = 7
BATCH = 200
WRITERS = 8


def main() -> None:
    options = parse()
    with tempfile.TemporaryDirectory(prefix="countersign-proof-") as folder:
        Path(folder).chmod(0o755)
        os.environ |= {
            "COUNTERSIGN_DATA": folder,
            "COUNTERSIGN_SAMPLING": "0",
            "DJANGO_SETTINGS_MODULE": "coordination.project.settings",
        }
        os.environ.pop("DATABASE_URL", None)
        sys.path.insert(0, str(ROOT))
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0, skip_checks=True)
        found = measure(options)
    text = json.dumps(found, indent=1)
    print(text)
    if options.out:
        Path(options.out).write_text(text + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument(
        "--history", type=int, default=0, help="so many more row versions before the pages are timed"
    )
    parser.add_argument("--transitions", type=int, default=10_000)
    parser.add_argument("--out")
    return parser.parse_args()


def measure(options: argparse.Namespace) -> dict[str, Any]:
    from audit import sealing
    from audit.models import Entry

    found: dict[str, Any] = {}
    with timed(found, "append_seconds"):
        append(options.entries // PER_SUBJECT)
    found["entries"] = Entry.objects.count()
    found["append_per_second"] = round(found["entries"] / found["append_seconds"])
    analyze()
    with timed(found, "seal_all_seconds"):
        sealing.seal()
    append(200)
    with timed(found, "seal_1400_more_seconds"):
        sealing.seal(thorough=False)
    found["verify"] = verify()
    append(200)
    sealing.seal(thorough=False)
    found["verify_incremental"] = verify("--incremental")
    found["share_of_a_decision"] = share()
    invoice = long_invoice()
    found["evidence"] = evidence(invoice)
    if options.history:
        more_history(options.history)
    found["pages"] = pages(invoice)
    found["concurrent"] = concurrent(options.transitions)
    return found


@contextmanager
def timed(into: dict[str, Any], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    into[name] = round(time.perf_counter() - start, 2)


def append(subjects: int) -> None:
    """So many vendors, each made and then changed six times; one transaction for a batch, as the engine
    commits."""
    from django.db import transaction
    from django.utils import timezone

    from audit import ledger, trail
    from audit.ids import new_id
    from coordination.models import Vendor

    body = {
        "input": [
            {"line": str(i), "price": "12.50", "text": "Bolt M8, zinc plated, hexagon head"}
            for i in range(36)
        ]
    }
    for start in range(0, subjects, BATCH):
        rows = [
            Vendor(
                id=new_id(), vendor_id=f"P-{new_id().hex}", name="Hartmann GmbH", created_at=timezone.now()
            )
            for _ in range(min(BATCH, subjects - start))
        ]
        for step in range(PER_SUBJECT):
            now = timezone.now()
            stamp = trail.Stamp("system:bench", now, "bench")
            with transaction.atomic():
                for row in rows:
                    row.name = f"Hartmann {step} GmbH"
                changes = trail.update(rows, ("name",), stamp) if step else trail.insert(rows, stamp)
                ledger.append(
                    [
                        ledger.Event(
                            f"vendor/{r.pk}",
                            "vendor.changed",
                            "system:bench",
                            now,
                            body | {"step": str(step)},
                            [c],
                        )
                        for r, c in zip(rows, changes, strict=True)
                    ]
                )


def analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def verify(*options: str) -> dict[str, Any]:
    """Verification as a person runs it: seconds, peak memory and findings."""
    command = ["/usr/bin/time", "-v", sys.executable, str(ROOT / "manage.py"), "verify", "--json", *options]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    seconds = time.perf_counter() - start
    told = json.loads(done.stdout)
    peak = re.search(r"Maximum resident set size \(kbytes\): (\d+)", done.stderr)
    return {
        "entries": told["entries"],
        "seconds": round(seconds, 1),
        "per_second": round(told["entries"] / seconds),
        "peak_mb": round(int(peak[1]) / 1024) if peak else None,
        "findings": len(told["findings"]),
    }


def share() -> dict[str, Any]:
    """How much of a drain is spent on entries, and on row versions: wall-clock time, PostgreSQL's part in it
    included."""
    from django.utils import timezone

    from audit import ledger, trail
    from coordination.services.intake import take_in
    from coordination.workers import runner
    from coordination.world import generate

    spent = {"ledger": 0.0, "history": 0.0}

    def clocked(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return step(*arguments, **named)
            finally:
                spent[name] += time.perf_counter() - start

        return run

    take_in(generate(3, 1500, timezone.localdate()).files.items(), actor="system:bench", source="share")
    kept = ledger.append, trail._record
    ledger.append, trail._record = clocked("ledger", kept[0]), clocked("history", kept[1])
    start = time.perf_counter()
    try:
        drained = runner.drain()
    finally:
        ledger.append, trail._record = kept
    total = time.perf_counter() - start
    return {"decisions": drained.decisions, "seconds": round(total, 2)} | {
        f"{name}_percent": round(100 * seconds / total, 1) for name, seconds in spent.items()
    }


def long_invoice() -> Any:
    """An invoice that went through the product, and about 190 more entries of it."""
    from django.db import transaction
    from django.utils import timezone

    from audit import ledger, sealing
    from coordination.models import Invoice
    from coordination.services.intake import take_in
    from coordination.workers import runner
    from coordination.world import generate

    take_in(generate(7, 12, timezone.localdate()).files.items(), actor="system:bench", source="bench")
    runner.drain()
    invoice = Invoice.objects.select_related("vendor", "document").order_by("id")[0]
    with transaction.atomic():
        ledger.append(
            [
                ledger.Event(
                    invoice.subject,
                    "facts.changed",
                    "system:bench",
                    timezone.now(),
                    {"what": "receipt", "n": str(n)},
                )
                for n in range(190)
            ]
        )
    sealing.seal()
    return invoice


def evidence(invoice: Any) -> dict[str, Any]:
    from audit import evidence as bundles
    from audit.verify import check_bundle, read_bundle
    from coordination.assurance import evidence as around

    found: dict[str, Any] = {}
    with timed(found, "write_seconds"):
        content, written = bundles.to_bytes(invoice.subject, around.attached(invoice))
    with timed(found, "check_seconds"):
        findings = check_bundle(read_bundle(io.BytesIO(content)))  # type: ignore[arg-type]
    return found | {"entries": written.entries, "kilobytes": len(content) // 1024, "findings": len(findings)}


def more_history(count: int) -> None:
    """Row versions that no entry binds: only there to make the table large."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name ="
            " 'coordination_historicalvendor'"
        )
        names = [row[0] for row in cursor.fetchall()]
        kept = ", ".join(f'"{n}"' for n in names if n != "history_id")
        cursor.execute("SELECT count(*) FROM coordination_historicalvendor")
        there = cursor.fetchone()[0]
        for _ in range(max(1, -(-count // there))):
            cursor.execute(
                f"INSERT INTO coordination_historicalvendor ({kept}) SELECT {kept} FROM"
                f" coordination_historicalvendor LIMIT {min(there, count)}"
            )
        cursor.execute("ANALYZE coordination_historicalvendor")


def pages(invoice: Any) -> dict[str, Any]:
    """Server time of pages as an auditor opens them, medians of twenty."""
    from django.contrib.auth.models import Group, User
    from django.db import connection
    from django.test import Client
    from django.urls import reverse

    user = User.objects.create_user("bench")
    user.groups.add(Group.objects.get(name="auditor"))
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM coordination_historicalvendor")
        history = cursor.fetchone()[0]
    return {
        "history_rows": history,
        "timeline_200_entries_ms": milliseconds(
            lambda: client.get(reverse("coordination:invoice", args=[invoice.pk]))
        ),
        "as_of_ms": milliseconds(
            lambda: client.get(reverse("coordination:invoice_as_of", args=[invoice.pk]))
        ),
        "entry_with_proof_ms": milliseconds(
            lambda: client.get(reverse("coordination:entry", args=[invoice.pk, 3]))
        ),
    }


def milliseconds(step: Callable[[], Any], times: int = 20) -> float:
    took = []
    for _ in range(times + 2):
        start = time.perf_counter()
        answer = step()
        took.append(1000 * (time.perf_counter() - start))
        assert answer.status_code == 200
    return round(statistics.median(took[2:]), 1)


class Undone(Exception):
    """A writer changes its mind."""


def concurrent(transitions: int) -> dict[str, Any]:
    """Transactions on shared subjects by eight threads, a third rolled back, while two others seal."""
    from audit import sealing
    from audit.models import Entry, Leaf

    before = Entry.objects.count()
    found: dict[str, Any] = {"transitions": transitions}
    with timed(found, "seconds"), ThreadPoolExecutor(WRITERS + 2) as pool:
        kept = [pool.submit(transit, n, transitions // WRITERS) for n in range(WRITERS)]
        sealers = [pool.submit(seal_while, kept) for _ in range(2)]
        written = sum(k.result() for k in kept)
        found["seals"] = sum(s.result() for s in sealers)
    sealing.seal(thorough=False)
    found |= {
        "kept": written,
        "lost": written - (Entry.objects.count() - before),
        "unsealed": Entry.objects.count() - Leaf.objects.count(),
    }
    found["verify"] = verify("--incremental") if transitions else None
    return found


def transit(number: int, times: int) -> int:
    from django.db import connection, transaction
    from django.utils import timezone

    from audit import ledger

    chance, kept = random.Random(number), 0
    try:
        for n in range(times):
            subject = f"bench/{chance.randrange(20)}"
            try:
                with transaction.atomic():
                    ledger.lock(subject)
                    ledger.append(
                        [ledger.Event(subject, "bench.moved", "system:bench", timezone.now(), {"n": str(n)})]
                    )
                    if chance.random() < 1 / 3:
                        raise Undone
                kept += 1
            except Undone:
                continue
    finally:
        connection.close()
    return kept


def seal_while(writers: list[Any]) -> int:
    from django.db import connection

    from audit import sealing

    times = 0
    try:
        while not all(w.done() for w in writers):
            sealing.seal(thorough=times % 5 == 0)
            times += 1
    finally:
        connection.close()
    return times


if __name__ == "__main__":
    main()
