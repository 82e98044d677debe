"""Agents that fail on what is poisoned, and a worker of its own process that has one of them in its registry.

`python -m tests.races.poisoned KIND` works until nothing is due, on the database of its environment.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import ClassVar

import django

if __name__ == "__main__":
    django.setup()

from coordination.agents import REGISTRY
from coordination.agents.procurement_matching import ProcurementMatching
from coordination.domain.facts import Snapshot
from coordination.domain.proposal import Finding, Proposal
from coordination.workers import runner

POISON = "POISON"


class Raising(ProcurementMatching):
    """Raises on every invoice whose number is poisoned."""

    version: ClassVar[str] = ProcurementMatching.version

    def propose(self, snapshot: Snapshot) -> Proposal:
        if POISON in snapshot.document.number:
            raise ZeroDivisionError("by nothing")
        return super().propose(snapshot)


class Unwritable(ProcurementMatching):
    """Makes of every such invoice a finding that cannot be written."""

    version: ClassVar[str] = ProcurementMatching.version

    def propose(self, snapshot: Snapshot) -> Proposal:
        proposal = super().propose(snapshot)
        if POISON not in snapshot.document.number:
            return proposal
        return replace(proposal, outcome="hold", findings=(Finding("order", "x", code="no_such_code"),))


class Dying(ProcurementMatching):
    """Takes its whole process along, in the middle of a batch."""

    version: ClassVar[str] = ProcurementMatching.version

    def propose(self, snapshot: Snapshot) -> Proposal:
        if POISON in snapshot.document.number:
            os._exit(9)
        return super().propose(snapshot)


KINDS = {kind.__name__: kind for kind in (Raising, Unwritable, Dying)}

if __name__ == "__main__":
    REGISTRY[ProcurementMatching.name] = KINDS[sys.argv[1]]()
    runner.drain(int(sys.argv[2]))
