"""The one question to people about an invoice: opened, replaced or withdrawn as the ruling on its release
says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reviews import services as reviews

from ...agents import RELEASE
from ...facts import documents
from .. import case
from ..steps import Step, actor_of
from .base import Effect


class QuestionEffect(Effect):
    """Of the agent that owns the release."""

    def after(self, steps: Sequence[Step], now: datetime) -> None:
        """Ask people where the ruling is to escalate, and withdraw what is open where it is not."""
        ruled = [s for s in steps if RELEASE in s.agent.contract.owns]
        if not ruled:
            return
        asked = [s for s in ruled if s.ruling.outcome == "escalate"]
        contents = documents.contents([s.row.id for s in asked]) if asked else {}
        questions = case.questions(
            [(s.row, s.snapshot, contents[s.row.id], s.live, s.ruling) for s in asked],
            now,
            asked[0].reading if asked else None,
        )
        settled = [s.row.subject for s in ruled if s.ruling.outcome != "escalate"]
        reviews.withdraw(settled, by=actor_of(ruled[0]), why="the condition is gone", at=now)
        reviews.ask(questions, at=now)
