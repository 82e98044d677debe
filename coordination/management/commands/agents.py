"""manage.py agents: list, pause, resume, set autonomy, open or close a drift breaker, rehearse drift, ask
people instead of one."""

from typing import Any

from django.core.management.base import CommandParser

from ...models import Agent, Drill
from ...services import agent_control, drills
from ..base import Report, ReportingCommand
from ..people import user_named


class Command(ReportingCommand):
    help = (
        "List agents; pause, resume, set the autonomy or the drift breaker of one, ask people instead of a"
        " stopped one."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "action", choices=["list", "pause", "resume", "autonomy", "breaker", "drill", "ask-people"]
        )
        parser.add_argument("name", nargs="?")
        parser.add_argument("level", nargs="?", help="autonomy; open or close; approves, unsure or end")
        parser.add_argument("--by", metavar="USER", help="who answers for it; needed but to pause")
        parser.add_argument("--reason", default="", metavar="TEXT", help="why; needed but to pause")
        parser.add_argument(
            "--share", default="0.3", help="of the documents, for a drill (default: %(default)s)"
        )

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
        elif options["action"] == "drill" and options["level"] == "end":
            drills.end(name, by=by, reason=options["reason"])
        elif options["action"] == "drill":
            share = drills.share_of(options["share"])
            drills.start(name, options["level"] or "", share, by=by, reason=options["reason"])
        elif options["action"] == "ask-people":
            agent_control.ask_people(name, by=by, reason=options["reason"])
        drilled = dict(Drill.objects.running().values_list("agent", "kind"))
        wanted = (a for a in Agent.objects.order_by("name") if not name or a.name == name)
        rows = [_line(a, drilled.get(a.name, "")) for a in wanted]
        return Report(
            {"agents": rows},
            [_row(r) for r in rows],
        )


def _line(agent: Agent, drill: str) -> dict[str, Any]:
    return {
        "name": agent.name,
        "department": agent.department,
        "version": agent.agent_version,
        "autonomy": agent.autonomy,
        "paused": agent.paused,
        "breaker": agent.breaker or "closed",
        **({"drill": drill} if drill else {}),
    }


def _row(row: dict[str, Any]) -> str:
    stand = "stopped" if row["paused"] else "running"
    more = ", breaker open" if row["breaker"] == "open" else ""
    more += f", drill: {row['drill']}" if "drill" in row else ""
    return f"{row['name']:24} {row['autonomy']:12} {stand}{more}"
