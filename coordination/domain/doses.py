"""What the policy says is done while people's catch rate has fallen, and what a case shows first; pure.

A dose is a row of the policy. It acts on one queue, from when a fall of that queue was found until a block of
known-answer cases meets the goal again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class DoseKind(StrEnum):
    """What a dose does."""

    BURST = "burst"
    SECOND_READER = "second_reader"
    DWELL = "dwell"


class DisplayOrder(StrEnum):
    """What stands first on the page of a case; `drawn`: one of the two, drawn for each question."""

    EVIDENCE = "evidence"
    RECOMMENDATION = "recommendation"
    DRAWN = "drawn"


READERS = 2
"""So many people approve what a second reader is asked for."""


@dataclass(frozen=True, slots=True)
class Dose:
    """A row of the policy: of a burst the `share` of questions that bring a known-answer case (0 to 1), of a
    second reader the amount `over` which two people approve, of a dwell the amount and the `seconds` for
    which a page has been shown before money is let go. Amounts are in company currency."""

    id: str
    text: str
    kind: DoseKind
    share: Decimal | None = None
    over: Decimal | None = None
    seconds: int = 0

    def acts_on(self, amount: Decimal | None) -> bool:
        """Is an amount at stake over the row's? One that nobody knows is over every one."""
        return self.over is None or amount is None or abs(amount) > self.over

    def as_json(self) -> dict[str, str]:
        """As the row stands in the text of a policy."""
        said = {
            "id": self.id,
            "text": self.text,
            "dose": str(self.kind),
            "share": "" if self.share is None else str(self.share),
            "over": "" if self.over is None else str(self.over),
            "seconds": str(self.seconds) if self.seconds else "",
        }
        return {name: value for name, value in said.items() if value or name == "text"}


def _rows(doses: Iterable[Dose], kind: DoseKind) -> list[Dose]:
    return [d for d in doses if d.kind is kind]


def share_of(doses: Sequence[Dose], share: float) -> float:
    """How much of a queue is drawn: what the burst says, where that is more than `share`."""
    return max([share, *(float(d.share or 0) for d in _rows(doses, DoseKind.BURST))])


def second_reader(doses: Sequence[Dose], amount: Decimal | None) -> Dose | None:
    """The row by which two people approve so much, or None."""
    return next((d for d in _rows(doses, DoseKind.SECOND_READER) if d.acts_on(amount)), None)


def longest_dwell(doses: Sequence[Dose], amount: Decimal | None) -> Dose | None:
    """The row with the most seconds among those that act on so much, or None."""
    acting = [d for d in _rows(doses, DoseKind.DWELL) if d.acts_on(amount)]
    return max(acting, key=lambda d: d.seconds, default=None)
