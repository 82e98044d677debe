"""What the vendor may be told of an invoice, as the status agent words it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from audit import trail
from audit.trail import Change

from ...models import InvoiceStatus
from ..steps import Step, stamp_of
from .base import Effect

SHOWN = ("text", "response", "reasons", "actions", "as_of")


class StatusEffect(Effect):
    """One status per invoice, written only where it says something else than before."""

    def write(self, steps: Sequence[Step], now: datetime) -> Iterable[tuple[Step, Change]]:
        """New and changed statuses."""
        worded = {s.row.id: s.proposal.status for s in steps if s.proposal.status is not None}
        by = {s.row.id: s for s in steps if s.proposal.status is not None}
        if not worded:
            return []
        known = {s.invoice_id: s for s in InvoiceStatus.objects.filter(invoice_id__in=worded)}
        new: list[InvoiceStatus] = []
        old: list[InvoiceStatus] = []
        for key, status in worded.items():
            row = known.get(key) or InvoiceStatus(invoice_id=key)
            same = (row.text, row.response, row.reasons, row.actions) == (
                status.text,
                status.response,
                list(status.reasons),
                list(status.actions),
            )
            if key in known and same:
                continue
            row.text, row.response, row.as_of = status.text, status.response, now
            row.reasons, row.actions = list(status.reasons), list(status.actions)
            (old if key in known else new).append(row)
        done = trail.insert(new, lambda r: stamp_of(by[r.pk], now))
        done += trail.update(old, SHOWN, lambda r: stamp_of(by[r.pk], now))
        return [(by[row.invoice_id], change) for row, change in zip([*new, *old], done, strict=True)]
