"""manage.py intake PATH...: take files and folders in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from audit.errors import CountersignError

from ...services.intake import files, take_in
from ..base import Report, ReportingCommand


class NoSuchPath(CountersignError):
    """There is no such file or folder."""

    exit_code = 2


HIDDEN = (
    "its name begins with a dot, as of a file that is still being written: rename it, or try again on the"
    " page"
)


class Command(ReportingCommand):
    help = "Take documents in: files and folders (recursive); the kind is found from the content."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH")
        parser.add_argument("--source", default="command", help="a name for where these files come from")

    def report(self, options: dict[str, Any]) -> Report:
        for path in options["paths"]:
            if not Path(path).exists():
                raise NoSuchPath(f"{path}: there is no such file or folder.")
        report = take_in(_files(options["paths"]), actor="system:intake", source=options["source"])
        data, skipped = report.as_json(), list(_skipped(options["paths"]))
        if skipped:
            data["skipped"] = skipped
        text = [
            f"{x.path}: {x.result} {x.kind} {x.number}{_why(x.code, x.error, x.line)}".rstrip()
            for x in report.lines
        ]
        counts = (
            f"{data['documents']} documents: {data['accepted']} accepted, {data['unchanged']} unchanged,"
            f" {data['duplicates']} duplicates, {len(data['quarantined'])} quarantined"
        )
        text += [f"{path}: skipped, its name begins with a dot" for path in skipped]
        return Report(data, [*text, counts], 3 if data["quarantined"] else 0)


def _why(code: str, error: str, line: int | None) -> str:
    if not code:
        return ""
    return f"({code}{f', line {line}' if line else ''}): {error}"


def _files(paths: list[str]) -> Iterator[tuple[str, files.Bytes]]:
    """Every file, lists of vendors and rates before the documents of a folder that refer to them."""
    for given in paths:
        path = Path(given)
        found = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        if path.is_dir():
            found = [file for file in found if not _is_hidden(file)]
        for file in sorted(found, key=lambda f: not _is_master(f)):
            yield str(file), _content(file)


def _is_hidden(file: Path) -> bool:
    """Does its name begin with a dot, as those of files that are still being written and of a desktop's notes
    do?"""
    return file.name.startswith(".")


def _skipped(paths: list[str]) -> Iterator[str]:
    """Files of the folders that are left out."""
    for path in map(Path, paths):
        if path.is_dir():
            yield from (str(p) for p in sorted(path.rglob(".*")) if p.is_file())


def _content(file: Path) -> files.Bytes:
    """The bytes; a file with such a name that was named itself is not read either, but nothing is lost
    silently."""
    found = files.read_bytes(file)
    return files.refused(found, HIDDEN) if _is_hidden(file) and isinstance(found, bytes) else found


def _is_master(file: Path) -> bool:
    """Does a table begin like a list of vendors or rates? A guess at the order only; what it is, its reader
    decides."""
    if file.suffix.lower() != ".csv":
        return False
    with file.open("rb") as handle:
        first = handle.readline(2048).lower().replace(b'"', b"").lstrip(b"\xef\xbb\xbf").strip()
    return first.startswith((b"vendor_id,name", b"date,currency,"))
