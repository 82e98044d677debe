"""The question whether an invoice is paid as billed: asked by the agents' release (`decisions.case`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from audit.subjects import Subject
from reviews.kinds import Case, CasePage, Deadline, Kind
from reviews.models import Escalation, Verdict

from .. import rights
from ..decisions import human
from ..domain.remedies import DECLARE_FACTOR, Factor
from ..facts import documents, doses, makers
from ..services import display_order
from ..services.intake import declared
from . import shown
from .invoice_reasons import REASONS
from .invoice_remedies import REMEDIES

BEFORE_DUE = timedelta(days=3)
"""So long before it is due an invoice has to be answered to be paid on its day."""
BEFORE_DISCOUNT = timedelta(days=1)

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ComparedLines:
    """Lines of a case by what the comparison says: with a finding, within tolerance, compared with
    nothing."""

    off: Sequence[Line]
    within: Sequence[Line]
    alone: Sequence[Line]


def compared_lines(case: Case) -> ComparedLines:
    """Sort the lines of a case. Those without a finding are within tolerance only where there was something
    to hold them against."""
    lines: list[Line] = case.get("lines", [])
    fine = [line for line in lines if not line.get("result")]
    return ComparedLines(
        off=[line for line in lines if line.get("result")],
        within=[line for line in fine if _compared(line)],
        alone=[line for line in fine if not _compared(line)],
    )


def _compared(line: Line) -> bool:
    """Is there an order line, and did anything of it arrive?"""
    return bool(line.get("ordered")) and (line.get("received") or {}).get("accepted", "") not in ("", "0")


def _carry_out(escalation: Escalation, verdict: Verdict, verdicts: Sequence[Verdict], at: datetime) -> None:
    """What the invoice world does with an answer; a factor of master data is written first."""
    if verdict.remedy == DECLARE_FACTOR:
        _declare(escalation, verdict, verdicts, at)
    human.answer(escalation, verdict, verdicts, at)


def _declare(escalation: Escalation, verdict: Verdict, verdicts: Sequence[Verdict], at: datetime) -> None:
    key = Subject(escalation.subject).uuid
    lines = {x.position: x for x in documents.contents([key])[key].invoice.lines}
    for name, value in sorted(verdict.terms.items()):
        one = Factor.of(name)
        line = lines[one.line]
        item = line.item or line.buyer_item or line.standard_item
        declared.factor(
            escalation.case["vendor_id"], item, one.unit, one.per, value, by=verdicts[0].by, at=at
        )


KIND = Kind(
    name="invoice",
    words="invoice",
    answers=rights.DECIDE,
    carry_out=_carry_out,
    reasons=REASONS,
    remedies=REMEDIES,
    locks={"invoice": human.lock_invoice},
    makers=makers.of_invoice,
    has_stake=True,
    dwell=doses.dwell,
    instead="or the vendor sends it again",
    excerpt=(*shown.EXCERPT, "due_date", "discount", "type"),
    summary=shown.of_vendor,
    deadlines=(
        # what is owed to us is no loss of ours
        Deadline(("due_date",), "due", BEFORE_DUE, stays=True, unless=("type", "credit_note")),
        Deadline(("discount", "until"), "discount ends", BEFORE_DISCOUNT),
    ),
    party="vendor_id",
    looks_as="invoice",
    page=CasePage(
        amount="coordination/questions/_amount.html",
        facts=shown.FACTS,
        evidence="coordination/questions/_invoice.html",
        document=shown.DOCUMENT,
        history="coordination:invoice",
        places_of=frozenset({"missing_data"}),
        details=compared_lines,
        order=display_order.order_of,
    ),
)
