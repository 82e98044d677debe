"""manage.py decide_together ESCALATION... VERDICT: one answer of a person to many questions."""

import sys
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from reviews import bulk
from reviews.errors import NoSuchQuestion

from ...assurance.exports import escalation
from ..base import Report, ReportingCommand, dumps
from ..people import user_named


class Command(ReportingCommand):
    help = (
        "Answer several escalations as a person, each for itself; prints a JSON object for each, one a line."
        " Exit code 0: all were answered; 5: some lost the race or are stale; 4: some were refused otherwise."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Let options stand between the ids and the verdict."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.parse_args = parser.parse_intermixed_args  # type: ignore[method-assign]
        return parser

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("escalations", nargs="+", metavar="ESCALATION", help="their ids; - reads them")
        parser.add_argument("verdict", choices=["approve", "reject", "override"])
        parser.add_argument("--by", required=True, metavar="USER")
        parser.add_argument("--reason", required=True, metavar="CODE")
        parser.add_argument("--comment", default="", metavar="T")

    def report(self, options: dict[str, Any]) -> Report:
        user: User = user_named(options["by"])
        results = bulk.answer_together(
            [bulk.Sent(key) for key in _keys(options["escalations"])],
            options["verdict"],
            by=user,
            reason=options["reason"],
            comment=options["comment"],
        )
        lines = [_line(result) for result in results]
        answered = sum(r.answered for r in results)
        data: dict[str, Any] = {"answered": answered, "escalations": lines}
        refused = next((r.refusal for r in results if r.refusal is not None), None)
        if refused is not None:
            data["error"] = f"{answered} of {len(results)} were answered. {refused.message}"
            self.stderr.write(data["error"])
        return Report(data, map(dumps, lines), bulk.exit_code(results))


def _line(result: bulk.Result) -> dict[str, Any]:
    refused = {} if result.refusal is None else {"error": result.refusal.message}
    return {**escalation(result.escalation), "answered": result.answered, **refused}


def _keys(named: Iterable[str]) -> list[UUID]:
    """The ids that are named, those on standard input in the place of a `-`."""
    words: list[str] = []
    for word in named:
        words += sys.stdin.read().split() if word == "-" else [word]
    return [_key(word) for word in words]


def _key(word: str) -> UUID:
    try:
        return UUID(word)
    except ValueError:
        raise NoSuchQuestion(f"{word} is not an escalation's id.") from None
