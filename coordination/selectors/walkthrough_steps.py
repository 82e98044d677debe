"""One step of a walkthrough: what happened, who did it, what proves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audit.models import Entry


@dataclass(frozen=True, slots=True)
class Step:
    """An entry with its data, personal text put back."""

    entry: Entry
    data: dict[str, Any]
