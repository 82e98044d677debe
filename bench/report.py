"""python -m bench.report RESULTS PAGE: write what `python -m bench` measured, in words and as a table,
between the marks of a page (docs/performance.md)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

LABELS = {
    "countersign-2": "Countersign, two workers",
    "countersign-1": "Countersign, one worker",
    "sets": "set-based SQL, no engine",
    "floor": "a transaction a step, by hand",
    "orm": "Django ORM, one by one",
    "pgqueuer": "PgQueuer",
    "celery": "Celery and Redis",
    "langgraph": "LangGraph",
    "procrastinate": "Procrastinate",
    "dbos": "DBOS",
}
"""Engines by their names for people."""

BEGIN, END = "<!-- python -m bench -->\n", "<!-- end -->\n"

Results = dict[str, Any]


def table(results: Results) -> str:
    """A Markdown table, a row an engine."""
    heads = ["engine", "decisions/s", "x by hand", "x LangGraph", "of set-based", "processor time, µs"]
    heads += ["of it PostgreSQL + Redis", "bytes of database", "bytes of log"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    lines += [row(name, found) for name, found in results["engines"].items()]
    return "\n".join(lines)


def row(name: str, found: dict[str, Any]) -> str:
    """One engine's line of the table; in brackets the lowest and the highest round."""
    broker = f" + {found['broker_us']:,}" if found["broker_us"] else ""
    cells = [
        LABELS[name],
        f"{found['decisions_per_second']:,.0f} ({found['lowest']:,.0f}-{found['highest']:,.0f})",
        times(found["times_floor"]),
        times(found["times_langgraph"]),
        "" if found["of_sets"] is None else f"{found['of_sets']:.0%}".replace("%", " %"),
        f"{found['processor_us']:,} ({found['processor_lowest']:,}-{found['processor_highest']:,})",
        f"{found['postgres_us']:,}{broker}",
        f"{found['database_bytes']:,}",
        f"{found['log_bytes']:,}",
    ]
    return f"| {' | '.join(cells)} |"


def times(ratio: float | None) -> str:
    """A ratio with two decimals; nothing where what it is taken to was not measured."""
    return "" if ratio is None else f"{ratio:.2f}"


def words(results: Results) -> str:
    """What was measured, in one paragraph."""
    own = results["engines"].get("countersign-1", {}).get("decisions")
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    size = f"{results['invoices']:,} invoices" + (f" ({own:,} decisions)" if own else "")
    others = f"{results['others']:,} ({results['others'] * 4:,}) for the others"
    return (
        f"Measured on {results['cores']} shared cores (load average {results['load']}) with {versions}:\n"
        f"{size} for Countersign and {others}, {results['rounds']} rounds, medians (lowest-highest):"
    )


def block(results: Results) -> str:
    """What docs/performance.md has between its two marks."""
    return f"{BEGIN}{words(results)}\n\n{table(results)}\n{END}"


def replaced(page: str, results: Results) -> str:
    """The page with these results between its marks. Raises ValueError where it has none."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no place for the table: {BEGIN.strip()} ... {END.strip()}")
    return head + block(results) + tail


def main() -> None:
    results, page = map(Path, sys.argv[1:])
    page.write_text(replaced(page.read_text(), json.loads(results.read_text())))


if __name__ == "__main__":
    main()
