"""The lists behind what the quality review counts: invoices that were drawn and answered, and those that
people refused, of all strata or of one."""

from __future__ import annotations

from dataclasses import dataclass

from audit import clock

from ..monitoring import review_plan
from ..monitoring.review_plan import CONFIDENCE, VALUE
from ..monitoring.thresholds import Case
from ..services.behaviour.answers import SAMPLED
from ..services.behaviour.plan_review import bands
from .counted_lists import CountedList
from .quality_review import between, read_releases

LISTED = """
SELECT x.key AS invoice_id, a.id AS case_id, x.at, ARRAY[x.sure, x.amounts, x.said]::text[] AS cells
  FROM unnest(%(keys)s::uuid[], %(at)s::timestamptz[], %(sure)s::text[], %(amounts)s::text[],
              %(said)s::text[]) AS x(key, at, sure, amounts, said)
  LEFT JOIN LATERAL (
       SELECT id FROM reviews_escalation e
        WHERE e.subject = 'invoice/' || x.key AND e.kind = 'invoice' AND e.verdict <> ''
          AND e.reasons @> jsonb_build_array(jsonb_build_object('code', %(sampled)s::text))
        ORDER BY e.opened_at DESC LIMIT 1) a ON true
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Invoices that are counted, of these bands where they are named."""

    which: str
    confidence: int | None = None
    value: int | None = None

    def holds(self, case: Case) -> bool:
        """Is this one of them?"""
        return (
            case.way == "drawn"
            and case.right is not None
            and not (self.which == "wrong" and case.right)
            and self.confidence in {None, review_plan.band(case.confidence, CONFIDENCE)}
            and self.value in {None, review_plan.band(case.amount, VALUE)}
        )


TITLES = {"reviewed": "Reviewed", "wrong": "Found wrong"}
SENTENCES = {
    "reviewed": "Invoices of the quality review that were drawn and that a person has answered about,"
    " by their newest ruling.",
    "wrong": "Invoices of the quality review that the person who looked at them refused.",
}


def behind(which: str, confidence: int | None, value: int | None) -> CountedList:
    """What a figure of the review counts. Raises `KeyError`."""
    title, sentence = TITLES[which], SENTENCES[which]
    wanted = Wanted(which, confidence, value)
    found = [c for c in read_releases(clock.now()).cases if wanted.holds(c)]
    amounts = bands("", VALUE, 0)
    return CountedList(
        name=f"quality-review-{which}",
        title=title,
        sentence=sentence,
        when="Ruled on",
        columns=("Confidence", "Amount", "A person said"),
        statement=LISTED,
        parameters={
            "keys": [c.invoice for c in found],
            "at": [c.at for c in found],
            "sure": [between(review_plan.band(c.confidence, CONFIDENCE)) for c in found],
            "amounts": [amounts[review_plan.band(c.amount, VALUE)] for c in found],
            "said": ["let it go" if c.right else "refused it" for c in found],
            "sampled": SAMPLED,
        },
    )
