"""manage.py demo: load the demonstration's trade, through the same intake as every document."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.db import connection, transaction

from audit import clock

from ...models import Invoice
from ...project.database_ready import prepare_database
from ...project.people import DEMO_WEEKS, create_demo_people
from ...services.behaviour import day_counts
from ...services.intake import take_in
from ...workers.loop import tune_gc
from ...world import World, bookings, generate, past, story
from ...world.files import FORMATS
from ..base import Report, ReportingCommand


class Command(ReportingCommand):
    help = "Load a made-up trade of some weeks. Does nothing where invoices are already there."
    prepares_database = False  # with a past, on the clock on which that begins

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--invoices", type=int, default=160, metavar="N")
        parser.add_argument("--seed", type=int, default=2026)
        parser.add_argument("--story", action="store_true", help="with people, and weeks of work")
        parser.add_argument(
            "--weeks", type=int, default=DEMO_WEEKS, metavar="N", help="of the story (default: %(default)s)"
        )
        parser.add_argument(
            "--a-day", type=int, default=past.A_DAY, metavar="N", help="invoices (default: %(default)s)"
        )

    def report(self, options: dict[str, Any]) -> Report:
        today, weeks = clock.today(), options["weeks"] if options["story"] else 0
        with past.installed(today, weeks):
            prepare_database(self.say)
        if not past.fits(today, weeks):
            weeks = 0
        if Invoice.objects.exists():
            return Report({"loaded": 0}, ["The data is already there."])
        if not options["story"]:
            return Report({"loaded": self._load(generate(options["seed"], options["invoices"], today))})
        tune_gc()
        with not_waiting_for_the_disk():
            played = past.Played()
            if weeks:
                played = past.play(options["seed"], today, count=weeks, a_day=options["a_day"])
            create_demo_people()
            loaded = self._present(options["seed"], options["invoices"], today, played)
        day_counts.count_back(7 * weeks + 1)
        return Report(
            {"loaded": played.accepted + loaded, "days": played.days, "answers": played.answers}
            | {"runs": played.runs}
        )

    def _present(self, seed: int, invoices: int, today: date, played: past.Played) -> int:
        """What comes in today: most of it decided, some answered, the rest as it lies on the desk."""
        before, later = invoices * 2 // 3, invoices // 3
        shared: dict[str, Any] = {"formats": FORMATS, "claimed": played.claims}
        loaded = self._load(generate(seed, before, today, **shared))
        loaded += self._load(World({"codings.csv": bookings.history(seed, today)}, ()))
        story.tell(today + timedelta(days=7))
        return loaded + self._load(generate(seed + 1, later, today, first=before, **shared))

    def _load(self, world: World) -> int:
        """What is known first, then what changes it."""
        return sum(
            take_in(files.items(), actor="system:demo", source="demo", trust_first=True).count("accepted")
            for files in (world.files, world.later)
        )


@contextmanager
def not_waiting_for_the_disk() -> Iterator[None]:
    """While this lasts no commit waits until it is on disk: should the machine fail, the demonstration is
    made anew. At the end all of it is there."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        try:
            yield
        finally:
            cursor.execute("RESET synchronous_commit")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT txid_current()")  # a commit that waits, and with it for all before
