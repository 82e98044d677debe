"""manage.py count_days: count older days for the pages that read counts by day."""

from typing import Any

from django.core.management.base import CommandParser

from ...services.behaviour import day_counts
from ..base import Report, ReportingCommand


class Command(ReportingCommand):
    help = (
        "Count the last days anew for the pages of disagreement and of ways, as once after an upgrade; today"
        " and yesterday are counted every ten minutes by themselves. Days that are counted already come to"
        " the same again."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=90, metavar="N", help="how many, today included (90)")

    def report(self, options: dict[str, Any]) -> Report:
        days = day_counts.count_back(max(0, options["days"]))
        return Report({"days": days}, [f"{days} days counted."])
