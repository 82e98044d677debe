"""The question whether a version of the policy comes into force: another manager answers it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reviews.kinds import Kind, ReasonCode
from reviews.models import Escalation, Verdict

from .. import rights
from ..services import policy_activation
from . import shown


def _carry_out(escalation: Escalation, verdict: Verdict, _: Sequence[Verdict], at: datetime) -> None:
    policy_activation.answered(escalation, verdict, at)


KIND = Kind(
    name=policy_activation.KIND,
    words="policy",
    answers=rights.ACTIVATE_POLICY,
    carry_out=_carry_out,
    reasons={
        "approve": (
            ReasonCode("evidence_complete", "Evidence is complete"),
            ReasonCode("tried_out", "Tried out on earlier invoices"),
        ),
        "reject": (
            ReasonCode("wrong_document", "Wrong or incomplete"),
            ReasonCode("not_wanted", "Not wanted"),
        ),
    },
    locks={"policy": policy_activation.lock},
    excerpt=shown.EXCERPT,
    summary=shown.of_vendor,
    page=shown.page(),
)
