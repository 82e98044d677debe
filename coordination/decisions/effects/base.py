"""What an effect may do, and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from audit.trail import Change, Stamp

from ..steps import Step


class Effect:
    """What one part of agents' proposals becomes. Each method is given the steps of one batch, in the
    transaction that holds their invoices' locks, and does nothing unless a subclass says what."""

    def prepare(self, step: Step) -> None:
        """Before the invoice is written: what the answer changes of the invoice's own row."""

    def write(
        self, steps: Sequence[Step], now: datetime, stamps: Mapping[UUID, Stamp]
    ) -> Iterable[tuple[UUID, Change]]:
        """Rows with a history; each change comes with its invoice and is bound to the decision's entry.
        `stamps`: by invoice."""
        del steps, now, stamps
        return ()

    def add(self, steps: Sequence[Step]) -> None:
        """Facts that are only ever added."""

    def after(self, steps: Sequence[Step], now: datetime) -> None:
        """Once the decisions are recorded: questions to people."""
