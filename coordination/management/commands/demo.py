"""manage.py demo: load the demonstration's trade, through the same intake as every document."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from coordination.engine.intake import take_in
from coordination.management.base import Report, ReportingCommand
from coordination.models import Invoice
from coordination.world import generate


class Command(ReportingCommand):
    help = "Load a made-up trade of some weeks. Does nothing where invoices are already there."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--invoices", type=int, default=160, metavar="N")
        parser.add_argument("--seed", type=int, default=2026)

    def report(self, options: dict[str, Any]) -> Report:
        if Invoice.objects.exists():
            return Report({"loaded": 0}, ["The data is already there."])
        world = generate(options["seed"], options["invoices"], timezone.localdate())
        report = take_in(world.files.items(), actor="system:demo", source="demo")
        data = report.as_json()
        return Report({"loaded": data["accepted"], "quarantined": data["quarantined"]})
