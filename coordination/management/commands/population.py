"""manage.py population: what a search finds, as a file with a signed manifest; and the check of one."""

import tempfile
from base64 import b64decode
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.core.management.base import CommandParser

from audit import keys
from audit.errors import CountersignError
from audit.words import how_many
from reviews.access import may
from reviews.errors import NotAllowed
from reviews.services import person

from ... import rights
from ...assurance import populations
from ...assurance.population_query import search_of, zone_named
from ...reports import manifest as paper
from ...reports.writers import FORMATS
from ..base import Report, ReportingCommand
from ..people import user_named

ACTOR = "system:command"


class SayWhere(CountersignError):
    """Say where to write it: -o FILE. A name that ends in .zip takes the list and its manifest together."""

    exit_code = 2


class Command(ReportingCommand):
    help = (
        "Hand over a population: what a search finds, as CSV, Excel, JSON Lines or PDF with a signed"
        " manifest. --verify checks one: exit code 1 when it is not what was handed over, 2 when it cannot be"
        " read."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--query", default="", help='such as "code=price_over&since=2026-01-01"; all invoices without it'
        )
        parser.add_argument("--format", choices=sorted(FORMATS), default="csv")
        parser.add_argument("-o", "--output", type=Path, metavar="FILE")
        parser.add_argument(
            "--zone", default="UTC", help="time zone that the days of the search are meant in"
        )
        parser.add_argument("--by", metavar="USER", help="who asks for it; a manager or an auditor")
        parser.add_argument("--verify", type=Path, metavar="FILE", help="check a zip, a list or a manifest")
        parser.add_argument(
            "--key", metavar="BASE64", help="public key to check with; this installation's without it"
        )

    def report(self, options: dict[str, Any]) -> Report:
        if options["verify"]:
            return self.verified(options["verify"], options["key"])
        if options["output"] is None:
            raise SayWhere
        by = actor(options["by"])
        with zone_named(options["zone"]):
            done = written(options["query"], options["format"], options["output"], by)
        self.say(f"population {done.id} is recorded in the ledger")
        text = [how_many(int(done.manifest["count"]), "invoice")]
        text += [
            f"{t['currency'] or 'no currency'} {t['gross']} in {t['count']}" for t in done.manifest["totals"]
        ]
        return Report(done.manifest, [*text, f"sha256 {done.manifest['file']['sha256']}"])

    def verified(self, path: Path, key: str | None) -> Report:
        public = public_key(key) if key else keys.signer().public
        found = paper.verify(path, public)
        known = populations.recorded(found)
        if not key and not known:
            found.problems.append("This installation's ledger does not say that it was handed over.")
        data = found.as_json() | {"recorded": known}
        return Report(data, found.problems or [_genuine(found)], 1 if found.problems else 0)


def _genuine(found: paper.Checked) -> str:
    counted = "signature, file, number and sums" if found.recounted else "signature and file"
    invoices = how_many(int(found.manifest["count"]), "invoice")
    return f"Genuine: {counted} agree; {invoices}, made {found.manifest['made']}."


def actor(username: str | None) -> str:
    """Who asks; a person needs the right."""
    if not username:
        return ACTOR
    user = user_named(username)
    if not may(user, rights.READ_SAMPLES):
        raise NotAllowed("Managers and auditors take populations away.")
    return person(user)


def written(query: str, format_name: str, target: Path, by: str) -> populations.Exported:
    """The file with its manifest inside (zip) or beside; nothing stays behind when it fails."""
    target.parent.mkdir(parents=True, exist_ok=True)
    archive = target.suffix == ".zip"
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.") as file:
        out = cast(BinaryIO, file)
        name = "" if archive else target.name
        done = populations.export(search_of(query), format_name, out, by=by, name=name)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as whole:
            if archive:
                paper.pack(cast(BinaryIO, whole), done.name, out, done.paper)
            else:
                while block := out.read(paper.BLOCK):
                    whole.write(block)
        Path(whole.name).replace(target)
    if not archive:
        Path(f"{target}{paper.BESIDE}").write_bytes(done.paper)
    return done


def public_key(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise paper.Unreadable("The key is not in base64.") from error
