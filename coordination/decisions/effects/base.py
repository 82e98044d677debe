"""What an effect may do, and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from audit.trail import Change

from ..steps import Step


class Effect:
    """What one part of agents' proposals becomes. Each method is given steps of one batch, in the
    transaction that holds their invoices' locks, and does nothing unless a subclass says what."""

    def prepare(self, step: Step) -> None:
        """Before the invoice is written: what the answer changes of the invoice's own row."""

    def write(self, steps: Sequence[Step], now: datetime) -> Iterable[tuple[Step, Change]]:
        """Rows with a history; each change comes with its step and is bound to the decision's entry."""
        del steps, now
        return ()

    def add(self, steps: Sequence[Step]) -> None:
        """Facts that are only ever added."""

    def after(self, steps: Sequence[Step], now: datetime) -> None:
        """Once the decisions are recorded: questions to people."""
