"""Legal holds: a manager keeps everything about an invoice or a vendor from being removed, until a manager
lifts it."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from audit import clock, commitments, ledger, trail
from audit.errors import CountersignError
from audit.ids import new_id
from audit.subjects import Subject
from reviews import services
from reviews.access import may_now
from reviews.errors import NotAllowed

from ... import rights
from ...facts.numbered import numbered
from ...models import Invoice, LegalHold, Vendor
from ...tasks.announce import announce

MOST_WORDS = 2000

HELD = """EXISTS (SELECT 1 FROM coordination_legalhold h WHERE h.lifted_at IS NULL AND (h.subject = {subject}
    OR h.subject = (
  SELECT 'vendor/' || i.vendor_id FROM coordination_invoice i
  WHERE i.id = CASE WHEN {subject} ~ '^invoice/[0-9a-f-]{{36}}$' THEN substring({subject} from 9)::uuid
      END)))"""
"""SQL: is the subject of this column held, itself or through the vendor of its invoice?"""


class NoReason(CountersignError):
    """A legal hold is set and lifted with a reason."""

    exit_code = 2


class NoSuchSubject(CountersignError):
    """This names no invoice and no vendor. Write an invoice number or our number of a vendor."""

    status = 404
    exit_code = 2


class NotOne(CountersignError):
    """Several invoices have this number. Write VENDOR/NUMBER."""

    status = 409
    exit_code = 2


class HeldAlready(CountersignError):
    """There is a legal hold on this already."""

    status = 409
    exit_code = 5


class NotHeld(CountersignError):
    """There is no such legal hold, or it was lifted already."""

    status = 404
    exit_code = 5


def find(text: str) -> str:
    """The subject that a person means: an invoice number, VENDOR/NUMBER, or a vendor's number. What is
    written to the letter comes before an invoice number in another spelling.

    Raises `NoSuchSubject`, `NotOne`.
    """
    wanted = text.strip()
    vendor, slash, number = wanted.partition("/")
    everyones, theirs = Invoice.objects.all(), Invoice.objects.filter(vendor__vendor_id=vendor)
    rows = list(everyones.filter(number=wanted)[:2])
    if not rows and slash:
        rows = list(theirs.filter(number=number)[:2])
    if not rows and (found := Vendor.objects.filter(vendor_id=wanted).first()) is not None:
        return Subject.of("vendor", found.id)
    if not rows:
        rows = numbered(everyones, wanted) or (numbered(theirs, number) if slash else [])
    if len(rows) > 1:
        raise NotOne
    if not rows:
        raise NoSuchSubject
    return rows[0].subject


def place(subject: str, reason: str, *, by: User) -> LegalHold:
    """Hold everything about a subject (`find`). Raises `NotAllowed`, `NoReason`, `HeldAlready`."""
    words = _words(reason, by)
    try:
        with transaction.atomic():
            return _place(subject, words, services.person(by))
    except IntegrityError as error:
        if "coordination_one_legal_hold" in str(error):
            raise HeldAlready from error
        raise


def _place(subject: str, words: str, actor: str) -> LegalHold:
    services.lock(subject)
    now = clock.now()
    token = commitments.commit(words, kind="legal hold", of=actor, about=subject, at=now)
    row = LegalHold(id=new_id(), subject=subject, reason=token, placed_by=actor, placed_at=now)
    changes = trail.insert([row], trail.Stamp(actor, now, "legal hold set"))
    data = {"legal_hold": str(row.id), "reason": token}
    ledger.append([ledger.Event(subject, "legal_hold.placed", actor, now, data, changes)])
    announce([("audit", subject)])
    return row


@transaction.atomic
def lift(hold_id: UUID, reason: str, *, by: User) -> LegalHold:
    """Lift a hold. Raises `NotAllowed`, `NoReason`, `NotHeld`."""
    words, actor = _words(reason, by), services.person(by)
    subject = LegalHold.objects.filter(pk=hold_id).values_list("subject", flat=True).first()
    if subject is None:
        raise NotHeld
    services.lock(subject)
    row = LegalHold.objects.in_force().select_for_update().filter(pk=hold_id).first()
    if row is None:
        raise NotHeld
    now = clock.now()
    token = commitments.commit(words, kind="legal hold", of=actor, about=subject, at=now)
    row.lifted_by, row.lifted_at, row.lift_reason = actor, now, token
    changes = trail.update(
        [row], ("lifted_by", "lifted_at", "lift_reason"), trail.Stamp(actor, now, "lifted")
    )
    data = {"legal_hold": str(row.id), "reason": token}
    ledger.append([ledger.Event(subject, "legal_hold.lifted", actor, now, data, changes)])
    announce([("audit", subject)])
    return row


def _words(reason: str, by: User) -> str:
    if not may_now(by, rights.KEEP_RECORDS):
        raise NotAllowed("Legal holds are set and lifted by managers.")
    words = " ".join(reason.split())[:MOST_WORDS]
    if not words:
        raise NoReason
    return words
