"""The question whether an agent's drift breaker is opened, where a manager chose to be asked first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reviews.kinds import Kind, ReasonCode
from reviews.models import Escalation, Verdict

from .. import rights
from ..services.behaviour import breaker
from . import shown


def _carry_out(escalation: Escalation, verdict: Verdict, _: Sequence[Verdict], at: datetime) -> None:
    breaker.carry_out(escalation, verdict, at)


KIND = Kind(
    name=breaker.KIND,
    words="drift breaker",
    answers=rights.CONTROL_AGENTS,
    carry_out=_carry_out,
    reasons={
        "approve": (
            ReasonCode("evidence_complete", "Evidence is complete"),
            ReasonCode("examples_read", "Read the examples, agree"),
        ),
        "reject": (
            ReasonCode("known_cause", "The cause is known and harmless"),
            ReasonCode("too_dear", "Too dear for what it prevents"),
        ),
    },
    verbs={"approve": "Open it", "reject": "Leave it closed"},
    locks={breaker.PREFIX: breaker.lock},
    excerpt=shown.EXCERPT,
    summary=shown.of_vendor,
    page=shown.page(),
)
