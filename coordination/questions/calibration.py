"""The question whether a table of measured confidence comes into force: a manager answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reviews.kinds import Kind, ReasonCode
from reviews.models import Escalation, Verdict

from .. import rights
from ..services.behaviour import calibrate
from . import shown, versions


def _carry_out(escalation: Escalation, verdict: Verdict, _: Sequence[Verdict], at: datetime) -> None:
    calibrate.VERSIONS.carry_out(escalation, verdict, at)


KIND = Kind(
    name=calibrate.VERSIONS.kind,
    words="calibration",
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
    locks={calibrate.VERSIONS.kind: calibrate.VERSIONS.lock},
    excerpt=shown.EXCERPT,
    summary=shown.of_vendor,
    page=versions.page("coordination/questions/_calibration.html", calibrate.VERSIONS),
)
