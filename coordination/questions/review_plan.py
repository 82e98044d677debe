"""The question whether a plan of the quality review comes into force: a manager answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reviews.kinds import Kind, ReasonCode
from reviews.models import Escalation, Verdict

from .. import rights
from ..services.behaviour import plan_review
from . import shown, versions


def _carry_out(escalation: Escalation, verdict: Verdict, _: Sequence[Verdict], at: datetime) -> None:
    plan_review.VERSIONS.carry_out(escalation, verdict, at)


KIND = Kind(
    name=plan_review.VERSIONS.kind,
    words="plan of the quality review",
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
    locks={plan_review.VERSIONS.kind: plan_review.VERSIONS.lock},
    excerpt=shown.EXCERPT,
    summary=shown.of_vendor,
    page=versions.page("coordination/questions/_review_plan.html", plan_review.VERSIONS),
)
