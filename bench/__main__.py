"""python -m bench [--invoices N] [--others N] [--rounds N] [--out FILE [--engines NAME,NAME]]

Measures, round by round and in turn, on one PostgreSQL server:

    countersign-1, -2   the product: snapshot, agents, gate, state, history, ledger; drained by one and by two
                        workers
    sets                set-based SQL with the same bytes and triggers; what is decided is made beforehand
    floor               one psycopg transaction per step with the same rows and the same triggers
    orm                 Django's ORM one by one with simple-history
    pgqueuer, procrastinate, celery, dbos
                        the floor's rows and triggers, with a job, a task or a workflow's step for each step
    langgraph           LangGraph with its PostgreSQL checkpointer: the floor's rows in its nodes, and a
                        checkpoint after each

Each engine gets a fresh copy of a database in which the same invoices have been taken in. What each is given
at once, and in how many processes, is said at the head of its file. Measured are decisions per second,
processor time (of the engine's processes, of the server's, of a broker), and how much the database and the
server's log grew; ratios are taken within a round, since machines drift. Writes bench/results.json, and the
table and the picture of docs/performance.md; with --out, the results into that file and nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from . import picture, redis_server, report

ROOT = Path(__file__).resolve().parents[1]
ENGINES = (
    *("countersign-1", "countersign-2", "sets", "floor", "orm"),
    *("pgqueuer", "procrastinate", "celery", "dbos", "langgraph"),
)
PACKAGES = {
    "pgqueuer": "PgQueuer",
    "procrastinate": "Procrastinate",
    "celery": "Celery",
    "dbos": "DBOS",
    "langgraph": "LangGraph",
}
"""Engines that are packages, by what they call themselves."""
TEMPLATE = "bench_template"

WRITTEN = """
SELECT count(*), count(DISTINCT d.entry_id)
  FROM coordination_decision d JOIN audit_entry e ON e.id = d.entry_id
"""

Cost = dict[str, float]
"""What a run cost: a line of `Meter.end`."""


def manage(*words: str, env: dict[str, str]) -> str:
    """Run a management command; its standard output."""
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    return run(command, env)


def run(command: list[str], env: dict[str, str]) -> str:
    """Standard output of a command; its standard error when it fails."""
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    return done.stdout


def with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


def main() -> None:
    options = parse()
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        Path(folder).chmod(0o755)
        env = os.environ | {"COUNTERSIGN_DATA": folder, "COUNTERSIGN_SAMPLING": "0"}
        env.pop("DATABASE_URL", None)
        results = summary(measure(options, env), options)
    print(report.table(results))
    written = json.dumps(results, indent=1) + "\n"
    if options.out:
        Path(options.out).write_text(written)
        return
    page = ROOT / "docs" / "performance.md"
    (ROOT / "bench" / "results.json").write_text(written)
    page.write_text(report.replaced(page.read_text(), results))
    (ROOT / "docs" / "bench.svg").write_text(picture.drawn(results))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--invoices", type=int, default=3000, help="invoices for Countersign")
    parser.add_argument("--others", type=int, default=1000, help="invoices for the other engines")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engines", type=lambda text: text.split(","), default=list(ENGINES))
    parser.add_argument("--out", help="a file for the results; the docs stay as they are")
    options = parser.parse_args()
    if unknown := set(options.engines) - set(ENGINES):
        parser.error(f"no such engine: {', '.join(sorted(unknown))}")
    if not options.out and options.engines != list(ENGINES):
        parser.error("the docs show all engines; say with --out where the results of some should go")
    return options


def present(engines: list[str]) -> list[str]:
    """Those that can run here; says in a line which cannot, and why."""
    try:
        redis_server.program()
    except redis_server.Missing as error:
        if "celery" in engines:
            print(f"celery is left out: {error}", file=sys.stderr)
        return [name for name in engines if name != "celery"]
    return engines


@dataclass(frozen=True)
class Measured:
    """What each engine cost, round by round; the server's version; how many processes the machine had to run
    before each, on average of a minute."""

    costs: dict[str, list[Cost]]
    server: str
    loads: list[float]


def measure(options: argparse.Namespace, env: dict[str, str]) -> Measured:
    # an idle worker keeps the server up between commands
    keeper = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "work"],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(3)
        url = json.loads(manage("dburl", "--json", env=env))["url"]
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {TEMPLATE}")
            prepare(options, env | {"DATABASE_URL": with_database(url, TEMPLATE)})
            results: dict[str, list[Cost]] = {name: [] for name in present(options.engines)}
            loads = []
            for number in range(options.rounds):
                for name, costs in results.items():
                    loads.append(os.getloadavg()[0])
                    cost = one(name, admin, url, options, env)
                    costs.append(cost)
                    said = f"{rate(cost):9.0f} decisions/s {processor(cost):6.0f} µs"
                    print(f"round {number + 1}: {name:14} {said}", file=sys.stderr)
            return Measured(results, str(admin.info.parameter_status("server_version")), loads)
    finally:
        keeper.terminate()
        keeper.wait(30)


def prepare(options: argparse.Namespace, env: dict[str, str]) -> None:
    manage("migrate", "--skip-checks", env=env)
    started = time.monotonic()
    manage("demo", "--invoices", str(options.invoices), "--seed", "7", env=env)
    print(f"taken in: {options.invoices} invoices in {time.monotonic() - started:.1f} s", file=sys.stderr)


def one(
    name: str, admin: psycopg.Connection, url: str, options: argparse.Namespace, env: dict[str, str]
) -> Cost:
    """What one engine costs on its own fresh copy."""
    copy = f"bench_{name.replace('-', '_')}"
    admin.execute(f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)")
    # none falls into the run then, after which whole pages would be logged
    admin.execute("CHECKPOINT")
    admin.execute(f"CREATE DATABASE {copy} TEMPLATE {TEMPLATE}")
    module, _, workers = name.partition("-")
    command = [sys.executable, "-m", f"bench.{module}", workers or str(options.others)]
    out = run(command, env | {"DATABASE_URL": with_database(url, copy)})
    [line] = [line for line in out.splitlines() if line.startswith("{")]
    cost: Cost = json.loads(line)
    complete(name, int(cost["decisions"]), with_database(url, copy))
    admin.execute(f"DROP DATABASE {copy} WITH (FORCE)")
    return cost


def complete(name: str, decisions: int, url: str) -> None:
    """End the bench where an engine did not write each decision that it counts, once, with its entry."""
    with psycopg.connect(url) as connection:
        found = connection.execute(WRITTEN).fetchone()
    if found != (decisions, decisions):
        sys.exit(f"{name} counts {decisions} decisions; its database has {found}, with entries")


# --- what it comes to ---------------------------------------------------------------------------------


def rate(cost: Cost) -> float:
    """Decisions per second."""
    return cost["decisions"] / cost["seconds"]


def processor(cost: Cost) -> float:
    """Processor time of a decision, of all who spend it, in microseconds."""
    return sum(each(cost, who) for who in ("engine_seconds", "postgres_seconds", "broker_seconds")) * 1e6


def each(cost: Cost, what: str) -> float:
    """Of a sum, what falls to one decision."""
    return cost[what] / cost["decisions"]


def summary(measured: Measured, options: argparse.Namespace) -> report.Results:
    results = measured.costs

    def median(name: str, of: Callable[[Cost], float]) -> float:
        return statistics.median(map(of, results[name]))

    def ratio(name: str, base: str) -> float | None:
        if base not in results:
            return None
        pairs = zip(results[name], results[base], strict=True)
        return round(statistics.median(rate(a) / rate(b) for a, b in pairs), 3)

    def row(name: str) -> dict[str, Any]:
        rates, spent = [*map(rate, results[name])], [*map(processor, results[name])]
        return {
            "decisions": int(results[name][0]["decisions"]),
            "decisions_per_second": round(statistics.median(rates), 1),
            "lowest": round(min(rates), 1),
            "highest": round(max(rates), 1),
            "times_floor": ratio(name, "floor"),
            "times_langgraph": ratio(name, "langgraph"),
            "of_sets": ratio(name, "sets"),
            "processor_us": round(statistics.median(spent)),
            "processor_lowest": round(min(spent)),
            "processor_highest": round(max(spent)),
            **{
                f"{who}_us": round(median(name, lambda c, w=who: each(c, f"{w}_seconds")) * 1e6)  # type: ignore[misc]
                for who in ("engine", "postgres", "broker")
            },
            "database_bytes": round(median(name, lambda cost: each(cost, "database_bytes"))),
            "log_bytes": round(median(name, lambda cost: each(cost, "log_bytes"))),
        }

    return {
        "invoices": options.invoices,
        "others": options.others,
        "rounds": options.rounds,
        "cores": os.cpu_count(),
        "load": round(statistics.median(measured.loads), 1),
        "versions": {
            "PostgreSQL": measured.server,
            **{label: version(name) for name, label in PACKAGES.items() if name in results},
        },
        "engines": {name: row(name) for name in results},
    }


if __name__ == "__main__":
    main()
