"""manage.py world: a made-up, labelled trade; as files, as a steady flow, or as an examination of the
agents."""

import secrets
import signal
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from ...assurance import evaluations
from ...project.database_ready import prepare_database
from ...workers.loop import Stop
from ...world import generate, live
from ...world.files import FORMATS
from ...world.folder import LABELS, LATER, write
from ...world.report import as_text, figures
from ...world.trial import Trial, evaluated, today
from ..base import Report, ReportingCommand, day


class Command(ReportingCommand):
    help = (
        "Make a world of invoices with known defects and write it with its labels, feed it, or evaluate"
        " on it."
    )
    prepares_database = False  # writing files needs none

    def arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--out", type=Path, metavar="FOLDER", help="write documents and labels.jsonl here")
        what.add_argument(
            "--live", action="store_true", help="feed trades into this installation until stopped"
        )
        what.add_argument(
            "--evaluate",
            action="store_true",
            help="try a world in a database of its own and keep the figures here",
        )
        parser.add_argument("--seed", type=int, help="the same seed makes the same world (default: any)")
        parser.add_argument("--n", type=int, default=200, metavar="N", help="invoices (default: %(default)s)")
        parser.add_argument(
            "--defect-share", type=_share, default=0.3, help="of the trades (default: %(default)s)"
        )
        parser.add_argument(
            "--hard-share",
            type=_share,
            default=0.4,
            help="of the clean trades, those that look odd (default: %(default)s)",
        )
        parser.add_argument(
            "--formats", type=_formats, help="csv, ubl or csv,ubl (default: csv; csv,ubl to evaluate)"
        )
        parser.add_argument("--today", type=day, metavar="DATE", help="the world's day (default: today)")
        parser.add_argument("--rate", type=float, default=6.0, help="trades a minute (default: %(default)s)")

    def report(self, options: dict[str, Any]) -> Report:
        if options["n"] < 1:
            raise CommandError("--n is the number of invoices, at least 1.")
        seed = options["seed"] if options["seed"] is not None else secrets.randbelow(2**31)
        if options["live"]:
            return self.feed(seed, options)
        return self.examine(seed, options) if options["evaluate"] else self.write(seed, options)

    def write(self, seed: int, options: dict[str, Any]) -> Report:
        """Files in a folder."""
        on, formats = options["today"] or today(), options["formats"] or ("csv",)
        shares = {"defect_share": options["defect_share"], "hard_share": options["hard_share"]}
        world = generate(seed, options["n"], on, formats=formats, **shares)
        made_with = {"seed": seed, "n": options["n"], "today": str(on), "formats": list(formats), **shares}
        count = write(world, options["out"], made_with)
        out = options["out"]
        data = {
            **made_with,
            "invoices": len(world.labels),
            "files": count,
            "copies": world.copies,
            "later": len(world.later),
            "labels": str(out / LABELS),
        }
        text = [
            f"{len(world.labels)} invoices in {count} files under {out}, seed {seed}; labels are about {on}",
            f"take in: manage.py intake {out}/*.csv" + (f" {out}/ubl" if "ubl" in formats else ""),
        ]
        return Report(data, [*text, *([f"then:    manage.py intake {out / LATER}"] if world.later else [])])

    def feed(self, seed: int, options: dict[str, Any]) -> Report:
        """One trade after another, until a signal."""
        if settings.PRODUCTION:
            raise CommandError("--live makes invoices up. It is not for a production installation.")
        if not 0 < options["rate"] <= 600:
            raise CommandError("--rate is trades a minute, above 0 and at most 600.")
        prepare_database(self.say)
        stop = Stop()
        signal.signal(signal.SIGTERM, stop.request)
        signal.signal(signal.SIGINT, stop.request)
        fed = sum(live.feed(options["rate"], seed, stopped=lambda: stop.requested, today=today))
        return Report({"accepted": fed})

    def examine(self, seed: int, options: dict[str, Any]) -> Report:
        """Evaluate the agents under the policy in force, and keep the figures."""
        prepare_database(self.say)
        policy = evaluations.policy()
        trial = Trial(
            seed,
            options["n"],
            options["defect_share"],
            options["hard_share"],
            options["formats"] or FORMATS,
            policy.text,
            policy.revision,
        )
        found = evaluated(trial)
        examined = evaluations.Examined(seed, trial.invoices, Decimal(str(trial.defect_share)), trial.formats)
        evaluations.record(examined, figures(found), policy)
        text = [f"seed {seed}, policy v{policy.revision}", *as_text(found)]
        return Report({"seed": seed, "policy": f"v{policy.revision}", **figures(found)}, text)


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError(text)
    return value


def _formats(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(text.split(",")))
    if not set(found) <= set(FORMATS):
        raise ValueError(text)
    return found
