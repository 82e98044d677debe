"""What the page of a question about a measured version shows of it: who asked, and what it rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reviews.kinds import Case, CasePage
from reviews.selectors import Person, people

from ..services.behaviour.measured_versions import Versions
from . import shown


@dataclass(frozen=True, slots=True)
class Made:
    """How a version came about. `by` is None where the schedule made it."""

    by: Person | None
    at: datetime
    since: datetime
    until: datetime


def made(versions: Versions[Any]) -> Callable[[Case], Made | None]:
    """What reads it of the version that a case is about."""

    def read(case: Case) -> Made | None:
        row = versions.model._default_manager.filter(number=int(case["number"])).first()
        if row is None:
            return None
        by = people([row.made_by]).get(row.made_by) if row.made_by.startswith("human:") else None
        return Made(by, row.made_at, row.basis_from, row.basis_until)

    return read


def page(template: str, versions: Versions[Any]) -> CasePage:
    """The page of such a question: its reasons are a table, what is in force beside what is proposed."""
    return CasePage(facts=shown.FACTS, evidence=template, tabled=True, details=made(versions))
