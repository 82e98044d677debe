"""What the review queue is told of ours at start: the kinds of question, the limits of signatures, and who
wants to hear of an answer."""

from __future__ import annotations

from typing import Any

from audit.subjects import Subject
from reviews import policy as answering
from reviews.models import Escalation
from reviews.signals import resolved

from .. import questions
from ..facts import policies
from ..tasks.announce import announce


def receive(*, escalation: Escalation, **_: Any) -> None:
    """Announce that a question was answered and carried out."""
    announce(
        [("inbox", str(escalation.id)), (escalation.subject, Subject(escalation.subject).key)], work=True
    )


def connect() -> None:
    """Register what is asked, and by which limits people sign."""
    questions.connect()
    answering.LIMITS[:] = [lambda group: policies.active().limit(group)]
    answering.CURRENCY[:] = [lambda: policies.active().company_currency]
    resolved.connect(receive, dispatch_uid="countersign.verdicts")
