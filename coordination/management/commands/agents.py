"""manage.py agents: list, pause, resume, set autonomy, open or close a drift breaker, ask people instead of
one."""

from typing import Any

from django.core.management.base import CommandParser

from ...models import Agent
from ...services import agent_control
from ..base import Report, ReportingCommand
from ..people import user_named


class Command(ReportingCommand):
    help = (
        "List agents; pause, resume, set the autonomy or the drift breaker of one, ask people instead of a"
        " stopped one."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "action", choices=["list", "pause", "resume", "autonomy", "breaker", "ask-people"]
        )
        parser.add_argument("name", nargs="?")
        parser.add_argument("level", nargs="?")
        parser.add_argument("--by", metavar="USER", help="who answers for it; needed but to pause")
        parser.add_argument("--reason", default="", metavar="TEXT", help="why; needed but to pause")

    def report(self, options: dict[str, Any]) -> Report:
        by = user_named(options["by"]) if options["by"] else None
        name = options["name"] or ""
        if options["action"] == "pause":
            agent_control.pause(name, by=by, reason=options["reason"])
        elif options["action"] == "resume":
            agent_control.resume(name, by=by, reason=options["reason"])
        elif options["action"] == "autonomy":
            agent_control.set_autonomy(name, options["level"] or "", by=by, reason=options["reason"])
        elif options["action"] == "breaker":
            agent_control.set_breaker(name, options["level"] or "", options["reason"], by=by)
        elif options["action"] == "ask-people":
            agent_control.ask_people(name, by=by, reason=options["reason"])
        rows = [_line(a) for a in Agent.objects.order_by("name") if not name or a.name == name]
        return Report(
            {"agents": rows},
            [_row(r) for r in rows],
        )


def _line(agent: Agent) -> dict[str, Any]:
    return {
        "name": agent.name,
        "department": agent.department,
        "version": agent.agent_version,
        "autonomy": agent.autonomy,
        "paused": agent.paused,
        "breaker": agent.breaker or "closed",
    }


def _row(row: dict[str, Any]) -> str:
    stand = "stopped" if row["paused"] else "running"
    return (
        f"{row['name']:24} {row['autonomy']:12} {stand}{', breaker open' if row['breaker'] == 'open' else ''}"
    )
