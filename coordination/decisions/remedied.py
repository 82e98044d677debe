"""What each remedy of a question about an invoice does, in the verdict's transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.errors import CountersignError
from audit.subjects import Subject
from reviews.models import Escalation, Verdict
from reviews.remedies import KEY

from ..domain.remedies import (
    ASSIGN_LINE,
    ASSIGN_ORDER,
    COMPLETE,
    DECLARE_FACTOR,
    IS_DUPLICATE,
    LINK_VENDOR,
)
from ..domain.supplied import APART_FROM, DUPLICATE_OF, VENDOR, SuppliedValue
from ..facts import documents
from ..models import FINAL, Invoice, Vendor
from ..tasks import work_queue
from . import supplying
from .case_pairs import TWIN
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


def _asked(escalation: Escalation, remedy: str) -> dict[str, dict[str, Any]]:
    """The fields of a remedy as the question carries them, by name."""
    found = next(one for one in escalation.case[KEY] if one["name"] == remedy)
    return {field["name"]: field for field in found.get("fields", ())}


def _supply(row: Invoice, escalation: Escalation, verdict: Verdict, source: Source) -> None:
    asked = _asked(escalation, verdict.remedy)
    values = [SuppliedValue(n, value, asked[n].get("was", "")) for n, value in sorted(verdict.terms.items())]
    supplying.supply(row, values, source, {n: one.get("place", "") for n, one in asked.items()})


def _assign_line(row: Invoice, escalation: Escalation, verdict: Verdict, source: Source) -> None:
    """The order line, and its item where the document names another one: agents take no line of other goods
    on its number alone."""
    asked, document = _asked(escalation, verdict.remedy), documents.contents([row.id])[row.id].invoice
    lines = {str(x.position): x for x in document.lines}
    values, places = [], {}
    for name, value in sorted(verdict.terms.items()):
        line = lines[name.split("/")[1]]
        values.append(SuppliedValue(name, value, line.order_line))
        chosen: dict[str, Any] = next((c for c in asked[name].get("choices", ()) if c["value"] == value), {})
        item = next((said for what, said in chosen.get("fit", ()) if what == "Item"), "")
        if item and line.item and item != line.item:
            values.append(SuppliedValue(f"lines/{line.position}/item", item, line.item))
        places[name] = asked[name].get("place", "")
    supplying.supply(row, values, source, places)


def _link_vendor(row: Invoice, escalation: Escalation, verdict: Verdict, source: Source) -> None:
    asked = _asked(escalation, verdict.remedy)[VENDOR]
    value = SuppliedValue(VENDOR, verdict.terms[VENDOR], asked.get("was", ""))
    vendor = Vendor.objects.get(vendor_id=value.value)
    supplying.supply(row, [value], source, {VENDOR: asked.get("place", "")}, vendor=vendor.id)


def remember_pair(
    row: Invoice, escalation: Escalation, verdict: Verdict, verdicts: Sequence[Verdict], at: datetime
) -> None:
    """Keep which other invoice an answer meant: that this one is a duplicate of it, or that they are two
    claims, which no agent asks about again whichever of the two it looks at."""
    key = verdict.terms[TWIN]
    chosen = next(c for c in _asked(escalation, verdict.remedy)[TWIN]["choices"] if c["value"] == key)
    head = DUPLICATE_OF if verdict.remedy == IS_DUPLICATE else APART_FROM
    value = SuppliedValue(f"{head}/{key}", chosen["words"])
    supplying.supply(row, [value], _source(escalation, verdict, verdicts, at), again=False)
    if head == APART_FROM:
        work_queue.invalidate([UUID(key)], "siblings", row.subject)


Does = Callable[[Invoice, Escalation, Verdict, Source], None]

DOES: dict[str, Does] = {
    COMPLETE: _supply,
    ASSIGN_ORDER: _supply,
    ASSIGN_LINE: _assign_line,
    LINK_VENDOR: _link_vendor,
    DECLARE_FACTOR: lambda row, _, __, source: supplying.ask_again(row, source),
}
"""Remedy -> what it does."""
