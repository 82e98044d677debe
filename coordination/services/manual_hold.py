"""A hold that a person sets: no agent releases it, and only who set it or a manager lifts it, by answering
the question."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import partial
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from audit import clock, commitments, ledger, trail
from audit.errors import CountersignError
from audit.ids import new_id
from audit.subjects import Subject
from reviews.access import may_now
from reviews.errors import NotAllowed
from reviews.services import person

from .. import rights
from ..agents import OWNERS, RELEASE, ready
from ..decisions.manual_hold import CODE
from ..decisions.transition import MOVED, transition
from ..domain import stages
from ..domain.amounts import ZERO
from ..domain.hold_codes import CATALOGUE
from ..facts import payments_made
from ..models import FINAL, Hold, Invoice, Lane, State
from ..tasks import work_queue
from ..tasks.announce import announce

MOST_WORDS = 500


class NoReason(CountersignError):
    """A hold needs a reason in your own words: whoever finds it has to know why it stands."""

    status = 400
    exit_code = 2


class TooLate(CountersignError):
    """The bank has its payment file, all of the invoice is paid, or it has ended: a hold would stop nothing.
    Look at its payment run."""

    status = 409
    exit_code = 5


class Stale(CountersignError):
    """The invoice changed since you looked; look again before you hold it."""

    status = 409
    exit_code = 5


@transaction.atomic
def hold(invoice_id: UUID, reason: str, *, by: User, seen_version: int | None = None) -> Hold:
    """Hold an invoice until a person lifts it. Its release is ruled on again, which asks the question.

    Until the bank has the file, it leaves the payment run that was to pay it. Raises `NotAllowed` (no right
    to decide), `NoReason`, `TooLate`, `Stale`.
    """
    words = " ".join(reason.split())[:MOST_WORDS]
    if not may_now(by, rights.DECIDE):
        raise NotAllowed("Specialists and managers hold invoices.")
    if not words:
        raise NoReason
    now, actor = clock.now(), person(by)
    row = _locked(invoice_id, seen_version, actor, now)
    kind = CATALOGUE[CODE]
    keep = partial(commitments.commit, kind="hold reason", of=actor, about=row.subject, at=now)
    said, token = keep(f"{by.get_full_name() or by.username}: {words}"), keep(words)
    held = Hold(
        id=new_id(),
        invoice=row,
        code=CODE,
        question=kind.question,
        owner=kind.owner,
        status=Hold.Status.OPEN,
        detail={"sentence": said, "found": token, "rule": "H-01"},
        fingerprint=hashlib.sha256(f"{CODE}|{actor}|{now.isoformat()}|{token}".encode()).hexdigest(),
        raised_by=actor,
        opened_at=now,
    )
    # what was learned while a part of its money was on its way was left aside, so every question is asked
    # again
    begun = row.state == State.SCHEDULED
    row.answered = [] if begun else sorted(set(row.answered) - {OWNERS[RELEASE]})
    row.facts_version += begun
    move = transition(row, stages.stage(row.answered, _holding(row)), now, lane=Lane.OPEN)
    stamp = trail.Stamp(actor, now, "held")
    changes = trail.update([row], (*MOVED, "facts_version", "answered"), stamp) + trail.insert([held], stamp)
    data = {
        "code": CODE,
        "reason": token,
        "state": move.as_json(),
    }
    ledger.append([ledger.Event(row.subject, "invoice.held", actor, now, data, changes)])
    asked = ready(frozenset()) if begun else [OWNERS[RELEASE]]
    work_queue.open_tasks([(agent, row.id, "manual hold") for agent in asked])
    announce([("inbox", ""), ("flow", ""), (Subject.of("invoice", row.id), str(row.id))], work=True)
    return held


def open_to_hold(row: Invoice) -> bool:
    """May a hold still stop money? Also of an invoice that is paid in parts, while one of them is in no
    run."""
    if row.state == State.SCHEDULED:
        return payments_made.open_amounts([row.id]).get(row.id, ZERO) > ZERO
    return row.state not in FINAL


def _locked(invoice_id: UUID, seen_version: int | None, actor: str, now: datetime) -> Invoice:
    """The locked invoice, taken out of the signed run that was about to pay it."""
    from ..services.payments import withdrawal  # which asks people about runs, and so knows this module

    locked = withdrawal.lock_for(invoice_id)
    row = Invoice.objects.locked().get(pk=invoice_id)
    if (seen_version is not None and row.version != seen_version) or withdrawal.paying(invoice_id) - locked:
        raise Stale
    if row.state == State.SCHEDULED and withdrawal.held(invoice_id, actor, now):
        row.refresh_from_db()
    if not open_to_hold(row):
        raise TooLate
    return row


def _holding(row: Invoice) -> set[str]:
    live = Hold.objects.live().filter(invoice=row)
    return set(live.values_list("raised_by", flat=True))
