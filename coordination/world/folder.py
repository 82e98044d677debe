"""A world in a folder: documents to take in, and beside them what they should come to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audit.errors import CountersignError

from .files import World
from .labels import Label, as_lines, from_json

LABELS, MANIFEST, LATER = "labels.jsonl", "world.json", "later"


class FolderInUse(CountersignError):
    """The folder holds other files. A world needs a folder of its own: name an empty one."""

    exit_code = 2


def write(world: World, folder: Path, made_with: Mapping[str, Any]) -> int:
    """Write a world; returns the number of files. The same world may be written over itself.

    Documents stand in the folder and in `ubl/`; `later/` is to be taken in after them. `labels.jsonl` and
    `world.json` are no documents.
    """
    files = dict(world.files) | {f"{LATER}/{name}": data for name, data in world.later.items()}
    files[LABELS] = as_lines(world.labels).encode()
    manifest = {**made_with, "invoices": len(world.labels), "copies": world.copies}
    files[MANIFEST] = (json.dumps(manifest, indent=2) + "\n").encode()
    strangers = [p for p in folder.rglob("*") if p.is_file() and str(p.relative_to(folder)) not in files]
    if strangers:
        raise FolderInUse(
            f"{folder} holds {strangers[0].name}, which is not of this world. Name an empty folder."
        )
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return len(files)


def documents(folder: Path) -> list[Path]:
    """What is to be taken in first, in the order of names."""
    found = [p for p in sorted(folder.iterdir()) if p.suffix == ".csv"]
    return [*found, *([folder / "ubl"] if (folder / "ubl").is_dir() else [])]


def labels(folder: Path) -> tuple[Label, ...]:
    """What the world in the folder should come to."""
    lines = (folder / LABELS).read_text("utf-8").split("\n")  # a number may hold another end of line
    return tuple(from_json(json.loads(line)) for line in lines if line)
