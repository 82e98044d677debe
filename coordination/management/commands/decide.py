"""manage.py decide ESCALATION VERDICT: a person's verdict, by the same service as the page."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser

from reviews import services
from reviews.errors import NoSuchQuestion, ReviewError
from reviews.models import Escalation

from ...assurance.exports import escalation
from ..base import Report, ReportingCommand
from ..people import user_named


class Command(ReportingCommand):
    help = "Answer an escalation as a person. Exit code 4: refused; 5: lost the race or stale."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("escalation")
        parser.add_argument("verdict", choices=["approve", "reject", "override", "edit"])
        parser.add_argument("--by", required=True, metavar="USER")
        parser.add_argument("--reason", required=True, metavar="CODE")
        parser.add_argument("--comment", default="", metavar="T")
        parser.add_argument(
            "--overrides",
            default="",
            metavar="CODES",
            help="what an override sets aside, comma-separated; all that the user answers unless given",
        )
        parser.add_argument("--seen-version", type=int, metavar="N")
        parser.add_argument(
            "--remedy", default="", metavar="NAME", help="of an edit: which of the question's answers it is"
        )
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="FIELD=VALUE",
            help="of an edit: one of its fields; may be given several times",
        )

    def report(self, options: dict[str, Any]) -> Report:
        user: User = user_named(options["by"])
        try:
            key = UUID(options["escalation"])
        except ValueError as error:
            raise NoSuchQuestion(f"{options['escalation']} is not an escalation's id.") from error
        try:
            row = services.resolve(
                key,
                options["verdict"],
                by=user,
                reason=options["reason"],
                comment=options["comment"],
                overrides=options["overrides"],
                seen_version=options["seen_version"],
                remedy=options["remedy"],
                terms=_terms(options["set"]),
            )
        except NoSuchQuestion:
            raise
        except ReviewError as error:
            self.stderr.write(error.message)
            stands = escalation(Escalation.objects.get(pk=key))
            return Report(stands | {"error": error.message}, [], error.exit_code)
        return Report(escalation(row))


def _terms(given: list[str]) -> dict[str, str]:
    """FIELD=VALUE pairs as a mapping. Raises `CommandError` for what is none, or names a field twice."""
    terms: dict[str, str] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals or not name or name in terms:
            raise CommandError(f"{pair!r} is no FIELD=VALUE, or names a field for the second time.")
        terms[name] = value
    return terms
