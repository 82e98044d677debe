"""What the last examination of the agents came to, as the page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..domain.key_figures import Share
from ..models import Evaluation as Kept
from ..models import PolicyVersion
from ..world.evaluation import Evaluation, Tally, Wrong
from ..world.report import HEADLINES, LANES, from_figures, kind_of
from .mistakes import in_order

EARLIER = 8
WRONG_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of case that did not always come out right."""

    name: str
    kind: str
    share: Share


@dataclass(frozen=True, slots=True)
class LaneRow:
    """Of the invoices that should be in one lane, how many were found in which."""

    lane: str
    counts: Sequence[tuple[str, int]]
    total: int


@dataclass(frozen=True, slots=True)
class Brief:
    """An examination in one line."""

    row: Kept
    lanes_right: Share
    over_escalated: Share
    false_clears: Share


@dataclass(frozen=True, slots=True)
class Quality:
    """The last examination: its record, its figures and those parts of them that need sorting."""

    row: Kept
    found: Evaluation
    codes: Sequence[Tally]
    lanes: Sequence[str]
    lane_rows: Sequence[LaneRow]
    kinds: Sequence[Kind]
    wrong: Sequence[Wrong]
    policy_now: str
    earlier: Sequence[Brief]

    @property
    def other_policy(self) -> bool:
        """Were the agents examined under rules that are no longer in force?"""
        return bool(self.policy_now) and self.policy_now != self.row.policy


def quality() -> Quality | None:
    """The newest examination; None before the first."""
    rows = list(Kept.objects.order_by("-at")[: EARLIER + 1])
    if not rows:
        return None
    found = from_figures(rows[0].figures)
    revision = PolicyVersion.objects.filter(status="active").values_list("revision", flat=True).first()
    lanes = [lane for lane in LANES if any(lane == b for _, b in found.lanes)]
    return Quality(
        row=rows[0],
        found=found,
        codes=sorted(found.codes, key=lambda t: (not (t.recall.rest or t.precision.rest), t.code)),
        lanes=lanes,
        lane_rows=_lane_rows(found, lanes),
        kinds=_kinds(found),
        wrong=in_order(found.wrong)[:WRONG_AT_MOST],
        policy_now=f"v{revision}" if revision else "",
        earlier=[_brief(row) for row in rows[1:]],
    )


def _lane_rows(found: Evaluation, lanes: Sequence[str]) -> list[LaneRow]:
    rows = []
    for expected in LANES:
        counts = [(lane, found.lanes.get((expected, lane), 0)) for lane in lanes]
        if all_of := sum(n for _, n in counts):
            rows.append(LaneRow(expected, counts, all_of))
    return rows


def _kinds(found: Evaluation) -> list[Kind]:
    """Those with something wrong, the worst first."""
    off = [Kind(name, kind_of(name), share) for name, share in found.scenarios.items() if share.rest]
    return sorted(off, key=lambda kind: (kind.share.value or 0, kind.name))


def _brief(row: Kept) -> Brief:
    figures: dict[str, Any] = row.figures
    shares = {name: Share(*figures[name]) for name in HEADLINES}
    return Brief(row, shares["lanes_right"], shares["over_escalated"], shares["false_clears"])
