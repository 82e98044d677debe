"""The lists behind key figures: parts and bases of the shares of a period, what was cleared, answered and
decided in it, and holds that stand. Those of money are in `money_lists`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from audit import clock
from reviews.grants import Right

from .. import rights
from ..display.reasoning import code_in_words
from . import money_lists
from .asked import ABOUT, kinds_in_words
from .counted_lists import CountedList, plain
from .kpis import ANSWER_SET, CYCLE_SET, DECISION_SET, SETS, first_key

SET = f"""
SELECT x.id AS invoice_id, NULL::uuid AS case_id, x.received_at AS at, ARRAY[x.state, x.lane]::text[] AS cells
  FROM ({SETS}) x WHERE
"""  # noqa: S608 - made of constants
CLEARED = f"""
SELECT i.id AS invoice_id, NULL::uuid AS case_id, d.at AS at, ARRAY[i.state, i.lane]::text[] AS cells
  FROM {CYCLE_SET}
"""  # noqa: S608 - made of constants
ANSWERED = f"""
SELECT {ABOUT} AS invoice_id, e.id AS case_id, v.at, ARRAY[e.kind, v.verdict, v.reason]::text[] AS cells
  FROM {ANSWER_SET}
"""  # noqa: S608 - made of constants
DECIDED = f"""
SELECT d.invoice_id, NULL::uuid AS case_id, d.at, ARRAY[d.agent, d.outcome]::text[] AS cells
  FROM {DECISION_SET}
"""  # noqa: S608 - made of constants
STANDING = """
SELECT h.invoice_id, NULL::uuid AS case_id, h.opened_at AS at, ARRAY[h.code, h.status]::text[] AS cells
  FROM coordination_hold h WHERE h.status <> 'released' AND h.owner = %(owner)s
   AND (NOT %(waiting)s OR h.status = 'waiting')
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """A set of invoices received in a period, by its condition on the sets of `kpis.SETS`."""

    title: str
    condition: str


FIGURES: dict[str, Figure] = {
    "received": Figure("Received", "true"),
    "ruled-on": Figure("Ruled on", "ruled"),
    "touchless": Figure("Touchless, all", "ruled AND lane = 'auto'"),
    "ruled-on-ordered": Figure("Ruled on, order-based", "ruled AND ordered"),
    "touchless-ordered": Figure("Touchless, order-based", "ruled AND ordered AND lane = 'auto'"),
    "matched": Figure("Matched, order-based", "matched AND ordered"),
    "first-time-match": Figure("First-time match", "matched AND ordered AND off_match IS NOT TRUE"),
    "looked-at": Figure("Received, agents have looked at them", "seen"),
    "exceptions": Figure("Exceptions", "seen AND off_match IS NOT NULL"),
}


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened in a period, each a row. `{}` in the sentence is the number of days."""

    title: str
    sentence: str
    when: str
    columns: tuple[str, ...]
    statement: str
    spoken: Callable[[Sequence[Sequence[str]]], Sequence[Sequence[str]]] = plain


HAPPENED: dict[str, Happened] = {
    "cleared": Happened(
        "Cleared",
        "Cleared in the last {} days, and not held again since.",
        "Cleared",
        ("State", "Lane"),
        CLEARED,
    ),
    "answers": Happened(
        "Answers of people",
        "Answers of the last {} days to questions that are over, each a row; known-answer cases are not"
        " counted.",
        "Answered",
        ("Kind", "Answer", "Reason"),
        ANSWERED,
        kinds_in_words,
    ),
    "decisions": Happened(
        "Decisions of agents",
        "Decisions that agents made in the last {} days, each a row.",
        "Decided",
        ("Agent", "Decision"),
        DECIDED,
    ),
}
NAMES = frozenset({*FIGURES, *HAPPENED, *money_lists.NAMES})


def right_of(name: str) -> Right:
    """Who sees the list of a figure: of what people answered, those who see who answered."""
    return rights.READ_CONFORMANCE if name == "answers" else rights.SEE


def behind(name: str, days: int) -> CountedList:
    """What a figure counts over the last `days` days. Raises `KeyError`."""
    now = clock.now()
    since = now - timedelta(days=days)
    if name in money_lists.NAMES:
        return money_lists.behind(name, days, since.date(), now.date())
    parameters = {"since": since, "first": first_key(since)}
    if name in HAPPENED:
        found = HAPPENED[name]
        return CountedList(
            name=f"{name}-{days}-days",
            title=found.title,
            sentence=found.sentence.format(days),
            when=found.when,
            columns=found.columns,
            statement=found.statement,
            spoken=found.spoken,
            parameters=parameters,
        )
    figure = FIGURES[name]
    return CountedList(
        name=f"{name}-{days}-days",
        title=figure.title,
        sentence=f"Of the invoices and credit notes received in the last {days} days.",
        when="Received",
        columns=("State", "Lane"),
        statement=f"{SET} {figure.condition}",
        parameters=parameters,
    )


def list_holds(owner: str, *, waiting: bool) -> CountedList:
    """The holds of an owner that stand now, each a row."""
    return CountedList(
        name=f"holds-{owner}",
        title=f"Holds of {owner}{', waiting' if waiting else ''}",
        sentence="Holds that stand now, each a row; an invoice may have several.",
        when="Since",
        columns=("Cause", "Hold"),
        statement=STANDING,
        spoken=lambda found: [[code_in_words(code), *rest] for code, *rest in found],
        parameters={"owner": owner, "waiting": waiting},
    )
