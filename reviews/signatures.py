"""Which of the groups that have to sign a question have signed it, each by another person."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from . import policy
from .grants import in_a_row
from .models import Escalation


def uncovered(required: Sequence[str], signed: Sequence[Collection[str]]) -> list[str]:
    """Of the groups that are required those that no signature stands for, if each stands for one group at
    most, and for as many as can be in all. `signed`: what each signature may stand for."""
    taken: dict[int, int] = {}  # signature -> place in `required`

    def find(place: int, tried: set[int]) -> bool:
        for at, groups in enumerate(signed):
            if required[place] in groups and at not in tried:
                tried.add(at)
                if at not in taken or find(taken[at], tried):
                    taken[at] = place
                    return True
        return False

    return [required[place] for place in range(len(required)) if not find(place, set())]


def given(row: Escalation) -> list[list[str]]:
    """What each signature under a question stands for."""
    rows = row.verdicts.exclude(verdict=policy.REJECT).order_by("at", "id")
    return list(rows.values_list("stands_as", flat=True))


def not_needed(row: Escalation, stands_as: Collection[str]) -> str:
    """Why one more signature, which stands for these, would leave too few for those who still have to sign,
    in a sentence; empty if it would not."""
    if not row.signers:
        return ""
    signed = given(row)
    left = uncovered(row.signers, [*signed, stands_as])
    if len(left) <= row.quorum - len(signed) - 1:
        return ""
    missing = words(uncovered(row.signers, signed))
    return f"Still needed: {missing}. Your signature would not be that."


def needed_words(row: Escalation) -> str:
    """The groups that still have to sign, in words; empty where none has to."""
    return words(uncovered(row.signers, given(row)))


def words(names: Sequence[str]) -> str:
    """a manager and somebody from finance."""
    return in_a_row(
        [f"a {name}" if name == policy.ANSWERS_ALL else f"somebody from {name}" for name in names]
    )
