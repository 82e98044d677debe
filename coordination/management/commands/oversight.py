"""manage.py oversight: the signed statement of a period, and known-answer cases planted by hand for
trying."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from reviews.access import may_now
from reviews.errors import NotAllowed
from reviews.services import person

from ... import rights
from ...assurance import oversight_statement
from ...domain.oversight import DEFECT_WORDS, Defect
from ...oversight import planting
from ..base import Misused, Report, ReportingCommand, day, whole_file
from ..people import user_named

MOST_PLANTED = 50


class Command(ReportingCommand):
    help = (
        "Write the signed statement of what people reviewed and how much they caught (python -m audit.verify"
        " FILE), or plant known-answer cases at once, for trying."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["statement", "plant"])
        parser.add_argument("--from", dest="since", type=day, metavar="DAY", help="first day, UTC")
        parser.add_argument("--to", dest="until", type=day, metavar="DAY", help="last day, UTC, included")
        parser.add_argument("-o", "--output", type=Path, metavar="FILE")
        parser.add_argument("--by", metavar="USER", help="the manager who plants")
        parser.add_argument("--count", type=int, default=1, metavar="N", help="cases to plant (default: 1)")
        parser.add_argument(
            "--defect", choices=[str(d) for d in Defect], help="what is wrong with them (default: by chance)"
        )

    def report(self, options: dict[str, Any]) -> Report:
        return self._plant(options) if options["action"] == "plant" else self._state(options)

    def _state(self, options: dict[str, Any]) -> Report:
        since, until, target = options["since"], options["until"], options["output"]
        if since is None or until is None or target is None:
            raise Misused("A statement needs --from DAY, --to DAY and -o FILE.")
        with whole_file(target) as out:
            stated = oversight_statement.write(out, since, until, by="system:command")
        told = {
            "file": str(target),
            "cases": stated.cases,
            "entries": stated.entries,
            "size": stated.size,
            "root": stated.root,
            "statement": stated.data,
        }
        text = [
            f"{target}: {stated.cases} known-answer cases, sealed in a tree of {stated.size}.",
            f"Verify it anywhere: python verify.py {target.name} (the verifier lies in it).",
        ]
        return Report(told, text)

    def _plant(self, options: dict[str, Any]) -> Report:
        if not options["by"]:
            raise Misused("Say who plants: --by USER.")
        by = user_named(options["by"])
        if not may_now(by, rights.PLANT):
            raise NotAllowed("Managers plant known-answer cases.")
        if not 1 <= options["count"] <= MOST_PLANTED:
            raise Misused(f"Plant between 1 and {MOST_PLANTED} cases.")
        defect = Defect(options["defect"]) if options["defect"] else None
        done = planting.by_hand(options["count"], by=person(by), defect=defect)
        told = {
            "planted": [
                {"escalation": str(k.question_id), "queue": k.question.queue, "commitment": k.commitment}
                for k in done.cases
            ],
            "without": done.without,
        }
        text = [f"{len(done.cases)} planted."]
        if done.without:
            text.append(
                f"For {done.without} no invoice had a fitting twin"
                f" ({', '.join(DEFECT_WORDS[d].lower() for d in ([defect] if defect else Defect))})."
            )
        return Report(told, text)
