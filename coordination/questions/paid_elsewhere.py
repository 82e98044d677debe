"""The question whether an invoice was paid another way than by a run: asked by whoever states it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from audit.subjects import Subject
from reviews.kinds import Kind, ReasonCode
from reviews.models import Escalation, Verdict

from .. import rights
from ..services.payments import paid_elsewhere
from . import shown


def _carry_out(escalation: Escalation, verdict: Verdict, _: Sequence[Verdict], at: datetime) -> None:
    key = Subject(escalation.subject).uuid
    paid_elsewhere.decided(key, approved=verdict.verdict == "approve", by=verdict.by, at=at)


KIND = Kind(
    name="paid_elsewhere",
    words="paid elsewhere",
    answers=rights.RUN_PAYMENTS,
    sees=rights.READ_PAYMENTS,
    carry_out=_carry_out,
    reasons={
        "approve": (
            ReasonCode("evidence_seen", "Evidence of the payment seen"),
            ReasonCode("vendor_confirms", "The vendor confirms the payment"),
        ),
        "reject": (
            ReasonCode("not_proven", "The payment is not proven"),
            ReasonCode("wrong_document", "Wrong or incomplete"),
            ReasonCode("fraud_suspected", "Fraud suspected"),
        ),
    },
    locks={"paid_elsewhere": paid_elsewhere.lock_stated},
    makers=paid_elsewhere.of_statement,
    makers_may_reject=True,  # it only stops what they set going, and nobody is paid by it
    verbs={"approve": "Confirm as paid"},
    has_stake=True,
    instead="or the vendor sends it again",
    excerpt=shown.EXCERPT,
    summary=shown.of_vendor,
    page=shown.page("coordination/questions/_paid_elsewhere.html"),
)
