"""What the review queue is told of ours at start: the kinds of question, the limits of signatures, when half
of a question's time is over, and who wants to hear of an answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any
from uuid import UUID

from audit.subjects import Subject
from reviews import policy as answering
from reviews.models import Escalation
from reviews.signals import handled, looked, resolved

from .. import questions
from ..tasks.announce import announce


def receive(*, escalation: Escalation, **_: Any) -> None:
    """Announce that a question was answered and carried out."""
    announce(
        [("inbox", str(escalation.id)), (escalation.subject, Subject(escalation.subject).key)], work=True
    )


def receive_handled(*, escalation: Escalation, **_: Any) -> None:
    """Announce that something was done with a question short of answering it."""
    announce([("inbox", str(escalation.id))])


def receive_looked(*, questions: Iterable[UUID], **_: Any) -> None:
    """Announce that somebody looks at a question, or no longer."""
    announce([("presence", str(key)) for key in questions])


def connect() -> None:
    """Register what is asked, and by which limits people sign."""
    questions.connect()
    answering.LIMITS[:] = [_limit]
    answering.CURRENCY[:] = [_currency]
    answering.HALF_TIME[:] = [_half_time]
    answering.ZONE[:] = [_zone]
    resolved.connect(receive, dispatch_uid="countersign.verdicts")
    handled.connect(receive_handled, dispatch_uid="countersign.handling")
    looked.connect(receive_looked, dispatch_uid="countersign.presence")


def _limit(group: str) -> Decimal | None:
    from ..facts import policies

    return policies.active().limit(group)


def _currency() -> str:
    from ..facts import policies

    return policies.active().company_currency


def _zone() -> tzinfo:
    from ..facts.business_hours import business_hours

    return business_hours().zone


def _half_time(asked: datetime, due: datetime) -> datetime:
    from ..facts.business_hours import business_hours

    return business_hours().halfway(asked, due)
