"""A program in a process and a data directory of its own, with a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def once(program: str, *arguments: object, **settings: str) -> Any:
    """What the last line that the program prints says, as JSON; its standard error where it fails."""
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        Path(folder).chmod(0o755)  # an embedded server of root runs as somebody else
        env = os.environ | {
            "COUNTERSIGN_DATA": folder,
            "COUNTERSIGN_SAMPLING": "0",
            "COUNTERSIGN_TRUST_FIRST_IMPORT": "1",
        }
        env = env | settings
        env.pop("DATABASE_URL", None)
        command = [sys.executable, "-c", program, *map(str, arguments)]
        done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr[-3000:])
        return json.loads(done.stdout.splitlines()[-1])
