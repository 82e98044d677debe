"""What all commands share: `--json`, one object on standard output, and a documented exit code."""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

import orjson
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from audit.errors import CountersignError


@dataclass(frozen=True)
class Report:
    """What came of a command: `data` for programs, `text` for people (default: the data), the exit code."""

    data: Mapping[str, Any] = field(default_factory=dict)
    text: Iterable[str] | None = None
    exit_code: int = 0

    def lines(self) -> Iterable[str]:
        if self.text is not None:
            return self.text
        return (f"{name}: {value}" for name, value in self.data.items())


class ReportingCommand(BaseCommand):
    """Base of all commands: implement `report`, declare options in `arguments`.

    Standard output carries the result and nothing else; progress goes to `self.say`, which is standard error.
    """

    # `up` and `check` run them; a command that reads the database need not load every page first
    requires_system_checks: tuple[str, ...] | Literal["__all__"] = ()

    prepares_database = True

    def arguments(self, parser: CommandParser) -> None:
        """Declare the options of the command."""

    def report(self, options: dict[str, Any]) -> Report:
        """Do the work and say what came of it."""
        raise NotImplementedError

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")
        self.arguments(parser)

    def say(self, line: str) -> None:
        self.stderr.write(line, self.style.HTTP_INFO)

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            self._handle(options)
        except BrokenPipeError:  # whoever read us has seen enough (`| head`)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(128 + signal.SIGPIPE)

    def _handle(self, options: dict[str, Any]) -> None:
        try:
            if self.prepares_database:
                prepare_database(self.say)
            report = self.report(options)
        except CountersignError as error:
            self.stderr.write(f"{error.message}")
            sys.exit(error.exit_code)
        if options["json"]:
            self.stdout.write(dumps(report.data))
        else:
            for line in report.lines():
                self.stdout.write(line)
        if report.exit_code:
            self.stdout.flush()
            sys.exit(report.exit_code)


def prepare_database(say: Callable[[str], None]) -> None:
    """Make the tables of an empty database, so that the first command on a fresh data folder just works."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        if cursor.fetchone()[0]:
            return
    say("preparing an empty database")
    call_command("migrate", verbosity=0, skip_checks=True)


def dumps(value: object) -> str:
    """Return one line of JSON; amounts as strings, never as binary fractions."""
    return orjson.dumps(value, default=_plain).decode()


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
