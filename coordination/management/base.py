"""What all commands share: `--json`, one object on standard output, and a documented exit code."""

import os
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Literal, NoReturn

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from audit.errors import CountersignError

from ..project.database_ready import prepare_database
from ..translation.nature import ListError


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


class Misused(CountersignError):
    """The command cannot be understood; `--help` shows how it is called."""

    exit_code = 2


class Unusable(CountersignError):
    """A file cannot be read or written."""

    exit_code = 2


class Unreachable(CountersignError):
    """The database cannot be reached."""


def day(text: str) -> date:
    """The type of an option that is a day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day; write it like 2026-03-02") from None


@contextmanager
def whole_file(target: Path) -> Iterator[BinaryIO]:
    """A file that is there whole or not at all. Raises `Unusable`, which names it as it was asked for."""
    if not target.name:
        raise Unusable(f"{target} is no name of a file.")
    beside = target.with_name(f"{target.name}.part")
    try:
        with beside.open("wb") as out:
            yield out
        beside.replace(target)
    except OSError as error:
        if error.filename not in (None, str(beside)):
            raise  # something else could not be read meanwhile
        raise Unusable(f"{target} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):  # where there is no such folder there is nothing to take away
            beside.unlink()


class ReportingCommand(BaseCommand):
    """Base of all commands: implement `report`, declare options in `arguments`.

    Standard output carries the result and nothing else; progress goes to `self.say`, which is standard error.
    What goes wrong is one line on standard error and, with `--json`, also `{"error": ...}` on standard
    output.
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

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        if getattr(self, "_called_from_command_line", False):
            parser.error = self.misused  # type: ignore[method-assign]
        return parser

    def misused(self, message: str) -> NoReturn:
        """Refuse arguments in one line where the parser's own way prints its whole usage."""
        self.fail(Misused(f"{message}. Add --help to see how it is called."), json="--json" in sys.argv)

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            self.run(options)
        except CountersignError as error:
            self.fail(error, json=options["json"])
        except ListError as error:
            self.fail(Unusable(f"COUNTERSIGN_LISTS: {error}"), json=options["json"])
        except CommandError as error:
            if not getattr(self, "_called_from_command_line", False):
                raise  # a program that calls the command gets Django's own error
            self.fail(CountersignError(str(error)), json=options["json"])
        except BrokenPipeError:  # who reads has enough, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
            self.fail(Unusable(f"{what}."), json=options["json"])
        except OperationalError as error:
            why = " ".join(str(error).split())
            self.fail(Unreachable(f"The database cannot be used: {why}"), json=options["json"])

    def run(self, options: dict[str, Any]) -> None:
        """Do the work, print what came of it, end with its exit code."""
        if self.prepares_database:
            prepare_database(self.say)
        report = self.report(options)
        if options["json"]:
            self.stdout.write(dumps(report.data))
        else:
            for line in report.lines():
                self.stdout.write(line)
        self.stdout.flush()
        if report.exit_code:
            sys.exit(report.exit_code)

    def fail(self, error: CountersignError, *, json: bool) -> NoReturn:
        """Say what is wrong and end with the exit code that it has."""
        self.stderr.write(error.message)
        if json:
            self.stdout.write(dumps({"error": error.message}))
        sys.exit(error.exit_code)


def dumps(value: object) -> str:
    """Return one line of JSON; amounts as strings, never as binary fractions."""
    return orjson.dumps(value, default=_plain).decode()


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
