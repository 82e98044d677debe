"""The question whether a change of a vendor, of rates or of a map takes effect: a second person puts it in
force."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from audit.subjects import Subject
from reviews.kinds import Kind, ReasonCode
from reviews.models import Escalation, Verdict

from .. import rights
from ..decisions import human
from ..services import master_data, rate_changes, vendor_changes
from ..services.intake import map_versions
from . import shown

OF_SUBJECT: dict[str, Callable[[Escalation, Verdict, datetime], None]] = {
    "vendor_master": vendor_changes.answered,
    "rates": rate_changes.answered,
    "map": map_versions.answered,
}
"""Who carries the answer out, by what it is about."""


def _carry_out(escalation: Escalation, verdict: Verdict, _: Sequence[Verdict], at: datetime) -> None:
    OF_SUBJECT[Subject(escalation.subject).kind](escalation, verdict, at)


KIND = Kind(
    name=master_data.KIND,
    words="master data",
    answers=rights.CONFIRM_MASTERS,
    carry_out=_carry_out,
    reasons={
        "approve": (
            ReasonCode("evidence_complete", "Evidence is complete"),
            ReasonCode("agreed_with_vendor", "Confirmed with the vendor or the source"),
        ),
        "reject": (
            ReasonCode("wrong_document", "Wrong or incomplete document"),
            ReasonCode("fraud_suspected", "Fraud suspected"),
        ),
    },
    locks={
        "vendor_master": human.lock_vendor,
        "rates": rate_changes.lock_rates,
        "map": map_versions.lock_map,
    },
    excerpt=shown.EXCERPT,
    summary=shown.of_vendor,
    page=shown.page(),
)
