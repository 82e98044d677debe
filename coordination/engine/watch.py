"""The watched folder: what is put into it is taken in and moved to `done/`, or to `quarantine/` with the reason beside it."""

from __future__ import annotations

import logging
import os
import shutil
from datetime import datetime
from pathlib import Path

from ..translation.xml import MAX_FILE
from .intake import Report, take_in

log = logging.getLogger("countersign.jobs")

SETTLED_SECONDS = 2.0
"""A file that changed more recently may still be being written."""


def run(folder: Path, now: datetime) -> Report:
    """Take in every settled file of `folder`, oldest first. A file leaves the folder only after its intake committed."""
    folder.mkdir(parents=True, exist_ok=True)
    out = Report()
    for path in sorted((p for p in folder.iterdir() if _settled(p, now)), key=lambda p: p.stat().st_mtime):
        try:
            content = _read(path)
        except OSError as error:  # taken away again, or not ours to read: the next one must not wait for it
            log.warning("%s in the watched folder cannot be read: %s", path.name, error.strerror)
            continue
        report = take_in([(path.name, content)], actor="system:watched-folder", source="watched folder")
        out.lines += report.lines
        _put_away(path, folder, report, now)
    return out


def _read(path: Path) -> bytes:
    """At most one byte more than the limit: enough to see that a file is too large."""
    with path.open("rb") as handle:
        return handle.read(MAX_FILE + 1)


def _settled(path: Path, now: datetime) -> bool:
    return (
        path.is_file()
        and not path.name.startswith(".")
        and now.timestamp() - path.stat().st_mtime >= SETTLED_SECONDS
    )


def _put_away(path: Path, folder: Path, report: Report, now: datetime) -> None:
    refused = [x for x in report.lines if x.result == "quarantined"]
    target = folder / ("quarantine" if refused else "done")
    target.mkdir(exist_ok=True)
    place = target / path.name
    if place.exists():
        place = target / f"{path.stem}.{now:%Y%m%dT%H%M%S}.{os.urandom(2).hex()}{path.suffix}"
    shutil.move(path, place)
    if refused:
        place.with_name(place.name + ".reason.txt").write_text(
            "\n".join(f"{x.code}{f' line {x.line}' if x.line else ''}: {x.error}" for x in refused) + "\n"
        )
