"""The watched folder: what is put into it is taken in and moved to `done/`, or to `quarantine/` with the
reason beside it."""

from __future__ import annotations

import logging
import os
import shutil
import stat
from datetime import datetime
from pathlib import Path

from . import Report, files, take_in
from .parts import Line

log = logging.getLogger("countersign.jobs")

SETTLED_SECONDS = 2.0
"""A file that changed more recently may still be being written."""


def run(folder: Path, now: datetime) -> Report:
    """Take in every settled file of `folder`, oldest first. A file leaves the folder only after its intake
    committed.

    A link is not followed: whoever may write here could have any file read that the service may read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    out = Report()
    for path in sorted((p for p in folder.iterdir() if _settled(p, now)), key=_changed_at):
        try:
            content = files.read_bytes(path, follow=False)
        except files.NotRegular:
            out.lines.append(_put_link_away(path, folder, now))
            continue
        except OSError as error:  # taken away again, or not ours to read: the next one must not wait for it
            log.warning("%s in the watched folder cannot be read: %s", path.name, error.strerror)
            continue
        report = take_in([(path.name, content)], actor="system:watched-folder", source="watched folder")
        out.lines += report.lines
        _put_away(path, folder, report, now)
    return out


def _settled(path: Path, now: datetime) -> bool:
    if path.name.startswith("."):
        return False
    try:
        found = path.lstat()
    except OSError:  # taken away since the folder was listed
        return False
    known = stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)
    return known and now.timestamp() - found.st_mtime >= SETTLED_SECONDS


def _changed_at(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def _put_link_away(path: Path, folder: Path, now: datetime) -> Line:
    """The link itself goes to quarantine; what it points to is not touched."""
    error = "a link is not followed: put the file itself here"
    log.warning("%s in the watched folder is a link and is not followed", path.name)
    line = Line(path.name, "quarantined", code="unsupported", error=error)
    _put_away(path, folder, Report([line]), now)
    return line


def _put_away(path: Path, folder: Path, report: Report, now: datetime) -> None:
    refused = [x for x in report.lines if x.result == "quarantined"]
    target = folder / ("quarantine" if refused else "done")
    target.mkdir(exist_ok=True)
    place = target / path.name
    if os.path.lexists(place):
        place = target / f"{path.stem}.{now:%Y%m%dT%H%M%S}.{os.urandom(2).hex()}{path.suffix}"
    shutil.move(path, place)
    if refused:
        place.with_name(place.name + ".reason.txt").write_text(
            "\n".join(f"{x.code}{f' line {x.line}' if x.line else ''}: {x.error}" for x in refused) + "\n"
        )
