"""manage.py retention report | apply | hold | lift: what is past its time, removing it, and what must
stay."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from audit.canonical import instant
from audit.errors import CountersignError

from ...models import LegalHold
from ...services.retention import classes, legal_holds
from ..base import Report, ReportingCommand
from ..people import user_named


class Incomplete(CountersignError):
    """A legal hold needs all of it: retention hold NUMBER --by USER --reason TEXT; the same for lift."""

    exit_code = 2


class Command(ReportingCommand):
    help = (
        "Say what is past its class of retention (report), remove what may be removed (apply; --dry-run only"
        " counts), or keep an invoice or vendor from it (hold, lift)."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["report", "apply", "hold", "lift"])
        parser.add_argument(
            "subject", nargs="?", default="", help="invoice number, VENDOR/NUMBER, or vendor number"
        )
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--by", metavar="USER")
        parser.add_argument("--reason", default="", metavar="T")

    def report(self, options: dict[str, Any]) -> Report:
        action = options["action"]
        if action in {"hold", "lift"}:
            return self._hold(action, options)
        if action == "apply" and not options["dry_run"]:
            return self._apply(options)
        rows = [_line(s) for s in classes.report()]
        text = [f"{r['title']}: {r['count']}, kept {r['keep']}; {_past(r)}" for r in rows]
        return Report({"classes": rows}, text)

    def _apply(self, options: dict[str, Any]) -> Report:
        by = user_named(options["by"]) if options["by"] else None
        done = classes.apply(by=by)
        rows = [{"class": a.of.key, "removed": a.removed, "held": a.held} for a in done if a.of.erasable]
        text = [
            f"{a.of.title}: {a.removed} removed, {a.held} under a legal hold" for a in done if a.of.erasable
        ]
        return Report({"applied": rows}, text)

    def _hold(self, action: str, options: dict[str, Any]) -> Report:
        if not (options["subject"] and options["by"] and options["reason"]):
            raise Incomplete
        by, subject = user_named(options["by"]), legal_holds.find(options["subject"])
        if action == "hold":
            row = legal_holds.place(subject, options["reason"], by=by)
        else:
            standing = LegalHold.objects.in_force().filter(subject=subject).first()
            if standing is None:
                raise legal_holds.NotHeld
            row = legal_holds.lift(standing.pk, options["reason"], by=by)
        return Report({"id": str(row.id), "subject": row.subject, "stands": row.lifted_at is None})


def _line(s: classes.RetentionStatus) -> dict[str, Any]:
    return {
        "class": s.of.key,
        "title": s.of.title,
        "keep": s.of.words,
        "erasable": s.of.erasable,
        "basis": s.of.basis,
        "count": s.count,
        "oldest": instant(s.oldest) if s.oldest else None,
        "before": instant(s.cutoff) if s.cutoff else None,
        "past": s.past,
        "held": s.held,
        "due": s.due,
    }


def _past(r: dict[str, Any]) -> str:
    if not r["past"]:
        return "nothing is past its time"
    kept = f", {r['held']} of them under a legal hold" if r["held"] else ""
    return f"{r['past']} past their time{kept}; {r['due']} to be removed"
