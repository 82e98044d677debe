"""The ten measures as pages name them, and what an alarm of each direction is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...monitoring.measures import MEASURES, Direction


@dataclass(frozen=True, slots=True)
class Words:
    """`tab` stands on tabs and as a column's head, `title` over a chart, `base` after "per 100", `event`
    after a number ("3 proposed to approve"). `rises` and `falls` say of an agent what it does then."""

    tab: str
    title: str
    base: str
    event: str
    rises: str
    falls: str

    def moved(self, direction: str) -> str:
        return self.rises if direction == Direction.UP else self.falls


DECISIONS, ANSWERED = "decisions", "answered cases"
WORDS: Mapping[str, Words] = {
    "approve_rate": Words(
        "Approve",
        "Approve rate, proposed",
        DECISIONS,
        "proposed to approve",
        "Approves more than it did",
        "Approves less than it did",
    ),
    "reject_rate": Words(
        "Reject",
        "Reject rate, proposed",
        DECISIONS,
        "proposed to reject",
        "Rejects more than it did",
        "Rejects less than it did",
    ),
    "escalate_rate": Words(
        "Escalate",
        "Escalation rate, proposed",
        DECISIONS,
        "proposed to ask a person",
        "Asks people more than it did",
        "Asks people less than it did",
    ),
    "override_rate": Words(
        "Overridden",
        "Overridden by people",
        ANSWERED,
        "decided otherwise by a person",
        "People decide otherwise more often",
        "People decide otherwise less often",
    ),
    "missing_po_rate": Words(
        "Order missing",
        "Without an order",
        DECISIONS,
        "without an order",
        "More comes without an order",
        "Less comes without an order",
    ),
    "new_vendor_rate": Words(
        "New vendor",
        "Of a new vendor",
        DECISIONS,
        "of a new vendor",
        "More comes from new vendors",
        "Less comes from new vendors",
    ),
    "amount_high_share": Words(
        "Big amounts",
        "Big amounts",
        DECISIONS,
        "over the amount that one in ten was over",
        "More big amounts come",
        "Fewer big amounts come",
    ),
    "latency_sla_miss_share": Words(
        "Over SLA",
        "Slower than agreed",
        DECISIONS,
        "slower than agreed",
        "Is slow more often",
        "Is slow less often",
    ),
    "confidence_high_share": Words(
        "High conf.",
        "High confidence",
        DECISIONS,
        "over the confidence that one in ten was over",
        "Is very sure more often",
        "Is very sure less often",
    ),
    "confidence_low_share": Words(
        "Low conf.",
        "Low confidence",
        DECISIONS,
        "under the confidence that one in ten was under",
        "Is unsure more often",
        "Is unsure less often",
    ),
}
NAMES = tuple(m.name for m in MEASURES)
"""The measures in their order, which is that of tabs and columns."""
