"""The one table of an invoice's moves: which state may follow which. Pure.

A new fact may take an invoice back until it is scheduled. What leaves its run before the bank has the file is
cleared again, and the agents look once more. A bank's refusal takes it back to received, held, and every
question is asked again on the facts of that day; a person's answer then leaves it as its payments are: paid
for the part that is with the vendor, or scheduled. A person's rejection of a claim of which nothing is paid
is the end.
"""

from __future__ import annotations

from typing import Final

BEFORE_PAYMENT: Final = frozenset({"received", "validated", "matched", "delivered", "cleared"})
"""States in which agents work on an invoice."""
ENDED: Final = frozenset({"rejected", "void"})

TRANSITIONS: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(BEFORE_PAYMENT, BEFORE_PAYMENT | {"scheduled", "paid"} | ENDED),
    "scheduled": frozenset({"scheduled", "paid", "received", "cleared"}),
    "paid": frozenset({"paid", "received"}),
    **{state: frozenset({state}) for state in ENDED},
}


class TransitionRefused(RuntimeError):
    """A move that the table does not name: the code that asks for it is wrong, and nothing is written."""

    def __init__(self, subject: str, before: str, after: str) -> None:
        super().__init__(
            f"{subject} cannot go from {before} to {after}: domain/transitions.py names no such move."
        )


def allowed(before: str, after: str) -> bool:
    """May an invoice go from one state to the other?"""
    return after in TRANSITIONS.get(before, frozenset())
