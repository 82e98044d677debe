"""Django's ORM one by one with simple-history, as most projects would write it."""

from __future__ import annotations

import hashlib
import sys
import uuid

from . import steps
from .measure import Meter


def main() -> None:
    steps.setup()
    work = steps.load(int(sys.argv[1]))
    meter = Meter()
    for item in work:
        for name, state in zip(steps.AGENTS, steps.STATES, strict=True):
            one(item, name, state)
    meter.end(len(work) * len(steps.AGENTS))


def one(item: steps.Work, name: str, state: str) -> None:
    from django.db import transaction
    from django.utils import timezone

    from audit.models import Entry
    from coordination.models import Decision, Invoice

    proposal, ruling = steps.propose(name, item.snapshot)
    body = steps.body(name, item.snapshot, proposal, ruling)
    with transaction.atomic():
        row = Invoice.objects.select_for_update().get(pk=item.invoice.id)
        last = Entry.objects.filter(subject=row.subject).order_by("-seq").first()
        row.state, row.version, row.state_since = state, row.version + 1, timezone.now()
        row._history_user = f"agent:{name}/1"
        row._change_reason = name
        row.save()
        entry = Entry.objects.create(
            subject=row.subject,
            seq=last.seq + 1,
            prev=last.hash,
            body=body.decode(),
            hash=hashlib.sha256(b"\x00" + body).hexdigest(),
            type="invoice.decided",
            actor=f"agent:{name}/1",
            recorded_at=timezone.now(),
        )
        Decision.objects.create(
            id=uuid.uuid4(),
            entry_id=entry.id,
            invoice=row,
            agent=name,
            actor=f"agent:{name}/1",
            outcome=ruling.outcome,
            confidence=proposal.confidence,
            state_from="received",
            state_to=state,
            state_version=row.version,
            facts_version=1,
            policy="v1",
            codes=[],
            at=timezone.now(),
        )


if __name__ == "__main__":
    main()
