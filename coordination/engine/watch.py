"""The watched folder: what is put into it is taken in and moved to `done/`, or to `quarantine/` with the reason beside it."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

from .intake import Report, take_in

SETTLED_SECONDS = 2.0
"""A file that changed more recently may still be being written."""


def run(folder: Path, now: datetime) -> Report:
    """Take in every settled file of `folder`, oldest first. A file leaves the folder only after its intake committed."""
    folder.mkdir(parents=True, exist_ok=True)
    out = Report()
    for path in sorted((p for p in folder.iterdir() if _settled(p, now)), key=lambda p: p.stat().st_mtime):
        report = take_in(
            [(path.name, path.read_bytes())], actor="system:watched-folder", source="watched folder"
        )
        out.lines += report.lines
        _put_away(path, folder, report, now)
    return out


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
