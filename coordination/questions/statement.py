"""The question whether a vendor's statement is accepted although it differs: asked by its reconciliation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reviews.kinds import Kind, ReasonCode
from reviews.models import Escalation, Verdict

from .. import rights
from ..services import statements
from . import shown


def _carry_out(escalation: Escalation, verdict: Verdict, _: Sequence[Verdict], at: datetime) -> None:
    statements.answered(escalation, verdict, at)


KIND = Kind(
    name="statement",
    words="statement",
    answers=rights.DECIDE,
    carry_out=_carry_out,
    reasons={
        "approve": (
            ReasonCode("difference_accepted", "Differences accepted"),
            ReasonCode("matter_of_days", "A matter of days: it will settle"),
            ReasonCode("agreed_with_vendor", "Agreed with the vendor"),
            ReasonCode("vendor_is_wrong", "The vendor's statement is wrong"),
        ),
        "reject": (
            ReasonCode("ask_for_documents", "Ask for missing documents"),
            ReasonCode("ask_about_amounts", "Ask about amounts"),
            ReasonCode("ask_for_money", "Ask for credit or repayment"),
            ReasonCode("ask_for_new_statement", "Ask for a new statement"),
        ),
    },
    locks={"statement": statements.lock_statement},
    verbs={"approve": "Accept the differences", "reject": "Ask the vendor"},
    counts=False,  # its amounts are those of invoices, which are counted where they are asked about
    excerpt=shown.EXCERPT,
    summary=shown.of_vendor,
    page=shown.page("coordination/questions/_statement.html"),
)
