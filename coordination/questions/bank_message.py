"""The question whether what a bank's message says is so, where it cannot simply be carried out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reviews.kinds import Kind, ReasonCode
from reviews.models import Escalation, Verdict

from .. import rights
from ..services.payments import doubts
from . import shown


def _carry_out(escalation: Escalation, verdict: Verdict, _: Sequence[Verdict], at: datetime) -> None:
    doubts.answered(escalation, verdict, at)


KIND = Kind(
    name=doubts.KIND,
    words="bank message",
    answers=rights.RUN_PAYMENTS,
    sees=rights.READ_PAYMENTS,
    carry_out=_carry_out,
    reasons={
        "approve": (
            ReasonCode("evidence_complete", "Seen on the account"),
            ReasonCode("agreed_with_bank", "Confirmed with the bank"),
        ),
        "reject": (
            ReasonCode("wrong_document", "Not on the account"),
            ReasonCode("fraud_suspected", "Fraud suspected"),
        ),
    },
    locks={"bank_report": doubts.lock_reported},
    excerpt=shown.EXCERPT,
    summary=shown.of_vendor,
    page=shown.page(),
)
