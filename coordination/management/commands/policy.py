"""manage.py policy: show the rules in force, lint a file, load one as a draft, ask to put one in force."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from reviews.services import person

from ...facts import policies
from ...governance.lint import Fault, lint
from ...models import PolicyVersion
from ...services import policy_activation, policy_versions
from ..base import Misused, Report, ReportingCommand
from ..people import user_named


class Command(ReportingCommand):
    help = (
        "The policy: show what is in force, lint a file (exit code 1: it has faults), load it as a draft,"
        " activate a version. That asks a question; it is in force once a second person has approved it."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["show", "lint", "load", "activate"])
        parser.add_argument("file", nargs="?", metavar="FILE|VERSION", help="activate: such as 2 or v2")
        parser.add_argument("--by", metavar="USER", help="who wrote what is loaded, or asks to activate it")

    def report(self, options: dict[str, Any]) -> Report:
        action, file = options["action"], options["file"]
        if action == "show":
            return self._show()
        if action == "activate":
            return self._activate(file, options["by"])
        if not file:
            raise Misused(f"Name the file: policy {action} FILE.")
        text = _text(Path(file))
        if faults := lint(text):
            return Report({"findings": [_fault(f) for f in faults]}, [_line(file, f) for f in faults], 1)
        if action == "lint":
            return Report({"findings": []}, [f"{file}: nothing found."])
        author = person(user_named(options["by"])) if options["by"] else "system:command-line"
        return Report(_version(policy_versions.draft(text, author=author)))

    def _activate(self, version: str | None, by: str | None) -> Report:
        number = (version or "").removeprefix("v")
        if not (number.isascii() and number.isdecimal() and len(number) < 10 and by):
            raise Misused("Name the version and who asks: policy activate VERSION --by USER.")
        asked = policy_activation.propose(int(number), by=user_named(by))
        row = PolicyVersion.objects.get(revision=int(number))
        told = _version(row) | {"escalation": str(asked.pk), "due": asked.due_at.isoformat()}
        return Report(told, [f"{asked.question} A second person answers: escalation {asked.pk}."])

    def _show(self) -> Report:
        row = PolicyVersion.objects.filter(status=PolicyVersion.Status.ACTIVE).first()
        if row is None:
            raise policies.NoPolicy
        rules = json.loads(row.text)
        text = [f"{row} {row.status}, sha256 {row.sha256}"]
        text += [f"{r['id']:5} {r['then']:9} {r['text']}" for r in rules["rules"]]
        text += [f"{t['id']:5} {'tolerance':9} {t['text']}" for t in rules["tolerances"].values()]
        return Report(_version(row) | {"policy": rules}, text)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Misused(f"{file}: this is no UTF-8 text (byte {error.start + 1}).") from error


def _version(row: PolicyVersion) -> dict[str, Any]:
    return {"version": row.revision, "status": row.status, "sha256": row.sha256, "author": row.author}


def _fault(fault: Fault) -> dict[str, Any]:
    return {"code": fault.code, "line": fault.line, "rule": fault.rule, "message": fault.message}


def _line(file: str, fault: Fault) -> str:
    line = f", line {fault.line}" if fault.line else ""
    rule = f", {fault.rule}" if fault.rule else ""
    return f"{file}{line}{rule}: {fault.message} ({fault.code})"
