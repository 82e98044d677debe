"""What each remedy of a question about an invoice does, in the verdict's transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from audit.errors import CountersignError
from audit.subjects import Subject
from reviews.models import Escalation, Verdict
from reviews.remedies import KEY

from ..domain.remedies import COMPLETE
from ..domain.supplied import SuppliedValue
from ..models import FINAL, Invoice
from . import supplying
from .supplying import Source


class Ended(CountersignError):
    """The invoice is scheduled or ended; nothing can be supplied to it any more."""

    status = 409
    exit_code = 5


def carry_out(escalation: Escalation, verdict: Verdict, verdicts: Sequence[Verdict], at: datetime) -> None:
    """Do what the remedy of this answer does. `verdicts`: everybody who gave it, in order. Raises `Ended`."""
    row = Invoice.objects.get(pk=Subject(escalation.subject).key)
    if row.state in FINAL:
        raise Ended
    DOES[verdict.remedy](row, escalation, verdict, _source(escalation, verdict, verdicts, at))


def _source(escalation: Escalation, verdict: Verdict, verdicts: Sequence[Verdict], at: datetime) -> Source:
    first = verdicts[0]
    return Source(
        by=first.by,
        at=at,
        confirmed_by=verdict.by if verdict.by != first.by else "",
        question=escalation.id,
        reason=first.reason,
        why=first.comment,
        cause=str(verdict.id),
    )


def _asked(escalation: Escalation, remedy: str) -> dict[str, Mapping[str, str]]:
    """The fields of a remedy as the question carries them, by name."""
    found = next(one for one in escalation.case[KEY] if one["name"] == remedy)
    return {field["name"]: field for field in found.get("fields", ())}


def _supply(row: Invoice, escalation: Escalation, verdict: Verdict, source: Source) -> None:
    asked = _asked(escalation, verdict.remedy)
    values = [SuppliedValue(n, value, asked[n].get("was", "")) for n, value in sorted(verdict.terms.items())]
    supplying.supply(row, values, source, {n: one.get("place", "") for n, one in asked.items()})


Does = Callable[[Invoice, Escalation, Verdict, Source], None]

DOES: dict[str, Does] = {COMPLETE: _supply}
"""Remedy -> what it does."""
