"""A world tried in a place of its own: an empty database that lives for one evaluation, with the policy to be
judged.

`evaluated` starts this module as a process with a data directory of its own, so that nothing made up ever
comes near the invoices of the installation.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from audit import clock
from audit.errors import CountersignError

from .evaluation import Evaluation, evaluate
from .files import World
from .generate import generate
from .report import figures, from_figures

ROOT = Path(__file__).resolve().parents[2]
ACTOR = "system:evaluation"
NO_PART_OF_IT = ("DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS")
PATIENCE = 3600


class TrialFailed(CountersignError):
    """The evaluation did not come to its end."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: a world, and the text and number of the policy it is judged under; none: the default
    one."""

    seed: int
    invoices: int
    defect_share: float = 0.3
    hard_share: float = 0.4
    formats: tuple[str, ...] = ("csv", "ubl")
    policy: str = ""
    revision: int = 1

    def world(self, today: date) -> World:
        """The world of the trial, on its day."""
        return generate(
            self.seed,
            self.invoices,
            today,
            self.defect_share,
            hard_share=self.hard_share,
            formats=self.formats,
        )


def today() -> date:
    """The day labels are about, in UTC."""
    return clock.now().date()


def evaluated(trial: Trial) -> Evaluation:
    """Run a trial in a process and a database of its own; raises `TrialFailed` with what it said last."""
    with tempfile.TemporaryDirectory(prefix="countersign-trial-") as folder:
        Path(folder).chmod(0o755)  # an embedded server of root runs as somebody else
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith("COUNTERSIGN_") and k not in NO_PART_OF_IT
        }
        settings = {"COUNTERSIGN_DATA": folder, "COUNTERSIGN_SAMPLING": "0", "COUNTERSIGN_FSYNC": "0"}
        command = [sys.executable, "-m", "coordination.world.trial"]
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            input=json.dumps(asdict(trial)),
            env=kept | settings,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise TrialFailed(f"The evaluation of seed {trial.seed} ended with {done.returncode}: {last}")
    return from_figures(json.loads(done.stdout.splitlines()[-1]))


def come_to(world: World, seed: int = 0) -> Evaluation:
    """Take a world in here, let the agents work, and compare. The database must hold nothing else."""
    from ..assurance import exports
    from ..services.intake import take_in
    from ..workers import runner

    for files in (world.files, world.later):
        take_in(files.items(), actor=ACTOR, source="world", trust_first=True)
    runner.drain()
    return evaluate(world.labels, list(exports.invoices()), reference_rates(), seed)


def reference_rates() -> dict[str, Decimal]:
    """Units for one EUR as they ship: good enough for saying roughly how much money it is about."""
    from ..facts.exchange_rates import SHIPPED

    table = json.loads(SHIPPED.read_text())
    return {"EUR": Decimal(1)} | {code: Decimal(text) for code, text in table["per_eur"].items()}


def adopt(text: str, revision: int) -> None:
    """Put another policy in force in this database, which is nobody's: no one is asked."""
    from django.db import transaction

    from audit import trail
    from audit.ids import new_id

    from ..governance import policy as rules
    from ..models import PolicyVersion

    parsed = rules.parse(text, revision)
    now = clock.now()
    stamp = trail.Stamp(ACTOR, now, "trial")
    with transaction.atomic():
        active = list(PolicyVersion.objects.select_for_update().filter(status="active"))
        if active and active[0].sha256 == parsed.sha256:
            return
        for row in active:
            row.status = PolicyVersion.Status.RETIRED
        trail.update(active, ("status",), stamp)
        number = max(revision, *(row.revision + 1 for row in active)) if active else revision
        row = PolicyVersion(
            id=new_id(),
            revision=number,
            text=text,
            sha256=parsed.sha256,
            status="active",
            author=ACTOR,
            created_at=now,
            activated_by=ACTOR,
            activated_at=now,
        )
        trail.insert([row], stamp)


def main(given: dict[str, Any]) -> None:
    """The process of one trial: what to try comes on standard input, its figures go to standard output."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coordination.project.settings")
    import django

    django.setup()
    from django.db import connection

    from ..governance import policy as rules
    from ..project.database_ready import prepare_database
    from ..workers.loop import tune_gc

    trial = Trial(**{**given, "formats": tuple(given["formats"])})
    if trial.policy:
        rules.parse(trial.policy, trial.revision)  # before anything is started for it
    prepare_database(lambda _: None)
    if trial.policy:
        adopt(trial.policy, trial.revision)
    tune_gc()
    found = figures(come_to(trial.world(today()), trial.seed))
    connection.close()
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(json.load(sys.stdin))
