"""manage.py demo: load the demonstration's trade, through the same intake as every document."""

from typing import Any

from django.core.management.base import CommandParser

from audit import clock

from ...models import Invoice
from ...services.intake import take_in
from ...world import World, bookings, generate, story
from ...world.files import FORMATS
from ..base import Report, ReportingCommand


class Command(ReportingCommand):
    help = "Load a made-up trade of some weeks. Does nothing where invoices are already there."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--invoices", type=int, default=160, metavar="N")
        parser.add_argument("--seed", type=int, default=2026)
        parser.add_argument("--story", action="store_true", help="with some weeks already decided and paid")

    def report(self, options: dict[str, Any]) -> Report:
        if Invoice.objects.exists():
            return Report({"loaded": 0}, ["The data is already there."])
        today = clock.today()
        past, present = options["invoices"], 0
        if options["story"]:
            past, present = options["invoices"] * 2 // 3, options["invoices"] // 3
        formats = FORMATS if options["story"] else ("csv",)
        loaded = self._load(generate(options["seed"], past, today, formats=formats))
        if options["story"]:
            books = {"codings.csv": bookings.history(options["seed"], today)}
            loaded += self._load(World(books, ()))
            story.tell()
            later = generate(options["seed"] + 1, present, today, first=past, formats=formats)
            loaded += self._load(later)
        return Report({"loaded": loaded})

    def _load(self, world: World) -> int:
        """What is known first, then what changes it."""
        return sum(
            take_in(files.items(), actor="system:demo", source="demo", trust_first=True).count("accepted")
            for files in (world.files, world.later)
        )
