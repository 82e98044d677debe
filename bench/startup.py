"""python -m bench.startup [--rounds N] [COMMAND ...]: what it costs to start a command, without its work.

--first: instead the seconds of the first start of the demonstration, from an empty folder to its first page,
and of its parts, by the clock on the wall; so they say much of the machine and of what else runs on it.

Each command is asked for its help, in a process of its own and in turns with one that only sets Django up for
the same apps without ours. The figures are ratios of processor time to that floor, the least of all rounds,
so that they say little of the machine and of what else runs on it. Beside them the modules that each loads.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = ("agents", "policy", "seal", "verify", "decide", "intake", "payments", "work", "up")
FLOOR = """
import django
from django.conf import settings
settings.configure(INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes",
    "django.contrib.sessions", "django.contrib.messages", "django.contrib.staticfiles"],
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "x"}}, USE_TZ=True)
django.setup()
from django.core.management import call_command
try:
    call_command("check", "--help")
except SystemExit:
    pass
import sys
print(len(sys.modules), file=sys.stderr)
"""
OURS = """
import sys
sys.path.insert(0, ".")
import manage
sys.argv = ["manage.py", *sys.argv[1:], "--help"]
try:
    manage.main()
except SystemExit:
    pass
print(len(sys.modules), file=sys.stderr)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commands", nargs="*", default=COMMANDS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--first", action="store_true", help="the first start of the demonstration")
    options = parser.parse_args()
    if options.first:
        print(json.dumps(first_start(), indent=1))
        return
    seconds: dict[str, list[float]] = defaultdict(list)
    loaded: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="countersign-startup-") as folder:
        environment = os.environ | {"COUNTERSIGN_DATA": folder}
        for _ in range(options.rounds):
            for name in ("", *options.commands):
                code = [sys.executable, "-c", OURS, name] if name else [sys.executable, "-c", FLOOR]
                spent, modules = started(code, environment)
                seconds[name].append(spent)
                loaded[name] = modules
    floor = min(seconds[""])
    figures = {
        name or "django alone": {
            "cpu_seconds": round(min(found), 3),
            "times_django": round(min(found) / floor, 2),
            "modules": loaded[name],
        }
        for name, found in seconds.items()
    }
    print(json.dumps(figures, indent=1))


PARTS = {"migrations applied": "database", "is at http": "past and present"}
"""What `up` says at the end of a part, and the part."""
PATIENCE = 600.0


def first_start() -> dict[str, float]:
    """Seconds of the parts of a first start, and of all of it until a page is answered. Needs a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="countersign-first-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        environment = os.environ | {"COUNTERSIGN_DATA": folder, "COUNTERSIGN_PORT": str(port)}
        began = last = time.perf_counter()
        command = [sys.executable, "manage.py", "up", "--demo"]
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as up:
            try:
                found = {}
                assert up.stdout is not None
                for line in up.stdout:
                    part = next((name for said, name in PARTS.items() if said in line), "")
                    if part:
                        found[part], last = time.perf_counter() - last, time.perf_counter()
                    if part == "past and present":
                        break
                page(f"http://127.0.0.1:{port}/login/", began + PATIENCE)
                found["first page"] = time.perf_counter() - last
                found["in all"] = time.perf_counter() - began
            finally:
                up.terminate()
                up.communicate()  # what it says while it ends has to be read
    return {name: round(value, 1) for name, value in found.items()}


def page(address: str, deadline: float) -> None:
    """Ask for a page until it is answered."""
    while time.perf_counter() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                answer.read()
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(address)


def started(code: list[str], environment: dict[str, str]) -> tuple[float, int]:
    """Processor seconds of one process from its start to its end, and how many modules it had loaded."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(code, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return spent, int(done.stderr.split()[-1])


if __name__ == "__main__":
    main()
