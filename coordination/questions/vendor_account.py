"""The question whether a vendor is paid to another account from now on: asked when one is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reviews.kinds import Kind, ReasonCode
from reviews.models import Escalation, Verdict

from .. import rights
from ..decisions import human
from ..services.payments import vendor_accounts
from . import shown


def _carry_out(escalation: Escalation, verdict: Verdict, _: Sequence[Verdict], at: datetime) -> None:
    vendor_accounts.decided(escalation, verdict, at)


KIND = Kind(
    name="vendor_bank",
    words="vendor bank",
    answers=rights.CONFIRM_MASTERS,
    carry_out=_carry_out,
    reasons={
        "approve": (
            ReasonCode("evidence_complete", "Evidence is complete"),
            ReasonCode("account_confirmed", "Account confirmed by call-back"),
        ),
        "reject": (
            ReasonCode("account_not_confirmed", "Account was not confirmed"),
            ReasonCode("wrong_document", "Wrong or incomplete document"),
            ReasonCode("fraud_suspected", "Fraud suspected"),
        ),
    },
    locks={"vendor": human.lock_vendor},
    excerpt=shown.EXCERPT,
    summary=shown.of_vendor,
    page=shown.page(),
)
