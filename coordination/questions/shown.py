"""What a list shows of a case, and the templates that several kinds share."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from reviews.kinds import Case, CasePage, Summary

EXCERPT = ("vendor", "number", "positions", "blind")
"""Keys of a case that `of_vendor` reads."""

FACTS = "coordination/questions/_facts.html"
DOCUMENT = "coordination:document"


def page(evidence: str = "") -> CasePage:
    """Return the page of a kind that shows its facts, its documents, and no more than this evidence."""
    return CasePage(facts=FACTS, evidence=evidence, document=DOCUMENT)


def of_vendor(question: str, case: Case) -> Summary:
    """Return the vendor as the title, else the question, with the number and who speaks; of a blind case
    nobody does."""
    agent, confidence = _speaker(() if case.get("blind") else case.get("positions") or ())
    return Summary(
        str(case.get("vendor") or "") or question, str(case.get("number") or ""), agent, confidence
    )


def _speaker(positions: Sequence[dict[str, Any]]) -> tuple[str, str]:
    """The agent whose answer put the case here: the least sure of those that do not approve, else of all."""
    against = [p for p in positions if p.get("outcome") not in ("approve", "act", "note")] or positions
    least = min(against, key=lambda p: Decimal(p.get("confidence") or "1"), default=None)
    return (least["agent"], least.get("confidence") or "") if least else ("", "")
