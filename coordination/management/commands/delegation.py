"""manage.py delegation add|end|list: who answers whose questions, by the same service as the page."""

from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser

from audit import clock
from reviews import delegation
from reviews.delegation import Shown

from ..base import Misused, Report, ReportingCommand, day
from ..people import user_named


class Command(ReportingCommand):
    help = (
        "Have a colleague answer somebody's questions, too, from a day to a day (add FROM_USER TO_USER"
        " --first D --last D --by USER); take that back (end ID --by USER); list them."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["add", "end", "list"])
        parser.add_argument("names", nargs="*", metavar="NAME", help="FROM_USER TO_USER; or the id of one")
        parser.add_argument("--first", type=day, metavar="DAY", help="the first day, to add")
        parser.add_argument("--last", type=day, metavar="DAY", help="the last day, to add")
        parser.add_argument("--by", metavar="USER", help="who arranges it or takes it back")

    def report(self, options: dict[str, Any]) -> Report:
        action, names = options["action"], options["names"]
        if action == "list":
            return _listed(delegation.current(clock.now()))
        if not options["by"]:
            raise Misused("--by says who arranges it or takes it back.")
        by = user_named(options["by"])
        if action == "end":
            row = delegation.end(_key(names), by=by)
            return Report({"delegation": str(row.id), "ended_at": str(row.ended_at)})
        if len(names) != 2 or not options["first"] or not options["last"]:
            raise Misused("add takes FROM_USER TO_USER --first DAY --last DAY.")
        delegator, delegate = map(user_named, names)
        row = delegation.arrange(delegator, delegate, options["first"], options["last"], by=by)
        return Report({"delegation": str(row.id), "from": str(row.first), "until": str(row.last)})


def _listed(found: list[Shown]) -> Report:
    rows = [
        {
            "delegation": str(one.id),
            "delegator": one.delegator,
            "delegate": one.delegate,
            "from": str(one.first),
            "until": str(one.last),
            "in_force": one.in_force,
        }
        for one in found
    ]
    text = [
        f"{one.id}  {one.delegate} for {one.delegator}, {one.first} to {one.last}"
        f"{'' if one.in_force else ', not in force'}"
        for one in found
    ]
    return Report({"delegations": rows}, text or ["Nobody answers for anybody."])


def _key(names: list[str]) -> UUID:
    try:
        [text] = names
        return UUID(text)
    except ValueError:
        raise Misused("end takes the id of one delegation; `delegation list` shows them.") from None
