"""python -m bench [--invoices N] [--others N] [--rounds N] [--out FILE]

Measures, round by round and in turn, on one PostgreSQL server:

    countersign-1, -2   the product: snapshot, agents, gate, state, history, ledger; drained by one and by two
                        workers
    sets                set-based SQL with the same bytes and triggers; what is decided is made beforehand
    floor               one psycopg transaction per step with the same rows and the same triggers
    orm                 Django's ORM one by one with simple-history
    langgraph           LangGraph with its PostgreSQL checkpointer, the same agents in its nodes

Each engine gets a fresh copy of a database in which the same invoices have been taken in. Rates are decisions
per second; ratios are taken within a round, since machines drift.
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
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[1]
ENGINES = ("countersign-1", "countersign-2", "sets", "floor", "orm", "langgraph")
TEMPLATE = "bench_template"


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
        results = measure(options, env)
    report = summary(results, options)
    print(table(report))
    if options.out:
        Path(options.out).write_text(json.dumps(report, indent=1) + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--invoices", type=int, default=5000, help="invoices for Countersign")
    parser.add_argument("--others", type=int, default=400, help="invoices for the other engines")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", default=str(ROOT / "bench" / "results.json"))
    return parser.parse_args()


def measure(options: argparse.Namespace, env: dict[str, str]) -> dict[str, list[float]]:
    import psycopg

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
            results: dict[str, list[float]] = {name: [] for name in ENGINES}
            for number in range(options.rounds):
                for name in ENGINES:
                    rate = one(name, admin, url, options, env)
                    results[name].append(rate)
                    print(f"round {number + 1}: {name:14} {rate:9.0f} decisions/s", file=sys.stderr)
        return results
    finally:
        keeper.terminate()
        keeper.wait(30)


def prepare(options: argparse.Namespace, env: dict[str, str]) -> None:
    manage("migrate", "--skip-checks", env=env)
    started = time.monotonic()
    manage("demo", "--invoices", str(options.invoices), "--seed", "7", env=env)
    print(f"taken in: {options.invoices} invoices in {time.monotonic() - started:.1f} s", file=sys.stderr)


def one(name: str, admin: object, url: str, options: argparse.Namespace, env: dict[str, str]) -> float:
    """One engine on its own fresh copy; decisions per second."""
    copy = f"bench_{name.replace('-', '_')}"
    admin.execute(f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)")  # type: ignore[attr-defined]
    admin.execute(f"CREATE DATABASE {copy} TEMPLATE {TEMPLATE}")  # type: ignore[attr-defined]
    own = env | {"DATABASE_URL": with_database(url, copy)}
    if name.startswith("countersign"):
        workers = name[-1]
        out = json.loads(manage("work", "--drain", "--json", "--workers", workers, env=own))
        rate = out["decisions"] / out["seconds"]
    else:
        command = [sys.executable, "-m", f"bench.{name}", str(options.others)]
        rate = float(run(command, own).strip().splitlines()[-1])
    admin.execute(f"DROP DATABASE {copy} WITH (FORCE)")  # type: ignore[attr-defined]
    return rate


def summary(results: dict[str, list[float]], options: argparse.Namespace) -> dict[str, object]:
    def ratios(name: str, base: str) -> float:
        return statistics.median(a / b for a, b in zip(results[name], results[base], strict=True))

    return {
        "invoices": options.invoices,
        "others": options.others,
        "rounds": options.rounds,
        "engines": {
            name: {
                "decisions_per_second": round(statistics.median(rates), 1),
                "lowest": round(min(rates), 1),
                "highest": round(max(rates), 1),
                "times_floor": round(ratios(name, "floor"), 2),
                "times_langgraph": round(ratios(name, "langgraph"), 2),
                "of_sets": round(ratios(name, "sets"), 3),
            }
            for name, rates in results.items()
        },
    }


def table(report: dict[str, object]) -> str:
    lines = ["| engine | decisions/s (lowest-highest) | x floor | x LangGraph | of set-based |"]
    lines.append("|---|---|---|---|---|")
    for name, row in report["engines"].items():  # type: ignore[attr-defined]
        span = f"{row['decisions_per_second']:,.0f} ({row['lowest']:,.0f}-{row['highest']:,.0f})"
        lines.append(
            f"| {name} | {span} | {row['times_floor']} | {row['times_langgraph']} | {row['of_sets']:.0%} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
