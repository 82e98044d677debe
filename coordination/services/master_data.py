"""Facts that a second person puts in force: changes of a vendor, exchange rates out of line, maps of tables.

What is proposed stands in the open question alone, frozen with it, and what was known stays as it is until
somebody other than who brought it has agreed. A newer proposal takes the question's place and carries what
still waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reviews import services as reviews
from reviews.models import Escalation, Status
from reviews.services import Question

from ..domain.question_clock import SLA
from ..domain.reasons import Reason
from ..facts import business_hours

KIND = "master_data"
HOURS_TO_ANSWER = 24
RULE = "A-02"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that is to take another's place, in words: what it is, as it stands and as proposed."""

    what: str
    now: str
    proposed: str
    sentence: str
    code: str = "master_data_changed"

    def reason(self, queue: str) -> dict[str, Any]:
        """As the question names it."""
        reason = Reason(
            code=self.code,
            words=self.what,
            question="master_data",
            owner=queue,
            hard=True,
            sentence=self.sentence,
            rule=RULE,
            expected=self.now,
            found=self.proposed,
        ).as_json()
        del reason["evidence"]  # the hash of such a question has always been over a reason without it
        return reason


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question for a second person. `case` is what its answer carries out; `makers` brought what is
    proposed."""

    subject: str
    text: str
    changes: tuple[Change, ...]
    case: Mapping[str, Any]
    if_approved: str
    if_rejected: str
    makers: tuple[str, ...]
    kind: str = KIND
    queue: str = "finance"

    def ask(self, actor: str, at: datetime) -> None:
        """Put the question; an open one that asks something else makes way. The caller holds the subject's
        lock."""
        ways = [
            {"verdict": "approve", "text": self.if_approved},
            {"verdict": "reject", "text": self.if_rejected},
        ]
        question = Question(
            subject=self.subject,
            kind=self.kind,
            text=self.text,
            reasons=[change.reason(self.queue) for change in self.changes],
            case={**self.case, "consequences": ways},
            policy="",
            queue=self.queue,
            due_at=business_hours.until(at, HOURS_TO_ANSWER),
            clock=SLA,
            asked_by=actor,
            makers=people(self.makers),
            options=("approve", "reject"),
        )
        reviews.ask([question], at=at)


def waiting(subjects: Iterable[str]) -> dict[str, Escalation]:
    """The open questions on these subjects."""
    rows = Escalation.objects.filter(subject__in=list(subjects), status=Status.OPEN)
    return {row.subject: row for row in rows}


def people(actors: Iterable[str]) -> tuple[str, ...]:
    """The people among actors, each once: an installation that takes files in by itself is nobody's maker."""
    return tuple(dict.fromkeys(actor for actor in actors if actor.startswith("human:")))
