"""manage.py auditor grant | revoke | list: access for a time, by SQL or on the web."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import CommandParser
from django.db import connection

from audit.canonical import instant
from audit.errors import CountersignError

from ...assurance import sql_logins
from ..base import Report, ReportingCommand
from ..people import user_named
from .dburl import url


class Incomplete(CountersignError):
    """Name the auditor, and for a grant the last day: auditor grant NAME --until 2026-12-31."""

    exit_code = 2


class Command(ReportingCommand):
    help = (
        "Let an auditor read the documented views by SQL until a day (prints the password once), take that"
        " back, or list all. With --web the same for an account of the web."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["grant", "revoke", "list"])
        parser.add_argument("name", nargs="?", default="")
        parser.add_argument("--until", metavar="DAY", help="last day, UTC: 2026-12-31")
        parser.add_argument(
            "--web", action="store_true", help="an account of the web instead of a database login"
        )
        parser.add_argument("--by", metavar="USER")

    def report(self, options: dict[str, Any]) -> Report:
        if options["action"] == "list":
            return self._list()
        if not options["name"]:
            raise Incomplete
        by = user_named(options["by"]) if options["by"] else None
        if options["action"] == "grant":
            return self._grant(options, by)
        if options["web"]:
            sql_logins.dismiss(options["name"], by=by)
            return Report({"name": options["name"], "kind": "web", "revoked": True})
        closed = sql_logins.revoke(options["name"], by=by)
        return Report({"name": options["name"], "kind": "sql", "revoked": True, "connections_closed": closed})

    def _grant(self, options: dict[str, Any], by: Any) -> Report:
        until = sql_logins.end_of(_day(options["until"]))
        name = options["name"]
        if options["web"]:
            password = sql_logins.admit(name, until, by=by)
            return Report(
                {"name": name, "kind": "web", "until": instant(until), "password": password or None}
            )
        password = sql_logins.grant(name, until, by=by)
        login = sql_logins.login_of(name)
        found = url(connection.get_connection_params() | {"user": login, "password": password})
        data = {
            "name": name,
            "kind": "sql",
            "role": login,
            "until": instant(until),
            "password": password,
            "url": found,
        }
        text = [f"{login} reads until {until:%Y-%m-%d %H:%M} UTC. This is shown once:", found]
        return Report(data, text)

    def _list(self) -> Report:
        rows = [
            {
                "name": a.name,
                "kind": a.kind,
                "until": instant(a.until) if a.until else None,
                "ended": a.ended,
                "connected": a.connected,
            }
            for a in sql_logins.auditors()
        ]
        text = [
            f"{r['name']:24} {r['kind']:4} {r['until'] or 'no end':28} {'ended' if r['ended'] else 'open'}"
            for r in rows
        ]
        return Report({"auditors": rows}, text or ["No auditor has access."])


def _day(text: str | None) -> date:
    if not text:
        raise Incomplete
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise sql_logins.NotNow from None
