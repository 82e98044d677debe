"""python -m bench.evaluate [--seeds N,N...] [--worlds N] [--n N] [--formats csv,ubl] [--out FILE]

How right are the agents? Makes worlds nobody has seen (seeds by chance, unless given), takes each in with the
same commands as anybody's documents, in a database of its own, lets the agents work, and compares what
`export invoices` says with the labels. Prints the figures with what they are shares of, and writes them as
JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from coordination.world import folder  # noqa: E402
from coordination.world.evaluation import Evaluation, evaluate, together  # noqa: E402
from coordination.world.report import as_text, figures, format_share  # noqa: E402
from coordination.world.trial import reference_rates  # noqa: E402


def main() -> None:
    options = parse()
    found: list[Evaluation] = []
    for seed in options.seeds:
        started = time.monotonic()
        found.append(one(seed, options))
        last = found[-1]
        print(
            f"seed {seed}: lane right {format_share(last.lanes_right)}, false clears"
            f" {format_share(last.false_clears)}, {time.monotonic() - started:.0f} s",
            file=sys.stderr,
        )
    whole = together(found)
    print(
        f"seeds             {', '.join(map(str, options.seeds))}; default policy; {'+'.join(options.formats)}"
    )
    print("\n".join(as_text(whole, options.show)))
    report = {"seeds": options.seeds, "n": options.n, "formats": options.formats, **figures(whole)}
    Path(options.out).write_text(json.dumps(report, indent=1) + "\n")
    print(f"\nwritten to {options.out}", file=sys.stderr)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[2])
    parser.add_argument("--seeds", type=lambda text: [int(s) for s in text.split(",")], default=[])
    parser.add_argument(
        "--worlds", type=int, default=5, help="so many seeds by chance (default: %(default)s)"
    )
    parser.add_argument("--n", type=int, default=600, help="invoices a world (default: %(default)s)")
    parser.add_argument("--defect-share", type=float, default=0.5)
    parser.add_argument("--hard-share", type=float, default=0.7)
    parser.add_argument("--formats", type=lambda text: text.split(","), default=["csv", "ubl"])
    parser.add_argument("--show", type=int, default=60, help="wrong invoices to print (default: %(default)s)")
    parser.add_argument("--out", default=str(ROOT / "bench" / "evaluation.json"))
    options = parser.parse_args()
    options.seeds = options.seeds or [secrets.randbelow(2**31) for _ in range(options.worlds)]
    return options


def one(seed: int, options: argparse.Namespace) -> Evaluation:
    """One world, in a data directory of its own, by the commands that everybody uses."""
    with tempfile.TemporaryDirectory(prefix="countersign-evaluation-") as name:
        data, world = Path(name) / "data", Path(name) / "world"
        data.mkdir()
        for path in (Path(name), data):
            path.chmod(0o755)  # an embedded server of root runs as somebody else
        env = os.environ | {
            "COUNTERSIGN_DATA": str(data),
            "COUNTERSIGN_SAMPLING": "0",
            "COUNTERSIGN_FSYNC": "0",
        }
        env.pop("DATABASE_URL", None)
        made = manage(
            env,
            "world",
            "--seed",
            str(seed),
            "--n",
            str(options.n),
            "--out",
            str(world),
            "--defect-share",
            str(options.defect_share),
            "--hard-share",
            str(options.hard_share),
            "--formats",
            ",".join(options.formats),
        )
        first = manage(env, "intake", *map(str, folder.documents(world)))
        if first["quarantined"] or first["duplicates"] != made["copies"]:
            sys.exit(f"seed {seed}: intake says {first}; {made['copies']} copies were among the documents")
        if (world / folder.LATER).is_dir():
            manage(env, "intake", str(world / folder.LATER))
        manage(env, "work", "--drain")
        rows = manage(env, "export", "invoices")["invoices"]
        return evaluate(folder.labels(world), rows, reference_rates(), seed)


def manage(env: dict[str, str], *words: str) -> dict:  # type: ignore[type-arg]
    """The object that a command prints."""
    command = [sys.executable, str(ROOT / "manage.py"), *words, "--json"]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
