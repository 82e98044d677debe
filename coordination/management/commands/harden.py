"""manage.py harden: the database roles, and whether this server keeps them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.db import connection

from audit import hardening, roles

from ..base import Report, ReportingCommand
from .dburl import url


class Command(ReportingCommand):
    help = (
        "Make the database roles and say line by line what was done, what was there, and what this server"
        " does not allow (exit code 1 then). With --check only judge what is: exit code 1 with findings."
    )

    def arguments(self, parser: CommandParser) -> None:
        only = parser.add_mutually_exclusive_group()
        only.add_argument(
            "--dry-run", action="store_true", help="only say what would be done, and by which SQL"
        )
        only.add_argument(
            "--check", action="store_true", help="judge triggers, rights and the product's connection"
        )
        only.add_argument(
            "--password",
            choices=["app", "sealer", "migrator"],
            metavar="ROLE",
            help="give app, sealer or migrator a fresh password and print its URL, once",
        )

    def report(self, options: dict[str, Any]) -> Report:
        if options["check"]:
            return self._check()
        if options["password"]:
            return self._password(options["password"])
        lines = hardening.harden(dry_run=options["dry_run"])
        refused = [line for line in lines if line.outcome == "refused"]
        text = [str(line) for line in lines]
        if options["dry_run"]:
            text = [
                part for line in lines for part in (str(line), *(f"{'':>13}{s};" for s in line.statements))
            ]
        elif not refused:
            text += ["", f"Now: harden --password app, and connect the product as {roles.name('app')}."]
        data = {"lines": [line.as_json() for line in lines], "refused": len(refused)}
        return Report(data, text, 1 if refused else 0)

    def _check(self) -> Report:
        found = roles.check_roles(strict=True)
        data = {"findings": [f.as_json() for f in found], "roles": sorted(roles.existing())}
        text = [f"{f.code} {f.subject}: {f.detail}" for f in found]
        return Report(data, text or ["Triggers, roles and rights are as they should be."], 1 if found else 0)

    def _password(self, kind: str) -> Report:
        password = hardening.set_password(kind)
        params = connection.get_connection_params() | {"user": roles.name(kind), "password": password}
        found = url(params)
        return Report({"role": roles.name(kind), "url": found}, [found])
