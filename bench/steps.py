"""What the other engines share: the invoices of the copy, a snapshot for each, and the four agents to run on
it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AGENTS = ("finance.validation", "procurement.matching", "operations.delivery", "finance.payment")
STATES = ("validated", "matched", "delivered", "cleared")


def setup() -> None:
    """Django, for its models and for the agents."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coordination.project.settings")
    sys.path.insert(0, str(Path.cwd()))
    import django

    django.setup()


@dataclass(frozen=True)
class Work:
    """One invoice and the facts its agents decide on, loaded beforehand: the other engines load nothing."""

    invoice: Any
    snapshot: Any


def load(count: int) -> list[Work]:
    from django.utils import timezone

    from coordination.facts import loader, policies
    from coordination.models import Invoice

    rows = list(Invoice.objects.filter(type="invoice").order_by("id")[:count])
    reads = frozenset({"vendor", "order", "receipt", "siblings", "billing", "ruling"})
    shots = loader.load(rows, reads, policies.active(), timezone.now())
    return [Work(row, shot) for row, shot in zip(rows, shots, strict=True)]


def propose(name: str, shot: Any) -> tuple[Any, Any]:
    """Agent and gate, as Countersign runs them."""
    from coordination.agents import REGISTRY
    from coordination.decisions.steps import decide

    return decide(REGISTRY[name], shot)


def body(name: str, shot: Any, proposal: Any, ruling: Any) -> bytes:
    """A decision body of the usual content and size (about 3 kB)."""
    from audit import canonical
    from coordination.facts.serialization import encode

    recorded = encode(shot)
    del recorded["document"]
    return canonical.dumps(
        {
            "agent": name,
            "input": recorded,
            "reasoning": proposal.reasoning,
            "findings": encode(proposal.findings),
            "result": ruling.outcome,
        }
    )
