"""`manage.py setup_people`: groups, and with `--demo` the people of the demonstration."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from ...project.people import GROUPS, create_demo_people, ensure_groups
from ..base import Report, ReportingCommand


class Command(ReportingCommand):
    help = "Create the groups; with --demo also the people of the demonstration (never in production)."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="create the people of the demonstration")

    def report(self, options: dict[str, Any]) -> Report:
        ensure_groups()
        if not options["demo"]:
            return Report({"groups": list(GROUPS), "people": []})
        if settings.PRODUCTION:
            raise CommandError("Demo people need no password, so production has none. Leave out --demo.")
        people = [user.get_username() for user in create_demo_people()]
        return Report({"groups": list(GROUPS), "people": people})
