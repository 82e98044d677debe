"""Keeping what an examination of the agents came to: its figures, bound by an entry of the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from django.db import transaction

from audit import canonical, clock, ledger, trail
from audit.ids import new_id

from ..facts.policies import NoPolicy
from ..models import Evaluation, PolicyVersion


@dataclass(frozen=True, slots=True)
class Examined:
    """What was examined: the world by its seed and make, under a version of the policy."""

    seed: int
    invoices: int
    defect_share: Decimal
    formats: Sequence[str]


def policy() -> PolicyVersion:
    """The version in force, with its text."""
    row = PolicyVersion.objects.filter(status=PolicyVersion.Status.ACTIVE).first()
    if row is None:
        raise NoPolicy
    return row


def digest(figures: Mapping[str, Any]) -> str:
    """SHA-256 of figures, whatever order the database keeps their keys in."""
    return canonical.sha256(orjson.dumps(figures, option=orjson.OPT_SORT_KEYS))


@transaction.atomic
def record(
    examined: Examined, figures: Mapping[str, Any], version: PolicyVersion, *, by: str = "system:evaluation"
) -> Evaluation:
    """Keep figures with the entry that binds them."""
    now = clock.now()
    row = Evaluation(
        id=new_id(),
        seed=examined.seed,
        invoices=examined.invoices,
        defect_share=examined.defect_share,
        formats=list(examined.formats),
        policy=f"v{version.revision}",
        policy_sha256=version.sha256,
        figures=dict(figures),
        figures_sha256=digest(figures),
        by=by,
        at=now,
    )
    data = {
        "seed": str(row.seed),
        "invoices": str(row.invoices),
        "formats": list(row.formats),
        "policy": row.policy,
        "policy_sha256": row.policy_sha256,
        "figures_sha256": row.figures_sha256,
    }
    [entry] = ledger.append([ledger.Event(f"evaluation/{row.id}", "evaluation.recorded", by, now, data)])
    row.entry_id = entry.id
    trail.insert_facts([row])
    return row
