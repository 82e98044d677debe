"""Codings that the agent proposes become rows, as far as it may act; a line that a person has coded stays as
it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from audit import trail
from audit.ids import new_id
from audit.trail import Change, Stamp

from ...domain.proposal import LineCoding
from ...facts import coding_history
from ...models import Coding
from ...translation.values import BadValueError, book_code
from ..steps import Step, actor_of, stamp_of
from .base import Effect


class CodingEffect(Effect):
    """Of the agent that owns the coding of lines. A line that a person has coded stays as it is."""

    def write(self, steps: Sequence[Step], now: datetime) -> Iterable[tuple[Step, Change]]:
        """Write what is proposed, as far as the agent may act."""
        answers = {(s.row.id, c.position): c for s in steps for c in _owned(s)}
        may = coding_history.authority() if answers else None
        if may is None or not may.writes:
            return []
        by = {s.row.id: s for s in steps if any(_owned(s))}
        known = {(c.invoice_id, c.position): c for c in Coding.objects.filter(invoice_id__in=by)}
        new, old = [], []
        for (invoice, position), answer in answers.items():
            row = known.get((invoice, position))
            if row is None:
                new.append(
                    _apply(
                        Coding(id=new_id(), invoice_id=invoice, position=position, version=0),
                        answer,
                        may,
                        now,
                    )
                )
            elif row.status != Coding.Status.CONFIRMED and _is_news(row, answer, may):
                old.append(_apply(row, answer, may, now))
        for row in [*new, *old]:
            row.by = actor_of(by[row.invoice_id])

        def stamp(row: Any) -> Stamp:
            return stamp_of(by[row.invoice_id], now)

        done = trail.insert(new, stamp) + trail.update(old, WRITTEN, stamp)
        return [(by[row.invoice_id], change) for row, change in zip([*new, *old], done, strict=True)]


def _owned(step: Step) -> Iterable[LineCoding]:
    """Codings of lines that are there, from the agent whose question they answer; others stay in the decision
    only."""
    if "coding" not in step.agent.contract.owns:
        return ()
    lines = {line.position for line in step.snapshot.document.lines}
    return (c for c in step.proposal.codings if c.position in lines and _is_code(c))


def _is_code(answer: LineCoding) -> bool:
    try:
        return bool(book_code(answer.account) and (not answer.cost_centre or book_code(answer.cost_centre)))
    except BadValueError:
        return False


def _is_news(row: Coding, answer: LineCoding, may: coding_history.Authority) -> bool:
    return (row.account, row.cost_centre, row.confidence, row.basis, row.status) != (
        answer.account,
        answer.cost_centre,
        answer.confidence,
        answer.basis,
        may.status(answer.confidence),
    )


def _apply(row: Coding, answer: LineCoding, may: coding_history.Authority, now: datetime) -> Coding:
    if (row.account, row.cost_centre) != (answer.account, answer.cost_centre):
        row.version += 1
    row.account = row.proposed_account = answer.account
    row.cost_centre = row.proposed_cost_centre = answer.cost_centre
    row.confidence, row.basis = answer.confidence, answer.basis
    row.status, row.at = may.status(answer.confidence), now
    return row


WRITTEN = (
    "account",
    "cost_centre",
    "proposed_account",
    "proposed_cost_centre",
    "confidence",
    "basis",
    "status",
    "by",
    "version",
    "at",
)
