"""python -m bench.intake [--n N] [--rounds N]: UBL documents taken in per second and core, from bytes to
committed rows.

Orders, receipts and invoices of a made-up world as UBL 2.1 XML files, through the same door as an upload:
original kept, parsed, translated with the origin of every field, written with history and ledger entries,
tasks opened. One process. "Per core" is per second of this process's own CPU time; the database's time is in
the wall-clock figure.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

ONE = """
import json, os, sys, time
from pathlib import Path
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "coordination.project.settings"
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0, skip_checks=True)
from coordination.services.intake import take_in
paths = sorted(p for p in Path(sys.argv[1]).rglob("*.xml"))
files = [(p.name, p.read_bytes()) for p in paths]
masters = [(p.name, p.read_bytes()) for p in Path(sys.argv[1]).glob("vendors*.csv")]
take_in(masters, actor="system:bench")
wall, cpu = time.perf_counter(), time.process_time()
done = take_in(files, actor="system:bench")
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
assert done.count("quarantined") == 0, done.as_json()["quarantined"][:3]
print(json.dumps({"documents": len(files), "wall": len(files) / wall, "core": len(files) / cpu}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=600, help="invoices; orders and receipts come with them")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    for name, value in measure(options.n, options.rounds).items():
        print(f"{name}: {value}")


def measure(n: int, rounds: int) -> dict[str, float]:
    """Medians over rounds, each on a new database."""
    found = [one(n, seed) for seed in range(1, rounds + 1)]
    return {
        "UBL documents": found[0]["documents"],
        "documents/s": round(statistics.median(f["wall"] for f in found), 0),
        "documents/s per core": round(statistics.median(f["core"] for f in found), 0),
    }


def one(n: int, seed: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="countersign-intake-") as folder:
        Path(folder).chmod(0o755)
        env = os.environ | {"COUNTERSIGN_DATA": folder, "PYTHONPATH": str(ROOT)}
        env.pop("DATABASE_URL", None)
        world = Path(folder) / "world"
        command = [
            "manage.py",
            "world",
            "--seed",
            str(seed),
            "--n",
            str(n),
            "--defect-share",
            "0.1",
            "--formats",
            "ubl",
            "--out",
            str(world),
        ]
        subprocess.run([sys.executable, *command], cwd=ROOT, env=env, check=True, capture_output=True)
        done = subprocess.run(
            [sys.executable, "-c", ONE, str(world)],
            cwd=ROOT,
            env=env,
            check=True,
            capture_output=True,
            text=True,
        )
        return json.loads(done.stdout.strip().splitlines()[-1])  # type: ignore[no-any-return]


if __name__ == "__main__":
    main()
