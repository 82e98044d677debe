"""The question whether an incident of an agent is closed, and with which cause: a second manager answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reviews.kinds import Kind, ReasonCode
from reviews.models import Escalation, Verdict

from .. import rights
from ..services.behaviour import incidents
from . import shown


def _carry_out(escalation: Escalation, verdict: Verdict, _: Sequence[Verdict], at: datetime) -> None:
    incidents.carry_out(escalation, verdict, at)


KIND = Kind(
    name=incidents.KIND,
    words="incident of an agent",
    answers=rights.CONTROL_AGENTS,
    carry_out=_carry_out,
    reasons={
        "approve": (
            ReasonCode("evidence_complete", "Evidence is complete"),
            ReasonCode("examples_read", "Read the examples, agree"),
        ),
        "reject": (
            ReasonCode("another_cause", "The cause is another"),
            ReasonCode("not_over", "It is not over"),
        ),
    },
    locks={"incident": incidents.lock},
    excerpt=shown.EXCERPT,
    summary=shown.of_vendor,
    page=shown.page("coordination/questions/_incident.html"),
)
