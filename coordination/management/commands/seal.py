"""manage.py seal: give what has been committed its place in the tree, and sign the root."""

from typing import Any

from django.core.management.base import CommandParser

from audit import keys, sealing, sinks
from audit.models import Entry

from ..base import Report, ReportingCommand


class Command(ReportingCommand):
    help = (
        "Seal the ledger: a signed checkpoint over every entry. The sealer does this by itself each minute."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rotate-key", action="store_true", help="first change the key; the old one signs the new one"
        )

    def report(self, options: dict[str, Any]) -> Report:
        if options["rotate_key"]:
            self.say(f"The ledger is now sealed with {keys.rotate(keys.ACTOR)}.")
        sealed = sealing.seal()
        for failure in sinks.send(sealed.note) if sealed.fresh else ():
            self.say(f"The checkpoint could not be sent to {failure}")
        data = {
            "entries": Entry.objects.count(),
            "fresh": sealed.fresh,
            "size": sealed.size,
            "root": sealed.root,
            "findings": [],
            "note": sealed.note,
            "key": str(keys.signer().key),
        }
        text = [
            f"{sealed.fresh} entries sealed; the tree has {sealed.size}, its root is {sealed.root}.",
            "",
            sealed.note,
        ]
        return Report(data, text)
