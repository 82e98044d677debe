"""The question whether a payment run goes to the bank, or its file once more: asked by who proposes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from audit.subjects import Subject
from reviews.kinds import Case, Kind, ReasonCode, Summary
from reviews.models import Escalation, Verdict

from .. import rights
from ..facts import makers
from ..services import payments
from . import shown


def _carry_out(escalation: Escalation, verdict: Verdict, _: Sequence[Verdict], at: datetime) -> None:
    about = Subject(escalation.subject)
    decided = payments.second_file.decided if about.kind == payments.second_file.PREFIX else payments.decided
    decided(about.uuid, approved=verdict.verdict == "approve", by=verdict.by, at=at)


def _summary(_: str, case: Case) -> Summary:
    number = str(case.get("number") or "")
    return Summary(f"Payment run {number}".strip(), number)


KIND = Kind(
    name="payment_run",
    words="payment run",
    answers=rights.RUN_PAYMENTS,
    sees=rights.READ_PAYMENTS,
    carry_out=_carry_out,
    reasons={
        "approve": (
            ReasonCode("evidence_complete", "Evidence is complete"),
            ReasonCode("payments_checked", "Payees, accounts and amounts checked"),
        ),
        "reject": (
            ReasonCode("not_to_be_paid_now", "Not to be paid now"),
            ReasonCode("wrong_payee", "Wrong payee or account"),
            ReasonCode("wrong_document", "Wrong or incomplete"),
            ReasonCode("fraud_suspected", "Fraud suspected"),
        ),
    },
    locks={"payment_batch": payments.lock_batch, payments.second_file.PREFIX: payments.second_file.lock},
    makers=makers.of_run,
    makers_may_reject=True,  # it only stops what they set going, and nobody is paid by it
    without_reason=frozenset({"approve"}),
    has_stake=True,
    excerpt=("number",),
    summary=_summary,
    page=shown.page("coordination/questions/_run.html"),
)
