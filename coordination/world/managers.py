"""The managers of the demonstration's past: they watch the agents, take incidents on, end a drill that was
noticed, and close what is mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User

from reviews import services as reviews

from ..models import Drill, Incident
from ..services import drills
from ..services.behaviour import incidents, watch
from .calendar import is_working_day

ENDED = "Approvals had risen by the monitor's reckoning; by hand, prices and quantities were off."
MENDED = "The drill is over; what it let through was asked again."
SETTLED = "Two vendors send another format, without our order numbers; they were told, and it will stay."
LEARN_DAYS = 28
"""How long the agents of the past are learned from: the rest of it is watched."""
MENDED_AFTER, SETTLED_AFTER = 4, 7
"""Working days until an incident is proposed to be closed: of a drill, and of other inputs."""


@dataclass
class Managers:
    """Sofie and Jonas. `answers` counts what they answered of incidents."""

    people: dict[str, User]
    zone: ZoneInfo
    answers: int = 0

    def look(self, now: datetime) -> None:
        """Have the decisions so far read, and do what managers do about what was noticed."""
        watch.watch(learn_days=LEARN_DAYS)
        if not {"sofie", "jonas"} <= self.people.keys():
            return
        for number in (
            Incident.objects.filter(status=Incident.Status.OPEN)
            .order_by("number")
            .values_list("number", flat=True)
        ):
            row = Incident.objects.get(number=number)  # what was done to one before may have been to it, too
            if not row.acknowledged_by:
                self._take_on(row)
            elif row.category == "behaviour" and _days(row, now, self.zone) >= MENDED_AFTER:
                self._close(row)
            elif row.category == "inputs" and _days(row, now, self.zone) >= SETTLED_AFTER:
                self._ask(row)

    def _take_on(self, row: Incident) -> None:
        who = self.people["sofie" if row.category == "behaviour" else "jonas"]
        incidents.acknowledge(row.number, by=who)
        if row.category == "behaviour" and Drill.objects.filter(agent=row.agent_id).running().exists():
            drills.end(row.agent_id, by=who, reason=ENDED)

    def _close(self, row: Incident) -> None:
        """Jonas proposes, Sofie agrees."""
        question = incidents.propose_closing(row.number, "fixed", MENDED, by=self.people["jonas"])
        reviews.resolve(
            question.id,
            "approve",
            by=self.people["sofie"],
            reason="examples_read",
            seen_version=question.version,
        )
        self.answers += 1

    def _ask(self, row: Incident) -> None:
        """One with those of the same cause."""
        if incidents.asked_of(row) is None:
            others = [other.number for other in incidents.alongside(row)]
            incidents.propose_closing(
                row.number, "new_normal", SETTLED, by=self.people["jonas"], others=others
            )


def _days(row: Incident, now: datetime, zone: ZoneInfo) -> int:
    """Working days since an incident began."""
    day, last = row.opened_at.astimezone(zone).date(), now.astimezone(zone).date()
    return sum(is_working_day(day + timedelta(days=n)) for n in range(1, (last - day).days + 1))
